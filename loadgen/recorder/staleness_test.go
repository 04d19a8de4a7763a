package recorder

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestTheStepsOfStalenessFollowEachOther(t *testing.T) {
	end := int64(0)
	for i := range allStep {
		from, to := bounds(i)
		if from != end || to <= from && to > 0 {
			t.Fatalf("step %d is from %d to %d, after one to %d", i, from, to, end)
		}
		for _, ns := range []int64{from, from + (to-from)/2, to - 1} {
			if got := stepOf(ns); got != i {
				t.Fatalf("%d ns is in step %d, want %d", ns, got, i)
			}
		}
		if width := to - from; width > 1<<finest && float64(width) > 0.01*float64(from) {
			t.Fatalf("step %d at %d ns is %d wide", i, from, width)
		}
		end = to
	}
	if end != math.MinInt64 { // one beyond the largest duration
		t.Errorf("the last step ends at %d", end)
	}
}

// Time in a step is the overlap of all ramps with it, to the nanosecond.
func TestNoNanosecondOfARampIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAges()
		instant := rapid.OneOf(rapid.Int64Range(0, 1<<14), rapid.Int64Range(0, int64(time.Minute)))
		type ramp struct{ low, high int64 }
		var ramps []ramp
		var all int64
		for range rapid.IntRange(0, 20).Draw(t, "ramps") {
			low, high := instant.Draw(t, "low"), instant.Draw(t, "high")
			low, high = min(low, high), max(low, high)
			due := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "due")
			a.between(due, due+low, due+high, math.MinInt64, math.MaxInt64)
			ramps = append(ramps, ramp{low, high})
			all += high - low
		}
		a.each(func(from, to, spent int64) {
			var want int64
			for _, r := range ramps {
				want += max(0, min(to, r.high)-max(from, r.low))
			}
			if spent != want {
				t.Fatalf("%d ns between %d and %d, want %d", spent, from, to, want)
			}
			all -= spent
		})
		if all != 0 {
			t.Fatalf("%d ns are in no step", all)
		}
	})
}

// A witness plays what a client goes through and remembers for each event until
// when it was lacked.
type witness struct {
	shard   *Shard
	client  *Client
	stamps  source.Stamps
	until   []int64 // by event: when it was had or known to be lost
	next    int     // the event that comes next, from 0
	missing []int   // events that were skipped and may still come
}

const never = math.MaxInt64

func newWitness(s *Shard, c *Client, stamps source.Stamps, now int64) *witness {
	w := &witness{shard: s, client: c, stamps: stamps, until: make([]int64, len(stamps.Due))}
	for i := range w.until {
		w.until[i] = never
	}
	s.Hello(c, 0, 0, now)
	c.Is(Up)
	return w
}

func (w *witness) event(i int) *wire.Event {
	return &wire.Event{N: uint64(i + 1), Due: w.stamps.Due[i], Pub: w.stamps.Pub[i]}
}

// read is one in which up to so many events come that are published by then.
func (w *witness) read(now int64, limit int) {
	for ; limit > 0 && w.next < len(w.until) && w.stamps.Pub[w.next] <= now; limit-- {
		w.shard.hand(w.client, w.event(w.next), now)
		w.until[w.next] = now
		w.next++
	}
}

// gone ends the wait for those up to the next one, given how.
func (w *witness) gone(now int64, count int, how func(last uint64)) {
	last := w.next
	for last < len(w.until) && w.stamps.Pub[last] <= now && last-w.next < count {
		last++
	}
	if last == w.next {
		return
	}
	for i := w.next; i < last; i++ {
		w.until[i] = now
	}
	w.next = last
	w.shard.Lock()
	how(uint64(last))
	w.shard.Unlock()
}

// stale is the client's staleness at an instant, by the definition.
func (w *witness) stale(now int64) int64 {
	for i, until := range w.until {
		if until > now {
			return max(0, now-w.stamps.Due[i])
		}
	}
	return 0
}

