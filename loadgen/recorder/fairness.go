package recorder

import (
	"math"
	"time"

	"pushbench/results"
	"pushbench/results/fit"
)

// minPlaces is how many clients a topic must have for their places to mean
// anything: two for each tenth, so that chance shows between them.
const minPlaces = 2 * results.Tenths

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
	var in [results.Tenths][]float64 // the same means, by tenth
	for i := range r.clients {
		c := &r.clients[i]
		if c.delivered == 0 || c.aside() != nil {
			continue
		}
		rank, of := r.place(i)
		tenth := rank * results.Tenths / of
		waited[tenth] += c.waited
		delivered[tenth] += c.delivered
		mean := float64(c.waited) / float64(c.delivered)
		places, means = append(places, float64(rank)/float64(of)), append(means, mean)
		in[tenth] = append(in[tenth], mean)
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
	f.Share = fit.Explained(in[:])
	t.Fairness = &f
}

// place is the rank of client i, from 0, among those of its topic, and how many
// these are.
func (r *Recorder) place(i int) (rank, of int) {
	topic := i % r.topics
	return i / r.topics, (len(r.clients)-1-topic)/r.topics + 1
}
