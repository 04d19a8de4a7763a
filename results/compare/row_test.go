package compare_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
)

func TestARowOfTooFewEventsSaysWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		events  int64
		samples bool
		state   results.State
		want    bool
	}{
		{29, true, results.Valid, true},
		{30, true, results.Valid, false},
		{29, false, results.Valid, false},  // each trial has said so itself
		{29, true, results.Invalid, false}, // not ranked, for a better reason
	} {
		one := trial("sse", 0, time.Second, time.Millisecond)
		one.Events.Published, one.Verdict.State = c.events, c.state
		if !c.samples {
			delete(one.Histograms, results.Latency)
		}
		row := compare.Rows(&results.Run{Trials: []results.Trial{one}})[0]
		at := slices.IndexFunc(row.Reasons, func(r compare.Reason) bool { return r.Code == results.FewSamples })
		if (at >= 0) != c.want {
			t.Errorf("%+v: reasons %+v", c, row.Reasons)
		}
		if at >= 0 && (row.Reasons[at].Text == "" || row.Reasons[at].Hint == "" || row.Reasons[at].Trials != 1 || row.Verdict != results.Valid) {
			t.Errorf("%+v: %s row with %+v", c, row.Verdict, row.Reasons[at])
		}
	}
}

// Else the trial in which somebody never came back would be the one left out.
func TestATimeUntilAllWereThereNeedsAllTrials(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": time.Second})
	for i := range run.Trials {
		back := hdr.New()
		back.RecordN(time.Second, 99)
		f := results.Fault{Kind: "reset", Cut: 99, Restored: 99, Back: back}
		if i == 3 {
			f.Cut = 100
		}
		run.Trials[i].Recovery = &results.Recovery{Faults: []results.Fault{f}}
	}
	metrics := compare.Rows(run)[0].Metrics
	if got, told := metrics["restored_max"]; told {
		t.Errorf("all were back after %+v, but in one of six trials they were not", got)
	}
	if got := metrics["restored_p50"]; got.N != 6 {
		t.Errorf("half were back after %+v, want it of six trials", got)
	}
}

// What spoils a trial is told even where another trial has it as a finding.
func TestACodeInSeveralStatesIsAReasonOfEach(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": time.Second})
	for i := range run.Trials {
		state := []results.State{results.Valid, results.Suspect, results.Invalid}[i%3]
		run.Trials[i].Verdict = results.Verdict{State: state, Reasons: []results.Reason{{Code: "rate-missed", State: state, Text: string(state)}}}
	}
	row := compare.Rows(run)[0]
	for _, state := range []results.State{results.Valid, results.Suspect, results.Invalid} {
		if !slices.Contains(row.Reasons, compare.Reason{
			Reason: results.Reason{Code: "rate-missed", State: state, Text: string(state)}, Trials: 2,
		}) {
			t.Errorf("not twice %s among %+v", state, row.Reasons)
		}
	}
	const want = "unranked: sse is not ranked: 2 of 6 trials are valid (rate-missed)"
	if got := texts(compare.Findings(run)); !strings.Contains(got, want) {
		t.Errorf("no %q in %q", want, got)
	}
}

// Memory can shrink while clients come: there is no ratio to that, and no end of
// asking which of two such is the better one.
func TestANumberBelowZeroHasNoRatio(t *testing.T) {
	for _, grown := range []int64{-1 << 20, 0} {
		run := blocks(6, map[string]time.Duration{"sse": time.Second, "ws": time.Second})
		for i := range run.Trials {
			u := &run.Trials[i].Usage
			u.ServerIdleRSS, u.ServerFullRSS = 8<<20, 9<<20
			if run.Trials[i].Transport == "ws" {
				u.ServerFullRSS = u.ServerIdleRSS + grown
			}
		}
		if ratio, ok := compare.Ratio(run, "server_rss_per_client", cell("sse"), cell("ws")); ok {
			t.Errorf("grown by %d: ratio %+v", grown, ratio)
		}
		if got := texts(compare.Findings(run)); strings.Contains(got, "Inf") || strings.Contains(got, "NaN") || strings.Contains(got, "less server memory") {
			t.Errorf("grown by %d: %s", grown, got)
		}
	}
}

func TestARatioNearOneIsToldFromIt(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": time.Second, "ws": time.Second})
	for i := range run.Trials {
		latency := hdr.New()
		d := time.Second
		if run.Trials[i].Transport == "sse" {
			d = []time.Duration{1003, 1100, 1100, 1100, 1100, 1300}[run.Trials[i].Block] * time.Millisecond
		}
		latency.RecordN(d, 2000)
		run.Trials[i].Histograms[results.Latency] = latency
	}
	got := texts(compare.Findings(run))
	if strings.Contains(got, "1.00×") || !strings.Contains(got, "(1.00") {
		t.Errorf("an interval that begins above 1 is said to begin at it: %s", got)
	}
}
