package report_test

import (
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

// stormy is the sample of a run whose servers were reset, under two back-offs: of
// the second the clients come back slower the later the trial.
func stormy() *results.Run {
	run := wanting(`"faults":"reset at 2s","backoff":{"kind":"jitter"},"axes":{"backoff.kind":["jitter","fixed"]}`)
	var trials []results.Trial
	for i, policy := range []string{"jitter", "fixed"} {
		for _, t := range run.Trials {
			t.Axes = map[string]string{"backoff.kind": policy}
			f := results.Fault{Kind: "reset", Spec: "reset at 2s", At: 2 * time.Second, Cut: 100, Restored: 100, Back: hdr.New(), Busiest: 0.5 + 0.25*float64(i)}
			for k := range 100 {
				f.Back.Record(time.Duration((k+1)*(i+1)) * time.Millisecond)
			}
			f.Attempts = []int64{60, 40 + 20*int64(i)}
			if i == 0 {
				f.Queue = new(int64(12))
			}
			t.Recovery = &results.Recovery{Faults: []results.Fault{f}}
			trials = append(trials, t)
		}
	}
	run.Trials = trials
	return run
}

func TestRecoveryIsShownWhereThereWasAFault(t *testing.T) { // G19
	text := render(t, "table", stormy(), report.Options{Width: 200})
	golden(t, "recovery.table", text)
	for _, want := range []string{
		"back-off for sse, by the time until the last client was back: jitter (100 ms, 100 tries, 60 in the fullest 100 ms), fixed (200 ms, 120 tries, 60 in the fullest 100 ms)",
		"reset at 2s with back-off jitter and fixed",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if plain := render(t, "table", sample(), report.Options{}); strings.Contains(plain, "recovery") || strings.Contains(plain, "back-off") {
		t.Errorf("nothing has happened: %s", plain)
	}
	run := stormy()
	for i := range run.Trials {
		if run.Trials[i].Transport == "ws" {
			run.Trials[i].Events.Lost = map[string]int64{results.LostEpoch: 6, results.LostGap: 3}
		}
	}
	lost := strings.Join(strings.Fields(render(t, "markdown", run, report.Options{})), " ")
	if want := "| ws kind=jitter | 0 | 0 | 0 | 3 | 6 | 0 | 0 | 0 |"; !strings.Contains(lost, want) {
		t.Errorf("what was lost is not told by reason: no %q in\n%s", want, lost)
	}
	// The worst ones are not left out.
	run = stormy()
	for i := range run.Trials {
		switch trial := &run.Trials[i]; {
		case trial.Axes["backoff.kind"] == "jitter" && trial.Transport == "sse" && trial.Block == 2:
			trial.Recovery.Faults[0].Cut += 7
		case trial.Axes["backoff.kind"] == "fixed" && trial.Transport == "ws":
			trial.Verdict.State = results.Invalid
		}
	}
	text = strings.Join(strings.Fields(render(t, "table", run, report.Options{Width: 200})), " ")
	for _, want := range []string{
		"back-off for sse, by the time until the last client was back: fixed (200 ms, 120 tries, 60 in the fullest 100 ms); without a place: jitter (up to 7 clients never came back)",
		"back-off for ws, by the time until the last client was back: jitter (100 ms, 100 tries, 60 in the fullest 100 ms); without a place: fixed (not ranked: invalid 0/6)",
		"0 (≤7)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	data := render(t, "json", stormy(), report.Options{})
	for _, name := range []string{`"restored_p50"`, `"restored_p95"`, `"restored_max"`, `"reconnect_peak_ratio"`, `"accept_queue_peak"`} {
		if !strings.Contains(data, name) {
			t.Errorf("no %s in JSON", name)
		}
	}
}

// All of a storm stands side by side on a usual screen, also where some is lost and
// rows have an axis in their names.
func TestRecoveryFitsALine(t *testing.T) { // R6, G19
	run := stormy()
	for i := range run.Trials {
		run.Trials[i].Events.Lost = map[string]int64{results.LostEpoch: 12345, results.LostGap: 12345}
		if trial := &run.Trials[i]; trial.Axes["backoff.kind"] == "fixed" {
			trial.Axes["backoff.kind"] = "exponential"
		}
	}
	text := render(t, "table", run, report.Options{Width: 120})
	for _, name := range []string{"recovery", "events"} {
		if n := strings.Count(text, "\n "+name+" "); n != 1 {
			t.Errorf("the table %s is in %d parts, want one:\n%s", name, n, text)
		}
	}
}
