package recorder

import (
	"math"
	"time"

	"pushbench/results"
	"pushbench/results/fit"
)

// minPlaces is how many clients a topic must have for their places to mean
// anything: ten, one for each tenth.
const minPlaces = results.Tenths

// fairness fills in whether a client's place decides how soon it is served: its
// place is the order in which it came to its topic, because client i connects
// before client i+1. It is of the ordinary clients that got something due in the
// phase.
func (r *Recorder) fairness(t *results.Trial) {
	if r.shards[0].raw || len(r.clients) < minPlaces*r.topics {
		return
	}
	var f results.Fairness
	var waited, delivered [results.Tenths]int64
	var places, means []float64
	for i := range r.clients {
		c := &r.clients[i]
		if c.delivered == 0 || c.aside != nil {
			continue
		}
		rank, of := r.place(i)
		tenth := rank * results.Tenths / of
		waited[tenth] += c.waited
		delivered[tenth] += c.delivered
		mean := float64(c.waited) / float64(c.delivered)
		places, means = append(places, float64(rank)/float64(of)), append(means, mean)
		if d := time.Duration(mean); len(means) == 1 {
			f.Fastest, f.Slowest = d, d
		} else {
			f.Fastest, f.Slowest = min(f.Fastest, d), max(f.Slowest, d)
		}
	}
	for tenth, n := range delivered {
		if n == 0 {
			return // of a place that nobody is at, nothing can be told
		}
		f.Tenths[tenth] = time.Duration(waited[tenth] / n)
	}
	if f.Correlation = fit.Ranks(places, means); math.IsNaN(f.Correlation) {
		f.Correlation = 0 // all the same: no place is another
	}
	t.Fairness = &f
}

// place is the rank of client i, from 0, among those of its topic, and how many
// these are.
func (r *Recorder) place(i int) (rank, of int) {
	topic := i % r.topics
	return i / r.topics, (len(r.clients)-1-topic)/r.topics + 1
}
