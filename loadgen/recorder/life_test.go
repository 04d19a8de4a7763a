package recorder

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// reborn is a journal of lives with so many events each, all due in the phase, a
// millisecond apart.
func reborn(lives ...int) Journal {
	var j Journal
	n := 0
	for i, events := range lives {
		s := source.Stamps{First: 1}
		for range events {
			n++
			s.Due, s.Pub = append(s.Due, at(n)), append(s.Pub, at(n))
		}
		if i < len(lives)-1 {
			j.Past = append(j.Past, []source.Stamps{s})
		} else {
			j.Topics = []source.Stamps{s}
		}
	}
	j.To = at(n + 1)
	return j
}

// epoch is the name of a life.
func epoch(life int) string { return fmt.Sprintf("e%d", life) }

// hears gives the client an event of a life that begins after so many others.
func (s *Shard) hears(c *Client, before int, numbers ...int) {
	for _, n := range numbers {
		s.hand(c, &wire.Event{N: uint64(n), Due: at(before + n), Pub: at(before + n)}, at(before+n)+5000)
	}
}

// goes tells the client that its cursor is of another epoch, and that the log
// begins behind that number.
func (s *Shard) goes(c *Client, life, behind int) {
	s.Gap(c, &wire.Gap{From: 1, To: uint64(behind), Cursor: wire.Cursor{Epoch: epoch(life), N: uint64(behind)}, Epoch: "whatever it had"}, at(0))
}

func TestAClientIsOwedEveryLifeOfTheSource(t *testing.T) { // D5
	type lost = map[string]int64
	for name, c := range map[string]struct {
		lives []int
		play  func(s *Shard, c *Client)
		want  results.Accounting
	}{
		"it has everything of both": {
			[]int{3, 2}, func(s *Shard, c *Client) { s.hears(c, 0, 1, 2, 3); s.goes(c, 1, 0); s.hears(c, 3, 1, 2) },
			results.Accounting{Delivered: 5, Gaps: 1},
		},
		"the same number in another life is not the same event": {
			[]int{3, 3}, func(s *Shard, c *Client) { s.hears(c, 0, 1, 2, 3); s.goes(c, 1, 0); s.hears(c, 3, 1, 2, 2, 3) },
			results.Accounting{Delivered: 6, Duplicated: 1, Gaps: 1},
		},
		"it lacked the end of the first": {
			[]int{3, 2}, func(s *Shard, c *Client) { s.hears(c, 0, 1); s.goes(c, 1, 0); s.hears(c, 3, 1, 2) },
			results.Accounting{Delivered: 3, Gaps: 1, Lost: lost{results.LostEpoch: 2}},
		},
		"the first skipped one without a word": {
			[]int{3, 2}, func(s *Shard, c *Client) { s.hears(c, 0, 1, 3); s.goes(c, 1, 0); s.hears(c, 3, 1, 2) },
			results.Accounting{Delivered: 4, Gaps: 1, Unexplained: 1},
		},
		"what it lacked of the first it does not lack of the second": {
			[]int{3, 3}, func(s *Shard, c *Client) {
				s.hears(c, 0, 1)
				s.Gap(c, &wire.Gap{From: 2, To: 2, Cursor: wire.Cursor{Epoch: epoch(0), N: 2}}, at(2))
				s.hears(c, 0, 3)
				s.goes(c, 1, 0)
				s.hears(c, 3, 1, 2, 3)
			},
			results.Accounting{Delivered: 5, Gaps: 2, Lost: lost{results.LostGap: 1}},
		},
		"the second has lost its beginning": {
			[]int{1, 5}, func(s *Shard, c *Client) { s.hears(c, 0, 1); s.goes(c, 1, 3); s.hears(c, 1, 4, 5) },
			results.Accounting{Delivered: 3, Gaps: 1, Lost: lost{results.LostGap: 3}},
		},
		"it slept through one": {
			[]int{2, 4, 1}, func(s *Shard, c *Client) { s.hears(c, 0, 1); s.goes(c, 2, 0); s.hears(c, 6, 1) },
			results.Accounting{Delivered: 2, Gaps: 1, Lost: lost{results.LostEpoch: 5}},
		},
		"it never came back": {
			[]int{2, 4}, func(s *Shard, c *Client) { s.hears(c, 0, 1); c.Is(Down) },
			results.Accounting{Delivered: 1, Lost: lost{results.LostDisconnected: 5}},
		},
		"it has asked the new server and not been answered": {
			[]int{2, 4}, func(s *Shard, c *Client) { s.hears(c, 0, 1); c.Is(Asking) },
			results.Accounting{Delivered: 1, InFlight: 4, Lost: lost{results.LostDisconnected: 1}},
		},
		"it is led to a life that nobody knows of": {
			[]int{2, 4}, func(s *Shard, c *Client) { s.hears(c, 0, 1); s.goes(c, 7, 0); s.hears(c, 2, 1, 2) },
			results.Accounting{Delivered: 1, Gaps: 1, Lost: lost{results.LostEpoch: 5}},
		},
		"it is led back": {
			[]int{2, 4}, func(s *Shard, c *Client) { s.hears(c, 0, 1); s.goes(c, 1, 0); s.hears(c, 2, 1); s.goes(c, 0, 0) },
			results.Accounting{Delivered: 2, Gaps: 2, Lost: lost{results.LostEpoch: 4}},
		},
		"it comes back without its cursor": {
			[]int{2, 4}, func(s *Shard, c *Client) {
				s.hears(c, 0, 1)
				s.Enter(c, epoch(1), 0)
				s.Hello(c, 3, 0, 0)
				s.hears(c, 2, 4)
			},
			results.Accounting{Delivered: 2, Lost: lost{results.LostEpoch: 1, results.LostDisconnected: 3}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := reborn(c.lives...)
			r, s, client := living(j, len(c.lives))
			c.play(s, client)
			var n int64
			for _, events := range c.lives {
				n += int64(events)
			}
			c.want.Published, c.want.Intended, c.want.InTime, c.want.Owed = n, n, n, n
			if c.want.Lost == nil {
				c.want.Lost = lost{}
			}
			if diff := cmp.Diff(c.want, accounts(t, r, j)); diff != "" {
				t.Errorf("accounting (-want +got):\n%s", diff)
			}
		})
	}
}

