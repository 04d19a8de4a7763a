package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/threshold"
)

// A breach is why a probe did not hold.
type breach struct {
	code string // results.BrokeLatency …
	text string // what happened, with the numbers
	// disturbed says that something else than the load can have caused it, so that
	// the probe is worth repeating.
	disturbed bool
}

// foreign says that it tells nothing of the server's own limit.
func (b breach) foreign() bool {
	return slices.Contains([]string{results.BrokeGenerator, results.BrokeMachine, results.BrokeNoData}, b.code)
}

// culprits are what a reason for doubt speaks of. The others are the server's.
var culprits = map[string]string{
	"generator-cpu":    results.BrokeGenerator,
	"generator-delay":  results.BrokeGenerator,
	"generator-pause":  results.BrokeGenerator,
	"steal":            results.BrokeMachine,
	"throttled":        results.BrokeMachine,
	"clock-step":       results.BrokeMachine,
	"shared-cpu":       results.BrokeMachine,
	"memory-pressure":  results.BrokeMemory,
	"connect-failed":   results.BrokeConnections,
	"connections-lost": results.BrokeConnections,
}

// passing are reasons for doubt that come and go with what others do to the
// machine. A generator without CPU is none of them.
var passing = []string{"generator-delay", "generator-pause", "steal", "throttled", "clock-step", "memory-pressure", "source-lag", "rate-missed", "trend"}

// symptoms are those that a server which falls behind has, too. Of one with CPU left
// they are the machine's: something else has held it up.
var symptoms = []string{"source-lag", "rate-missed", "trend"}

// delaying are those that can only have added to a latency or a loss: what was
// within its bound all the same is within it without them. Note: a generator
// without CPU is none of them, because a server that is read late can join what it
// writes, and costs less than it would.
var delaying = []string{"generator-delay", "generator-pause", "steal", "throttled", "clock-step", "memory-pressure", "source-lag"}

// minBusy is the share of its CPUs from which on a server may fall behind by its own
// doing: the rest is gone in bursts that are shorter than what is measured.
const minBusy = 0.8

// breachOf is why the trial does not hold the SLO; nil when it does. What makes its
// verdict doubtful comes before the numbers, which are not to be trusted then,
// whether the SLO speaks of the verdict or not: a number that the generator has
// broken is nothing of the server's. A doubt counts for nothing where the numbers
// hold and it could only have kept them from it, and where it is of a server that
// falls behind. A saturated server is no doubt: it is what is looked for.
func breachOf(t *results.Trial, slo []threshold.Expression) *breach {
	var broken []threshold.Expression
	var texts []string
	untold, upper := false, true
	for _, e := range slo {
		if e.Metric == threshold.Verdict {
			continue
		}
		value, told, holds := e.Trial(t)
		upper = upper && bounded(e)
		switch {
		case holds:
		case !told:
			untold = true
			texts = append(texts, e.Metric+" cannot be told")
		default:
			broken = append(broken, e)
			m, _ := results.MetricOf(e.Metric)
			text := fmt.Sprintf("%s was %s", e.Metric, amount(value, m.Unit))
			if n := e.Pending(t); n > 0 {
				text += fmt.Sprintf(" and %d events were in flight", n)
			}
			texts = append(texts, text)
		}
	}
	var harmless []string
	switch {
	case len(broken) > 0 && busy(t):
		harmless = symptoms
	case len(broken) == 0 && !untold && upper:
		harmless = delaying
	}
	if b := doubt(t, harmless); b != nil {
		return b
	}
	switch {
	case len(broken) > 0:
		text := fmt.Sprintf("%s, with %.0f %% of the server's CPUs used", strings.Join(texts, ", "), 100*t.Usage.ServerBusy)
		return &breach{code: cause(t, broken), text: text}
	case untold:
		return &breach{code: results.BrokeNoData, text: strings.Join(texts, ", ")}
	}
	return nil
}

// busy says that the server had little CPU left.
func busy(t *results.Trial) bool { return t.Usage.ServerBusy >= minBusy }

// bounded says that the expression keeps a time or a loss small.
func bounded(e threshold.Expression) bool {
	m, _ := results.MetricOf(e.Metric)
	switch {
	case m.Better != results.Less:
		return false
	case m.Unit == "ms":
		return e.Op == "<" || e.Op == "<="
	}
	losses := []string{"lost", "in_flight", "unexplained", "duplicated", "reordered", "gaps"}
	return slices.Contains(losses, m.Name) && (e.Op == "<" || e.Op == "<=" || e.Op == "==" && e.Number == 0)
}

// doubt is the gravest reason for which the verdict is not valid, apart from the
// harmless ones; nil when there is no other.
func doubt(t *results.Trial, harmless []string) *breach {
	var worst *breach
	for _, state := range []results.State{results.Invalid, results.Suspect} {
		for _, r := range t.Verdict.Reasons {
			if r.State != state || slices.Contains(harmless, r.Code) {
				continue
			}
			b := breach{code: cmp.Or(culprits[r.Code], r.Code), text: r.Code + ": " + r.Text, disturbed: slices.Contains(passing, r.Code)}
			if slices.Contains(symptoms, r.Code) && !busy(t) {
				b.code = results.BrokeMachine
			}
			if worst == nil || worst.disturbed && !b.disturbed {
				worst = &b
			}
		}
	}
	return worst
}

// cause says what has most likely broken the numbers: a server without CPU loses
// and delays, whichever of it is seen first.
func cause(t *results.Trial, broken []threshold.Expression) string {
	about := func(of ...string) bool {
		return slices.ContainsFunc(broken, func(e threshold.Expression) bool {
			return slices.ContainsFunc(of, func(prefix string) bool { return strings.HasPrefix(e.Metric, prefix) })
		})
	}
	switch {
	case saturated(t):
		return results.BrokeServerCPU
	case about("lost", "gaps", "in_flight", "unexplained", "duplicated", "reordered"):
		return results.BrokeLoss
	case about("server_rss", "server_heap", "server_stacks", "server_sockets", "kernel_"):
		return results.BrokeMemory
	case about("latency", "delivery", "fanout", "staleness", "lag"):
		return results.BrokeLatency
	}
	return broken[0].Metric
}

// saturated says that the server had no CPU left.
func saturated(t *results.Trial) bool {
	return slices.ContainsFunc(t.Verdict.Reasons, func(r results.Reason) bool { return r.Code == "server-saturated" })
}

// amount writes a number with its unit.
func amount(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if v >= 1000 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if unit == "count" || unit == "ratio" {
		return text
	}
	return text + " " + unit
}
