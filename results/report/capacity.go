package report

import (
	"encoding/csv"
	"fmt"

	"pushbench/results"
)

// capacityGrid is the table of what a search has found.
func capacityGrid(all []results.Capacity) grid {
	key := all[0].Key
	if unit := all[0].Unit; unit != "" {
		key += " (" + unit + ")"
	}
	g := grid{heads: [][2]string{{"capacity", ""}, {"holds", key}, {"always held", "up to"}, {"always failed", "from"}, {"probes", ""}, {"broke first", ""}}}
	for _, c := range all {
		value := absent
		if c.Value != nil {
			value = number(*c.Value)
			if c.AtLeast {
				value = "≥ " + value
			}
		}
		tried := 0
		for _, p := range c.Probes {
			tried += p.Held + p.Failed + p.Void
		}
		broke := c.Broke
		if broke == "" {
			broke = absent
		}
		g.lines = append(g.lines, []string{printable(c.Transport), value, end(c.Lo), end(c.Hi), fmt.Sprint(tried), printable(broke)})
	}
	return g
}

func end(v *float64) string {
	if v == nil {
		return absent
	}
	return number(*v)
}

// writeCapacity adds a line for each capacity, under the name of a metric. One
// that is a lower bound has no upper end.
func writeCapacity(out *csv.Writer, run *results.Run) {
	for _, c := range run.Capacity {
		if c.Value == nil {
			continue
		}
		tried := 0
		for _, p := range c.Probes {
			tried += p.Held + p.Failed
		}
		out.Write([]string{run.Scenario, c.Transport, c.Stack, "", "", "", "", "",
			"capacity_" + c.Key, c.Unit, exact(c.Value), exact(c.Lo), exact(c.Hi), "", fmt.Sprint(tried)})
	}
}
