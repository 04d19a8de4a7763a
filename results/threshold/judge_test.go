package threshold_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/threshold"
)

// trial is one of so many events to 1,000 clients, each of which took so long.
func trial(transport string, block, events int, took time.Duration) results.Trial {
	latency := hdr.New()
	latency.RecordN(took, int64(1000*events))
	n := int64(events)
	return results.Trial{
		Cell: results.Cell{Transport: transport, Stack: "std"}, Block: block, Clients: 1000, Measured: 2 * time.Second,
		Events:     results.Accounting{Published: n, Owed: 1000 * n, Delivered: 1000 * n, Intended: n, InTime: n},
		Traffic:    results.Traffic{Delivered: 1000 * n},
		Histograms: map[string]*hdr.Histogram{results.Latency: latency},
		Verdict:    results.Verdict{State: results.Valid},
	}
}

// run is one of three trials of sse, at 10 ms, and of ws, at 20 ms.
func run(change func(all []results.Trial)) *results.Run {
	r := &results.Run{}
	for block := range 3 {
		r.Trials = append(r.Trials, trial("sse", block, 20, 10*time.Millisecond), trial("ws", block, 20, 20*time.Millisecond))
	}
	if change != nil {
		change(r.Trials)
	}
	return r
}

func judged(t *testing.T, r *results.Run, texts ...string) []results.Judgment {
	t.Helper()
	var demands []threshold.Expression
	for _, text := range texts {
		e, err := threshold.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		demands = append(demands, e)
	}
	return threshold.Judge(r, demands)
}

func TestARowMeetsAThresholdOrFailsWithTheReason(t *testing.T) { // R5
	invalid := func(t *results.Trial) {
		t.Verdict = results.Verdict{State: results.Invalid, Reasons: []results.Reason{{Code: "generator-cpu", State: results.Invalid}}}
	}
	for _, c := range []struct {
		name, text string
		change     func([]results.Trial)
		want       string
	}{
		{"pass", "sse:p99 < 15ms", nil, "sse passed"},
		{"fail", "ws:p99 < 15ms", nil, "ws failed: the median of 3"},
		{"every row", "p99 < 15ms", nil, "sse passed, ws failed: the median of 3"},
		{"the median", "ws:p99 < 25ms", func(all []results.Trial) { all[1] = trial("ws", 0, 20, time.Second) }, "ws passed"},
		{"not in the run", "poll:p99 < 1s", nil, "poll failed: no data: the run has no trials of poll"},
		{"too few samples beyond", "p999 < 1s", func(all []results.Trial) {
			for i := range all {
				all[i].Histograms[results.Latency] = hdr.New()
			}
		}, "sse failed: no data: a percentile needs 30 distinct events in the row and 10 samples beyond it in a trial, " +
			"ws failed: no data: a percentile needs 30 distinct events in the row and 10 samples beyond it in a trial"},
		{"a metric that no trial tells", "sse:retransmits == 0", nil, "sse failed: no data: no trial tells it"},
		{"a cost that no trial tells", "sse:segments_per_event < 3", nil, "sse failed: no data: no valid trial tells it"},
		{"not ranked", "sse:p99 < 1s", func(all []results.Trial) { invalid(&all[0]); invalid(&all[2]) },
			"sse failed: no data: the row is not ranked, 1 of 3 trials are valid (generator-cpu)"},
		{"verdict", "verdict valid", func(all []results.Trial) { invalid(&all[0]); invalid(&all[2]) },
			"sse failed: 1 of 3 trials are valid (generator-cpu), ws passed"},
		{"verdict of two thirds", "sse:verdict valid", func(all []results.Trial) { invalid(&all[0]) }, "sse passed"},
		{"a loss that the median hides", "lost == 0", func(all []results.Trial) {
			all[2].Events.Lost = map[string]int64{results.LostGap: 4}
		}, "sse failed: in 1 of 3 trials it does not hold, ws passed"},
		{"what cannot be explained makes a trial invalid, and is no less", "sse:unexplained == 0", func(all []results.Trial) {
			all[4].Events.Unexplained = 1
			invalid(&all[4])
		}, "sse failed: in 1 of 3 trials it does not hold"},
		{"one trial that tells it does not speak for the others", "sse:restored_max < 10s", func(all []results.Trial) {
			for i := range all {
				all[i].Recovery = &results.Recovery{Faults: []results.Fault{{Kind: "reset", Cut: 2, Back: hdr.New()}}}
			}
			all[2].Recovery.Faults[0].Back.RecordN(time.Second, 2)
		}, "sse failed: no data: in some valid trial so many never got there"},
		{"nor for those in which nobody could look", "sse:segments_per_event < 300", func(all []results.Trial) {
			all[2].Wire = &results.Wire{SegmentsDown: 5}
		}, "sse failed: no data in 2 of 3 valid trials"},
		{"one that tells a count does not either", "sse:retransmits == 0", func(all []results.Trial) {
			all[2].Wire = &results.Wire{}
		}, "sse failed: no data in 2 of 3 valid trials"},
		{"but what nobody trusts need not tell it", "sse:retransmits == 0", func(all []results.Trial) {
			all[0].Wire, all[2].Wire = &results.Wire{}, &results.Wire{}
			invalid(&all[4])
		}, "sse passed"},
		{"what is in flight may be lost", "lost == 0", func(all []results.Trial) {
			all[2].Events.InFlight, all[4].Events.InFlight = 7, 9
		}, "sse failed: in 2 of 3 trials it does not hold: 7 events were still in flight after one, and nobody knows of those, ws passed"},
		{"a second arm is no row of its own", "sse:p99 < 1s", func(all []results.Trial) { all[1].Transport, all[1].Arm = "sse", results.Again }, "sse passed"},
	} {
		var got []string
		for _, o := range judged(t, run(c.change), c.text) {
			text := o.Transport + " failed: " + o.Why
			if o.Passed {
				text = o.Transport + " passed" + o.Why
			}
			got = append(got, text)
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: %q: %s, want %s", c.name, c.text, got, c.want)
		}
	}
}

