package results

import (
	"fmt"
	"time"
)

// Tenths are into how many parts the clients of a topic are divided by the order
// in which they came.
const Tenths = 10

// Fairness is how the clients of a trial were served beside each other, in mean
// latencies. It is nil where a topic has fewer than ten of them.
type Fairness struct {
	// Tenths are those of the clients by the order in which they came to their
	// topic: the first tenth of every topic, and so on.
	Tenths [Tenths]time.Duration `json:"tenths_ns"`
	// Correlation is Spearman's ρ between that order and the clients' means: 1 when
	// everybody who came later is served later.
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
	minCorrelation    = 0.5
	minPositionEffect = 1.5 // or its inverse
)

// placed says whether a client's place decides how soon it is served.
func placed(t *Trial) bool {
	if t.Fairness == nil || t.Untimed {
		return false
	}
	effect, ok := t.Fairness.Effect()
	rho := t.Fairness.Correlation
	return ok && (rho >= minCorrelation && effect >= minPositionEffect || rho <= -minCorrelation && effect <= 1/minPositionEffect)
}

func placeText(t *Trial) string {
	f := t.Fairness
	when := "later"
	if f.Correlation < 0 {
		when = "sooner"
	}
	return fmt.Sprintf("who connects last is served %s: a mean latency of %s in the first tenth of the clients and of %s in the last (rank correlation %.2f)",
		when, short(f.Tenths[0]), short(f.Tenths[Tenths-1]), f.Correlation)
}
