package choose

import (
	"slices"
	"testing"
	"time"

	"pushbench/results/resultstest"
)

// A flip is where it says: on the near side of it is the answer, on the far side
// the other one.
func TestFlipsAreWhereTheySay(t *testing.T) {
	m := learn(t, resultstest.Truths(), 0.02, 1)
	seen := map[string]bool{}
	for _, p := range []Profile{
		usual(),
		func() Profile { p := usual(); p.Staleness = 20 * time.Second; return p }(),
		func() Profile { p := usual(); p.P99 = 250 * time.Millisecond; p.Stay = time.Hour; return p }(),
		func() Profile { p := usual(); p.Clients, p.Rate, p.Uplink = 1e6, 0.01, 0.5; return p }(),
	} {
		a := m.Decide(p, nil)
		if len(a.Flips) == 0 {
			t.Errorf("%s: nothing changes %q", p, a.Text)
		}
		for _, f := range a.Flips {
			seen[f.Key] = true
			at := slices.IndexFunc(dials, func(d dial) bool { return d.key == f.Key })
			if at < 0 {
				continue // a property
			}
			d := dials[at]
			near, far := f.Value/1.01, f.Value
			if !f.Above {
				near = f.Value * 1.01
			}
			outcome := func(v float64) []string {
				q := d.set(p, v)
				all := m.weigh(q, nil)
				return sorted(named(all, winners(all, q, nil)))
			}
			if d.whole && f.Value < 100 {
				continue // a hundredth is no client
			}
			if got := outcome(near); !slices.Equal(got, sorted(a.Winners)) {
				t.Errorf("%s: %q, but at %v it is %v still to be %v", p, f.Text, near, got, a.Winners)
			}
			if got := outcome(far); !slices.Equal(got, sorted(f.Winners)) {
				t.Errorf("%s: %q, but at %v it is %v", p, f.Text, far, got)
			}
		}
	}
	for _, key := range []string{"staleness", "uplink", "clients"} {
		if !seen[key] {
			t.Errorf("no product's answer changes with %s: %v", key, seen)
		}
	}
}
