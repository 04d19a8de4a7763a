package recorder

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// company is a recorder of clients with these roles, all subscribed from the
// first event on, and the trial that it becomes.
func company(j Journal, roles ...Role) *Recorder {
	r := New(Options{Clients: len(roles), Topics: 1, Shards: 1})
	for i, role := range roles {
		r.Client(i).Play(role)
	}
	r.Measure(j.From, j.To)
	for i := range roles {
		r.Shard(i).Hello(r.Client(i), 0, time.Millisecond, 0)
		r.Client(i).Is(Up)
	}
	return r
}

func snapshot(t *testing.T, r *Recorder, j Journal) *results.Trial {
	t.Helper()
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if got := trial.Events; got.Unexplained != 0 {
		t.Errorf("%d events unexplained: %+v", got.Unexplained, got)
	}
	return &trial
}

// times are a histogram's, in ms: how many, the least and the most.
func times(h *hdr.Histogram) [3]int {
	ms := func(d time.Duration) int { return int(d.Round(time.Millisecond) / time.Millisecond) }
	return [3]int{int(h.Count()), ms(h.Min()), ms(h.Max())}
}

func TestWhatSlowClientsGetIsInNoLatencyOfTheOthers(t *testing.T) { // Q1
	j := published(10, 1, 11)
	r := company(j, Ordinary, Slow, Ordinary)
	s := r.Shard(0)
	for n := 1; n <= 10; n++ {
		for _, i := range []int{0, 2} {
			s.hand(r.Client(i), &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n+1))
		}
	}
	slow := r.Client(1)
	s.Gap(slow, &wire.Gap{From: 1, To: 8}, at(9))
	for n := 9; n <= 10; n++ {
		s.hand(slow, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(100))
	}
	trial := snapshot(t, r, j)
	for name, want := range map[string][3]int{
		results.Latency: {20, 1, 1}, results.Delivery: {20, 1, 1}, results.Fanout: {10, 1, 1}, results.LatencySlow: {2, 90, 91},
	} {
		if got := times(trial.Histograms[name]); got != want {
			t.Errorf("%s: %v (count, least, most in ms), want %v", name, got, want)
		}
	}
	want := map[string]results.Group{results.GroupSlow: {Clients: 1, Owed: 10, Delivered: 2, Lost: map[string]int64{results.LostGap: 8}}}
	if diff := cmp.Diff(want, trial.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if trial.Events.Owed != 30 || trial.Events.Delivered != 22 || trial.Events.Lost[results.LostGap] != 8 {
		t.Errorf("the accounting of all: %+v", trial.Events)
	}
}

func TestWhatAVanishedClientLacksIsLostForThat(t *testing.T) { // D2
	j := published(10, 1, 11)
	j.Unwritten = 6 // of its subscription, which the server takes to be alive
	r := company(j, Vanishing, Ordinary)
	s := r.Shard(0)
	for n := 1; n <= 10; n++ {
		s.hand(r.Client(1), &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n+1))
		if n <= 4 {
			s.hand(r.Client(0), &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n+2))
		}
	}
	r.Client(0).Is(Vanished)
	if got := r.Lacking(r.Books(j).Goal()); got != 0 {
		t.Errorf("%d clients are waited for", got)
	}
	trial := snapshot(t, r, j)
	want := results.Group{Clients: 1, Owed: 10, Delivered: 4, Lost: map[string]int64{results.LostVanished: 6}}
	if diff := cmp.Diff(want, trial.Groups[results.GroupVanished]); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
	if e := trial.Events; e.InFlight != 0 || e.Lost[results.LostVanished] != 6 || e.Delivered != 14 {
		t.Errorf("the accounting of all: %+v", e)
	}
	if got, want := times(trial.Histograms[results.Fanout]), [3]int{10, 1, 1}; got != want {
		t.Errorf("fan-out %v, want %v: nobody waits for who has vanished", got, want)
	}
}

