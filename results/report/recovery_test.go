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
	data := render(t, "json", stormy(), report.Options{})
	for _, name := range []string{`"restored_p50"`, `"restored_p95"`, `"restored_max"`, `"reconnect_peak_ratio"`, `"accept_queue_peak"`} {
		if !strings.Contains(data, name) {
			t.Errorf("no %s in JSON", name)
		}
	}
}
