// Package compare is what a run's trials say together: medians with exact
// intervals, ratios block by block, and sentences for what differs.
package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"

	"pushbench/results"
)

// A Row is what all trials of one cell say.
type Row struct {
	results.Cell
	Verdict results.State
	Trials  Counts
	// Ranked says that at least two thirds of the trials are valid, and that the
	// metrics are of those. Else they are of all trials, for looking only.
	Ranked  bool
	Metrics map[string]Stat
	Reasons []Reason
}

// Counts are trials by their verdict.
type Counts struct {
	Valid   int `json:"valid"`
	Suspect int `json:"suspect"`
	Invalid int `json:"invalid"`
}

// Total is the number of trials.
func (c Counts) Total() int { return c.Valid + c.Suspect + c.Invalid }

// Ranked says whether so many of a row are enough to rank it: two thirds are valid.
func (c Counts) Ranked() bool { return c.Valid > 0 && 3*c.Valid >= 2*c.Total() }

// Count adds a trial with that verdict.
func (c *Counts) Count(state results.State) {
	switch state {
	case results.Valid:
		c.Valid++
	case results.Suspect:
		c.Suspect++
	default:
		c.Invalid++
	}
}

// A Stat is a metric over trials.
type Stat struct {
	Median float64 `json:"median"`
	// Lo and Hi bound the median with 95 % confidence; nil below six values.
	Lo  *float64 `json:"lo"`
	Hi  *float64 `json:"hi"`
	Max float64  `json:"max"`
	N   int      `json:"-"` // values
}

// A Reason is one that a row's trials were given, and by how many. A code that
// some trials have as a doubt and others as a finding is a reason of each kind.
type Reason struct {
	results.Reason     // text and hint of the first one
	Trials         int // with this code in this state
}

// transports and stacks are in this order; others follow, in that of the alphabet.
var (
	transports = []string{"poll", "longpoll", "sse", "ws", results.Baseline}
	stacks     = []string{"std", "lean"}
)

// Rows are a run's cells in the order of their transports, stacks and axes.
func Rows(run *results.Run) []Row {
	var rows []Row
	index := map[string]int{}
	trials := map[string][]*results.Trial{}
	for i := range run.Trials {
		t := &run.Trials[i]
		k := key(t.Cell)
		if _, seen := index[k]; !seen {
			index[k] = len(rows)
			rows = append(rows, Row{Cell: t.Cell})
		}
		trials[k] = append(trials[k], t)
	}
	for k, i := range index {
		rows[i].fill(trials[k])
	}
	scale := scaleOf(run)
	slices.SortStableFunc(rows, func(a, b Row) int {
		if a.Transport == b.Transport && a.Stack == b.Stack {
			return cmp.Or(scale.compare(a.Cell, b.Cell), cmp.Compare(key(a.Cell), key(b.Cell)))
		}
		return cmp.Or(cmp.Compare(place(a.Transport, transports), place(b.Transport, transports)), cmp.Compare(a.Transport, b.Transport),
			cmp.Compare(place(a.Stack, stacks), place(b.Stack, stacks)), cmp.Compare(key(a.Cell), key(b.Cell)))
	})
	return rows
}

// place is a name's in an order.
func place(name string, order []string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// key tells cells apart; maps print in the order of their keys.
func key(c results.Cell) string {
	return fmt.Sprintf("%q %q %q %q", c.Transport, c.Stack, c.Axes, c.Arm)
}

// Same says whether two cells are one, in whichever runs.
func Same(a, b results.Cell) bool { return key(a) == key(b) }

// fill computes the row from its trials.
func (r *Row) fill(all []*results.Trial) {
	var used []*results.Trial
	for _, t := range all {
		r.Trials.Count(t.Verdict.State)
		if t.Verdict.State == results.Valid {
			used = append(used, t)
		}
		r.note(t.Verdict.Reasons)
	}
	r.Ranked = r.Trials.Ranked()
	switch {
	case r.Ranked:
		r.Verdict = results.Valid
	case r.Trials.Suspect > r.Trials.Invalid:
		r.Verdict, used = results.Suspect, all
	default:
		r.Verdict, used = results.Invalid, all
	}
	var events int64
	for _, t := range used {
		events += t.Events.Published
	}
	r.Metrics = map[string]Stat{}
	for _, m := range results.Metrics {
		if m.Events && events < results.MinEvents {
			continue
		}
		var values []float64
		for _, t := range used {
			if v, ok := m.Of(t); ok {
				values = append(values, v)
			}
		}
		if m.Reached && len(values) < len(used) {
			continue
		}
		if s, ok := summary(values); ok {
			r.Metrics[m.Name] = s
		}
	}
	r.scarce(used, events)
}

// scarce notes that a ranked row's trials have latencies enough, each for itself,
// but of too few events for a percentile of the row.
func (r *Row) scarce(used []*results.Trial, events int64) {
	told := func(t *results.Trial) bool {
		_, ok := t.Metric("latency_p50")
		return ok
	}
	if !r.Ranked || events >= results.MinEvents || !slices.ContainsFunc(used, told) {
		return
	}
	r.Reasons = append(r.Reasons, Reason{Trials: r.Trials.Total(), Reason: results.Reason{
		Code:  results.FewSamples,
		State: results.Valid,
		Text:  fmt.Sprintf("%d distinct events in the trials that count: percentiles need %d", events, results.MinEvents),
		Hint:  results.FewSamplesHint,
	}})
}

// note counts a trial's reasons, each code once. Trials share one in the same
// state only: what made one invalid must not hide behind a finding of that name in
// another.
func (r *Row) note(reasons []results.Reason) {
	for i, reason := range reasons {
		if slices.ContainsFunc(reasons[:i], func(other results.Reason) bool { return other.Code == reason.Code }) {
			continue
		}
		same := func(have Reason) bool { return have.Code == reason.Code && have.State == reason.State }
		if at := slices.IndexFunc(r.Reasons, same); at >= 0 {
			r.Reasons[at].Trials++
		} else {
			r.Reasons = append(r.Reasons, Reason{reason, 1})
		}
	}
}

// Confidence of every interval.
const confidence = 0.95

// summary is the median of the values and its exact interval; there is none
// without values, or with one that is no number.
func summary(values []float64) (Stat, bool) {
	if len(values) == 0 {
		return Stat{}, false
	}
	endless := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	if slices.ContainsFunc(values, endless) {
		return Stat{}, false
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, confidence)
	if endless(s.Center) { // between two numbers that lie further apart than there are numbers
		return Stat{}, false
	}
	stat := Stat{Median: s.Center, Max: slices.Max(values), N: len(values)}
	if !math.IsInf(s.Lo, 0) && !math.IsInf(s.Hi, 0) {
		stat.Lo, stat.Hi = &s.Lo, &s.Hi
	}
	return stat, true
}
