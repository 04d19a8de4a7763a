package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// rowsOf are the run's rows as they are shown. Of a search's probes only doubts are
// told: each is another load, and what is found at all of them is no news.
func rowsOf(run *results.Run) []compare.Row {
	rows := compare.Rows(run)
	if len(run.Capacity) == 0 {
		return rows
	}
	for i := range rows {
		rows[i].Reasons = slices.DeleteFunc(rows[i].Reasons, func(r compare.Reason) bool { return r.State == results.Valid })
	}
	return rows
}

// capacityGrid is the table of what a search has found.
func capacityGrid(all []results.Capacity) grid {
	key := printable(all[0].Key)
	if unit := printable(all[0].Unit); unit != "" {
		key += " (" + unit + ")"
	}
	to, sign := "up to", "≥ "
	if all[0].Down {
		to, sign = "down to", "≤ "
	}
	g := grid{heads: [][2]string{{"capacity", ""}, {"holds", key}, {"always held", to}, {"always failed", "from"}, {"probes", ""}, {"broke first", ""}}}
	for _, c := range all {
		value := absent
		if c.Value != nil {
			value = number(*c.Value)
			if c.AtLeast {
				value = sign + value
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
		g.lines = append(g.lines, []string{printable(c.Name(all)), value, end(c.Lo), end(c.Hi), fmt.Sprint(tried), printable(broke)})
	}
	return g
}

// capacityHeadline says what each holds, in one sentence; what broke first stands below
// it.
func capacityHeadline(all []results.Capacity) string {
	key := printable(all[0].Key)
	var words []string
	for _, c := range all {
		word := "nothing that was tried"
		switch {
		case c.Value == nil && c.AtLeast:
			word = "cannot be told"
		case c.Value != nil && strings.HasPrefix(c.Unit, "/"):
			word = number(*c.Value) + printable(c.Unit)
		case c.Value != nil:
			word = amount(*c.Value, printable(c.Unit))
		}
		if c.Value != nil && c.AtLeast {
			word = c.Bound() + " " + word
		}
		words = append(words, printable(c.Transport)+" "+word)
	}
	return fmt.Sprintf("Of %s each holds: %s.", key, listed(words))
}

func end(v *float64) string {
	if v == nil {
		return absent
	}
	return number(*v)
}

// writeCapacity adds a line for each capacity, under the name of a metric. One
// that is a bound has one end only.
func writeCapacity(out sheet, run *results.Run) {
	for _, c := range run.Capacity {
		if c.Value == nil {
			continue
		}
		tried := 0
		for _, p := range c.Probes {
			tried += p.Held + p.Failed
		}
		lo, hi := c.Lo, c.Hi
		if c.Down { // in order of the numbers, as all intervals in the file are
			lo, hi = hi, lo
		}
		out.Write([]string{run.Scenario, c.Transport, c.Stack, "", "", "", "", "",
			"capacity_" + c.Key, c.Unit, exact(c.Value), exact(lo), exact(hi), "", fmt.Sprint(tried)})
	}
}
