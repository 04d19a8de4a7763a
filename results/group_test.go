package results_test

import (
	"math"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

func TestMetricsOfGroupsAreWhatTheirDefinitionSays(t *testing.T) { // Q1, Q6
	trial := sound()
	for name := range map[string]float64{"slow_found": 0, "vanished_found": 0, "returned": 0, "lost_by_others": 0, "found_slow_max": 0, "catchup_p50": 0, "server_heap_growth": 0} {
		if got, ok := trial.Metric(name); ok {
			t.Errorf("%s = %v of a trial without such clients", name, got)
		}
	}
	trial.Events.Lost = map[string]int64{results.LostGap: 30, results.LostVanished: 7, results.LostCorrupt: 2}
	trial.Traffic.Opened, trial.Traffic.Closed = 300, map[string]int64{"closed": 3, "ended": 2, "left": 40}
	trial.Groups = map[string]results.Group{
		results.GroupSlow:     {Clients: 4, Stalled: 3, Found: 2, Lost: map[string]int64{results.LostGap: 28}},
		results.GroupVanished: {Clients: 2, Stalled: 2, Found: 1, Lost: map[string]int64{results.LostVanished: 7}},
		results.GroupLeaving:  {Clients: 3, Returned: 40, Current: 20},
	}
	trial.Usage.ServerFull = results.Memory{Heap: 1 << 20, Stacks: 1 << 19, Sockets: 10 << 10}
	trial.Usage.ServerEnd = results.Memory{Heap: 3 << 20, Stacks: 1 << 19, Sockets: 74 << 10}
	trial.Histograms[results.LatencySlow] = uniform(2000, 2*time.Second)
	trial.Histograms[results.FoundSlow] = uniform(2, time.Second)
	trial.Histograms[results.FoundVanished] = uniform(1, 3*time.Second)
	trial.Histograms[results.Catchup] = uniform(20, 100*time.Millisecond)
	for name, want := range map[string]float64{
		"slow_stalled": 3, "slow_found": 2, "slow_skipped": 28, "connections_ended": 5,
		"latency_slow_p50": 1000, "latency_slow_p99": 1980,
		"found_slow_p50":   1000,
		"vanished_stalled": 2, "vanished_found": 1, "found_vanished_p50": 3000,
		"returned": 40, "connections_per_second": 150, "returned_behind": 20, "caught_up": 20,
		"catchup_p50": 50, "catchup_p95": 95, "catchup_max": 100,
		"lost": 39, "lost_by_others": 4, // two by a gap, two damaged
		"server_heap_growth": 2048, "server_sockets_growth": 64,
	} {
		got, ok := trial.Metric(name)
		if !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	// Of one in three, and of one in two, nobody knows when they will have been found.
	for _, name := range []string{"found_slow_max", "found_vanished_max"} {
		if got, ok := trial.Metric(name); ok {
			t.Errorf("%s = %v of those only that were found", name, got)
		}
	}
	// One more came back, and left again before it had everything.
	trial.Groups[results.GroupLeaving] = results.Group{Clients: 3, Returned: 41, Current: 20}
	if got, ok := trial.Metric("catchup_max"); ok {
		t.Errorf("catchup_max = %v of those only that caught up", got)
	}
	if got, ok := trial.Metric("catchup_p95"); !ok || math.Abs(got-100) > 0.1 {
		t.Errorf("catchup_p95 = %v, %v, want the 20th of 21", got, ok)
	}
	trial.Groups[results.GroupSlow] = results.Group{Clients: 4, Stalled: 2, Found: 2}
	if got, ok := trial.Metric("found_slow_max"); !ok || math.Abs(got-1000) > 1 {
		t.Errorf("found_slow_max = %v, %v, want that of the second of two", got, ok)
	}
	trial.Histograms[results.FoundSlow] = hdr.New()
	if got, ok := trial.Metric("found_slow_p50"); ok {
		t.Errorf("found_slow_p50 = %v of nobody who was found", got)
	}
}

// A client that goes away in good order breaks nothing.
func TestWhoLeavesIsNotLost(t *testing.T) {
	trial := sound()
	trial.Traffic.Closed = map[string]int64{"left": 100}
	trial.Judge(nil)
	if trial.Verdict.State != results.Valid {
		t.Errorf("verdict %+v", trial.Verdict)
	}
	trial.Traffic.Closed["reset"] = 1
	trial.Judge(nil)
	if trial.Verdict.State == results.Valid {
		t.Error("a broken connection passes for one that was left")
	}
}
