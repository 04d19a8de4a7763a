package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// aged is what those feel who look at the latest value only.
var aged = []column{
	{"mean", "ms", "staleness_mean"},
	{"p50", "ms", "staleness_p50"},
	{"p90", "ms", "staleness_p90"},
	{"p99", "ms", "staleness_p99"},
	{"max", "ms", "staleness_max"},
}

// fair is how clients fare beside each other: from the first to the last that has
// an event, and by the order in which they connected.
var fair = []column{
	{"spread", "p50 ms", "spread_p50"},
	{"last tenth", "÷ first", "position_effect"},
	{"explained", "by place", "position_share"},
	{"slowest", "÷ fastest", "client_spread"},
}

// aspects are tables of what the scenario asks for by what it says: staleness
// where the latest value matters, fairness where the order is rotated, the time to
// everyone where that is what it is about.
func aspects(run *results.Run, rows []compare.Row) []grid {
	l, ok := loadOf(run)
	if !ok {
		return nil
	}
	var all []grid
	if l.Value == "latest" && told(rows, aged) {
		all = append(all, newGrid(rows, "staleness", aged))
	}
	if _, varies := l.Axes["rotate"]; (varies || l.Rotate) && told(rows, fair) {
		all = append(all, newGrid(rows, "fairness", fair))
	}
	if l.fans() && told(rows, fanout[:1]) {
		all = append(all, newGrid(rows, "to everyone", fanout))
	}
	return all
}

// told says whether any row has any of the columns.
func told(rows []compare.Row, columns []column) bool {
	return slices.ContainsFunc(rows, func(r compare.Row) bool {
		return slices.ContainsFunc(columns, func(c column) bool { _, ok := r.Metrics[c.metric]; return ok })
	})
}

// shared are what transports cost together that ran at the same time, a sentence
// for each point of the axes and stack: their rows have no costs of their own. All rows
// of a point tell the same, each of its valid trials; the first that is ranked is heard.
func shared(rows []compare.Row) []string {
	var texts, heard []string
	several := slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Stack != rows[0].Stack })
	for _, r := range rows {
		cpu, ran := r.Metrics["together_server_cpu_per_event"]
		at := axesOf(r.Cell)
		if at != "" {
			at = "at " + at
		}
		if several {
			at = strings.TrimSpace(at + " on " + r.Stack)
		}
		if !ran || !r.Ranked || slices.Contains(heard, at) {
			continue
		}
		heard = append(heard, at)
		text := fmt.Sprintf("on one server at the same time, all of them together took %s µs of server CPU per event", number(cpu.Median))
		if memory, known := r.Metrics["together_server_rss_per_client"]; known {
			text += fmt.Sprintf(" and %s KiB of its memory per client", number(memory.Median))
		}
		if at != "" {
			text = at + ": " + text
		}
		texts = append(texts, text)
	}
	return texts
}

// axesOf are the cell's axes in words.
func axesOf(c results.Cell) string {
	var words []string
	for axis, value := range c.Axes {
		words = append(words, axis+"="+value)
	}
	slices.Sort(words)
	return listed(words)
}
