package compare

import (
	"strings"

	"pushbench/results"
)

// Label is the shortest name that tells the cell from the other rows: its
// transport, with its stack and axes where rows differ in them, and its arm.
func Label(c results.Cell, rows []Row) string { return Labels(rows)(c) }

// Labels is Label for many cells of the same rows: what these differ in is looked at
// once, or it would be looked at again for each.
func Labels(rows []Row) func(results.Cell) string {
	axes, middle := axesOf(rows), usual(rows)
	stacks, values := map[string]bool{}, map[string]map[string]bool{}
	for _, axis := range axes {
		values[axis] = map[string]bool{}
	}
	for _, r := range rows {
		stacks[r.Stack] = true
		for _, axis := range axes {
			values[axis][r.Axes[axis]] = true // "" of a row without
		}
	}
	// A cell is told by what some row has otherwise.
	tells := func(all map[string]bool, own string) bool { return len(all) > 1 || len(all) == 1 && !all[own] }
	return func(c results.Cell) string {
		var name strings.Builder
		name.WriteString(c.Transport)
		if tells(stacks, c.Stack) {
			name.WriteString("/" + c.Stack)
		}
		telling := map[string]string{}
		for axis, value := range c.Axes {
			if tells(values[axis], value) {
				telling[axis] = value
			}
		}
		if middle != nil {
			telling = beyond(telling, middle) // the rest all have in common with most
		}
		for _, word := range words(telling, axes) {
			name.WriteString(" " + word)
		}
		if c.Arm != "" {
			name.WriteString(" (" + c.Arm + ")")
		}
		return name.String()
	}
}
