package selftest

import (
	"context"
	"testing"
	"time"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	"pushbench/results"
	"pushbench/results/hdr"
)

// stream is a half that nobody asks anything.
type stream struct{ engine.Conversation }

var silent = campaign.Transport{Name: "pigeon", Half: func(*engine.Endpoint) engine.Conversation { return stream{} }}

// A number is measured again only where the machine could have spoiled it.
func TestWhatTheMachineMayHaveSpoiltIsMeasuredAgain(t *testing.T) {
	steal := []results.Reason{{Code: "steal", State: results.Suspect}}
	late := []results.Reason{{Code: "rate-missed", State: results.Suspect}}
	both := append(steal, late...)
	for _, tt := range []struct {
		name    string
		counts  []int64 // duplicated, in each try
		lags    []int64 // 0.1 ms, in each try
		reasons []results.Reason
		tries   int
		want    results.Outcome
	}{
		{"nothing is wrong", []int64{0}, []int64{1}, nil, 1, results.Found},
		{"nothing but a steal", []int64{0, 0, 0}, []int64{1, 1, 1}, steal, 3, results.Found},
		{"what is late beside a steal", []int64{0, 0, 0}, []int64{1, 1, 1}, both, 3, results.Found},
		{"what is late without one", []int64{0, 0, 0}, []int64{1, 1, 1}, late, 3, results.Miss},
		{"a count missed", []int64{1, 0}, []int64{1, 1}, nil, 1, results.Miss},
		{"a count missed beside a steal", []int64{1, 0, 0}, []int64{1, 1, 1}, steal, 3, results.Found},
		{"and always", []int64{1, 1, 1, 0}, []int64{1, 1, 1, 1}, steal, 3, results.Miss},
		{"a length of time missed", []int64{0, 0}, []int64{900, 1}, nil, 2, results.Found},
		{"and again", []int64{0, 0, 0}, []int64{900, 900, 1}, nil, 3, results.Found},
		{"and always", []int64{0, 0, 0, 0}, []int64{900, 900, 900, 1}, nil, 3, results.Miss},
		{"and always beside a steal", []int64{0, 0, 0, 0}, []int64{900, 900, 900, 1}, steal, 3, results.Undecided},
		{"both missed", []int64{1, 0}, []int64{900, 1}, nil, 1, results.Miss},
	} {
		try := 0
		tester := &tester{began: time.Now(), transit: map[string]*hdr.Histogram{}}
		tester.measure = func(_ context.Context, x Experiment, l load, _ campaign.Transport) (*results.Trial, error) {
			trial := good(x, l)
			trial.Events.Duplicated = tt.counts[try]
			trial.Histograms[results.Lag] = filled(l.events, 1e5*tt.lags[try])
			trial.Verdict.Reasons = tt.reasons
			try++
			return trial, nil
		}
		check := new(results.Check)
		for pending := []*task{{Experiment: own, transport: silent, check: check}}; check.Tries < tries && len(pending) > 0; {
			var err error
			if pending, err = tester.pass(t.Context(), pending); err != nil {
				t.Fatal(err)
			}
		}
		if check.Tries != tt.tries || check.Outcome() != tt.want {
			t.Errorf("%s: %s after %d tries: %+v; want %s after %d", tt.name, check.Outcome(), check.Tries, check.Misses(), tt.want, tt.tries)
		}
	}
}

// good is a trial of a stream in which nothing went wrong.
func good(x Experiment, l load) *results.Trial {
	owed, events := evidence{load: l}.owed(), int64(l.events)
	phase := l.phase()
	current := hdr.New()
	current.RecordN(0, int64(l.clients)*int64(phase/time.Microsecond))
	return &results.Trial{
		Cell:    results.Cell{Transport: silent.Name},
		Clients: l.clients,
		Events:  results.Accounting{Published: events, Owed: owed, Delivered: owed, Intended: events, InTime: events},
		Traffic: results.Traffic{Delivered: owed, PayloadBytes: owed * l.data(), DownBytes: owed * 200, Writes: owed},
		Usage: results.Usage{
			ServerCPU: phase / 10, GeneratorCPU: phase / 20, Wall: phase, ServerBusy: 0.1, GeneratorBusy: 0.05, ServerProcs: 1,
		},
		Disturbed: results.Disturbance{CPUs: 2},
		Series:    results.Series{Every: l.phase() / 10, Slices: []results.Slice{{Delivered: owed, Due: owed}}},
		Histograms: map[string]*hdr.Histogram{
			results.Latency:  filled(int(owed), 1e6),
			results.Delivery: filled(int(owed), 1e6),
			results.Lag:      filled(l.events, 1e5),
			results.Fanout:   filled(l.events, 1e6),
			results.Connect:  filled(l.clients, 1e6),
			results.Stale:    current,
		},
		// Each client lacks each event for a millisecond.
		Staleness: &results.Staleness{Mean: time.Millisecond * time.Millisecond / 2 / l.period(), Max: time.Millisecond},
		Verdict:   results.Verdict{State: results.Valid},
	}
}

func filled(n int, ns int64) *hdr.Histogram {
	h := hdr.New()
	for range n {
		h.Record(durationOf(ns))
	}
	return h
}

func TestAnUnknownFaultIsNamedBeforeAnythingStarts(t *testing.T) {
	test, err := Run(t.Context(), Options{Only: []string{"dorp"}})
	if test != nil || err == nil || !contains(err.Error(), `unknown fault "dorp" (have none, own, `) {
		t.Errorf("got %v, %v", test, err)
	}
}

// What would end after the time that was promised is not begun again, and what
// missed goes before what was only disturbed.
func TestNoTryBeginsAgainThatWouldEndTooLate(t *testing.T) {
	long := &task{Experiment: none, transport: silent, took: time.Hour, check: &results.Check{Tries: 1}}
	noisy := &task{Experiment: none, transport: silent, check: &results.Check{Tries: 1, Fault: "noisy"}}
	wrong := &task{Experiment: none, transport: silent, check: &results.Check{Tries: 1, Fault: "wrong"}}
	done := 0
	tester := &tester{began: time.Now(), transit: map[string]*hdr.Histogram{}}
	tester.measure = func(_ context.Context, x Experiment, l load, _ campaign.Transport) (*results.Trial, error) {
		trial := good(x, l)
		if done++; done == 1 {
			trial.Verdict.Reasons = []results.Reason{{Code: "steal", State: results.Suspect}}
		} else {
			trial.Histograms[results.Lag] = filled(l.events, 9e8)
		}
		return trial, nil
	}
	again, err := tester.pass(t.Context(), []*task{long, noisy, wrong})
	if err != nil || done != 2 || len(again) != 2 || again[0] != wrong || again[1] != noisy {
		t.Errorf("%d tries, then %v again, %v; want two, the wrong one first", done, again, err)
	}
}
