package report

import (
	"fmt"
	"strings"

	"pushbench/results/compare"
)

// maxNamed is how many rows a sentence names: more and nobody reads it.
const maxNamed = 6

// ownPart says how much of latency p99 the generator has added itself; nothing
// when there is no latency p99. Of many rows it is the largest part.
func ownPart(rows []compare.Row) string {
	var parts, unknown []string
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
		part := fmt.Sprintf("%s %s of %s ms", name, number(own.Median), number(latency.Median))
		share := r.Metrics["generator_share_p99"].Median
		if share >= 0.01 {
			part += fmt.Sprintf(" (%.0f %%)", 100*share)
		}
		if worst == "" || share > most {
			most, worst = share, part
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 && len(unknown) == 0 {
		return ""
	}
	if len(parts) == 0 {
		return "how much of latency p99 is the generator's own was not measured"
	}
	if len(parts) > maxNamed {
		parts = []string{fmt.Sprintf("most in %s, less in %d other rows", worst, len(parts)-1)}
	}
	if len(unknown) > 0 {
		parts = append(parts, "not measured of "+named(unknown))
	}
	return "of latency p99 at least this is the generator's own (kernel arrival to read, a lower bound): " + strings.Join(parts, ", ")
}

// named lists rows, the first of many.
func named(rows []string) string {
	if len(rows) > maxNamed {
		rows = append(rows[:maxNamed-1:maxNamed-1], fmt.Sprintf("%d other rows", len(rows)-maxNamed+1))
	}
	return strings.Join(rows, ", ")
}
