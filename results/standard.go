package results

import "slices"

// standard is the stack that is meant where a transport is named and no stack.
const standard = "std"

// Standard is the run without what was measured beside the transports as most teams
// would serve them: without the baseline, and of several stacks with std alone. It is
// the run itself where that leaves nothing out.
func (r *Run) Standard() *Run {
	usual := slices.ContainsFunc(r.Trials, func(t Trial) bool { return t.Transport != Baseline && t.Stack == standard })
	beside := func(transport, stack string) bool { return transport == Baseline || usual && stack != standard }
	if !slices.ContainsFunc(r.Trials, func(t Trial) bool { return beside(t.Transport, t.Stack) }) {
		return r
	}
	own := *r
	own.Trials = slices.DeleteFunc(slices.Clone(r.Trials), func(t Trial) bool { return beside(t.Transport, t.Stack) })
	own.Costs = slices.DeleteFunc(slices.Clone(r.Costs), func(c Cost) bool { return beside(c.Transport, c.Stack) })
	own.Capacity = slices.DeleteFunc(slices.Clone(r.Capacity), func(c Capacity) bool { return beside(c.Transport, c.Stack) })
	return &own
}
