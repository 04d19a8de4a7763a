package recorder

import (
	"math/bits"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Staleness is, at every instant, how long ago the oldest event was due that a
// client still lacks; zero while it lacks none. The oldest is the one with the
// lowest number, because that is the order in which a topic tells its events, and
// it is lacked until the client has it or is told that it never will: a later
// one does not make up for it. So it goes up in ramps, one for each read and not
// for each event: the first event that a read brings ends the ramp, from what it
// was when that event became the oldest to received − due.
//
// Note: the age of what a client last saw (now − due of the newest event it has)
// was the other way. It grows while nothing happens, so that with few events it
// says how many there are and no longer what carries them.

// Ages are how long clients were stale by how much. What is kept is exact to the
// nanosecond; by how much is known to a step.
type ages struct {
	steps []step
	ramps int64
	peak  int64
	area  float64 // the integral, in ns²: more than 64 bits of it
}

// A step is a range of staleness, with the time that clients have spent in it.
type step struct {
	part  int64 // ns, of ramps that began or ended in it
	whole int64 // ramps that went all through it, less those through the step before
}

// Steps are 4 µs up to a millisecond, and from there on below a hundredth of what
// they stand for.
const (
	finest  = 12 // bits below the first step's
	perTwo  = 7  // bits: steps from one power of two to the next
	allStep = (63 - finest - perTwo + 1) << perTwo
)

func newAges() ages { return ages{steps: make([]step, allStep)} }

// stepOf is the step of a staleness.
func stepOf(ns int64) int {
	v := uint64(ns) >> finest
	if v < 2<<perTwo {
		return int(v)
	}
	shift := bits.Len64(v) - perTwo - 1
	return shift<<perTwo + int(v>>shift)
}

// bounds are where a step begins, and where it ends.
func bounds(i int) (from, to int64) {
	shift := max(0, i>>perTwo-1)
	width := int64(1) << (shift + finest)
	from = int64(i-shift<<perTwo) * width
	return from, from + width
}

// between notes that a client lacked an event that was due then, as its oldest,
// from one instant until another; only the part within the phase counts.
func (a *ages) between(due, since, until, from, to int64) {
	since, until = max(since, due, from), min(until, to)
	if since >= until {
		return
	}
	low, high := since-due, until-due
	a.ramps++
	a.peak = max(a.peak, high)
	a.area += float64(high-low) * float64(high+low) / 2
	i, k := stepOf(low), stepOf(high)
	if i == k {
		a.steps[i].part += high - low
		return
	}
	_, end := bounds(i)
	begin, _ := bounds(k)
	a.steps[i].part += end - low
	a.steps[k].part += high - begin
	a.steps[i+1].whole++
	a.steps[k].whole--
}

// add adds what another shard has seen.
func (a *ages) add(other *ages) {
	for i, s := range other.steps {
		a.steps[i].part += s.part
		a.steps[i].whole += s.whole
	}
	a.ramps += other.ramps
	a.peak = max(a.peak, other.peak)
	a.area += other.area
}

// each calls yield for every step in which time was spent, with that time in ns.
func (a *ages) each(yield func(from, to, spent int64)) {
	var through int64
	for i, s := range a.steps {
		through += s.whole
		if s.part == 0 && through == 0 {
			continue
		}
		from, to := bounds(i)
		yield(from, to, s.part+through*(to-from))
	}
}

// perCount is the client's time that one count of the histogram stands for.
const perCount = int64(time.Microsecond)

// histogram is the time that clients were there, in ns together, by staleness: a
// value for each microsecond of one client.
func (a *ages) histogram(present int64) *hdr.Histogram {
	h := hdr.New()
	var spent, counted int64
	put := func(value, ns int64) {
		spent += ns
		n := spent/perCount - counted // what is left over goes to the next step
		counted += n
		h.RecordN(time.Duration(value), n)
	}
	var stale int64
	a.each(func(_, _, spent int64) { stale += spent })
	put(0, present-stale)
	a.each(func(from, to, spent int64) { put(min(from+(to-from)/2, a.peak), spent) })
	return h
}

// A lack is a ramp of an event that a client did not get as the next one. Only
// the journal knows when that was due. Where it ended because the client moved on to
// another life of the source, and the client had all of the one before, it is of the
// first event of a later one.
type lack struct {
	topic       int32
	life, until uint8
	n           uint64
	since, upto int64
}

// had notes that the client has got, at that instant, the event that it lacked
// longest. Of those that one read brings, only the first was the oldest for any
// length of time.
func (s *Shard) had(c *Client, due, now int64) {
	if now > c.current {
		if !s.raw && c.aside() == nil {
			s.ages.between(due, c.current, now, s.from, s.to)
		}
		c.current = now
	}
}

// moved notes what else may have become of the event that the client lacked
// longest: it came late or damaged, or is known to be lost.
func (s *Shard) moved(c *Client, was uint64, now int64) {
	oldest := c.oldest()
	c.holed = oldest != c.next
	if oldest == was || now <= c.current {
		return
	}
	if !s.raw && c.aside() == nil && now > s.from && c.current < s.to {
		s.lacks = append(s.lacks, lack{c.topic, c.life, c.life, was, c.current, now})
	}
	c.current = now
}

// staleness fills in how long clients were stale by how much, in the phase of the
// books. What is lacked at the end is lacked until the end of the phase.
func (r *Recorder) staleness(b *Books, t *results.Trial) {
	if r.shards[0].raw || b.journal.To <= b.journal.From {
		return
	}
	all := newAges()
	from, to := b.journal.From, b.journal.To
	for _, s := range r.shards {
		all.add(&s.ages)
		for _, l := range s.lacks {
			if due, known := b.due(l.topic, int(l.life), int(l.until), l.n); known {
				all.between(due, l.since, l.upto, from, to)
			}
		}
	}
	var present int64
	for i := range r.clients {
		c := &r.clients[i]
		if !c.joined || c.aside() != nil {
			continue
		}
		present += to - from
		if due, known := b.due(c.topic, int(c.life), len(b.ledgers)-1, c.oldest()); known {
			all.between(due, c.current, to, from, to)
		}
	}
	if present == 0 {
		return
	}
	t.Staleness = &results.Staleness{
		Mean:  time.Duration(all.area / float64(present)),
		Max:   time.Duration(all.peak),
		Ramps: all.ramps,
	}
	t.Histograms[results.Stale] = all.histogram(present)
}

// due is when event n of a life was due, or if there is none the first one of those
// that follow.
func (b *Books) due(topic int32, life, until int, n uint64) (instant int64, known bool) {
	for ; life <= until; life, n = life+1, 1 {
		if int(topic) >= len(b.lives[life]) {
			continue
		}
		s := &b.lives[life][topic]
		if n >= s.First && n-s.First < uint64(len(s.Due)) {
			return s.Due[n-s.First], true
		}
	}
	return 0, false
}
