package compare_test

import (
	"testing"

	"pushbench/results"
	"pushbench/results/compare"
)

// A name says what tells a cell from the rows beside it, and nothing that all of
// them have in common.
func TestANameIsAsLongAsItHasToBe(t *testing.T) {
	cell := func(transport, stack, arm string, axes map[string]string) results.Cell {
		return results.Cell{Transport: transport, Stack: stack, Arm: arm, Axes: axes}
	}
	row := func(c results.Cell) compare.Row { return compare.Row{Cell: c} }
	few := map[string]string{"clients": "10", "payload.size": "64B"}
	many := map[string]string{"clients": "500", "payload.size": "64B"}
	for _, c := range []struct {
		cell results.Cell
		rows []compare.Row
		want string
	}{
		{cell("sse", "std", "", few), nil, "sse"},
		{cell("sse", "std", "", few), []compare.Row{row(cell("sse", "std", "", few)), row(cell("ws", "std", "", few))}, "sse"},
		{cell("sse", "std", "", few), []compare.Row{row(cell("sse", "std", "", few)), row(cell("sse", "lean", "", few))}, "sse/std"},
		{cell("sse", "std", "", few), []compare.Row{row(cell("sse", "std", "", few)), row(cell("sse", "std", "", many))}, "sse clients=10"},
		{cell("poll", "std", "", few), []compare.Row{row(cell("poll", "std", "", few)), row(cell("sse", "std", "", nil))}, "poll clients=10 size=64B"},
		{cell("sse", "std", results.Again, few), []compare.Row{row(cell("sse", "std", "", few))}, "sse (" + results.Again + ")"},
		// One that is none of the rows is told by what these have otherwise.
		{cell("sse", "lean", "", few), []compare.Row{row(cell("sse", "std", "", few))}, "sse/lean"},
		{cell("sse", "std", "", many), []compare.Row{row(cell("sse", "std", "", few))}, "sse clients=500"},
	} {
		if got := compare.Label(c.cell, c.rows); got != c.want {
			t.Errorf("%+v among %d rows is called %q, want %q", c.cell, len(c.rows), got, c.want)
		}
	}
}
