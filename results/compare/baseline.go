package compare

import (
	"fmt"
	"strings"

	"pushbench/results"
)

// distances say how far every transport is from the baseline in what an event costs,
// a sentence for each load and stack; the table has the rest.
func distances(run *results.Run, rows []Row) []Finding {
	const metric = "server_cpu_per_event"
	m, _ := results.MetricOf(metric)
	all := OverBaseline(run, rows)
	loads := Loads(rows)
	var findings []Finding
	for _, l := range loads {
		told := map[string][]string{} // by stack
		var order []string
		for _, c := range all {
			if !holds(l.Rows, c.Cell) {
				continue
			}
			if told[c.Stack] == nil {
				order = append(order, c.Stack)
			}
			text := c.Transport + " cannot be told"
			if r := c.Ratios[metric]; r.Lo != nil && r.Shown() {
				text = fmt.Sprintf("%s %s (%s to %s)", c.Transport, times(r.Median), bound(*r.Lo), bound(*r.Hi))
			} else if r.Lo != nil {
				text = fmt.Sprintf("%s no difference shown (%s to %s)", c.Transport, bound(*r.Lo), bound(*r.Hi))
			}
			told[c.Stack] = append(told[c.Stack], text)
		}
		for _, stack := range order {
			text := fmt.Sprintf("%s over %s on %s: %s", m.Title, results.Baseline, stack, strings.Join(told[stack], ", "))
			if len(loads) > 1 && l.At != "" {
				text = "at " + l.At + ": " + text
			}
			findings = append(findings, Finding{Distance, metric, text})
		}
	}
	return findings
}

// holds says whether the cell is among the rows.
func holds(rows []Row, c results.Cell) bool {
	for _, r := range rows {
		if key(r.Cell) == key(c) {
			return true
		}
	}
	return false
}
