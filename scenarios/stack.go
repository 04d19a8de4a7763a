package scenarios

import (
	"cmp"
	"slices"

	"pushbench/results"
)

// How servers are built, and that a run shall measure both.
const (
	Std  = "std"  // net/http and a library of the field: what most teams would write
	Lean = "lean" // an event loop: what the protocol can do
	Both = "both"
)

// Stacks are the words of a scenario for it.
var Stacks = []string{Std, Lean, Both}

// maxEventsPerWrite is beyond what any server hands out at once.
const maxEventsPerWrite = 1024

func (s *Scenario) checkStack(c *checker) {
	c.oneOf("stack", s.Stack, Stacks)
	c.check(s.EventsPerWrite >= 0 && s.EventsPerWrite <= maxEventsPerWrite, "events_per_write", "%d: want 0 (all that a client lacks) to %d", s.EventsPerWrite, maxEventsPerWrite)
}

// Built are the stacks that a run measures.
func (s *Scenario) Built() []string {
	if s.Stack == Both {
		return []string{Std, Lean}
	}
	return []string{cmp.Or(s.Stack, Std)}
}

// WithBaseline are the transports that a run measures: those to compare, and the
// baseline where it is asked for.
func (s *Scenario) WithBaseline() []string {
	if !s.Baseline || slices.Contains(s.Transports, results.Baseline) {
		return s.Transports
	}
	return append(slices.Clone(s.Transports), results.Baseline)
}
