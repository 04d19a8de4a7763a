// Package change is what two runs of one load say of each other: each metric of
// each row in both, whether chance could have made the difference, and what the
// runs were not executed alike in.
package change

import (
	"encoding/json"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
)

// A Side is one of the two runs.
type Side struct {
	File string // "" when it is in none
	*results.Run
}

// Changes are what two runs say of each other.
type Changes struct {
	Old, New   Side
	Mismatches []Mismatch
	Rows       []Row // in the order of the new run, then what only the old one has
	Capacities []Capacity
	Judgments  []Judgment // of the gates; see Judge
}

// A Row is a cell that either run has.
type Row struct {
	results.Cell
	Old, New *compare.Row // nil where the run does not have it
	// Why says why nothing is compared of the row; "" when something is.
	Why string
	// Metrics are those asked for that either run tells of the row.
	Metrics []Metric
}

// A Metric is one number of a row in both runs, over its valid trials.
type Metric struct {
	results.Metric
	Old, New *compare.Stat  // nil where the run does not tell it
	Shift    *compare.Shift // nil unless both do
}

// An Outcome is what is to be thought of a metric's two numbers.
type Outcome string

const (
	Worse  Outcome = "worse"
	Better Outcome = "better"
	More   Outcome = "more" // of what is no merit
	Less   Outcome = "less"
	// None is that no difference is shown, which is not the same as none.
	None    Outcome = "none shown"
	Equal   Outcome = "equal" // the same number in every trial of both
	TooFew  Outcome = "too few trials"
	OldOnly Outcome = "only in the old run"
	NewOnly Outcome = "only in the new run"
)

// Outcome says how the metric has changed.
func (m Metric) Outcome() Outcome {
	switch {
	case m.New == nil:
		return OldOnly
	case m.Old == nil:
		return NewOnly
	case m.Shift != nil && m.Shift.Equal:
		return Equal
	case m.Shift == nil || !compare.Enough(m.Old.N, m.New.N):
		return TooFew
	case !m.Shift.Shown():
		return None
	}
	return outcome(m.Better, m.Shift.Direction > 0)
}

// outcome is that of a difference which is shown.
func outcome(better results.Better, more bool) Outcome {
	switch {
	case better == results.Either && more:
		return More
	case better == results.Either:
		return Less
	case (better == results.More) == more:
		return Better
	}
	return Worse
}

// Tested says whether the metric was given a chance to differ.
func (m Metric) Tested() bool {
	switch m.Outcome() {
	case Worse, Better, More, Less, None:
		return true
	}
	return false
}

// usual are the metrics that are compared when nobody asks for others: what users
// feel, what is promised to them, and what it costs.
var usual = []string{
	"latency_p50", "latency_p99", "latency_p999", "staleness_mean", "connect_p99", "uplink_p99", "restored_p95", "catchup_p95",
	"throughput", "lost", "requests_per_event", "down_bytes_per_event", "up_bytes_per_event",
	"server_cpu_per_event", "server_rss_per_client", "together_server_cpu_per_event", "together_server_rss_per_client",
}

// Usual are the names of the metrics that are worth comparing of such a run.
// Staleness is among them where only the latest value matters to a client.
func Usual(run *results.Run) []string {
	var s struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(run.Executed, &s) == nil && s.Value == "latest" {
		return slices.Clone(usual)
	}
	return slices.DeleteFunc(slices.Clone(usual), func(name string) bool { return name == "staleness_mean" })
}

