package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
)

// A Finding is a sentence about a run.
type Finding struct {
	Kind   Kind
	Metric string // "" when it is about none
	Text   string
}

// Kind is what a finding says.
type Kind string

const (
	Difference   Kind = "difference"
	NoDifference Kind = "no-difference" // none shown, which is not the same as none
	TooFew       Kind = "too-few"       // trials for an interval
	Unranked     Kind = "unranked"
)

// A question is a metric worth a sentence.
type question struct {
	metric  string
	says    string // of a difference: which cell, how much, than which
	closest bool   // also asked of the best two, not only of best and worst
	instead bool   // asked only when none of those before it could be
}

var questions = []question{
	{"latency_p99", "%s has a %s lower latency p99 than %s", true, false},
	{"latency_p50", "%s has a %s lower latency p50 than %s", true, true},
	{"throughput", "%s delivers %s more events per second than %s", true, true},
	{"server_cpu_per_event", "%s delivers an event for %s less server CPU than %s", true, false},
	{"server_rss_per_client", "%s takes %s less server memory per client than %s", false, false},
	{"down_bytes_per_event", "%s takes %s fewer bytes down per event than %s", false, false},
}

// Findings are the sentences that a run's ranked rows allow, the most useful
// first, and one for each row that is not ranked.
func Findings(run *results.Run) []Finding {
	c := comparison{run: run, rows: Rows(run)}
	var ranked []Row
	var left []Finding
	most := 0
	for _, r := range c.rows {
		if r.Ranked {
			ranked = append(ranked, r)
			most = max(most, r.Trials.Valid)
			continue
		}
		left = append(left, Finding{Unranked, "", fmt.Sprintf("%s is not ranked: %d of %d trials are valid%s",
			Label(r.Cell, c.rows), r.Trials.Valid, r.Trials.Total(), because(r))})
	}
	switch {
	case len(ranked) < 2:
	case most < MinTrials:
		c.add(TooFew, "", "no difference can be shown: intervals need %d valid trials of each, there are %d", MinTrials, most)
	default:
		c.answer(ranked)
	}
	return append(c.findings, left...)
}

// A comparison collects findings about a run's rows.
type comparison struct {
	run      *results.Run
	rows     []Row
	findings []Finding
}

func (c *comparison) add(kind Kind, metric, format string, args ...any) {
	c.findings = append(c.findings, Finding{kind, metric, fmt.Sprintf(format, args...)})
}

// answer asks every question of the rows.
func (c *comparison) answer(ranked []Row) {
	asked := false
	for _, q := range questions {
		have := with(ranked, q.metric)
		if q.instead && asked {
			continue
		}
		if asked = len(have) >= 2; !asked {
			continue
		}
		m, _ := results.MetricOf(q.metric)
		slices.SortStableFunc(have, func(a, b Row) int {
			order := cmp.Compare(a.Metrics[m.Name].Median, b.Metrics[m.Name].Median)
			if m.Better == results.More {
				return -order
			}
			return order
		})
		best, second, worst := have[0], have[1], have[len(have)-1]
		if q.closest || len(have) == 2 {
			c.ask(q, m, best, second)
		}
		if len(have) > 2 {
			c.ask(q, m, best, worst)
		}
	}
}

// ask adds the sentence about two rows, of which the first has the better median.
func (c *comparison) ask(q question, m results.Metric, best, other Row) {
	over, under := other, best
	if m.Better == results.More {
		over, under = best, other
	}
	ratio, _ := Ratio(c.run, m.Name, over.Cell, under.Cell)
	a, b := Label(best.Cell, c.rows), Label(other.Cell, c.rows)
	switch {
	case ratio.Lo == nil:
		c.add(TooFew, m.Name, "no difference can be shown between %s and %s in %s: intervals need %d blocks in which both are valid, there are %d",
			a, b, m.Title, MinTrials, ratio.N)
	case *ratio.Hi < 1: // block by block it is the other way round
		c.ask(q, m, other, best)
	case ratio.Shown():
		much, interval := factor(ratio, m.Better == results.More)
		c.add(Difference, m.Name, q.says+" (%s)", a, much, b, interval)
	default:
		c.add(NoDifference, m.Name, "no difference shown between %s and %s in %s (%s to %s)", a, b, m.Title, bound(*ratio.Lo), bound(*ratio.Hi))
	}
}

// factor words a ratio above one, of the larger to the smaller, and its interval:
// "3.4×", and where all of it is near one, and "1.0×" would say nothing, in per
// cent: of the smaller when the sentence says more, of the larger when it says
// less.
func factor(ratio Stat, more bool) (much, interval string) {
	if *ratio.Hi >= 1.2 {
		return times(ratio.Median), times(*ratio.Lo) + " to " + times(*ratio.Hi)
	}
	percent := func(v float64) string {
		if more {
			return fmt.Sprintf("%.1f %%", 100*(v-1))
		}
		return fmt.Sprintf("%.1f %%", 100*(1-1/v))
	}
	return percent(ratio.Median), percent(*ratio.Lo) + " to " + percent(*ratio.Hi)
}

// times words a ratio with as many digits as tell it from one.
func times(v float64) string {
	if v < 1.1 {
		return fmt.Sprintf("%.2f×", v)
	}
	return fmt.Sprintf("%.1f×", v)
}

// bound words the end of an interval so that it can be told on which side of 1
// it is.
func bound(v float64) string {
	if text := fmt.Sprintf("%.2f×", v); text != "1.00×" {
		return text
	}
	return fmt.Sprintf("%.4f×", v)
}

// with are the rows that have the metric.
func with(rows []Row, metric string) []Row {
	var have []Row
	for _, r := range rows {
		if _, ok := r.Metrics[metric]; ok {
			have = append(have, r)
		}
	}
	return have
}

// because names the reasons that made trials of the row less than valid.
func because(r Row) string {
	var codes []string
	for _, reason := range r.Reasons {
		if reason.State != results.Valid {
			codes = append(codes, reason.Code)
		}
	}
	if len(codes) == 0 {
		return ""
	}
	return " (" + strings.Join(codes, ", ") + ")"
}

// Label is the shortest name that tells the cell from the other rows: its
// transport, with its stack and axes where rows differ in them.
func Label(c results.Cell, rows []Row) string {
	differs := func(of func(results.Cell) string) bool {
		return slices.ContainsFunc(rows, func(r Row) bool { return of(r.Cell) != of(c) })
	}
	name := c.Transport
	if differs(func(c results.Cell) string { return c.Stack }) {
		name += "/" + c.Stack
	}
	axes := map[string]bool{}
	for _, r := range rows {
		for axis := range r.Axes {
			axes[axis] = true
		}
	}
	parts := []string{name}
	for _, axis := range slices.Sorted(maps.Keys(axes)) {
		if differs(func(c results.Cell) string { return c.Axes[axis] }) {
			parts = append(parts, axis+"="+c.Axes[axis])
		}
	}
	return strings.Join(parts, " ")
}
