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
	metric   string
	instead  string // asked when the metric is absent
	says     string // of a difference: two cells around, how much within
	closest  bool   // also asked of the best two, not only of best and worst
	anywhere bool   // asked when latency is measured as well as when it is not
}

var questions = []question{
	{"latency_p99", "latency_p50", "%s has a %s lower %s than %s", true, true},
	{"throughput", "", "%s delivers %s more %s than %s", true, false},
	{"server_cpu_per_event", "", "%s delivers an event for %s less %s than %s", true, true},
	{"server_rss_per_client", "", "%s takes %s less %s than %s", false, true},
	{"down_bytes_per_event", "", "%s takes %s fewer %s than %s", false, true},
}

// Findings are the sentences that a run's ranked rows allow, the most useful
// first, and one for each row that is not ranked.
func Findings(run *results.Run) []Finding {
	rows := Rows(run)
	var ranked []Row
	var findings []Finding
	for _, r := range rows {
		if r.Ranked {
			ranked = append(ranked, r)
			continue
		}
		findings = append(findings, Finding{Unranked, "", fmt.Sprintf("%s is not ranked: %d of %d trials are valid%s",
			Label(r.Cell, rows), r.Trials.Valid, r.Trials.Total(), because(r))})
	}
	if len(ranked) < 2 {
		return findings
	}
	if fewest := slices.MinFunc(ranked, func(a, b Row) int { return a.Trials.Valid - b.Trials.Valid }).Trials.Valid; fewest < MinTrials {
		text := fmt.Sprintf("no difference can be shown: intervals need %d valid trials of each, there are %d", MinTrials, fewest)
		return append([]Finding{{TooFew, "", text}}, findings...)
	}
	return append(answers(run, rows, ranked), findings...)
}

func answers(run *results.Run, rows, ranked []Row) []Finding {
	untimed := run.Trials[0].Untimed
	var findings []Finding
	for _, q := range questions {
		if !q.anywhere && !untimed {
			continue
		}
		name := q.metric
		have := with(ranked, name)
		if len(have) < 2 && q.instead != "" {
			name = q.instead
			have = with(ranked, name)
		}
		if len(have) < 2 {
			continue
		}
		m, _ := results.MetricOf(name)
		slices.SortStableFunc(have, func(a, b Row) int {
			order := cmp.Compare(a.Metrics[name].Median, b.Metrics[name].Median)
			if m.Better == results.More {
				order = -order
			}
			return order
		})
		best, second, worst := have[0], have[1], have[len(have)-1]
		if q.closest || len(have) == 2 {
			findings = q.ask(findings, run, rows, m, best, second)
		}
		if len(have) > 2 {
			findings = q.ask(findings, run, rows, m, best, worst)
		}
	}
	return findings
}

// ask adds the sentence about two rows of which the first has the better median.
func (q question) ask(findings []Finding, run *results.Run, rows []Row, m results.Metric, best, other Row) []Finding {
	over, under := other, best
	if m.Better == results.More {
		over, under = best, other
	}
	ratio, ok := Ratio(run, m.Name, over.Cell, under.Cell)
	if !ok || ratio.Lo == nil {
		return findings
	}
	a, b := Label(best.Cell, rows), Label(other.Cell, rows)
	if !ratio.Shown() || ratio.Median < 1 {
		text := fmt.Sprintf("no difference shown between %s and %s in %s (%.2f× to %.2f×)", a, b, m.Title, *ratio.Lo, *ratio.Hi)
		return append(findings, Finding{NoDifference, m.Name, text})
	}
	much, interval := factor(ratio)
	text := fmt.Sprintf(q.says+" (%s)", a, much, m.Title, b, interval)
	return append(findings, Finding{Difference, m.Name, text})
}

// factor words a ratio above one and its interval: "3.4×", and near one in per
// cent, where "1.0×" would say nothing.
func factor(ratio Stat) (much, interval string) {
	if ratio.Median >= 1.1 {
		return fmt.Sprintf("%.1f×", ratio.Median), fmt.Sprintf("%.1f× to %.1f×", *ratio.Lo, *ratio.Hi)
	}
	percent := func(v float64) string { return fmt.Sprintf("%.2g %%", 100*(v-1)) }
	return percent(ratio.Median), percent(*ratio.Lo) + " to " + percent(*ratio.Hi)
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