func TestStalenessIsWhatItsDefinitionSays(t *testing.T) {
	const unit = int64(100 * time.Microsecond) // all happens at multiples of it
	rapid.Check(t, func(t *rapid.T) {
		draw := func(low, high int, name string) int { return rapid.IntRange(low, high).Draw(t, name) }
		from := int64(draw(0, 20, "from")) * unit
		to := from + int64(draw(1, 100, "length"))*unit
		stamps := source.Stamps{First: 1}
		due := int64(0)
		for range draw(0, 25, "events") {
			due += int64(draw(0, 9, "distance")) * unit
			late := int64(draw(0, 3, "lag")) * unit
			stamps.Due = append(stamps.Due, due)
			stamps.Pub = append(stamps.Pub, due+late)
		}
		for i := len(stamps.Pub) - 2; i >= 0; i-- { // in the order of their numbers
			stamps.Pub[i] = min(stamps.Pub[i], stamps.Pub[i+1])
		}
		clients := draw(1, 3, "clients")
		r := New(Options{Clients: clients, Topics: 1, Shards: draw(1, 2, "shards")})
		r.Measure(from, to)
		var all []*witness
		for i := range clients {
			w := newWitness(r.Shard(i), r.Client(i), stamps, 0)
			all = append(all, w)
			for now := int64(0); now < to+10*unit; now += int64(draw(1, 12, "pause")) * unit {
				switch s, c := w.shard, w.client; draw(0, 9, "what") {
				case 0:
					w.gone(now, draw(1, 3, "gone"), func(last uint64) {
						s.Gap(c, &wire.Gap{From: c.next, To: last}, now)
					})
				case 1:
					w.gone(now, 1, func(last uint64) { s.Damaged(c, last, now) })
				case 2:
					w.gone(now, 4, func(last uint64) { s.Hello(c, last, 0, now) })
				case 3: // one stays out without a word
					if w.next+1 < len(w.until) && stamps.Pub[w.next+1] <= now {
						w.missing = append(w.missing, w.next)
						w.next++
					}
					w.read(now, 1)
				case 4: // and comes late
					if n := len(w.missing); n > 0 {
						i := w.missing[n-1]
						w.missing = w.missing[:n-1]
						s.hand(c, w.event(i), now)
						w.until[i] = now
					}
				case 5: // what it has comes again
					if w.next > 0 && w.until[0] <= now {
						s.hand(c, w.event(0), now)
					}
				default:
					w.read(now, draw(1, 30, "limit"))
				}
			}
		}
		var trial results.Trial
		j := Journal{Topics: []source.Stamps{stamps}, From: from, To: to}
		if err := r.Snapshot(&trial, r.Books(j)); err != nil {
			t.Fatal(err)
		}

		// Within a unit nothing happens but time: staleness grows or is zero.
		var values []int64 // at the middle of each unit of each client
		var area, largest int64
		for _, w := range all {
			for now := from; now < to; now += unit {
				s := w.stale(now)
				if s > 0 || w.stale(now+1) > 0 {
					area += unit*s + unit*unit/2
					largest = max(largest, s+unit)
					s += unit / 2
				}
				values = append(values, s)
			}
		}
		present := int64(clients) * (to - from)
		got := trial.Staleness
		if want := time.Duration(area / present); (got.Mean - want).Abs() > 1 {
			t.Fatalf("mean staleness %v, want %v", got.Mean, want)
		}
		if int64(got.Max) != largest {
			t.Fatalf("largest staleness %v, want %v", got.Max, time.Duration(largest))
		}
		h := trial.Histograms[results.Stale]
		if h.Count() != present/1000 {
			t.Fatalf("%d µs of clients' time, want %d", h.Count(), present/1000)
		}
		slices.Sort(values)
		for _, q := range []float64{0.1, 0.5, 0.9, 0.99} {
			want := values[int(math.Ceil(q*float64(len(values))))-1]
			got := int64(h.Quantile(q))
			if math.Abs(float64(got-want)) > float64(unit)/2+float64(want)/100+5000 {
				t.Fatalf("staleness at %v is %v, want %v", q, time.Duration(got), time.Duration(want))
			}
		}
	})
}

