package recorder

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// published is a journal of n events of one topic, due a millisecond apart from
// instant 0, with the phase from one event to another.
func published(n int, from, to int) Journal {
	s := source.Stamps{First: 1}
	for i := range n {
		s.Due = append(s.Due, at(i+1))
		s.Pub = append(s.Pub, at(i+1))
	}
	return Journal{Topics: []source.Stamps{s}, From: at(from), To: at(to)}
}

// at is when event n is due.
func at(n int) int64 { return int64(n) * int64(time.Millisecond) }

// one is a recorder of a single client that has had its hello at number 0.
func one(j Journal) (*Recorder, *Shard, *Client) {
	r := New(Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(j.From, j.To)
	s, c := r.Shard(0), r.Client(0)
	s.Hello(c, 0, time.Millisecond, 0)
	c.Is(Up)
	return r, s, c
}

func (s *Shard) got(c *Client, numbers ...int) {
	for _, n := range numbers {
		s.hand(c, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n)+5000)
	}
}

// hand gives the client an event as a read does: with the shard locked.
func (s *Shard) hand(c *Client, ev *wire.Event, now int64) {
	s.Lock()
	defer s.Unlock()
	s.Event(c, ev, now)
}

func accounts(t *testing.T, r *Recorder, j Journal) results.Accounting {
	t.Helper()
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	return trial.Events
}

func TestAClientLacksWhatIsDueUntilItHasTheLast(t *testing.T) { // D2
	j := published(10, 3, 9) // events 3 to 8 are due in the phase
	r, s, c := one(j)
	goal := r.Books(j).Goal()
	if goal.Life != 0 || len(goal.Last) != 1 || goal.Last[0] != 8 {
		t.Fatalf("the goal is %+v, want event 8", goal)
	}
	for n := 1; n <= 9; n++ {
		want := 1
		if n > 8 {
			want = 0
		}
		if got := r.Lacking(goal); got != want {
			t.Errorf("with %d events, %d clients lack any, want %d", n-1, got, want)
		}
		s.got(c, n)
	}
	if none := r.Books(published(2, 3, 9)).Goal(); none.Last[0] != 0 || r.Lacking(none) != 0 {
		t.Errorf("of what was not published, the goal is %+v", none)
	}
}

