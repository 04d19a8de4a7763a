package results_test

import (
	"slices"
	"testing"

	"pushbench/results"
)

// runOf is a run of a trial, a cost and a capacity each.
func runOf(cells ...results.Cell) *results.Run {
	run := new(results.Run)
	for _, c := range cells {
		run.Trials = append(run.Trials, results.Trial{Cell: c})
		run.Costs = append(run.Costs, results.Cost{Transport: c.Transport, Stack: c.Stack})
		run.Capacity = append(run.Capacity, results.Capacity{Transport: c.Transport, Stack: c.Stack})
	}
	return run
}

func TestTheStandardOfARunIsWithoutOtherStacksAndTheBaseline(t *testing.T) {
	std, lean := func(name string) results.Cell { return results.Cell{Transport: name, Stack: "std"} }, func(name string) results.Cell { return results.Cell{Transport: name, Stack: "lean"} }
	baseline := lean(results.Baseline)
	for _, c := range []struct {
		name      string
		has, want []results.Cell
	}{
		{"both stacks and the baseline", []results.Cell{std("ws"), lean("ws"), lean("sse"), baseline}, []results.Cell{std("ws")}},
		{"the baseline beside std", []results.Cell{std("ws"), baseline, std("sse")}, []results.Cell{std("ws"), std("sse")}},
		{"lean alone", []results.Cell{lean("ws"), lean("sse")}, []results.Cell{lean("ws"), lean("sse")}},
		{"lean and the baseline", []results.Cell{lean("ws"), baseline}, []results.Cell{lean("ws")}},
		{"the baseline alone", []results.Cell{baseline}, nil},
		{"std", []results.Cell{std("ws")}, []results.Cell{std("ws")}},
	} {
		run := runOf(c.has...)
		own := run.Standard()
		var trials, costs, capacities []results.Cell
		for i := range own.Trials {
			trials = append(trials, own.Trials[i].Cell)
			costs = append(costs, results.Cell{Transport: own.Costs[i].Transport, Stack: own.Costs[i].Stack})
			capacities = append(capacities, results.Cell{Transport: own.Capacity[i].Transport, Stack: own.Capacity[i].Stack})
		}
		same := func(a, b results.Cell) bool { return a.Transport == b.Transport && a.Stack == b.Stack }
		for what, got := range map[string][]results.Cell{"trials": trials, "costs": costs, "capacities": capacities} {
			if !slices.EqualFunc(got, c.want, same) {
				t.Errorf("%s: the %s are of %v, want %v", c.name, what, got, c.want)
			}
		}
		if len(run.Trials) != len(c.has) || len(run.Costs) != len(c.has) {
			t.Errorf("%s: asking has changed the run", c.name)
		}
		if len(c.want) == len(c.has) && own != run {
			t.Errorf("%s: a run without anything to leave out is copied", c.name)
		}
	}
}
