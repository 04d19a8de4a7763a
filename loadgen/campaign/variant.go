package campaign

import (
	"slices"

	"pushbench/results"
	"pushbench/scenarios"
)

// stacks are those of the scenario's on which the transport is built. One that is
// built on none of them is measured on what there is: nothing else can have been
// meant, and its rows say which that is.
func (t Transport) stacks(s *scenarios.Scenario) []string {
	own := t.Stacks
	if len(own) == 0 {
		own = []string{scenarios.Std}
	}
	both := slices.DeleteFunc(s.Built(), func(stack string) bool { return !slices.Contains(own, stack) })
	if len(both) == 0 {
		return own
	}
	return both
}

// variants are the transport's cells at a point of the axes, one for each stack.
func (t Transport) variants(point scenarios.Point, s *scenarios.Scenario) []results.Cell {
	var all []results.Cell
	for _, stack := range t.stacks(s) {
		all = append(all, results.Cell{Transport: t.Name, Stack: stack, Axes: point.Axes})
	}
	return all
}

// built are the transports that there are on that stack.
func (o Options) built(stack string) []Transport {
	return slices.DeleteFunc(slices.Clone(o.Transports), func(t Transport) bool {
		return !slices.Contains(t.stacks(o.Scenario), stack)
	})
}