func TestWhatWasDueWhileAClientWasAwayIsCaughtUpWith(t *testing.T) {
	type step struct {
		back   int   // comes back at this instant, or
		events []int // gets these,
		at     int   // then
	}
	for name, c := range map[string]struct {
		steps                  []step
		latency, away, catchup [3]int
		current                int64 // returns with nothing to catch up with
		lost                   map[string]int64
	}{
		"it never left": {
			[]step{{events: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, at: 12}},
			[3]int{10, 2, 11}, [3]int{}, [3]int{}, 0, nil,
		},
		"once, with events behind it": {
			[]step{{events: []int{1, 2}, at: 3}, {back: 8}, {events: []int{3, 4, 5, 6}, at: 9}, {events: []int{7, 8, 9, 10}, at: 11}},
			[3]int{5, 1, 3}, [3]int{5, 3, 6}, [3]int{1, 3, 3}, 0, nil,
		},
		"once, with nothing behind it": {
			[]step{{events: []int{1, 2}, at: 3}, {back: 20}, {events: []int{3, 4, 5, 6}, at: 24}, {events: []int{7, 8, 9, 10}, at: 27}},
			[3]int{2, 1, 2}, [3]int{8, 17, 21}, [3]int{1, 7, 7}, 0, nil,
		},
		"with nothing to catch up with": {
			[]step{{events: []int{1, 2}, at: 2}, {back: 3}, {events: []int{3, 4, 5, 6, 7, 8, 9, 10}, at: 11}},
			[3]int{10, 0, 8}, [3]int{}, [3]int{}, 1, nil,
		},
		"twice, the first time in vain": {
			[]step{{back: 6}, {events: []int{1, 2}, at: 7}, {back: 20}, {events: []int{3, 4, 5, 6, 7, 8, 9, 10}, at: 22}},
			[3]int{}, [3]int{10, 5, 19}, [3]int{1, 2, 2}, 0, nil,
		},
		"twice, and left when it had all": {
			[]step{{back: 6}, {events: []int{1, 2, 3, 4, 5}, at: 9}, {back: 12}, {events: []int{6, 7, 8, 9, 10}, at: 13}},
			[3]int{}, [3]int{10, 3, 8}, [3]int{2, 1, 3}, 0, nil,
		},
		"twice, the first time for nothing": {
			[]step{{events: []int{1, 2}, at: 2}, {back: 3}, {back: 6}, {events: []int{3, 4, 5, 6, 7, 8, 9, 10}, at: 11}},
			[3]int{7, 0, 5}, [3]int{3, 6, 8}, [3]int{1, 5, 5}, 1, nil,
		},
		"called back when the phase was over": {
			[]step{{events: []int{1, 2}, at: 2}, {back: 31}, {events: []int{3, 4, 5, 6, 7, 8, 9, 10}, at: 33}},
			[3]int{2, 0, 1}, [3]int{}, [3]int{}, 0, nil,
		},
		"back once, and called back the second time": {
			[]step{{back: 6}, {events: []int{1, 2, 3, 4, 5}, at: 9}, {back: 31}, {events: []int{6, 7, 8, 9, 10}, at: 33}},
			[3]int{}, [3]int{5, 4, 8}, [3]int{1, 3, 3}, 0, nil,
		},
		"some had fallen off the log": {
			[]step{{back: 20}, {events: []int{-5, 6, 7, 8, 9, 10}, at: 22}},
			[3]int{}, [3]int{5, 12, 16}, [3]int{1, 2, 2}, 0, map[string]int64{results.LostGap: 5},
		},
	} {
		// Who is called back would have been away for longer.
		recalled := map[string][3]int{"called back when the phase was over": {8, 23, 30}, "back once, and called back the second time": {5, 23, 27}}
		// What it gets while it is there is no latency of those who stay, if some do.
		for role, present := range map[Role]string{Leaving: results.LatencyPresent, Churning: results.Latency} {
			t.Run(fmt.Sprint(name, role), func(t *testing.T) {
				j := published(10, 1, 30)
				r := company(j, role)
				s, client := r.Shard(0), r.Client(0)
				for _, step := range c.steps {
					if step.back > 0 {
						s.Returns(client, at(step.back))
					}
					for _, n := range step.events {
						if n < 0 {
							s.Gap(client, &wire.Gap{From: 1, To: uint64(-n)}, at(step.at))
							continue
						}
						s.hand(client, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(step.at))
					}
				}
				trial := snapshot(t, r, j)
				for name, want := range map[string][3]int{
					present: c.latency, results.LatencyAway: c.away, results.Catchup: c.catchup, results.LatencyRecalled: recalled[name],
				} {
					if got := times(trial.Histograms[name]); got != want {
						t.Errorf("%s: %v (count, least, most in ms), want %v", name, got, want)
					}
				}
				if role == Leaving && trial.Histograms[results.Latency].Count()+trial.Histograms[results.Delivery].Count() != 0 {
					t.Error("it is among those who stay")
				}
				if got := trial.Groups[results.GroupLeaving].Current; got != c.current {
					t.Errorf("%d returns with nothing to catch up with, want %d", got, c.current)
				}
				if got := trial.Groups[results.GroupLeaving].Lost; !maps.Equal(got, c.lost) {
					t.Errorf("lost %v, want %v", got, c.lost)
				}
				for name := range trial.Histograms {
					if (name == results.LatencyAway || name == results.Catchup) && trial.Histograms[name].Count() == 0 {
						t.Errorf("%s is there and empty", name)
					}
				}
			})
		}
	}
}