func TestEveryOwedEventIsAccountedFor(t *testing.T) { // D2
	j := published(10, 3, 9) // events 3 to 8 are due in the phase
	for name, c := range map[string]struct {
		play func(s *Shard, c *Client)
		want results.Accounting
	}{
		"all arrive": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) },
			results.Accounting{Delivered: 6},
		},
		"one is skipped without a word": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4, 6, 7, 8, 9, 10) },
			results.Accounting{Delivered: 5, Unexplained: 1},
		},
		"one outside the phase is skipped": {
			func(s *Shard, c *Client) { s.got(c, 1, 3, 4, 5, 6, 7, 8, 9, 10) },
			results.Accounting{Delivered: 6},
		},
		"one comes twice": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4, 4, 5, 6, 7, 8) },
			results.Accounting{Delivered: 6, Duplicated: 1},
		},
		"two change places": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 5, 4, 6, 7, 8) },
			results.Accounting{Delivered: 6, Reordered: 1},
		},
		"a late one comes a second time": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 6, 5, 5, 4, 7, 8) },
			results.Accounting{Delivered: 6, Reordered: 2, Duplicated: 1},
		},
		"a gap is told": {
			func(s *Shard, c *Client) {
				s.got(c, 1, 2, 3)
				s.Gap(c, &wire.Gap{From: 4, To: 6}, 0)
				s.got(c, 7, 8)
			},
			results.Accounting{Delivered: 3, Gaps: 1, Lost: map[string]int64{results.LostGap: 3}},
		},
		"a gap is told of less than is missing": {
			func(s *Shard, c *Client) {
				s.got(c, 1, 2, 3)
				s.Gap(c, &wire.Gap{From: 5, To: 6}, 0)
				s.got(c, 7, 8)
			},
			results.Accounting{Delivered: 3, Gaps: 1, Unexplained: 1, Lost: map[string]int64{results.LostGap: 2}},
		},
		"another epoch is told": {
			func(s *Shard, c *Client) {
				s.got(c, 1, 2, 3)
				s.Gap(c, &wire.Gap{From: 1, To: 0, Epoch: "old"}, 0)
				s.got(c, 1, 2)
			},
			results.Accounting{Delivered: 1, Gaps: 1, Lost: map[string]int64{results.LostEpoch: 5}},
		},
		"one arrives damaged": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3); s.Damaged(c, 4, 0); s.got(c, 5, 6, 7, 8) },
			results.Accounting{Delivered: 5, Lost: map[string]int64{results.LostCorrupt: 1}},
		},
		"the client is gone at the end": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4); c.Is(Down) },
			results.Accounting{Delivered: 2, Lost: map[string]int64{results.LostDisconnected: 4}},
		},
		"it comes back without its cursor": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3); s.Hello(c, 6, 0, 0); s.got(c, 7, 8) },
			results.Accounting{Delivered: 3, Lost: map[string]int64{results.LostDisconnected: 3}},
		},
		"it has asked and not been answered": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4); c.Is(Asking) },
			results.Accounting{Delivered: 2, InFlight: 4},
		},
		"it is subscribed and the server has written everything": {
			func(s *Shard, c *Client) { s.got(c, 1, 2, 3, 4) },
			results.Accounting{Delivered: 2, Unexplained: 4},
		},
		"events come that nobody published": {
			func(s *Shard, c *Client) {
				s.got(c, 1, 2, 3, 4, 5, 6, 7, 8)
				s.hand(c, &wire.Event{N: 11, Due: at(5), Pub: at(5)}, at(6))
			},
			results.Accounting{Delivered: 7, Unexplained: -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, s, client := one(j)
			c.play(s, client)
			got := accounts(t, r, j)
			c.want.Published, c.want.Intended, c.want.InTime, c.want.Owed = 6, 6, 6, 6
			if c.want.Lost == nil {
				c.want.Lost = map[string]int64{}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("accounting (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatTheServerHasNotWrittenIsInFlight(t *testing.T) { // D2
	j := published(10, 1, 11)
	j.Unwritten = 3
	r, s, c := one(j)
	s.got(c, 1, 2, 3, 4, 5, 6)
	got := accounts(t, r, j)
	if got.InFlight != 3 || got.Unexplained != 1 {
		t.Errorf("of 4 missing events %d are in flight and %d unexplained, want 3 and 1", got.InFlight, got.Unexplained)
	}
}

func TestAClientIsOwedNothingFromBeforeItsHello(t *testing.T) {
	j := published(10, 1, 11)
	r := New(Options{Clients: 2, Topics: 1, Shards: 2})
	r.Measure(j.From, j.To)
	r.Shard(0).Hello(r.Client(0), 7, 0, 0)
	r.Client(0).Is(Up)
	r.Shard(0).got(r.Client(0), 8, 9, 10)
	got := accounts(t, r, j) // the second client has never joined
	if got.Owed != 3 || got.Delivered != 3 || got.Unexplained != 0 {
		t.Errorf("owed %d, delivered %d, unexplained %d; want 3, 3, 0", got.Owed, got.Delivered, got.Unexplained)
	}
}

// The identity holds whatever happens: every owed event is in exactly one of
// the terms, and a client without faults has none unexplained.
func TestAccountingIsAnIdentity(t *testing.T) { // D2, G15
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "events")
		from := rapid.IntRange(0, n+1).Draw(t, "from")
		to := rapid.IntRange(from, n+2).Draw(t, "to")
		j := published(n, from, to)
		const clients = 3
		r := New(Options{Clients: clients, Topics: 1, Shards: 2})
		r.Measure(j.From, j.To)
		var owed, delivered, lost int64
		for i := range clients {
			s, c := r.Shard(i), r.Client(i)
			hello := rapid.IntRange(0, n).Draw(t, "hello")
			s.Hello(c, uint64(hello), 0, 0)
			c.Is(Up)
			for number := hello + 1; number <= n; number++ {
				due := number >= from && number < to
				if due {
					owed++
				}
				switch rapid.SampledFrom([]string{"deliver", "deliver", "gap", "damage"}).Draw(t, "fate") {
				case "deliver":
					s.got(c, number)
					if due {
						delivered++
					}
				case "gap":
					s.Gap(c, &wire.Gap{From: uint64(number), To: uint64(number)}, 0)
					if due {
						lost++
					}
				case "damage":
					s.Damaged(c, uint64(number), 0)
					if due {
						lost++
					}
				}
			}
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, r.Books(j)); err != nil {
			t.Fatal(err)
		}
		got := trial.Events
		if got.Owed != owed || got.Delivered != delivered || got.Lost[results.LostGap]+got.Lost[results.LostCorrupt] != lost || got.Unexplained != 0 {
			t.Errorf("got %+v, want owed %d delivered %d lost %d", got, owed, delivered, lost)
		}
		if h := trial.Histograms[results.Latency]; h.Count() != delivered {
			t.Errorf("%d latencies of %d deliveries", h.Count(), delivered)
		}
	})
}

