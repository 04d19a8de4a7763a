package results

import (
	"fmt"
	"time"
)

// Tenths are into how many parts the clients of a topic are divided by the order
// in which they came.
const Tenths = 10

// Fairness is how the clients of a trial were served beside each other, in mean
// latencies. It is nil where a topic has fewer than twenty of them.
type Fairness struct {
	// Tenths are those of the clients by the order in which they came to their
	// topic: the first tenth of every topic, and so on.
	Tenths [Tenths]time.Duration `json:"tenths_ns"`
	// Share is how much of what tells the clients' means apart, as a variance, their
	// tenth explains beyond chance (ε²): 1 when the place decides everything, and
	// about 0 when nothing.
	Share float64 `json:"share"`
	// Correlation is Spearman's ρ between the order and the clients' means: 1 when
	// everybody who came later is served later. A server that prefers the first
	// quarter, and treats the others alike, has a high share and a low correlation.
	Correlation float64       `json:"correlation"`
	Fastest     time.Duration `json:"fastest_ns"` // of one client
	Slowest     time.Duration `json:"slowest_ns"`
}

// Effect is the mean latency of the last tenth over that of the first; it is
// false where that is zero.
func (f *Fairness) Effect() (float64, bool) {
	return ratio(float64(f.Tenths[Tenths-1]), float64(f.Tenths[0]))
}

func (c *catalogue) fairness() {
	c.percentiles(Spread, "spread between first and last client", true, 0.5, 0.99)
	known := func(t *Trial) bool { return t.Fairness != nil }
	c.where(known, func(c *catalogue) {
		c.add("position_effect", "ratio", "mean latency of the last tenth to connect over that of the first", Either, func(t *Trial) (float64, bool) {
			return t.Fairness.Effect()
		})
		c.add("position_share", "ratio", "share of what differs between clients that the order of connecting explains", Less, func(t *Trial) (float64, bool) {
			return t.Fairness.Share, true
		})
		c.add("position_correlation", "ratio", "rank correlation of mean latency with the order of connecting", Either, func(t *Trial) (float64, bool) {
			return t.Fairness.Correlation, true
		})
		c.add("client_spread", "ratio", "mean latency of the slowest client over that of the fastest", Less, func(t *Trial) (float64, bool) {
			return ratio(float64(t.Fairness.Slowest), float64(t.Fairness.Fastest))
		})
	})
}

// What of a position effect is more than chance, and worth a footnote.
const (
	minPositionShare  = 0.5
	minPositionEffect = 1.5 // of the slowest tenth over the fastest
)

// placed says whether a client's place decides how soon it is served.
func placed(t *Trial) bool {
	if t.Fairness == nil || t.Untimed || t.Recovery != nil { // a fault picks whom it cuts
		return false
	}
	fastest, slowest := t.Fairness.extremes()
	effect, ok := ratio(float64(t.Fairness.Tenths[slowest]), float64(t.Fairness.Tenths[fastest]))
	return ok && effect >= minPositionEffect && t.Fairness.Share >= minPositionShare
}

// extremes are the tenths with the lowest and the highest mean latency.
func (f *Fairness) extremes() (fastest, slowest int) {
	for i, mean := range f.Tenths {
		if mean < f.Tenths[fastest] {
			fastest = i
		}
		if mean > f.Tenths[slowest] {
			slowest = i
		}
	}
	return fastest, slowest
}

func placeText(t *Trial) string {
	f := t.Fairness
	fastest, slowest := f.extremes()
	return fmt.Sprintf("who is served soon is a matter of when it connected: of ten parts of the clients in that order part %d has a mean latency of %s and part %d one of %s, and the part explains %.0f %% of what differs between clients",
		fastest+1, short(f.Tenths[fastest]), slowest+1, short(f.Tenths[slowest]), 100*f.Share)
}
