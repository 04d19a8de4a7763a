package source

import (
	"iter"
	"sync/atomic"

	"pushbench/servers/wire"
)

// A Subscription is the live cursor of one connection. Its methods are for one
// goroutine at a time.
type Subscription struct {
	topic  *Topic
	ring   ring
	cursor uint64        // handed out to the connection
	has    uint64        // the newest event for which it counted as caught up, while pacing; guarded by topic.mu
	wrote  atomic.Uint64 // known to be written
}

// Subscribe starts a subscription whose first event is the one after the number
// given. Close ends it.
func (t *Topic) Subscribe(after uint64) *Subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &Subscription{topic: t, cursor: after}
	t.join(s)
	return s
}

// SubscribeHead is Subscribe at the newest event, which it returns: what a
// subscriber without a cursor is told in its hello.
func (t *Topic) SubscribeHead() (*Subscription, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &Subscription{topic: t, cursor: t.head}
	t.join(s)
	return s, s.cursor
}

func (t *Topic) join(s *Subscription) {
	s.wrote.Store(s.cursor)
	t.subs.add(s)
	if t.source.pacing.Load() {
		if s.has = s.cursor; s.cursor < t.head {
			t.source.behind.Add(1)
		}
	}
}

// handful bounds the bytes that Next hands out at once, but for the last entry.
// Whatever has been handed out goes to a client however slow it turns out to be: its
// policy is asked before the next handful.
const handful = 16 << 10

// Next returns at most limit entries that follow, and a handful of bytes, and moves
// the cursor past them, or none when there is nothing new. Asking for the next ones says that
// the ones before have been written.
func (s *Subscription) Next(limit int, dst []*Entry) Reading {
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	s.wrote.Store(s.cursor)
	s.caughtUp()
	r := t.since(s.cursor, limit, handful, dst)
	s.cursor = r.Cursor
	return r
}

// Skip moves the cursor to the newest event and returns the notice of what was
// skipped, or nil: the policy for a client too slow to be worth its backlog.
func (s *Subscription) Skip() *wire.Gap {
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.cursor == t.head {
		return nil
	}
	g := &wire.Gap{From: s.cursor + 1, To: t.head, Cursor: t.Cursor(t.head)}
	s.cursor = t.head
	return g
}

// Lacks is how many events the subscription has not been handed yet, and how
// many bytes those are of which the log still has any.
func (s *Subscription) Lacks() (events int, bytes int64) {
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lacks(s.cursor)
}

// Cursor is the number of the last event handed out.
func (s *Subscription) Cursor() uint64 { return s.cursor }

// Changed is closed as soon as Next has something.
func (s *Subscription) Changed() <-chan struct{} { return s.topic.Changed(s.cursor) }

// Topic is what it subscribes to.
func (s *Subscription) Topic() *Topic { return s.topic }

// Close ends the subscription. It may be called more than once.
func (s *Subscription) Close() {
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.subs.remove(s) {
		return
	}
	if t.source.pacing.Load() && s.has < t.head {
		t.source.caughtUp(1)
	}
}

// Subscribers is the number of live subscriptions to the topic.
func (t *Topic) Subscribers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.subs.count
}

// Written calls yield once for each live subscription with the number of the
// last event known to be written to it.
func (t *Topic) Written(yield func(wrote uint64)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.subs.all() {
		yield(s.wrote.Load())
	}
}

// Presented notes, while the source is paced by its readers, that the client
// known by that address asked for what follows the cursor: so a polling client,
// which has no subscription between its requests, says what it has.
func (t *Topic) Presented(client string, after uint64) {
	if !t.source.pacing.Load() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s, known := t.asked[client]
	if !known {
		if t.asked == nil {
			t.asked = make(map[string]*Subscription)
		}
		s = &Subscription{topic: t, has: t.head}
		t.asked[client] = s
		if after < t.head {
			s.has = after
			t.source.behind.Add(1)
		}
	}
	s.cursor = after
	s.wrote.Store(after)
	if after == t.head && s.has < t.head {
		s.has = t.head
		t.source.caughtUp(1)
	}
}

// Left forgets what Presented noted of a client whose connection has ended.
func (s *Source) Left(client string) {
	if !s.pacing.Load() {
		return
	}
	for _, t := range s.Topics() {
		t.mu.Lock()
		if sub, ok := t.asked[client]; ok {
			delete(t.asked, client)
			if sub.has < t.head {
				s.caughtUp(1)
			}
		}
		t.mu.Unlock()
	}
}

// atHead is how many cursors had event n, the newest until now, and so fall
// behind by the next. Caller holds mu.
func (t *Topic) atHead(n uint64) int {
	count := 0
	for s := range t.cursors() {
		if s.has >= n {
			count++
		}
	}
	return count
}

// pace counts how many cursors lack their topic's last event. From now on
// Publish, Next and Presented keep that count.
func (s *Source) pace() {
	topics := s.Topics()
	for _, t := range topics {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	s.pacing.Store(true)
	behind := 0
	for _, t := range topics {
		for sub := range t.cursors() {
			if sub.has = sub.wrote.Load(); sub.has < t.head {
				behind++
			}
		}
	}
	s.behind.Store(int64(behind)) // from scratch: an earlier load may have left some
}

// cursors are those of all subscriptions and polling clients. Caller holds mu.
func (t *Topic) cursors() iter.Seq[*Subscription] {
	return func(yield func(*Subscription) bool) {
		for s := range t.subs.all() {
			if !yield(s) {
				return
			}
		}
		for _, s := range t.asked {
			if !yield(s) {
				return
			}
		}
	}
}