// Of a short poller with the interval I, and events at a distance E that divides
// it: from one poll on nothing is lacked until the next event, which comes after
// u, uniform on [0, E]; then staleness goes up to I − u. So the mean is
// (I² − I·E + E²/3) / 2I, half of the time it is below I/2 − E/2, and
// P(S > s) = (I − s)² / 2IE near the top.
func TestAPollersStalenessFollowsItsInterval(t *testing.T) {
	const interval, distance, polls, clients = time.Second, 100 * time.Millisecond, 20, 500
	stamps := source.Stamps{First: 1}
	for due := time.Duration(0); due < (polls+2)*interval; due += distance {
		stamps.Due = append(stamps.Due, int64(due))
		stamps.Pub = append(stamps.Pub, int64(due))
	}
	from, to := int64(interval), int64((polls+1)*interval)
	r := New(Options{Clients: clients, Topics: 1, Shards: 2})
	r.Measure(from, to)
	for i, slot := range rand.New(rand.NewPCG(1, 1)).Perm(clients) {
		w := newWitness(r.Shard(i), r.Client(i), stamps, 0)
		phase := int64(float64(interval) * (float64(slot) + 0.5) / clients)
		for now := phase; now < to+int64(interval); now += int64(interval) {
			w.read(now, 100)
		}
	}
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(Journal{Topics: []source.Stamps{stamps}, From: from, To: to})); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got time.Duration, want float64) {
		t.Helper()
		if math.Abs(got.Seconds()-want) > 0.01*want {
			t.Errorf("%s %v, want %.4g s", what, got, want)
		}
	}
	i, e := interval.Seconds(), distance.Seconds()
	h := trial.Histograms[results.Stale]
	near("mean", trial.Staleness.Mean, (i*i-i*e+e*e/3)/2/i)
	near("p50", h.Quantile(0.5), i/2-e/2)
	near("p99", h.Quantile(0.99), i-math.Sqrt(0.01*2*i*e))
	near("max", trial.Staleness.Max, i)
	// Each poll ends one ramp, and the last of each client reaches to the end.
	if got := trial.Staleness.Ramps; got < clients*polls || got > clients*(polls+1) {
		t.Errorf("%d ramps, want one for each poll, %d", got, clients*polls)
	}
}

func TestWhatHasNoDueInstantHasNoStaleness(t *testing.T) {
	j := published(10, 3, 9)
	r := New(Options{Clients: 1, Topics: 1, Shards: 1, Raw: true})
	r.Measure(j.From, j.To)
	r.Shard(0).Hello(r.Client(0), 0, 0, 0)
	r.Shard(0).got(r.Client(0), 1, 2, 3, 4)
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(j)); err != nil {
		t.Fatal(err)
	}
	if trial.Staleness != nil || trial.Histograms[results.Stale].Count() != 0 || trial.Fairness != nil {
		t.Errorf("raw events have the staleness %+v and the fairness %+v", trial.Staleness, trial.Fairness)
	}
}

// Slow, vanished and leaving clients are stale by their nature. Nobody asks after
// them: not after what they get, nor after what they lack or hear of a restart.
func TestOnlyOrdinaryClientsAreStale(t *testing.T) {
	j := reborn(2, 2)
	j.To = at(20)
	stale := func(roles ...Role) *results.Trial {
		r := New(Options{Clients: len(roles), Topics: 1, Shards: 1})
		r.Measure(j.From, j.To)
		r.Begin(epoch(0))
		s := r.Shard(0)
		for i, role := range roles {
			c := r.Client(i)
			c.Play(role)
			s.Enter(c, epoch(0), 0)
			s.Hello(c, 0, 0, 0)
			c.Is(Up)
		}
		r.Begin(epoch(1))
		for i, role := range roles {
			c := r.Client(i)
			late := at(5 * int(role)) // the others have everything later
			s.hand(c, &wire.Event{N: 1, Due: at(1), Pub: at(1)}, at(1)+late)
			s.Gap(c, &wire.Gap{From: 1, Cursor: wire.Cursor{Epoch: epoch(1)}, Epoch: epoch(0)}, at(3)+late)
			if role == Ordinary {
				s.hand(c, &wire.Event{N: 1, Due: at(3), Pub: at(3)}, at(4))
				s.hand(c, &wire.Event{N: 2, Due: at(4), Pub: at(4)}, at(4))
			}
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, r.Books(j)); err != nil {
			t.Fatal(err)
		}
		return &trial
	}
	alone, among := stale(Ordinary).Staleness, stale(Ordinary, Slow, Vanishing, Leaving).Staleness
	if alone == nil || alone.Max != time.Millisecond || among == nil || *among != *alone {
		t.Errorf("one ordinary client is stale by %+v, and beside others by %+v", alone, among)
	}
	if others := stale(Slow, Vanishing, Leaving).Staleness; others != nil {
		t.Errorf("no ordinary client is stale by %+v", others)
	}
}
