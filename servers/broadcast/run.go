package broadcast

import (
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// runs is how many encoded runs a station keeps. Clients that keep up stand at
// one cursor; after a burst of events all of them go through the same few.
const runs = 8

// roomy is the largest buffer that a run keeps when it is used anew.
const roomy = 64 << 10

// A run is what follows one cursor, as bytes.
type run struct {
	span   source.Span
	bytes  []byte
	shared bool   // the bytes never change
	buffer []byte // where they are, if not
}

// find returns what follows the follower's cursor, from the runs or from the log.
func (s *Station) find(f *source.Follower) *run {
	topic, cursor := f.Topic(), f.Cursor()
	if s.last != nil && s.last.span.Holds(topic, cursor) {
		return s.last
	}
	for i := range s.runs {
		if s.runs[i].span.Holds(topic, cursor) {
			s.last = &s.runs[i]
			return s.last
		}
	}
	s.last = &s.runs[s.oldest]
	s.oldest = (s.oldest + 1) % runs
	s.last.look(topic, cursor, s.opts.perWrite(), s.framing)
	return s.last
}

func (r *run) look(t *source.Topic, after uint64, limit int, f Framing) {
	r.span.Look(t, after, limit)
	if r.shared = r.span.Gap == nil && len(r.span.Entries) == 1; r.shared {
		r.bytes = f.Event(r.span.Entries[0])
		return
	}
	if cap(r.buffer) > roomy {
		r.buffer = nil
	}
	r.buffer = f.Append(r.buffer[:0], &r.span.Reading)
	r.bytes = r.buffer
}

// notice is the frame of a gap that one client alone has.
func (s *Station) notice(g *wire.Gap) []byte {
	s.scratch = s.framing.Append(s.scratch[:0], &source.Reading{Gap: g})
	return s.scratch
}