func TestNothingIsPassedByNothing(t *testing.T) { // R5
	all := judged(t, &results.Run{}, "p99 < 1s", "lost == 0", "verdict valid", "throughput >= 0", "ws:lost >= 0")
	if len(all) != 5 || len(threshold.Failed(all)) != 5 {
		t.Errorf("a run without trials: %+v", all)
	}
	for _, o := range all {
		if o.Value != nil || !strings.HasPrefix(o.Why, "no data: the run has no trials") {
			t.Errorf("%+v", o)
		}
	}
}

// A run that was interrupted has measured some of its transports, some of their
// points, and some of their trials: what is missing has failed, whatever the rest.
func TestWhatAnUnfinishedRunLacksHasFailed(t *testing.T) { // R4, R5
	at := func(one results.Trial, axes map[string]string) results.Trial {
		one.Axes = axes
		return one
	}
	one := func(transport string, block int) results.Trial {
		return trial(transport, block, 40, 10*time.Millisecond)
	}
	grid := `{"transports":["poll","sse"],"trials":1,"axes":{"clients":["1","2","3"],"poll.interval":["1s","2s"]}}`
	for _, c := range []struct {
		name, executed string
		trials         []results.Trial
		text, want     string
	}{
		{"a transport", `{"transports":["sse","ws"],"trials":1}`, []results.Trial{one("sse", 0)}, "p99 < 1s",
			"sse passed, ws failed: no data: the run has no trials of ws"},
		{"what is not asked for", `{"transports":["sse","ws"],"trials":1}`, []results.Trial{one("sse", 0)}, "sse:p99 < 1s", "sse passed"},
		{"trials", `{"transports":["sse"],"trials":3}`, []results.Trial{one("sse", 0), one("sse", 1)}, "lost == 0",
			"sse failed: no data: the run was not finished, and has 2 of 3 trials"},
		{"points, of the axes that a transport heeds", grid,
			[]results.Trial{at(one("sse", 0), map[string]string{"clients": "1"}), at(one("sse", 0), map[string]string{"clients": "3"})}, "sse:verdict valid",
			"sse passed, sse passed, sse failed: no data: the run was not finished, and has 2 of 3 points of sse"},
		{"nothing", `{"transports":["sse"],"trials":3}`, []results.Trial{one("sse", 0), one("sse", 1), one("sse", 2)}, "lost == 0", "sse passed"},
	} {
		var got []string
		for _, o := range judged(t, &results.Run{Status: results.Interrupted, Executed: []byte(c.executed), Trials: c.trials}, c.text) {
			text := o.Transport + " failed: " + o.Why
			if o.Passed {
				text = o.Transport + " passed"
			}
			got = append(got, text)
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAnOutcomeHasTheValueThatWasJudged(t *testing.T) { // R5
	r := run(func(all []results.Trial) { all[2].Events.Duplicated = 7 })
	var got []string
	for _, o := range judged(t, r, "sse:latency_p99 < 1ms", "sse:duplicated == 0", "sse:verdict valid", "sse:throughput > 1/s") {
		value := "none"
		if o.Value != nil {
			value = fmt.Sprintf("%.0f %s", *o.Value, o.Unit)
		}
		got = append(got, value)
	}
	if want := "10 ms, 7 count, none, 10000 events/s"; strings.Join(got, ", ") != want {
		t.Errorf("values %q, want %s", got, want)
	}
}

func TestEveryOrderIsKept(t *testing.T) { // R5
	one := trial("sse", 0, 40, time.Millisecond)
	for op, want := range map[string]string{"<": "100", "<=": "110", ">": "001", ">=": "011", "==": "010", "!=": "101"} {
		var got strings.Builder
		for _, value := range []int{4, 5, 6} { // below, at, above the bound
			one.Events.Duplicated = int64(value)
			e, err := threshold.Parse("duplicated " + op + " 5")
			if err != nil {
				t.Fatal(err)
			}
			if _, told, holds := e.Trial(&one); holds && told {
				got.WriteString("1")
			} else {
				got.WriteString("0")
			}
		}
		if got.String() != want {
			t.Errorf("below, at and above, %s holds %s, want %s", op, got.String(), want)
		}
	}
}

func TestATrialTellsAPercentileFromThirtyEventsOn(t *testing.T) {
	e, err := threshold.Parse("p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	for events, want := range map[int]bool{results.MinEvents - 1: false, results.MinEvents: true} {
		one := trial("sse", 0, events, 10*time.Millisecond)
		if _, told, holds := e.Trial(&one); told != want || holds != want {
			t.Errorf("%d events: told %v, holds %v, want %v", events, told, holds, want)
		}
	}
	slow := trial("sse", 0, 100, 60*time.Millisecond)
	if value, told, holds := e.Trial(&slow); !told || holds || value < 59 || value > 61 {
		t.Errorf("60 ms are %v, told %v, holds %v", value, told, holds)
	}
}
