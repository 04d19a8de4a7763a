package source

import (
	"math"
	"slices"
	"testing"
	"time"
)

func ticks(s Schedule, topics int, length time.Duration) []Tick {
	return slices.Collect(s.Ticks(topics, length))
}

func TestSameSeedGivesTheSameInstantsAndPayloads(t *testing.T) { // G16
	for _, kind := range []Kind{Constant, Poisson, Burst, Ramp} {
		s := Schedule{Kind: kind, Rate: 10, To: 20, Burst: 3, Seed: 7}
		if a, b := ticks(s, 5, 10*time.Second), ticks(s, 5, 10*time.Second); !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%s: two plans of one seed differ (%d and %d ticks)", kind, len(a), len(b))
		}
		other := s
		other.Seed++
		// A burst has nothing random: it comes at once on all topics.
		if kind != Burst && slices.Equal(ticks(s, 5, 10*time.Second), ticks(other, 5, 10*time.Second)) {
			t.Errorf("%s: another seed gives the same plan", kind)
		}
	}
	p := Payload{Min: 16, Max: 200, Content: Random}
	a, b, c := p.Maker(7), p.Maker(7), p.Maker(8)
	same, other := true, true
	for range 100 {
		x, y, z := a(), b(), c()
		same = same && string(x) == string(y)
		other = other && string(x) == string(z)
	}
	if !same || other {
		t.Errorf("payloads of one seed equal: %v; of two seeds: %v", same, other)
	}
}

func TestEveryScheduleKeepsItsRate(t *testing.T) {
	const topics, length = 4, 100 * time.Second
	for _, c := range []struct {
		s    Schedule
		want float64 // events on all topics
		slop float64
	}{
		{Schedule{Kind: Constant, Rate: 10}, 4000, 0},
		{Schedule{Kind: Poisson, Rate: 10}, 4000, 4 * math.Sqrt(4000)},
		{Schedule{Kind: Burst, Rate: 10, Burst: 50}, 4000, 0},
		{Schedule{Kind: Ramp, Rate: 10, To: 30}, 8000, 1},
		{Schedule{Kind: Ramp, Rate: 30, To: 10}, 8000, 1},
		{Schedule{Kind: Ramp, Rate: 10, To: 10}, 4000, 0},
		{Schedule{Kind: None}, 0, 0},
		{Schedule{Kind: Saturate}, 0, 0},
		{Schedule{Kind: Reply, Rate: 10, Length: 5}, 0, 0},
	} {
		got := ticks(c.s, topics, length)
		if math.Abs(float64(len(got))-c.want) > c.slop {
			t.Errorf("%+v gives %d events in %s, want %.0f", c.s, len(got), length, c.want)
		}
		if !slices.IsSortedFunc(got, func(a, b Tick) int { return int(a.After - b.After) }) {
			t.Errorf("%+v: instants are not in order", c.s)
		}
		perTopic := make([]int, topics)
		for _, tick := range got {
			perTopic[tick.Topic]++
		}
		if c.s.Kind != Poisson && len(got) > 0 && slices.Max(perTopic)-slices.Min(perTopic) > 1 {
			t.Errorf("%+v spreads events over topics as %v", c.s, perTopic)
		}
	}
}

func TestARampGrowsAsItSays(t *testing.T) {
	got := ticks(Schedule{Kind: Ramp, Rate: 10, To: 30}, 1, 100*time.Second)
	first := 0
	for _, tick := range got {
		if tick.After < 50*time.Second {
			first++
		}
	}
	// The rate goes from 10 to 20 in the first half and from 20 to 30 in the second.
	if want := 750; first < want-1 || first > want+1 {
		t.Errorf("%d of %d events in the first half, want %d", first, len(got), want)
	}
}

func TestABurstIsDueAtOneInstant(t *testing.T) {
	got := ticks(Schedule{Kind: Burst, Rate: 10, Burst: 20}, 3, 4*time.Second)
	for i, tick := range got {
		if want := time.Duration(i/60) * 2 * time.Second; tick.After != want {
			t.Fatalf("event %d is due after %s, want %s", i, tick.After, want)
		}
	}
}

func TestImpossibleSchedulesAreRefused(t *testing.T) {
	for _, s := range []Schedule{
		{Kind: "sometimes", Rate: 1},
		{Kind: Constant},
		{Kind: Constant, Rate: -1},
		{Kind: Poisson, Rate: math.NaN()},
		{Kind: Poisson, Rate: math.Inf(1)},
		{Kind: Burst, Rate: 1},
		{Kind: Ramp, Rate: 1},
		{Kind: Reply, Rate: 1},
		{Kind: Reply, Length: 1},
	} {
		if s.Check() == nil {
			t.Errorf("%+v passes", s)
		}
	}
}
