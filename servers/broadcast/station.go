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
	loop      *lean.Loop
	framing   Framing
	opts      Options
	audiences map[*source.Topic]*lean.Audience[*Reader]
	readers   []*Reader // in no order; each knows its place

	runs    [runs]run
	last    *run   // the one that was used last
	oldest  int    // of runs: the next one to be replaced
	scratch []byte // a frame that only one client gets

	rounds alarm.Timer // wakes the next tending
	at     int         // readers that this round has still to tend; 0 between two rounds
	next   int64       // when the next round is due, as far as this one has seen
}

// New makes a station on the loop.
func New(l *lean.Loop, f Framing, o Options) *Station {
	return &Station{loop: l, framing: f, opts: o, audiences: make(map[*source.Topic]*lean.Audience[*Reader])}
}

// Leave tells all clients to leave, as Client.Leave says.
func (s *Station) Leave(now int64) {
	for i := len(s.readers) - 1; i >= 0; i-- {
		if i < len(s.readers) { // the others may have gone with one
			s.readers[i].client.Leave(now)
		}
	}
}

// News implements lean.Herald.
func (s *Station) News(now int64, t *source.Topic) {
	for r := range s.audiences[t].All(s.loop.Source().Rotate()) {
		if !r.waiting {
			r.advance(now)
		}
	}
}

// audience is that of the topic, watched from now on at the latest.
func (s *Station) audience(t *source.Topic) *lean.Audience[*Reader] {
	a, known := s.audiences[t]
	if !known {
		a = new(lean.Audience[*Reader])
		s.audiences[t] = a
		s.loop.Watch(t, s)
	}
	return a
}

func (s *Station) add(r *Reader, now int64) {
	r.place = int32(len(s.readers))
	s.readers = append(s.readers, r)
	if !s.rounds.Armed() {
		s.loop.At(&s.rounds, now+int64(s.opts.interval()), s)
	}
}

func (s *Station) remove(r *Reader) {
	last := len(s.readers) - 1
	moved := s.readers[last]
	s.readers[r.place], moved.place = moved, r.place
	s.readers[last] = nil
	s.readers = s.readers[:last]
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
// Note: a timer for each of them costs more memory than all else that an idle
// client needs, and setting it anew with every event more time than the event.
func (s *Station) Alarm(now int64) {
	interval := int64(s.opts.interval())
	if s.at == 0 {
		s.at, s.next = len(s.readers), now+interval
	}
	// Downwards: who leaves meanwhile is replaced by one that has had its turn.
	s.at = min(s.at, len(s.readers))
	for left := handful; s.at > 0 && left > 0; left-- {
		s.at--
		if s.at < len(s.readers) {
			s.next = min(s.next, s.readers[s.at].client.Tend(now))
		}
	}
	switch {
	case s.at > 0:
		s.loop.At(&s.rounds, now+pause, s)
	case len(s.readers) > 0:
		s.loop.At(&s.rounds, max(s.next, now+interval/rarely), s)
	}
}
