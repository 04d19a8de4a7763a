package report

import (
	"fmt"
	"strings"

	"pushbench/results/compare"
)

// maxNamed is how many rows a sentence names: more and nobody reads it.
const maxNamed = 6

// beside says how large the generator's own delays are beside latency p99; nothing
// when there is no latency p99. Of many rows it is the largest ratio.
//
// Note: it is no part of latency p99. Each single delay is in some latency, but
// the slowest reads need not be those of the slowest events.
func beside(rows []compare.Row) string {
	var told, unknown []string
	most, worst := 0.0, ""
	for _, r := range rows {
		latency, ok := r.Metrics["latency_p99"]
		if !ok {
			continue
		}
		name := compare.Label(r.Cell, rows)
		own, ok := r.Metrics["generator_delay_p99"]
		if !ok {
			unknown = append(unknown, name)
			continue
		}
		text := fmt.Sprintf("%s %s ms beside latency p99 %s ms", name, number(own.Median), number(latency.Median))
		if len(told) > 0 { // the first says what the others are
			text = fmt.Sprintf("%s %s beside %s", name, number(own.Median), number(latency.Median))
		}
		share := r.Metrics["generator_share_p99"].Median
		if share >= 0.01 {
			text += fmt.Sprintf(" (%.0f %%)", 100*share)
		}
		if worst == "" || share > most {
			most = share
			worst = fmt.Sprintf("%s %s ms beside latency p99 %s ms (%.0f %%)", name, number(own.Median), number(latency.Median), 100*share)
		}
		told = append(told, text)
	}
	switch {
	case len(told) == 0 && len(unknown) == 0:
		return ""
	case len(told) == 0:
		return "generator delay was not measured"
	case len(told) > maxNamed:
		told = []string{fmt.Sprintf("at most %s, less in %d other rows", worst, len(told)-1)}
	}
	if len(unknown) > 0 {
		told = append(told, "not measured of "+named(unknown))
	}
	return "generator delay p99 (kernel arrival to read, each a lower bound): " + strings.Join(told, ", ")
}

// named lists rows, the first of many.
func named(rows []string) string {
	if len(rows) > maxNamed {
		rows = append(rows[:maxNamed-1:maxNamed-1], fmt.Sprintf("%d other rows", len(rows)-maxNamed+1))
	}
	return strings.Join(rows, ", ")
}
