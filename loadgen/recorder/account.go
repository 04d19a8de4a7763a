package recorder

import (
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
)

// A ledger answers how many events of a topic were due in the phase.
type ledger struct {
	first uint64
	upto  []int32 // upto[i]: of the first i events published
}

func newLedger(s source.Stamps, from, to int64) ledger {
	l := ledger{s.First, make([]int32, len(s.Due)+1)}
	for i, due := range s.Due {
		l.upto[i+1] = l.upto[i]
		if due >= from && due < to {
			l.upto[i+1]++
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

// Books are a journal made ready for counting.
type Books struct {
	journal Journal
	ledgers []ledger // by topic
}

// Books opens the books of the journal.
func (r *Recorder) Books(j Journal) *Books {
	b := &Books{j, make([]ledger, r.topics)}
	for i := range b.ledgers {
		var stamps source.Stamps
		if i < len(j.Topics) {
			stamps = j.Topics[i]
		}
		b.ledgers[i] = newLedger(stamps, j.From, j.To)
	}
	return b
}

// account finds out where every event that a client was owed has gone, by the
// client's role and together, and fills the histograms of lag, fan-out and spread.
func (r *Recorder) account(b *Books, h map[string]*hdr.Histogram) (a results.Accounting, each byRole) {
	each = newByRole()
	for _, s := range r.shards {
		a.Duplicated += s.events.Duplicated
		a.Reordered += s.events.Reordered
		a.Gaps += s.events.Gaps
	}
	audience := make([]int32, r.topics)
	var waiting, streaming int64 // owed to clients that may still get it
	for i := range r.clients {
		c := &r.clients[i]
		if !c.joined {
			continue
		}
		own := &each[c.role()]
		book := b.ledgers[c.topic]
		if c.aside == nil {
			audience[c.topic]++
		}
		own.Owed += book.after(c.hello + 1)
		missing := book.after(c.next)
		switch {
		case c.foreign:
			own.Lost[results.LostEpoch] += missing
		case c.state == Vanished:
			own.Lost[results.LostVanished] += missing
		case c.state == Asking:
			waiting += missing
		case c.state == Up:
			streaming += missing
		default:
			own.Lost[results.LostDisconnected] += missing
		}
		delivered := book.due(c.hello+1, c.next-1)
		for _, s := range c.spans {
			n := book.due(s.from, s.to)
			delivered -= n
			if s.why != hole {
				own.Lost[s.why] += n
			}
		}
		if r.shards[i%len(r.shards)].raw {
			own.Delivered += delivered // by numbers: a raw event has no due instant
		} else {
			own.Delivered += c.delivered
		}
	}
	each.sum(&a)
	// A server that says it has written everything has nothing in flight after a
	// drain: what a subscribed client then lacks has no explanation. Note: to it a
	// vanished client's subscription is one that lives.
	a.InFlight = waiting + b.unwritten(streaming)
	a.Unexplained = a.Owed - a.Delivered - a.InFlight
	for why, n := range a.Lost {
		if n == 0 {
			delete(a.Lost, why)
		}
		a.Unexplained -= n
	}
	r.perEvent(b.journal, audience, &a, h)
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

// perEvent records what belongs to an event and not to a delivery.
func (r *Recorder) perEvent(j Journal, audience []int32, a *results.Accounting, h map[string]*hdr.Histogram) {
	grace := (j.To - j.From) / 100
	for topic, stamps := range j.Topics {
		for i, due := range stamps.Due {
			if due < j.From || due >= j.To {
				continue
			}
			a.Published++
			a.Intended++
			if stamps.Pub[i] < j.To+grace {
				a.InTime++
			}
			h[results.Lag].Record(time.Duration(stamps.Pub[i] - due))
			if first, last, all := r.reached(topic, stamps.First+uint64(i), audience[topic]); all {
				h[results.Fanout].Record(time.Duration(last - due))
				if audience[topic] > 1 {
					h[results.Spread].Record(time.Duration(last - first))
				}
			}
		}
	}
}

// reached says when the first and the last of a topic's clients had event n, if
// all of them have it.
func (r *Recorder) reached(topic int, n uint64, audience int32) (first, last int64, all bool) {
	var got int32
	for _, s := range r.shards {
		if track := s.fanout[topic]; n < uint64(len(track)) && track[n].got > 0 {
			if got == 0 {
				first = track[n].first
			}
			got += track[n].got
			first, last = min(first, track[n].first), max(last, track[n].last)
		}
	}
	return first, last, got >= audience && got > 0
}

// Lacking counts the clients that do not have everything yet that was due in
// the phase and that they can still get.
func (r *Recorder) Lacking(b *Books) int {
	lacking := 0
	for i, s := range r.shards {
		s.Lock()
		for k := i; k < len(r.clients); k += len(r.shards) {
			c := &r.clients[k]
			if c.joined && !c.foreign && c.state != Vanished && b.ledgers[c.topic].after(c.next) > 0 {
				lacking++
			}
		}
		s.Unlock()
	}
	return lacking
}