// living is a recorder of a client in the first of so many lives.
func living(j Journal, lives int) (*Recorder, *Shard, *Client) {
	r := New(Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(j.From, j.To)
	r.Begin(epoch(0))
	s, c := r.Shard(0), r.Client(0)
	s.Enter(c, epoch(0), 0)
	s.Hello(c, 0, 0, 0)
	c.Is(Up)
	for life := 1; life < lives; life++ {
		r.Begin(epoch(life))
	}
	return r, s, c
}

func TestWhoComesInALaterLifeIsOwedNothingOfTheOnesBefore(t *testing.T) { // D5
	j := reborn(5, 4)
	r := New(Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(j.From, j.To)
	r.Begin(epoch(0))
	r.Begin(epoch(1))
	s, c := r.Shard(0), r.Client(0)
	s.Enter(c, epoch(1), 0)
	s.Hello(c, 1, 0, 0)
	c.Is(Up)
	s.hears(c, 5, 2, 3, 4)
	if got := accounts(t, r, j); got.Owed != 3 || got.Delivered != 3 || got.Unexplained != 0 || len(got.Lost) != 0 {
		t.Errorf("%+v, want 3 owed and delivered", got)
	}
}

func TestOnlyWhatThePresentLifeHasIsWaitedFor(t *testing.T) {
	j := reborn(3, 2)
	r, s, c := living(j, 2)
	s.hears(c, 0, 1, 2, 3) // all of the old life, and the new one has numbers below the next
	if n := r.Lacking(r.Books(j).Goal()); n != 1 {
		t.Errorf("%d clients lack something, want the one that has not come to the new life", n)
	}
	s.goes(c, 1, 0)
	s.hears(c, 3, 1, 2)
	if n := r.Lacking(r.Books(j).Goal()); n != 0 {
		t.Errorf("%d clients are waited for, though what they lack is gone", n)
	}
	if empty := reborn(3, 0); r.Lacking(r.Books(empty).Goal()) != 0 {
		t.Error("clients are waited for where nothing is to come")
	}
}

func TestFanoutIsOfOneLife(t *testing.T) {
	j := reborn(2, 2)
	r := New(Options{Clients: 2, Topics: 1, Shards: 2})
	r.Measure(j.From, j.To)
	r.Begin(epoch(0))
	for i := range 2 {
		s, c := r.Shard(i), r.Client(i)
		s.Enter(c, epoch(0), 0)
		s.Hello(c, 0, 0, 0)
		c.Is(Up)
		s.hears(c, 0, 1)
		if i == 0 {
			s.hears(c, 0, 2) // the other one never gets it
		}
	}
	r.Begin(epoch(1))
	for i := range 2 {
		s, c := r.Shard(i), r.Client(i)
		s.goes(c, 1, 0)
		s.hears(c, 2, 1, 2)
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if got := trial.Histograms[results.Fanout].Count(); got != 3 {
		t.Errorf("%d events reached everybody, want 3: the second of the first life did not", got)
	}
}

// The identity holds through any number of lives: an oracle that keeps the fate of
// each event by itself comes to the same sums.
func TestAccountingIsAnIdentityThroughAllLives(t *testing.T) { // D2, D5
	rapid.Check(t, func(t *rapid.T) {
		lives := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 5).Draw(t, "lives")
		raw := rapid.Bool().Draw(t, "raw")
		j := reborn(lives...)
		const clients = 3
		r := New(Options{Clients: clients, Topics: 1, Shards: 2, Raw: raw})
		r.Measure(j.From, j.To)
		r.Begin(epoch(0))
		for life := 1; life < len(lives); life++ {
			r.Begin(epoch(life))
		}
		want := results.Accounting{Lost: map[string]int64{}}
		for i := range clients {
			s, c := r.Shard(i), r.Client(i)
			s.Enter(c, epoch(0), 0)
			s.Hello(c, 0, 0, 0)
			c.Is(Down)
			before := 0       // events before this life
			later := int64(0) // lost by a reason that is not known yet
			for life, events := range lives {
				want.Owed += int64(events)
				if life > 0 && rapid.Bool().Draw(t, "sleeps") {
					later += int64(events)
					before += events
					continue
				}
				if life > 0 {
					s.goes(c, life, 0)
					want.Gaps++
					want.Lost[results.LostEpoch] += later
					later = 0
				}
				has := rapid.IntRange(0, events).Draw(t, "has")
				for n := 1; n <= has; n++ {
					s.hears(c, before, n)
				}
				want.Delivered += int64(has)
				later += int64(events - has)
				before += events
			}
			want.Lost[results.LostDisconnected] += later
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, r.Books(j)); err != nil {
			t.Fatal(err)
		}
		got := trial.Events
		if got.Owed != want.Owed || got.Delivered != want.Delivered || got.Unexplained != 0 || got.Gaps != want.Gaps {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		for _, why := range []string{results.LostEpoch, results.LostDisconnected} {
			if got.Lost[why] != want.Lost[why] {
				t.Errorf("%d lost by %s, want %d", got.Lost[why], why, want.Lost[why])
			}
		}
	})
}

func TestStalenessGoesOnThroughARestart(t *testing.T) { // D5
	for name, c := range map[string]struct {
		has  []int
		want float64 // integral in ms² of what the client lacked longest
	}{
		// Event 2 from 2 to 10 ms, then the first of the new life, due at 3, until 12 ms.
		"with something lost": {[]int{1}, 8*8/2 + (7+9)*2/2},
		// Nothing until the new life's first is due at 3 ms, and that until 12 ms.
		"with all of the old life": {[]int{1, 2}, 9 * 9 / 2.},
	} {
		j := reborn(2, 2)
		j.To = at(20)
		r, s, client := living(j, 2)
		for _, n := range c.has {
			s.hand(client, &wire.Event{N: uint64(n), Due: at(n), Pub: at(n)}, at(n))
		}
		s.Gap(client, &wire.Gap{From: 1, Cursor: wire.Cursor{Epoch: epoch(1)}, Epoch: epoch(0)}, at(10))
		for n := 1; n <= 2; n++ {
			s.hand(client, &wire.Event{N: uint64(n), Due: at(2 + n), Pub: at(2 + n)}, at(12))
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, r.Books(j)); err != nil {
			t.Fatal(err)
		}
		if got := float64(trial.Staleness.Mean) / 1e6; math.Abs(got-c.want/20) > 1e-3 {
			t.Errorf("%s: stale by %.4f ms on average, want %.4f", name, got, c.want/20)
		}
	}
}