func TestReturnsAreCountedInThePhase(t *testing.T) {
	j := published(10, 3, 8)
	r := company(j, Leaving, Leaving)
	for _, back := range []int{1, 3, 7, 8} {
		r.Shard(0).Returns(r.Client(0), at(back))
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(Journal{Topics: []source.Stamps{{First: 1}}, From: j.From, To: j.To})); err != nil {
		t.Fatal(err)
	}
	if got := trial.Groups[results.GroupLeaving]; got.Returned != 2 || got.Clients != 2 {
		t.Errorf("%d returns of %d clients, want the 2 within the phase, of 2", got.Returned, got.Clients)
	}
}

// Who is late because it reads slowly is neither stale nor unfairly treated.
func TestStalenessAndFairnessAreOfOrdinaryClients(t *testing.T) {
	j := published(20, 1, 21)
	of := func(roles ...Role) *results.Trial {
		r := company(j, roles...)
		s := r.Shard(0)
		for n := 1; n <= 20; n++ {
			for i, role := range roles {
				ev := &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}
				switch {
				case role == Ordinary:
					s.hand(r.Client(i), ev, at(n)+int64(i+1)*1000)
				case n == 20: // all at once, at the end, but for one that comes late
					for k := 1; k <= 20; k++ {
						if k != 7 {
							s.hand(r.Client(i), &wire.Event{N: uint64(k), Due: at(k), Pub: at(k)}, at(20)+1000)
						}
					}
					s.hand(r.Client(i), &wire.Event{N: 7, Due: at(7), Pub: at(7)}, at(20)+2000)
				}
			}
		}
		return snapshot(t, r, j)
	}
	thirty := make([]Role, 30)
	want, got := of(thirty...), of(append(thirty, Slow, Vanishing)...)
	if want.Staleness == nil || want.Fairness == nil {
		t.Fatal("nothing to compare with")
	}
	if diff := cmp.Diff(want.Staleness, got.Staleness); diff != "" {
		t.Errorf("staleness without and with slow clients (-without +with):\n%s", diff)
	}
	// Places are counted among all, so that only what the places got is the same.
	if want.Fairness.Fastest != got.Fairness.Fastest || want.Fairness.Slowest != got.Fairness.Slowest {
		t.Errorf("clients' mean latencies from %s to %s, with slow ones from %s to %s", want.Fairness.Fastest, want.Fairness.Slowest, got.Fairness.Fastest, got.Fairness.Slowest)
	}
	for _, name := range []string{results.Latency, results.Fanout, results.Spread} {
		if got, want := times(got.Histograms[name]), times(want.Histograms[name]); got != want {
			t.Errorf("%s is %v (count, least, most in ms), without slow clients %v", name, got, want)
		}
	}
}
