package results

import (
	"fmt"
	"time"

	"pushbench/results/hdr"
)

// Better says which of two values one would rather have.
type Better string

const (
	Less   Better = "less"
	More   Better = "more"
	Either Better = "none" // a fact, not a merit
)

// A Metric is one number of a trial.
type Metric struct {
	Name   string // in JSON and CSV
	Unit   string
	Title  string // in a sentence: "server CPU per event"
	Better Better
	// Events says that the number is a percentile over events: a row shows it only
	// from MinEvents distinct ones on.
	Events bool
	// Reached says that the number is a time until so many were there. A trial that
	// does not tell it did not get so far, and a row shows it only if all of its did:
	// else the worst trial would be the one that is left out.
	Reached bool
	// Samples are how many a percentile needs in a trial; zero of what is none.
	Samples float64
	Needs   Need // for there to be such a number
	value   func(*Trial) (float64, bool)
}

// What a percentile needs to be shown.
const (
	// MinEvents are distinct events, in all valid trials of a row.
	MinEvents = 30
	// MinBeyond are samples of one trial beyond the percentile.
	MinBeyond = 10
)

// MetricOf returns the metric of that name.
func MetricOf(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Metric is the trial's number of that name. It is absent, never zero, when the
// trial cannot tell it.
func (t *Trial) Metric(name string) (value float64, ok bool) {
	m, known := MetricOf(name)
	if !known {
		return 0, false
	}
	return m.Of(t)
}

// Of is the metric's number of the trial; see Trial.Metric.
func (m Metric) Of(t *Trial) (value float64, ok bool) { return m.value(t) }

// Lost is the number of events owed and lost, for whatever reason.
func (t *Trial) Lost() int64 {
	var sum int64
	for _, n := range t.Events.Lost {
		sum += n
	}
	return sum
}

// percentile is a quantile in ms, when there are samples enough beyond it.
func percentile(h *hdr.Histogram, q float64) (float64, bool) {
	beyond := float64(h.Count()) * (1 - q)
	if beyond < MinBeyond*(1-1e-9) { // 0.001 × 10,000 is 10, whatever the last bit says
		return 0, false
	}
	return milliseconds(h.Quantile(q)), true
}

// label is a quantile's name: p50, p999.
func label(q float64) string {
	text := fmt.Sprintf("%g", q)[len("0."):]
	if len(text) == 1 {
		text += "0"
	}
	return "p" + text
}

func ratio(amount, of float64) (float64, bool) {
	if of <= 0 {
		return 0, false
	}
	return amount / of, true
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
