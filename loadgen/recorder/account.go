package recorder

import (
	"slices"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
)

// A ledger answers how many events of a topic were due in the phase.
type ledger struct {
	first uint64
	last  uint64  // number of the last one; zero without any
	upto  []int32 // upto[i]: of the first i events published
}

func newLedger(s source.Stamps, from, to int64) ledger {
	l := ledger{first: s.First, upto: make([]int32, len(s.Due)+1)}
	for i, due := range s.Due {
		l.upto[i+1] = l.upto[i]
		if due >= from && due < to {
			l.upto[i+1]++
			l.last = s.First + uint64(i)
		}
	}
	return l
}

// due counts the events numbered from lo to hi, both included.
func (l ledger) due(lo, hi uint64) int64 {
	return l.before(hi+1) - l.before(lo)
}

// after counts the events numbered n and above.
func (l ledger) after(n uint64) int64 { return int64(l.upto[len(l.upto)-1]) - l.before(n) }

func (l ledger) before(n uint64) int64 {
	if n <= l.first {
		return 0
	}
	return int64(l.upto[min(n-l.first, uint64(len(l.upto)-1))])
}

// held is how many of the events between two numbers, both excluded, are not
// missing; those that are, for a reason, are added to what is lost.
func (l ledger) held(hello, next uint64, missing []span, a *results.Accounting) int64 {
	held := l.due(hello+1, next-1)
	for _, s := range missing {
		n := l.due(s.from, s.to)
		held -= n
		if s.why != hole {
			a.Lost[s.why] += n
		}
	}
	return held
}

// Books are a journal made ready for counting.
type Books struct {
	journal Journal
	lives   [][]source.Stamps // of the source by topic, the present one last
	ledgers [][]ledger        // by life and topic
}

// Books opens the books of the journal.
func (r *Recorder) Books(j Journal) *Books { return Open(j, r.topics) }

// Open opens the books of a journal of so many topics.
func Open(j Journal, topics int) *Books {
	b := &Books{journal: j, lives: append(slices.Clone(j.Past), j.Topics)}
	for _, life := range b.lives {
		ledgers := make([]ledger, topics)
		for i := range ledgers {
			var stamps source.Stamps
			if i < len(life) {
				stamps = life[i]
			}
			ledgers[i] = newLedger(stamps, j.From, j.To)
		}
		b.ledgers = append(b.ledgers, ledgers)
	}
	return b
}

// account finds out where every event that a client was owed has gone, by the
// client's role and together, and fills the histograms of lag, fan-out and spread.
func (r *Recorder) account(b *Books, h map[string]*hdr.Histogram) (a results.Accounting, each byRole) {
	a.Lost, each = map[string]int64{}, newByRole()
	audience := make([][]int32, len(b.ledgers)) // by life and topic
	for i := range audience {
		audience[i] = make([]int32, r.topics)
	}
	for _, s := range r.shards {
		a.Duplicated += s.events.Duplicated
		a.Reordered += s.events.Reordered
		a.Gaps += s.events.Gaps
		delivered := s.closed(b, &a, audience)
		if s.raw {
			a.Delivered += delivered
		}
	}
	var f future
	for i := range r.clients {
		c := &r.clients[i]
		if !c.joined {
			continue
		}
		own := &each[c.role()]
		book := b.ledgers[c.life][c.topic]
		own.Owed += book.after(c.hello + 1)
		delivered := book.held(c.hello, c.next, c.spans(), own)
		if r.shards[i%len(r.shards)].raw {
			own.Delivered += delivered // by numbers: a raw event has no due instant
		} else {
			own.Delivered += c.delivered
		}
		f.add(c, book.after(c.next), int(c.life) == len(b.ledgers)-1, own)
		here := int32(0) // an ordinary client is one of the audience
		if c.aside() == nil {
			here = 1
		}
		audience[c.life][c.topic] += here
		// The source has lived on without it.
		for life := int(c.life) + 1; life < len(b.ledgers); life++ {
			whole := b.ledgers[life][c.topic].after(1)
			own.Owed += whole
			f.add(c, whole, life == len(b.ledgers)-1 && c.state == Asking, own)
			audience[life][c.topic] += here
		}
	}
	each.sum(&a)
	// A server that says it has written everything has nothing in flight after a
	// drain: what a subscribed client then lacks has no explanation. Note: to it a
	// vanished client's subscription is one that lives, and nobody can tell how much of
	// what it has yet to write is for those. So much of what others lack passes for
	// being in flight where clients vanish, and the trial is undrained.
	a.InFlight = f.waiting + b.unwritten(f.streaming)
	a.Unexplained = a.Owed - a.Delivered - a.InFlight
	for why, n := range a.Lost {
		if n == 0 {
			delete(a.Lost, why)
		}
		a.Unexplained -= n
	}
	r.perEvent(b, audience, &a, h)
	return a, each
}

