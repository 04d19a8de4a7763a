// Package threshold is what somebody demands of a run, as text: expressions such
// as "sse:latency_p99 < 50ms", and whether the rows of a run or a single trial
// meet them.
package threshold

import (
	"slices"
	"strconv"

	"pushbench/results"
)

// An Expression demands something of every row of a run, or of the rows of one
// transport:
//
//	[transport:]metric op value[unit]
//	[transport:]capacity op value[unit]
//	[transport:]verdict valid
//
// The zero value demands nothing and is none that Parse returns.
type Expression struct {
	Transport string  // "" for all
	Metric    string  // one of results.Metrics, Capacity or Verdict
	Op        Op      // "" of a verdict
	Number    float64 // as it was written,
	Unit      string  // in this unit; "" without one
}

// Verdict stands in the place of a metric: the trial, or two thirds of a row's
// trials, must be valid.
const Verdict = "verdict"

// An Op compares a metric with a number.
type Op string

// Ops are all there are.
var Ops = []Op{"<", "<=", ">", ">=", "==", "!="}

// holds says whether the value stands so to the bound.
func (o Op) holds(value, bound float64) bool {
	switch o {
	case "<":
		return value < bound
	case "<=":
		return value <= bound
	case ">":
		return value > bound
	case ">=":
		return value >= bound
	case "==":
		return value == bound
	}
	return o == "!=" && value != bound
}

// String is the expression as Parse reads it, short names written out.
func (e Expression) String() string {
	text := e.Metric
	if e.Transport != "" {
		text = e.Transport + ":" + text
	}
	if e.Metric == Verdict {
		return text + " " + string(results.Valid)
	}
	return text + " " + string(e.Op) + " " + strconv.FormatFloat(e.Number, 'f', -1, 64) + e.Unit
}

// Set reads an expression; see Parse.
func (e *Expression) Set(text string) error {
	read, err := Parse(text)
	if err == nil {
		*e = read
	}
	return err
}

// Type names the value in help.
func (e *Expression) Type() string { return "expression" }

func (e Expression) MarshalText() ([]byte, error)     { return []byte(e.String()), nil }
func (e *Expression) UnmarshalText(text []byte) error { return e.Set(string(text)) }

// Bound is the number in the metric's own unit; of a capacity, whose unit is that
// of what was searched, see Fits.
func (e Expression) Bound() float64 {
	m, _ := results.MetricOf(e.Metric)
	return e.in(m.Unit)
}

// in is the number in a metric's unit.
func (e Expression) in(metric string) float64 {
	units := unitsOf(metric)
	at := slices.IndexFunc(units, func(u unit) bool { return u.name == e.Unit })
	if at < 0 { // zero, which is the same in all of them
		return e.Number
	}
	return e.Number * units[at].size / sizeOf(metric)
}

// Percentile says whether the metric is a percentile over events: a trial tells it
// from results.MinEvents distinct ones on.
func (e Expression) Percentile() bool {
	m, _ := results.MetricOf(e.Metric)
	return m.Events
}
