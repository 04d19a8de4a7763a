package choose

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/resultstest"
)

// A number of clients or events at which the answer changes is one that there can
// be, is not the one that there is, and has the answer that is told of it.
func TestAFlipOfWhatIsCountedIsAWholeNumberBeyondTheOneThereIs(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.02, 1)
	seen := 0
	for burst := 1.0; burst <= 64; burst *= 2 {
		for clients := 500.0; clients <= 5e6; clients *= 3 {
			p := usual()
			p.Clients, p.Burst, p.P99 = math.Round(clients), burst, time.Second
			now := m.Decide(p, nil)
			for _, f := range now.Flips {
				at := slices.IndexFunc(dials, func(d dial) bool { return d.key == f.Key && d.whole })
				if at < 0 {
					continue
				}
				seen++
				if f.Value != math.Trunc(f.Value) || f.Above != (f.Value > f.Now) || f.Value == f.Now {
					t.Errorf("%s: %q", p, f.Text)
				}
				all := m.weigh(dials[at].set(p, f.Value), nil)
				if got := named(all, winners(all, dials[at].set(p, f.Value), nil)); !slices.Equal(got, f.Winners) || slices.Equal(sorted(got), sorted(now.Winners)) {
					t.Errorf("%s: %q, but there it is %v, and now %v", p, f.Text, got, now.Winners)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d flips of what is counted", seen)
	}
}

// What a run has not measured must not be said to change nothing, or something.
func TestWhatNoTransportTellsIsNotTurned(t *testing.T) {
	rare := usual() // clients that speak, and come and go, so that it matters how often
	rare.Uplink, rare.Stay, rare.Rate = 0.5, time.Minute, 0.5
	flipped := func(m *Model, keys ...string) bool {
		// Requests have a price, so that half of what messages and connections do is known.
		for _, prices := range []*Prices{nil, {Requests: 1}, {CPUHour: 0.1, Requests: 0.1}} {
			for _, size := range []float64{200, 20_000, 500_000} {
				p := rare
				p.Size = size
				for _, f := range m.Decide(p, prices).Flips {
					if slices.Contains(keys, f.Key) {
						return true
					}
				}
			}
		}
		return false
	}
	for axis, keys := range map[string][]string{"payload.size": {"size", "binary"}, "uplink.rate": {"uplink"}, "churn.stay": {"stay"}} {
		whole := resultstest.Star(resultstest.Truths(), 6, 0.02, 1)
		told, err := Learn(whole)
		if err != nil {
			t.Fatal(err)
		}
		if !flipped(told, keys...) {
			t.Errorf("%s changes no answer where it is measured: this test cannot fail", keys)
		}
		usually := whole.Trials[slices.IndexFunc(whole.Trials, func(t results.Trial) bool { return t.Axes["schedule.rate"] != "10/s" })].Axes[axis]
		whole.Trials = slices.DeleteFunc(whole.Trials, func(t results.Trial) bool { return t.Axes[axis] != usually })
		untold, err := Learn(whole)
		if err != nil {
			t.Fatal(err)
		}
		if flipped(untold, keys...) {
			t.Errorf("without an axis %s the answer changes with %s", axis, keys)
		}
		binary := rare
		binary.Binary = true
		for m, want := range map[*Model]bool{told: false, untold: axis == "payload.size"} {
			if got := strings.Contains(strings.Join(m.Decide(binary, nil).Assumptions, "\n"), "in no number of sse here"); got != want {
				t.Errorf("without an axis %s (%v) it is said that a third more is in no number: %v", axis, m == untold, got)
			}
		}
	}
}
