// Package broadcast is what lean streams have in common beside their framing:
// clients of one event loop that follow topics. What follows a cursor is looked up
// and encoded once for all who stand there; what a client lacks goes out in one
// write; and one that the kernel takes no more for is left alone until it has
// drained. Logs and cursors are the only state: there is no queue per client.
//
// Everything belongs to the goroutine of the loop.
package broadcast

import (
	"cmp"
	"time"

	"pushbench/servers/alarm"
	"pushbench/servers/lean"
	"pushbench/servers/source"
)

// A Framing is how a transport says what a topic has.
type Framing interface {
	// Event is the frame of an entry. It is the same for all who get it, and never
	// changes: see source.Once.
	Event(e *source.Entry) []byte
	// Append appends the frames of a reading: of its gap, if there is one, and of
	// its entries.
	Append(dst []byte, r *source.Reading) []byte
}

// Options describe a station. The zero value is useful.
type Options struct {
	// PerWrite is how many events at most share a write. Zero means as many as a
	// client lacks, up to 16 KiB.
	PerWrite int
	// WriteTimeout is how long what was written may wait for the kernel to take it,
	// before the client's connection is ended. Zero means 10 s.
	WriteTimeout time.Duration
	// Interval is the shortest distance at which clients want to be tended. Zero
	// means 15 s.
	Interval time.Duration
}

func (o Options) perWrite() int               { return cmp.Or(o.PerWrite, 1024) }
func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, 10*time.Second) }
func (o Options) interval() time.Duration     { return cmp.Or(o.Interval, 15*time.Second) }

// A Station is where the clients of one loop are that get the same frames.
type Station struct {
	loop    *lean.Loop
	framing Framing
	opts    Options
	rooms   map[*source.Topic]*room
	order   []*room // the same in the order of their first readers

	runs    [runs]run
	last    *run   // the one that was used last
	oldest  int    // of runs: the next one to be replaced
	scratch []byte // a frame that only one client gets

	readers int
	rounds  alarm.Timer // wakes the next tending
	under   bool        // a round is under way
	room    int         // of order: which this round has come to
	seat    int         // how many there it has still to tend
	next    int64       // when the next round is due, as far as this one has seen
}

// New makes a station on the loop.
func New(l *lean.Loop, f Framing, o Options) *Station {
	return &Station{loop: l, framing: f, opts: o, rooms: make(map[*source.Topic]*room)}
}

// Leave tells all clients to leave, as Client.Leave says.
func (s *Station) Leave(now int64) {
	for _, a := range s.order {
		for r := range a.All(false) {
			r.client().Leave(now)
		}
	}
}

// News implements lean.Herald.
func (s *Station) News(now int64, t *source.Topic) { s.rooms[t].news(now) }

// enter is the topic's room, watched from now on at the latest.
func (s *Station) enter(t *source.Topic) *room {
	r, known := s.rooms[t]
	if !known {
		r = &room{station: s, topic: t}
		s.rooms[t] = r
		s.order = append(s.order, r)
		s.loop.Watch(t, s)
	}
	return r
}

func (s *Station) add(r *Reader, now int64) {
	s.readers++
	s.enter(r.Topic()).Join(r, &r.seat)
	if !s.rounds.Armed() {
		s.loop.At(&s.rounds, now+int64(s.opts.interval()), s)
	}
}

func (s *Station) remove(r *Reader) {
	s.readers--
	s.rooms[r.Topic()].Leave(&r.seat)
}

const (
	// handful is how many clients are tended in a row: each may be written to, and
	// events must not wait for all.
	handful = 128
	// pause is for what else the loop has to do between two handfuls.
	pause = int64(50 * time.Microsecond)
	// rarely is how many rounds there are in an interval at most. So everyone is
	// tended up to the sixteenth part of it late.
	rarely = 16
)

// Alarm implements alarm.Alarmer: it tends a handful of the clients.
//
// Note: a timer for each of them costs as much memory as what it watches, and
// setting it anew with every event more time than the event.
func (s *Station) Alarm(now int64) {
	interval := int64(s.opts.interval())
	if !s.under {
		s.under, s.room, s.seat, s.next = true, -1, 0, now+interval
	}
	for range handful {
		r := s.following()
		if r == nil {
			break
		}
		s.next = min(s.next, r.client().Tend(now))
	}
	switch {
	case s.under:
		s.loop.At(&s.rounds, now+pause, s)
	case s.readers > 0:
		s.loop.At(&s.rounds, max(s.next, now+interval/rarely), s)
	}
}

// following is whom the round comes to next, or nobody at its end. It goes through
// each audience from the last seat on: who leaves meanwhile is replaced by one that
// has had its turn.
func (s *Station) following() *Reader {
	for s.seat == 0 {
		if s.room++; s.room == len(s.order) {
			s.under = false
			return nil
		}
		s.seat = s.order[s.room].Len()
	}
	a := s.order[s.room]
	if s.seat = min(s.seat, a.Len()); s.seat == 0 {
		return s.following()
	}
	s.seat--
	return a.Member(s.seat)
}
