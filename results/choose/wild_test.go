package choose

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/resultstest"
)

// whatever draws a run: one that anybody could have written, or a star of which some
// numbers are not what was measured.
func whatever(t *rapid.T) *results.Run {
	switch rapid.IntRange(0, 4).Draw(t, "run") {
	case 0:
		return resultstest.Wild(t)
	case 1:
		return resultstest.Tame(t)
	}
	run := resultstest.Star(resultstest.Truths(), 6, rapid.SampledFrom([]float64{0, 0.05, 0.8}).Draw(t, "noise"), 1)
	number := rapid.OneOf(rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 53}), rapid.Int64())
	for range rapid.IntRange(0, 20).Draw(t, "damages") {
		trial := &run.Trials[rapid.IntRange(0, len(run.Trials)-1).Draw(t, "trial")]
		switch v := number.Draw(t, "number"); rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			trial.Usage.ServerCPU = time.Duration(v)
		case 1:
			trial.Measured = time.Duration(v)
		case 2:
			trial.Clients = int(v)
		case 3:
			trial.Traffic.Delivered = v
		case 4:
			trial.Traffic.DownBytes = v
		case 5:
			trial.Traffic.Requests = v
		case 6:
			trial.Usage.ServerFullRSS = v
		case 7:
			trial.Usage.Wall = time.Duration(v)
		case 8:
			trial.Block = int(v % 1000)
		default:
			trial.Verdict.State = rapid.SampledFrom([]results.State{results.Valid, results.Suspect, results.Invalid, "?"}).Draw(t, "state")
		}
	}
	return run
}

// decided says that a run is refused with a reason, or answers with numbers.
func decided(t *rapid.T) {
	run, p := whatever(t), products().Draw(t, "product")
	m, err := Learn(run)
	if err != nil {
		if !errors.Is(err, ErrLoads) && !errors.Is(err, ErrUntrusted) {
			t.Fatalf("refused without one of the reasons: %v", err)
		}
		return
	}
	var prices *Prices
	if rapid.Bool().Draw(t, "paid") {
		prices = &Prices{Currency: "EUR", CPUHour: 0.04, Egress: 0.05, Requests: 0.1}
	}
	a := m.Decide(p, prices)
	if _, err := json.Marshal(a); err != nil { // of what is no number there is no JSON
		t.Fatalf("%s: %v", p, err)
	}
	if len(a.Ranking) != len(m.servers) || a.Text == "" || a.DecidedBy.Text == "" {
		t.Fatalf("%s: %+v", p, a)
	}
}

func TestWhateverARunHoldsIsDecidedOrRefused(t *testing.T) { // R11
	rapid.Check(t, decided)
}

func FuzzDecide(f *testing.F) { f.Fuzz(rapid.MakeFuzz(decided)) }
