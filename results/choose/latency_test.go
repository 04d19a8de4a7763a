package choose

import (
	"maps"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/resultstest"
)

// late is a run in which some trials of ws, of those that tell its latency, had so
// much more of it, with a reason of that code.
func late(t *testing.T, more time.Duration, code string, of ...int) *Model {
	t.Helper()
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range run.Trials {
		trial := &run.Trials[i]
		if trial.Transport != "ws" || trial.Clients != 100 {
			continue
		}
		for _, block := range of {
			if trial.Block == block {
				h := hdr.New()
				h.RecordN(more/2, 980)
				h.RecordN(more, 20)
				h.Record(3 * more)
				trial.Histograms[results.Latency] = h
				trial.Verdict.Reasons = []results.Reason{{Code: code, State: results.Valid}}
			}
		}
	}
	m, err := Learn(run)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func about(got, want time.Duration) bool { return (got - want).Abs() <= want/100 }

func TestLatencyIsWhatNoTrialWasAbove(t *testing.T) {
	ws := late(t, 50*time.Millisecond, "position-effect", 4).servers[3]
	if !about(ws.p99, 50*time.Millisecond) || !about(ws.worst, 150*time.Millisecond) || ws.doubts != "" {
		t.Errorf("one of six trials had 50 ms at p99 and 150 ms at worst: %s and %s, %q", ws.p99, ws.worst, ws.doubts)
	}
}

// The scenario excuses generator-delay for its sums: a latency is something else.
func TestTrialsWithExcusedDoubtsDoNotTellLatencyWhereOthersDo(t *testing.T) {
	const own, lent = 8 * time.Millisecond, 50 * time.Millisecond
	two := late(t, lent, "generator-delay", 1, 3)
	ws := two.servers[3]
	if !about(ws.p99, own) || !about(ws.worst, 2*own) || ws.row != "4 trials with 100 clients at 10/s" {
		t.Errorf("with two doubtful trials of six %s and %s in %s", ws.p99, ws.worst, ws.row)
	}
	if want := "2 of 6 trials are left out of it (generator-delay in 2)"; ws.doubts != want {
		t.Errorf("said %q, want %q", ws.doubts, want)
	}
	three := late(t, lent, "generator-delay", 1, 3, 5)
	if ws := three.servers[3]; !about(ws.p99, lent) || !about(ws.worst, 3*lent) || !strings.Contains(ws.doubts, "(generator-delay in 3), which can only have added") {
		t.Errorf("with three doubtful trials of six %s and %s, %q", ws.p99, ws.worst, ws.doubts)
	}
	for m, want := range map[*Model]string{two: "the latency of ws: 2 of 6 trials are left out", three: "the latency of ws: its trials have doubts"} {
		if a := m.Decide(usual(), nil); !strings.Contains(strings.Join(a.Assumptions, "\n"), want) {
			t.Errorf("assumed %q, without %q", a.Assumptions, want)
		}
	}
}

// Of rows with as few clients none is picked because it came out well.
func TestOfSeveralRowsTheLatestTellsLatency(t *testing.T) {
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	var more []results.Trial
	for _, trial := range run.Trials {
		if trial.Transport == "sse" && trial.Clients == 100 {
			axes := map[string]string{}
			maps.Copy(axes, trial.Axes)
			axes["topics"] = "own"
			trial.Axes = axes
			h := hdr.New()
			h.RecordN(3*time.Millisecond, 1000)
			trial.Histograms = map[string]*hdr.Histogram{results.Latency: h}
			trial.Events.Published *= 100
			more = append(more, trial)
		}
	}
	run.Trials = append(more, run.Trials...)
	m, err := Learn(run)
	if err != nil {
		t.Fatal(err)
	}
	if sse := m.servers[2]; !about(sse.p99, 8*time.Millisecond) {
		t.Errorf("of rows with 3 and 8 ms at p99: %s", sse.p99)
	}
}