// unwritten is how many of so many missing deliveries the server has yet to write.
// What it has yet to write to some is no excuse for others, whose accounts are made
// from the same books after these.
func (b *Books) unwritten(missing int64) int64 {
	n := min(missing, b.journal.Unwritten)
	b.journal.Unwritten -= n
	return n
}

// A future is what clients lack and may still get.
type future struct{ waiting, streaming int64 }

// add puts what a client lacks of a life where it belongs: to come, if that life
// goes on and the client takes part in it, else lost.
func (f *future) add(c *Client, missing int64, live bool, a *results.Accounting) {
	switch {
	case c.foreign:
		a.Lost[results.LostEpoch] += missing
	case c.state == Vanished:
		a.Lost[results.LostVanished] += missing
	case live && c.state == Asking:
		f.waiting += missing
	case live && c.state == Up:
		f.streaming += missing
	default:
		a.Lost[results.LostDisconnected] += missing
	}
}

// perEvent records what belongs to an event and not to a delivery.
func (r *Recorder) perEvent(b *Books, audience [][]int32, a *results.Accounting, h map[string]*hdr.Histogram) {
	j := b.journal
	grace := (j.To - j.From) / 100
	for life, topics := range b.lives {
		for topic, stamps := range topics {
			for i, due := range stamps.Due {
				if due < j.From || due >= j.To {
					continue
				}
				a.Published++
				a.Intended++
				if stamps.Pub[i] < j.To+grace {
					a.InTime++
				}
				waited := results.Lag
				if stamps.FromClient(i) {
					waited = results.UplinkTime
				}
				h[waited].Record(time.Duration(stamps.Pub[i] - due))
				if first, last, all := r.reached(life*r.topics+topic, stamps.First+uint64(i), audience[life][topic]); all {
					h[results.Fanout].Record(time.Duration(last - due))
					if audience[life][topic] > 1 {
						h[results.Spread].Record(time.Duration(last - first))
					}
				}
			}
		}
	}
	for i, due := range j.Taken.Due {
		if due >= j.From && due < j.To {
			h[results.UplinkTime].Record(time.Duration(j.Taken.Pub[i] - due))
		}
	}
}

// reached says when the first and the last of a topic's clients had event n of a
// log, if all of them have it.
func (r *Recorder) reached(log int, n uint64, audience int32) (first, last int64, all bool) {
	var got int32
	for _, s := range r.shards {
		if track := s.fanout[log]; n < uint64(len(track)) && track[n].got > 0 {
			if got == 0 {
				first = track[n].first
			}
			got += track[n].got
			first, last = min(first, track[n].first), max(last, track[n].last)
		}
	}
	return first, last, got >= audience && got > 0
}

// A Goal is what clients can still get: of each topic the events of the source's
// present life up to the last that was due in the phase.
type Goal struct {
	Life int      `json:"life"` // which one it is, from 0
	Last []uint64 `json:"last"` // numbers by topic; zero where nothing was due
}

// Goal is that of the books.
func (b *Books) Goal() Goal {
	g := Goal{Life: len(b.ledgers) - 1}
	for _, l := range b.ledgers[g.Life] {
		g.Last = append(g.Last, l.last)
	}
	return g
}

// Lacking counts the clients that do not have everything yet that was due in
// the phase and that they can still get.
func (r *Recorder) Lacking(g Goal) int {
	lacking := 0
	for i, s := range r.shards {
		s.Lock()
		for k := i; k < len(r.clients); k += len(r.shards) {
			c := &r.clients[k]
			next := c.next
			if int(c.life) < g.Life { // it can have all of the present life, and nothing else
				next = 1
			}
			if c.joined && !c.foreign && c.state != Vanished && next <= g.Last[c.topic] {
				lacking++
			}
		}
		s.Unlock()
	}
	return lacking
}
