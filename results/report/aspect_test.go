package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

// wanting is the sample of a scenario that says this much more.
func wanting(more string) *results.Run {
	run := sample()
	run.Executed = json.RawMessage(strings.TrimSuffix(executed, "}") + "," + more + "}")
	for i := range run.Trials {
		t := &run.Trials[i]
		stale, spread := hdr.New(), hdr.New()
		for k := range 1000 {
			stale.RecordN(time.Duration(k*(1+i%4))*100*time.Microsecond, 1000)
			spread.Record(time.Duration(k) * time.Microsecond)
		}
		t.Histograms[results.Stale], t.Histograms[results.Spread] = stale, spread
		t.Staleness = &results.Staleness{Mean: time.Duration(50*(1+i%4)) * time.Millisecond, Max: time.Duration(100*(1+i%4)) * time.Millisecond, Ramps: 20_000}
		t.Fairness = &results.Fairness{Correlation: 0.25, Share: 0.875, Fastest: time.Millisecond, Slowest: 3 * time.Millisecond}
		for k := range t.Fairness.Tenths {
			t.Fairness.Tenths[k] = time.Duration(10+k) * 100 * time.Microsecond
		}
	}
	return run
}

func TestStalenessAndFairnessAreShownWhereTheyAreThePoint(t *testing.T) { // L8
	golden(t, "aspects.table", render(t, "table", wanting(`"value":"latest","rotate":true`), report.Options{}))
	both := render(t, "markdown", wanting(`"value":"latest","axes":{"rotate":["false","true"]}`), report.Options{})
	if !strings.Contains(both, "| staleness") || !strings.Contains(both, "| fairness") {
		t.Errorf("an axis of rotation and the latest value: %s", both)
	}
	plain := render(t, "table", wanting(`"value":"every"`), report.Options{})
	if strings.Contains(plain, "staleness") || strings.Contains(plain, "fairness") {
		t.Errorf("nobody asked for it: %s", plain)
	}
	// In JSON all of it is there, whatever the scenario asks for.
	data := render(t, "json", wanting(`"value":"every"`), report.Options{})
	for _, name := range []string{`"staleness_p99"`, `"spread_p99"`, `"position_effect"`} {
		if !strings.Contains(data, name) {
			t.Errorf("no %s in JSON", name)
		}
	}
}

func TestWhatRanTogetherSaysWhatAllOfItTook(t *testing.T) {
	run := wanting(`"together":true`)
	of := &results.Together{Transports: []string{"ws", "sse", "longpoll", "poll"}, Clients: 4000, Delivered: 80_000}
	for i := range run.Trials {
		run.Trials[i].Together = of
		run.Trials[i].Usage = run.Trials[0].Usage
		run.Trials[i].Wire = nil
	}
	golden(t, "together.table", render(t, "table", run, report.Options{}))
}