func TestMergedShardsHoldEverySample(t *testing.T) { // G11
	const clients, events = 10_000, 20
	j := published(events, 1, events+1)
	r := New(Options{Clients: clients, Topics: 1, Shards: 7})
	r.Measure(j.From, j.To)
	for i := range clients {
		s, c := r.Shard(i), r.Client(i)
		s.Hello(c, 0, time.Duration(i)*time.Microsecond, 0)
		for n := 1; n <= events; n++ {
			s.hand(c, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n)+int64(i))
		}
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{
		results.Latency: clients * events, results.Delivery: clients * events,
		results.Connect: clients, results.Lag: events, results.Fanout: events,
	} {
		if got := trial.Histograms[name].Count(); got != want {
			t.Errorf("%s holds %d samples, want %d", name, got, want)
		}
	}
	var timed int64
	for _, s := range trial.Series.Slices {
		timed += s.Timed
	}
	if timed != clients*events {
		t.Errorf("the slices hold %d samples, want %d", timed, clients*events)
	}
	if got, want := trial.Histograms[results.Fanout].Min(), time.Duration(clients-1); got != want {
		t.Errorf("the last client had an event after %s, want %s", got, want)
	}
}

func TestValuesOutsideTheRangeFailTheTrial(t *testing.T) { // G10
	j := published(3, 1, 4)
	r, s, c := one(j)
	s.hand(c, &wire.Event{N: 1, Due: at(1), Pub: at(1)}, at(1)-1)
	s.hand(c, &wire.Event{N: 2, Due: at(2), Pub: at(2)}, at(2)+int64(1000*time.Hour))
	s.got(c, 3)
	trial := results.Trial{}
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	// Each value is in three histograms: latency, delivery and fan-out.
	if trial.Events.Negative != 3 || trial.Events.Clipped != 3 {
		t.Errorf("%d negative, %d clipped; want 3 and 3", trial.Events.Negative, trial.Events.Clipped)
	}
	if trial.Judge(nil); trial.Verdict.State != results.Invalid {
		t.Errorf("verdict %s, want invalid", trial.Verdict.State)
	}
	if got := trial.Histograms[results.Latency].Max(); got != 1000*time.Hour {
		t.Errorf("largest latency %s, want the exact 1000h", got)
	}
}

func TestLatencyIsOfWhatWasDueAndTrafficOfWhatHappened(t *testing.T) { // G15
	j := published(10, 3, 9)
	r, s, c := one(j)
	for n := 1; n <= 10; n++ {
		// Each event arrives three milliseconds late: 6 due in the phase, and of
		// what was received within it the first three were due before.
		s.hand(c, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n+3))
		s.Down(at(n+3), 100)
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if got := trial.Histograms[results.Latency].Count(); got != 6 {
		t.Errorf("%d latencies, want the 6 due in the phase", got)
	}
	if trial.Traffic.Delivered != 5 || trial.Traffic.DownBytes != 500 {
		t.Errorf("%d events and %d bytes happened in the phase, want 5 and 500", trial.Traffic.Delivered, trial.Traffic.DownBytes)
	}
}

// What the server has yet to write it has yet to write once, whoever asks.
func TestWhatIsUnwrittenExcusesNobodyTwice(t *testing.T) {
	j := published(10, 1, 10)
	j.Unwritten = 3
	var all []*Recorder
	for range 2 {
		r, s, c := one(j)
		s.got(c, 1, 2, 3, 4, 5, 6, 7)
		all = append(all, r)
	}
	books := all[0].Books(j)
	for i, want := range []results.Accounting{
		{Published: 9, Owed: 9, Delivered: 7, InFlight: 2, Intended: 9, InTime: 9},
		{Published: 9, Owed: 9, Delivered: 7, InFlight: 1, Unexplained: 1, Intended: 9, InTime: 9},
	} {
		var trial results.Trial
		if err := all[i].Snapshot(&trial, books); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, trial.Events, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("recorder %d (-want +got):\n%s", i, diff)
		}
	}
}
