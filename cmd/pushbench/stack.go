package main

import (
	"slices"
	"strings"

	"pushbench/scenarios"
	"pushbench/servers/host"
)

// servable says why the transports cannot be served on the stack.
func servable(picked []transport, stack string) error {
	if !slices.Contains(stacks, stack) {
		return usage("--stack: %q (have %s)", stack, strings.Join(stacks, ", "))
	}
	if stack == leanLoop && !host.CanLean {
		return usage("--stack lean needs Linux")
	}
	for _, t := range picked {
		if !t.on(stack) {
			return usage("--stack: %s is not there on %s", t.name, stack)
		}
	}
	return nil
}

// measurable says why the transports cannot be measured on the scenario's stacks. One
// that is hidden is measured on the stack that it has, whatever the others are on.
func measurable(picked []transport, s *scenarios.Scenario) error {
	var compared []transport
	for _, t := range picked {
		switch {
		case !t.hidden:
			compared = append(compared, t)
		case len(t.stacks()) == 0:
			return usage("%s needs Linux: it is there on the stack lean alone", t.name)
		}
	}
	for _, stack := range s.Built() {
		if err := servable(compared, stack); err != nil {
			return err
		}
	}
	return nil
}
