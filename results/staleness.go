package results

import "time"

// Staleness is what Trial.Histograms[Stale] cannot tell of it: that has the time
// of all clients by how stale they were, a count for each microsecond of one of
// them, to a hundredth; zero is a client that lacks nothing.
type Staleness struct {
	Mean time.Duration `json:"mean_ns"` // over time and clients
	Max  time.Duration `json:"max_ns"`
	// Ramps are how often a client fell behind: samples, as far as an amount of time
	// has any.
	Ramps int64 `json:"ramps"`
}

// stale are the quantiles of staleness that are metrics.
var stale = []float64{0.5, 0.9, 0.99}

func (c *catalogue) staleness() {
	known := func(t *Trial) bool { return t.Staleness != nil }
	c.where(known, func(c *catalogue) {
		c.add("staleness_mean", "ms", "mean staleness", Less, func(t *Trial) (float64, bool) {
			return milliseconds(t.Staleness.Mean), true
		})
		c.add("staleness_max", "ms", "largest staleness", Less, func(t *Trial) (float64, bool) {
			return milliseconds(t.Staleness.Max), true
		})
		for _, q := range stale {
			*c = append(*c, Metric{Name: Stale + "_" + label(q), Unit: "ms", Title: "staleness " + label(q), Better: Less, Events: true, value: func(t *Trial) (float64, bool) {
				// A ramp is a sample: ten beyond the quantile, as of any other.
				enough := float64(t.Staleness.Ramps)*(1-q) >= MinBeyond*(1-1e-9)
				return milliseconds(t.Histograms[Stale].Quantile(q)), enough
			}})
		}
	})
}
