package selftest

import (
	"slices"
	"strings"
	"time"

	"pushbench/results"
)

// An Experiment is a fault, the load under which it is tried, and the traces
// that it must leave in the numbers: those, and no others.
type Experiment struct {
	Name string
	Does string // what is wrong, in words

	load  func(m manner, thorough bool) load
	fault func(l load) string // what the server does, as `serve --fault` takes it; nil: nothing
	pause time.Duration       // of the generator

	// counts are the counters that differ from an honest server's; nil: none.
	counts func(evidence) []bound
	// times are lengths of time, by arithmetic; nil: none can be told.
	times func(evidence) []results.Answer
	// causes are reasons of which the verdict must give one; allows those that it
	// may give besides. Any other is a miss.
	causes, allows []string
	// after names the experiment without a fault whose latency is the way that
	// every event has to go; empty: none is needed.
	after string
}

// check compares a trial with all that it must say.
func (x Experiment) check(e evidence) []results.Answer {
	var answers []results.Answer
	if x.times != nil {
		answers = x.times(e)
	}
	var changed []bound
	if x.counts != nil {
		changed = x.counts(e)
	}
	answers = append(answers, e.books(changed)...)
	answers = append(answers, e.groups()...)
	return append(answers, e.blame(x)...)
}

// Names are those of all experiments, in the order in which they are run.
func Names() []string {
	var names []string
	for _, x := range experiments {
		names = append(names, x.Name)
	}
	return names
}

// pick returns the experiments of those names, or whose names begin with one
// and a hyphen, in their own order; all when there are no names. ok is false
// with the first name that is nobody's.
func pick(names []string) (picked []Experiment, unknown string, ok bool) {
	is := func(x Experiment, name string) bool {
		return x.Name == name || strings.HasPrefix(x.Name, name+"-")
	}
	for _, name := range names {
		if !slices.ContainsFunc(experiments, func(x Experiment) bool { return is(x, name) }) {
			return nil, name, false
		}
	}
	for _, x := range experiments {
		if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return is(x, name) }) {
			picked = append(picked, x)
		}
	}
	return picked, "", true
}
