package main

import "testing"

// What coalesces is found in the count of writes: with a bound it is kept on every
// stack, and without one a burst takes fewer writes than it has events.
func TestAWriteHasNoMoreEventsThanTheScenarioSays(t *testing.T) {
	run := conducted(t, defaultEngine, `
transports: [sse, ws]
stack: both
baseline: true
clients: 20
schedule: {kind: burst, rate: 400/s, burst: 40}
axes: {events_per_write: [0, 1, 8]}
duration: 500ms
`)
	for i := range run.Trials {
		trial := &run.Trials[i]
		name := trial.Transport + " on " + trial.Stack + " with at most " + trial.Axes["events_per_write"]
		delivered, writes := trial.Traffic.Delivered, trial.Traffic.Writes
		switch most := trial.Axes["events_per_write"]; {
		// A burst may lie across an edge of the phase, for either count.
		case most == "1" && writes < delivered-20*40, most == "8" && 8*writes < delivered-20*40:
			t.Errorf("%s: %d events in %d writes", name, delivered, writes)
		case most == "0" && trial.Stack == "lean" && writes >= delivered:
			t.Errorf("%s: %d events took %d writes: nothing has coalesced", name, delivered, writes)
		}
	}
}
