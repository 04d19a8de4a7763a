package compare_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// replay is a run of two transports at two audiences, with what others have
// published of such a load.
func replay(published string, blocks int) *results.Run {
	run := &results.Run{Schema: 1, Scenario: "replay", Status: results.Complete,
		Executed: json.RawMessage(`{"clients":100,"payload":{"size":"50B"},"axes":{"clients":["100","1000"]},"published":` + published + `}`)}
	for block := range blocks {
		for _, clients := range []string{"100", "1000"} {
			for i, transport := range []string{"longpoll", "ws"} {
				cell := results.Cell{Transport: transport, Stack: "std", Axes: map[string]string{"clients": clients}}
				if transport == "ws" { // which the other axis says nothing to
					cell.Axes["longpoll.hold"] = "25s"
				}
				run.Trials = append(run.Trials, results.Trial{
					Cell: cell, Block: block, Clients: 100, Measured: time.Second,
					Traffic: results.Traffic{Delivered: 1000, Requests: 100, DownBytes: int64(len(clients)*(2-i)) * 100_000},
					Verdict: results.Verdict{State: results.Valid},
				})
			}
		}
	}
	return run
}

func one(t *testing.T, figure string, blocks int) compare.Beside {
	t.Helper()
	all := compare.Published(replay(`[{"source":"S","differs":"D","metric":"down_bytes_per_event","unit":"B","figures":[`+figure+`]}]`, blocks))
	if len(all) != 1 || all[0].Publication != 0 {
		t.Fatalf("%+v", all)
	}
	return all[0]
}

func TestAPublishedFigureStandsBesideItsRow(t *testing.T) {
	for figure, want := range map[string]struct{ ours, ratio float64 }{
		`{"transport":"ws","at":{"clients":"100"},"value":100}`:                             {300, 3},
		`{"transport":"ws","at":{"clients":"1000"},"value":800}`:                            {400, 0.5},
		`{"transport":"longpoll","at":{"clients":"100","payload.size":"50B"},"value":600}`:  {600, 1},
		`{"transport":"longpoll","over":"ws","at":{"clients":"1000"},"value":4}`:            {2, 0.5},
		`{"transport":"longpoll","at":{"clients":"100","longpoll.hold":"25s"},"value":600}`: {600, 1},
	} {
		got := one(t, figure, 6)
		if got.Why != "" || math.Abs(got.Ours.Median-want.ours) > 1e-9 || math.Abs(got.Ratio.Median-want.ratio) > 1e-9 {
			t.Errorf("%s: ours %v, ratio %v (%s), want %v and %v", figure, got.Ours.Median, got.Ratio.Median, got.Why, want.ours, want.ratio)
		}
		if got.Ratio.Lo == nil || got.Ratio.Hi == nil || *got.Ratio.Lo > want.ratio || *got.Ratio.Hi < want.ratio {
			t.Errorf("%s: interval of the ratio %v to %v, want %v in it", figure, got.Ratio.Lo, got.Ratio.Hi, want.ratio)
		}
		if got := one(t, figure, 5); got.Why != "" || got.Ratio.Lo != nil {
			t.Errorf("%s of five blocks: %q, with an interval: %v", figure, got.Why, got.Ratio.Lo != nil)
		}
	}
}

func TestAPublishedFigureStandsBesideTheRowOnStd(t *testing.T) {
	run := replay(`[{"source":"S","differs":"D","metric":"down_bytes_per_event","unit":"B","figures":[{"transport":"ws","at":{"clients":"100"},"value":100}]}]`, 6)
	for _, one := range slices.Clone(run.Trials) {
		one.Stack = "lean"
		one.Traffic.DownBytes *= 7
		run.Trials = append(run.Trials, one)
	}
	if all := compare.Published(run); len(all) != 1 || all[0].Why != "" || all[0].Ratio.Median != 3 {
		t.Errorf("beside rows on lean: %+v, want a ratio of 3", all)
	}
}

func TestAFigureWithoutItsRowStandsAlone(t *testing.T) {
	for figure, why := range map[string]string{
		`{"transport":"sse","at":{"clients":"100"},"value":1}`:                     "the run has no such row",
		`{"transport":"ws","over":"sse","at":{"clients":"100"},"value":1}`:         "the run has no such row",
		`{"transport":"ws","at":{"clients":"5"},"value":1}`:                        "the run has no such row",
		`{"transport":"ws","value":1}`:                                             "the run has 2 such rows",
		`{"transport":"ws","at":{"clients":"100","payload.size":"60B"},"value":1}`: "the run has payload.size 50B",
		`{"transport":"ws","at":{"clients":"100","poll.interval":"1s"},"value":1}`: "the run has poll.interval none",
		`{"transport":"ws","at":{"clients":"100"},"value":0}`:                      "the published value is none",
		`{"transport":"ws","at":{"clients":"100"},"value":5e-324}`:                 "the published value is next to nothing",
	} {
		if got := one(t, figure, 6); got.Why != why {
			t.Errorf("%s: %q, want %q", figure, got.Why, why)
		}
	}
	run := replay(`[{"metric":"down_bytes_per_event","figures":[{"transport":"ws","at":{"clients":"100"},"value":1}]},`+
		`{"metric":"latency_p50","figures":[{"transport":"ws","at":{"clients":"1000"},"value":1}]}]`, 6)
	for i := range run.Trials {
		if run.Trials[i].Axes["clients"] == "100" && run.Trials[i].Block < 4 {
			run.Trials[i].Verdict.State = results.Invalid
		}
	}
	all := compare.Published(run)
	if len(all) != 2 || all[0].Why != "2 of 6 trials are valid" || all[1].Why != "the run does not tell it" || all[1].Publication != 1 {
		t.Errorf("%+v", all)
	}
}

func TestADifferenceIsTakenBlockByBlock(t *testing.T) {
	run := replay(`[]`, 6)
	for i := range run.Trials { // each block has a level of its own
		run.Trials[i].Traffic.DownBytes += int64(run.Trials[i].Block) * 1_000_000
	}
	cell := func(transport string) results.Cell {
		for i := range run.Trials {
			if trial := &run.Trials[i]; trial.Transport == transport && trial.Axes["clients"] == "100" {
				return trial.Cell
			}
		}
		panic("no such cell")
	}
	got, ok := compare.Excess(run, "down_bytes_per_event", cell("longpoll"), cell("ws"))
	if !ok || got.Median != 300 || got.Lo == nil || *got.Lo != 300 || *got.Hi != 300 {
		t.Errorf("%+v, want 300 in each block", got)
	}
	if _, ok := compare.Excess(run, "latency_p50", cell("longpoll"), cell("ws")); ok {
		t.Error("a difference of what nobody told")
	}
}
