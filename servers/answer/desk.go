package answer

import (
	"sync"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A Desk answers for one source. Its methods are safe for concurrent use.
type Desk struct {
	limit   int
	text    func(*source.Entry) *[]byte // of a raw source: an entry as JSON string
	shelves sync.Map                    // *source.Topic → *shelf
}

// NewDesk makes a desk whose answers have at most limit events each.
func NewDesk(src *source.Source, limit int) *Desk {
	d := &Desk{limit: limit}
	if src.Raw() {
		d.text = source.Once(src, func(e *source.Entry) *[]byte {
			text := wire.AppendText(make([]byte, 0, len(e.Bytes)+2), e.Bytes)
			return &text
		})
	}
	return d
}

// First is what to answer a request at once: a hello, a gap, events, or that
// there is nothing. It lets the topic know what the client of that address has.
func (d *Desk) First(s request.Subscription, client string) *Answer {
	if s.Cursor.IsZero() {
		return d.hello(s.Topic)
	}
	after, gap := s.Topic.Resume(s.Cursor)
	if gap == nil {
		s.Topic.Presented(client, after)
	}
	return d.from(s.Topic, after, gap)
}

// After is what to answer somebody who has the topic's events up to that number.
func (d *Desk) After(t *source.Topic, after uint64) *Answer { return d.from(t, after, nil) }

func (d *Desk) hello(t *source.Topic) *Answer {
	s := d.shelf(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	return d.share(s, t, content{cursor: t.Head(), entries: s.spare[:0]})
}

func (d *Desk) from(t *source.Topic, after uint64, gap *wire.Gap) *Answer {
	s := d.shelf(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := t.Since(after, d.limit, s.spare[:0])
	c := content{cursor: r.Cursor, more: r.More, gap: r.Gap, entries: r.Entries}
	if gap != nil {
		if r.Gap != nil { // more fell off the log since the notice was made
			gap.To, gap.Cursor = r.Gap.To, r.Gap.Cursor
		}
		c.gap = gap
	}
	c.nothing = c.gap == nil && c.cursor == after && len(c.entries) == 0
	return d.share(s, t, c)
}

func (d *Desk) shelf(t *source.Topic) *shelf {
	s, ok := d.shelves.Load(t)
	if !ok {
		s, _ = d.shelves.LoadOrStore(t, new(shelf))
	}
	return s.(*shelf)
}

// share returns the answer with this content from the shelf, or makes it. The
// caller holds s.mu, and c.entries are on s.spare.
//
// Note: encoding under the shelf's lock makes those who want the same wait for
// it instead of encoding it again. The log is not locked meanwhile.
func (d *Desk) share(s *shelf, t *source.Topic, c content) *Answer {
	if a := s.find(&c); a != nil {
		clear(c.entries) // spare keeps no event alive
		s.spare = c.entries
		return a
	}
	a := d.encode(t, &c)
	s.put(c, a)
	s.spare = nil // what was on it stays on the shelf
	return a
}

func (d *Desk) encode(t *source.Topic, c *content) *Answer {
	cursor := t.Cursor(c.cursor)
	if c.nothing {
		return nothing(cursor)
	}
	events := make([][]byte, len(c.entries))
	for i, e := range c.entries {
		if events[i] = e.Bytes; d.text != nil {
			events[i] = *d.text(e)
		}
	}
	return batch(&wire.Batch{Cursor: cursor, More: c.more, Gap: c.gap}, events)
}
