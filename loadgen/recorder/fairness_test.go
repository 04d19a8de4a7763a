package recorder

import (
	"math"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// cast gives events to clients, each after what latency says, and returns the
// trial. Client i follows topic i modulo topics.
func cast(t *testing.T, clients, topics, events int, latency func(client, event int) time.Duration) results.Trial {
	t.Helper()
	r := New(Options{Clients: clients, Topics: topics, Shards: 2})
	j := Journal{To: int64(events) * int64(time.Second)}
	for range topics {
		s := source.Stamps{First: 1}
		for e := range events {
			s.Due = append(s.Due, int64(e)*int64(time.Second))
			s.Pub = append(s.Pub, int64(e)*int64(time.Second))
		}
		j.Topics = append(j.Topics, s)
	}
	r.Measure(j.From, j.To)
	for i := range clients {
		r.Shard(i).Hello(r.Client(i), 0, 0, 0)
		r.Client(i).Is(Up)
		for e := range events {
			due := j.Topics[i%topics].Due[e]
			r.Shard(i).hand(r.Client(i), &wire.Event{N: uint64(e + 1), Due: due, Pub: due}, due+int64(latency(i, e)))
		}
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	return trial
}

func TestTheSpreadIsFromTheFirstClientToTheLast(t *testing.T) { // L8
	trial := cast(t, 5, 1, 3, func(client, event int) time.Duration {
		return time.Duration(1+(client+event)%5+10*event) * time.Millisecond
	})
	h := trial.Histograms[results.Spread]
	if h.Count() != 3 || h.Min() != 4*time.Millisecond || h.Max() != 4*time.Millisecond {
		t.Errorf("%d spreads from %v to %v, want 3 of 4ms", h.Count(), h.Min(), h.Max())
	}
	// Nobody is first or last who is alone.
	alone := cast(t, 4, 4, 3, func(int, int) time.Duration { return time.Millisecond })
	if n := alone.Histograms[results.Spread].Count(); n != 0 || alone.Fairness != nil {
		t.Errorf("of clients with a topic each there are %d spreads, and the fairness %+v", n, alone.Fairness)
	}
}

func TestAnEventThatSomeoneLacksHasNoSpread(t *testing.T) {
	j := published(4, 1, 4)
	r := New(Options{Clients: 2, Topics: 1, Shards: 2})
	r.Measure(j.From, j.To)
	for i := range 2 {
		r.Shard(i).Hello(r.Client(i), 0, 0, 0)
		r.Client(i).Is(Up)
	}
	r.Shard(0).got(r.Client(0), 1, 2, 3)
	r.Shard(1).got(r.Client(1), 1, 2)
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if n := trial.Histograms[results.Spread].Count(); n != 2 {
		t.Errorf("%d of three events have a spread, want those two that both clients have", n)
	}
}

func TestAPlaceThatDecidesIsSeen(t *testing.T) { // L8
	const clients, topics = 400, 4
	place := func(client int) time.Duration { return time.Duration(client / topics) }
	for name, c := range map[string]struct {
		latency     func(client, event int) time.Duration
		effect, rho float64
		share       float64 // explained by the place: at least, or at most where it is small
	}{
		// The first tenth of each topic has the places 0 to 9: 5.5 ms on average.
		"in the order of connecting": {func(i, _ int) time.Duration { return (1 + place(i)) * time.Millisecond }, 95.5 / 5.5, 1, 0.98},
		"in the reverse":             {func(i, _ int) time.Duration { return (100 - place(i)) * time.Millisecond }, 5.5 / 95.5, -1, 0.98},
		"all alike":                  {func(int, int) time.Duration { return time.Millisecond }, 1, 0, 0},
		// Every event begins with another tenth, so that everybody has every place.
		"in turn": {func(i, e int) time.Duration { return (1 + (place(i)+10*time.Duration(e))%100) * time.Millisecond }, 1, 0, 0},
	} {
		f := cast(t, clients, topics, 10, c.latency).Fairness
		effect, ok := f.Effect()
		if !ok || effect < 0.99*c.effect || effect > 1.01*c.effect {
			t.Errorf("%s: the last tenth has %.3f times the latency of the first, want %.3f", name, effect, c.effect)
		}
		if name != "in turn" && (f.Correlation < c.rho-1e-9 || f.Correlation > c.rho+1e-9) {
			t.Errorf("%s: rank correlation %v, want %v", name, f.Correlation, c.rho)
		}
		if c.share == 0 && math.Abs(f.Share) > 0.03 || f.Share < c.share-0.03 {
			t.Errorf("%s: the place explains %v, want %v", name, f.Share, c.share)
		}
	}
	// Who prefers the first fifth, and treats the others alike, is found as well.
	f := cast(t, clients, topics, 10, func(i, _ int) time.Duration {
		return time.Duration(1+9*min(1, int(place(i))/20)) * time.Millisecond
	}).Fairness
	if effect, _ := f.Effect(); effect != 10 || f.Share < 0.99 {
		t.Errorf("the others have %v times the latency of the first fifth, and the place explains %v; want 10 and 1", effect, f.Share)
	}
	// The fastest and the slowest client are told by their means over the events.
	f = cast(t, 100, 1, 2, func(i, e int) time.Duration { return time.Duration(1+i+2*e) * time.Millisecond }).Fairness
	if f.Fastest != 2*time.Millisecond || f.Slowest != 101*time.Millisecond {
		t.Errorf("means from %v to %v, want 2ms to 101ms", f.Fastest, f.Slowest)
	}
	if few := cast(t, 19, 1, 2, func(int, int) time.Duration { return time.Millisecond }); few.Fairness != nil {
		t.Errorf("19 clients have tenths: %+v", few.Fairness)
	}
}