// Between compares two runs in the metrics of those names; of two searches it
// compares what they have found.
func Between(old, now Side, names []string) *Changes {
	c := &Changes{Old: old, New: now, Mismatches: mismatches(old.Run, now.Run)}
	if len(old.Capacity) > 0 && len(now.Capacity) > 0 {
		c.Capacities = capacities(old.Capacity, now.Capacity)
		return c
	}
	before, after := compare.Rows(old.Run), compare.Rows(now.Run)
	for i := range after {
		c.Rows = append(c.Rows, Row{Cell: after[i].Cell, Old: same(before, after[i].Cell), New: &after[i]})
	}
	for i := range before {
		if same(after, before[i].Cell) == nil {
			c.Rows = append(c.Rows, Row{Cell: before[i].Cell, Old: &before[i]})
		}
	}
	for i := range c.Rows {
		c.Rows[i].fill(c, names)
	}
	return c
}

// same is the row of that cell; nil without one.
func same(rows []compare.Row, cell results.Cell) *compare.Row {
	for i := range rows {
		if compare.Same(rows[i].Cell, cell) {
			return &rows[i]
		}
	}
	return nil
}

// fill compares the row's metrics, or says why it cannot.
func (r *Row) fill(c *Changes, names []string) {
	switch {
	case r.Old == nil:
		r.Why = "only the new run has it"
		return
	case r.New == nil:
		r.Why = "only the old run has it"
		return
	}
	if r.Why = unranked("the old run", r.Old); r.Why == "" {
		r.Why = unranked("the new run", r.New)
	}
	if r.Why != "" {
		return
	}
	before, after := compare.Valid(c.Old.Run, r.Cell), compare.Valid(c.New.Run, r.Cell)
	for _, name := range names {
		m, known := results.MetricOf(name)
		if !known {
			continue
		}
		one := Metric{Metric: m, Old: stat(r.Old, name), New: stat(r.New, name)}
		if one.Old == nil && one.New == nil {
			continue
		}
		if one.Old != nil && one.New != nil {
			if s, ok := compare.ShiftOf(values(before, m), values(after, m)); ok {
				one.Shift = &s
			}
		}
		r.Metrics = append(r.Metrics, one)
	}
	if len(r.Metrics) == 0 {
		r.Why = "neither run tells any of these metrics of it"
	}
}

// unranked says why a row cannot be compared; "" when it can.
func unranked(whose string, r *compare.Row) string {
	if r.Ranked {
		return ""
	}
	return "it is not ranked in " + whose + ": " + r.Validity()
}

// stat is the row's number over its trials; nil without one.
func stat(r *compare.Row, name string) *compare.Stat {
	if s, told := r.Metrics[name]; told {
		return &s
	}
	return nil
}

// values are the metric's in the trials that tell it.
func values(trials []*results.Trial, m results.Metric) []float64 {
	var all []float64
	for _, t := range trials {
		if v, told := m.Of(t); told {
			all = append(all, v)
		}
	}
	return all
}

// Tally counts a comparison's tests.
type Tally struct {
	Compared int     // metrics that could have been shown to differ
	Worse    int     // and were
	Better   int     //
	Neither  int     // differ, and are no merit
	ByChance float64 // how many would be shown to differ if nothing had changed
}

// Differ is how many are shown to differ.
func (t Tally) Differ() int { return t.Worse + t.Better + t.Neither }

// Tally counts what is compared. What is measured a second time counts, too: it is
// compared like any other row.
//
// Note: nothing is corrected for there being many. Six trials a side have no p below
// 0.002, so that a correction for forty metrics would let them show nothing at all;
// and metrics of a row move together, which corrections take no account of.
func (c *Changes) Tally() (t Tally) {
	for _, r := range c.Rows {
		for _, m := range r.Metrics {
			if !m.Tested() {
				continue
			}
			t.Compared++
			t.ByChance += compare.ByChance(m.Old.N, m.New.N)
			switch m.Outcome() {
			case Worse:
				t.Worse++
			case Better:
				t.Better++
			case More, Less:
				t.Neither++
			}
		}
	}
	return t
}

// Compared says whether anything of the runs could be compared.
func (c *Changes) Compared() bool {
	for _, r := range c.Rows {
		if r.Why == "" {
			return true
		}
	}
	return len(c.Capacities) > 0
}
