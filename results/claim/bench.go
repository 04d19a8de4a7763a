package claim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// A bench is a run on which claims are judged.
type bench struct {
	run  *results.Run
	rows []compare.Row
	// untimely says that the scenario expects what casts doubt on latencies, because
	// it is about something else.
	untimely bool
}

// timely are the codes of doubts about latencies alone.
var timely = []string{"generator-delay", "generator-pause", "source-lag", "trend"}

// timed are the pairs of two transports whose latencies count.
func (b *bench) timed(one, other string) []pair {
	if b.untimely {
		return nil
	}
	return b.pairs(one, other)
}

// newBench looks at a run. What a fault or clients of their own kind do to it is
// no matter of the transport, and the rows of a search are loads of which each is
// measured a few times: such runs say nothing here.
func newBench(run *results.Run) *bench {
	run = run.Standard()
	if len(run.Capacity) > 0 {
		return &bench{run: run}
	}
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Recovery != nil || len(t.Groups) > 0 || t.Together != nil {
			return &bench{run: run}
		}
	}
	var s struct {
		Expects []string `json:"expects"`
	}
	// A scenario of another shape expects nothing.
	untimely := json.Unmarshal(run.Executed, &s) == nil &&
		slices.ContainsFunc(s.Expects, func(code string) bool { return slices.Contains(timely, code) })
	return &bench{run, compare.Rows(run), untimely}
}

// A pair are rows of two transports with the same load.
type pair struct {
	*bench
	a, b *compare.Row
	at   map[string]string // axes of either
}

// pairs are those of two transports, at every load that they share. An axis that
// one of them does not heed is no load of its own.
func (b *bench) pairs(one, other string) []pair {
	var all []pair
	for i := range b.rows {
		for k := range b.rows {
			x, y := &b.rows[i], &b.rows[k]
			if x.Transport != one || y.Transport != other || x.Arm != "" || y.Arm != "" || x.Stack != y.Stack {
				continue
			}
			at, same := merged(x.Axes, y.Axes)
			if same {
				all = append(all, pair{b, x, y, at})
			}
		}
	}
	return all
}

// merged are the axes of both, if they agree where both have one.
func merged(a, b map[string]string) (map[string]string, bool) {
	at := maps.Clone(a)
	if at == nil {
		at = map[string]string{}
	}
	for key, value := range b {
		if have, both := at[key]; both && have != value {
			return nil, false
		}
		at[key] = value
	}
	return at, true
}

// evidence judges the pair, unless one of its rows is not to be trusted. What judge
// finds too little for stays doubted.
func (p pair) evidence(judge func(*Evidence)) Evidence {
	e := Evidence{At: p.at, Outcome: Doubted}
	for _, row := range []*compare.Row{p.a, p.b} {
		if !row.Ranked {
			var codes []string
			for _, r := range row.Reasons {
				if r.State != results.Valid && !slices.Contains(codes, r.Code) {
					codes = append(codes, r.Code)
				}
			}
			e.Text = fmt.Sprintf("%s is not ranked, %d of %d trials are valid", row.Transport, row.Trials.Valid, row.Trials.Total())
			if len(codes) > 0 {
				e.Text += " (" + strings.Join(codes, ", ") + ")"
			}
			return e
		}
	}
	judge(&e)
	return e
}

// told says whether both rows have the metric.
func (p pair) told(metric string) bool {
	_, a := p.a.Metrics[metric]
	_, b := p.b.Metrics[metric]
	return a && b
}

// difference is the metric of the first row less that of the second; the evidence
// has it among its numbers, or says that there are too few for an interval.
func (p pair) difference(e *Evidence, metric string) (compare.Stat, bool) {
	d, _ := compare.Excess(p.run, metric, p.a.Cell, p.b.Cell)
	return d, p.keep(e, metric, d, Number{Transport: p.a.Transport, Less: p.b.Transport, Unit: unitOf(metric)})
}

// ratio is the metric of the first row over that of the second, likewise.
func (p pair) ratio(e *Evidence, metric string) (compare.Stat, bool) {
	r, _ := compare.Ratio(p.run, metric, p.a.Cell, p.b.Cell)
	return r, p.keep(e, metric, r, Number{Transport: p.a.Transport, Over: p.b.Transport, Unit: "ratio"})
}

func (p pair) keep(e *Evidence, metric string, s compare.Stat, n Number) bool {
	if s.Lo == nil || s.Hi == nil {
		e.Text = fmt.Sprintf("%d blocks have a valid value of both %s and %s (%s), an interval needs %d", s.N, p.a.Transport, p.b.Transport, titleOf(metric), compare.MinTrials)
		return false
	}
	n.Metric, n.Value = metric, s
	e.Numbers = append(e.Numbers, n)
	return true
}

// of is a row's own number, which the evidence has among its own; "–" without one.
func (p pair) of(e *Evidence, row *compare.Row, metric string) string {
	s, known := row.Metrics[metric]
	if !known {
		return "–"
	}
	e.Numbers = append(e.Numbers, Number{Metric: metric, Unit: unitOf(metric), Transport: row.Transport, Value: s})
	return figure(s.Median)
}

func unitOf(metric string) string {
	m, _ := results.MetricOf(metric)
	return m.Unit
}

func titleOf(metric string) string {
	if m, ok := results.MetricOf(metric); ok {
		return m.Title
	}
	return metric
}

// figure writes three digits that count, and as many more as tell a ratio from one.
func figure(v float64) string {
	switch {
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case v != 1 && math.Abs(v-1) < 0.005:
		return fmt.Sprintf("%.4g", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// times writes a ratio with its interval.
func times(s compare.Stat) string {
	return fmt.Sprintf("%s× (%s to %s)", figure(s.Median), figure(*s.Lo), figure(*s.Hi))
}

// apart writes a difference with its interval, and the word for its direction.
func apart(d compare.Stat, unit, more, less string) string {
	median, lo, hi, word := d.Median, *d.Lo, *d.Hi, more
	if median < 0 {
		median, lo, hi, word = -median, -hi, -lo, less
	}
	return fmt.Sprintf("%s by %s%s (%s to %s)", word, figure(median), unit, figure(lo), figure(hi))
}
