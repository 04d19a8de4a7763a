package choose

import (
	"math"
	"testing"
	"time"
)

// An event waits all of the interval at worst, then for the way and the answer.
func TestPollsAreAsRareAsLatencyAllows(t *testing.T) {
	s := server{kind: kinds["poll"], worst: 5 * time.Millisecond, p99: 5 * time.Millisecond}
	for _, c := range []struct {
		staleness, p99, rtt, want time.Duration
		ok                        bool
	}{
		{time.Second, 0, 0, 995 * time.Millisecond, true},
		{time.Second, 0, 45 * time.Millisecond, 950 * time.Millisecond, true},
		{time.Second, 203 * time.Millisecond, 0, 200 * time.Millisecond, true},
		{0, 203 * time.Millisecond, 0, 200 * time.Millisecond, true},
		{100 * time.Millisecond, 500 * time.Millisecond, 0, 95 * time.Millisecond, true},
		{100 * time.Millisecond, 0, 45 * time.Millisecond, 50 * time.Millisecond, true},
		{100 * time.Millisecond, 0, 46 * time.Millisecond, 49 * time.Millisecond, false}, // due before the last is answered
		{4 * time.Millisecond, 0, 0, 0, false},
	} {
		p := Profile{Staleness: c.staleness, P99: c.p99, RTT: c.rtt}
		if got, ok := s.pollEvery(&p); (got-c.want).Abs() > time.Microsecond || ok != c.ok {
			t.Errorf("%+v: every %s, %v", c, got, ok)
		}
	}
}

func TestALongPollIsAskedForEachTurnAndAfterEachHold(t *testing.T) {
	for _, c := range []struct{ λ, rtt, hold, want, within float64 }{
		{2, 0, 25, 2, 1e-9},                        // one for each
		{1e-6, 0, 25, 1.0 / 25, 1e-4},              // none comes, so each ends in vain
		{1e-6, 0.5, 25, 1 / 25.5, 1e-4},            //
		{1000, 0.05, 25, 20, 1e-9},                 // what comes while it is under way comes at once
		{0.04, 0, 25, 0.04 / (1 - 1/math.E), 1e-9}, // one mean distance is one hold
	} {
		if got := held(c.λ, c.rtt, c.hold); math.Abs(got-c.want) > c.within*c.want {
			t.Errorf("%+v: %v times a second", c, got)
		}
	}
	for _, c := range []struct{ λ, beat, want float64 }{
		{1e-9, 15, 1.0 / 15}, {10, 15, 0}, {1.0 / 15, 15, 1.0 / 15 / (math.E - 1)},
	} {
		if got := silence(c.λ, c.beat); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%+v: %v signs of life a second", c, got)
		}
	}
}
