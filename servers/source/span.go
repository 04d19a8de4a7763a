package source

import "pushbench/servers/wire"

// A Span is what follows one cursor of a topic, looked up once for all the
// readers that stand there. It is for one goroutine.
type Span struct {
	Reading
	topic  *Topic
	after  uint64
	tip    uint64 // of the topic when it was looked up
	events int    // what a reader there lacks, in the terms of a Limit
	bytes  int64
}

// Look makes s what follows the cursor: at most limit entries, and a handful of
// bytes. Entries of before are overwritten.
func (s *Span) Look(t *Topic, after uint64, limit int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(s.Entries) // what is not overwritten must not be kept alive
	s.topic, s.after, s.tip = t, after, t.tip()
	s.events, s.bytes = t.lacks(after)
	s.Reading = t.since(after, limit, handful, s.Entries[:0])
}

// Holds says whether s still is all that there is to say to a reader of the topic
// at that cursor. It takes no lock.
func (s *Span) Holds(t *Topic, after uint64) bool {
	return s.topic == t && s.after == after && s.tip == t.Tip()
}

// Tip is the number of the newest event that readers may be shown. It takes no
// lock, and follows Publish at once.
func (t *Topic) Tip() uint64 { return t.shown.Load() }

// Current says whether Next would have nothing. It takes no lock.
func (s *Subscription) Current() bool { return s.cursor >= s.topic.Tip() }

// Take is Next by way of a span that holds for the follower, and says nothing
// about what was handed out before: see Wrote. For a follower beyond its limit it
// returns a notice that stands in the span's place, or ErrSlow. It takes no lock
// for who is not too slow.
func (f *Follower) Take(s *Span) (instead *wire.Gap, err error) {
	if f.current && f.rule.Limit.exceeded(s.events, s.bytes) {
		return f.skipped()
	}
	if s.Gap != nil && f.begun {
		if f.found(); f.rule.Policy == Disconnect {
			return nil, ErrSlow
		}
	}
	f.begun = true
	f.current = f.current || !s.More
	f.cursor = s.Cursor
	return nil, nil
}

// Wrote says that everything that was handed out has been written. Next says so
// by itself, when it is called again.
func (s *Subscription) Wrote() {
	// Both this and pace look at what the other has stored only after storing: one
	// of them, at least, sees the other, and so nobody is counted as behind who is
	// not.
	s.wrote.Store(s.cursor)
	if s.topic.source.pacing.Load() {
		s.topic.mu.Lock()
		defer s.topic.mu.Unlock()
		s.caughtUp()
	}
}

// caughtUp notes while the source is paced that the subscription has written the
// newest event, if so. Caller holds topic.mu.
func (s *Subscription) caughtUp() {
	if t := s.topic; t.source.pacing.Load() && s.wrote.Load() == t.head && s.has < t.head {
		s.has = t.head
		t.source.caughtUp(1)
	}
}

// lacks is how many events follow the cursor, and how many bytes those are of
// which the log still has any. Caller holds mu.
func (t *Topic) lacks(after uint64) (events int, bytes int64) {
	if after >= t.head {
		return 0, 0
	}
	events = int(t.head - after)
	if oldest := max(after+1, t.first); oldest <= t.head {
		bytes = t.sent - t.ring[oldest%uint64(len(t.ring))].before
	}
	return events, bytes
}
