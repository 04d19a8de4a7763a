package answer

import (
	"slices"
	"sync"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

const (
	// places is how many answers a shelf has room for. Clients that poll at all
	// phases of an interval still ask from one or two cursors at a time.
	places = 4
	// shelfBytes bounds the bodies on one shelf. The newest stays whatever its
	// size.
	shelfBytes = 1 << 20
)

// A shelf holds the last answers of one topic.
type shelf struct {
	mu    sync.Mutex
	kept  [places]kept // newest first
	bytes int
	spare []*source.Entry // room for the next look into the log
}

type kept struct {
	content content
	answer  *Answer // nil: the place is free
}

// A content is everything that an answer says.
type content struct {
	nothing bool
	cursor  uint64
	more    bool
	gap     *wire.Gap
	entries []*source.Entry
}

// find returns the answer that has this content, or nil. It compares all of it,
// the events by identity, so that no rule about what a log shows to whom has to
// hold for an answer to be the right one.
func (s *shelf) find(c *content) *Answer {
	for i := range s.kept {
		k := &s.kept[i]
		if k.answer == nil {
			return nil
		}
		if k.content.equal(c) {
			return k.answer
		}
	}
	return nil
}

func (c *content) equal(d *content) bool {
	return c.nothing == d.nothing && c.cursor == d.cursor && c.more == d.more &&
		(c.gap == nil) == (d.gap == nil) && (c.gap == nil || *c.gap == *d.gap) &&
		slices.Equal(c.entries, d.entries)
}

// put keeps the answer and lets the oldest ones go.
func (s *shelf) put(c content, a *Answer) {
	if last := s.kept[places-1].answer; last != nil {
		s.bytes -= len(last.body)
	}
	copy(s.kept[1:], s.kept[:])
	s.kept[0] = kept{c, a}
	s.bytes += len(a.body)
	for i := places - 1; i > 0 && s.bytes > shelfBytes; i-- {
		if old := s.kept[i].answer; old != nil {
			s.bytes -= len(old.body)
			s.kept[i] = kept{}
		}
	}
}
