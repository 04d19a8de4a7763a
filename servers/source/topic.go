package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"pushbench/servers/wire"
)

// An Entry is a published event as the log keeps it. It never changes after
// Publish, so any number of readers may hold it.
type Entry struct {
	wire.Event
	// Bytes is the event as it is sent: the envelope, or the bare payload of a
	// raw source.
	Bytes  []byte
	before int64 // bytes of all events of the topic before this one
	frames [MaxFramings]atomic.Pointer[any]
}

// A Topic is one bounded log. All methods are safe for concurrent use.
//
// Note: a channel per subscriber was the other way. It hides the slow reader's
// losses in a drop policy; a cursor that falls off the log counts them.
type Topic struct {
	source *Source
	name   string
	index  int

	mu       sync.Mutex
	ring     []*Entry // entry n is at n modulo len; grows up to Keep
	first    uint64   // number of the oldest entry kept; head+1 when there is none
	head     uint64   // number of the newest event published
	held     bool     // which a view holds back
	bytes    int
	sent     int64     // bytes of all events so far
	wait     waiters   // woken by the next Publish
	watchers []Watcher // told by every Publish; only ever appended to
	subs     subscriptions
	asked    map[string]*Subscription // cursors of polling clients, while pacing

	shown atomic.Uint64 // tip, for those who do not hold mu
}

// Name is the topic's name.
func (t *Topic) Name() string { return t.name }

// Head is the number of the newest event, the one before the first if none.
func (t *Topic) Head() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head
}

// Cursor is the cursor of somebody who has event n of this topic.
func (t *Topic) Cursor(n uint64) wire.Cursor { return wire.Cursor{Epoch: t.source.opts.Epoch, N: n} }

// Publish numbers, stamps and keeps an event and wakes those who wait for this
// topic, and nobody else. Data is kept, so the caller must not change it. The
// errors are ErrPayload.
func (t *Topic) Publish(m wire.Message) (uint64, error) {
	e, err := t.publish(m, false)
	if err != nil {
		return 0, err
	}
	return e.N, nil
}

// check says why the message cannot be published, and brings it into the form in
// which it is.
func (t *Topic) check(m *wire.Message) error {
	if err := wire.CheckType(m.Type); err != nil {
		return fmt.Errorf("%w: %w", ErrPayload, err)
	}
	raw := t.source.opts.Raw
	switch {
	case !utf8.Valid(m.Data): // which json.Valid lets pass
		return fmt.Errorf("%w: the data is not UTF-8", ErrPayload)
	case !raw && !json.Valid(m.Data):
		return fmt.Errorf("%w: the data is not JSON", ErrPayload)
	case !raw:
		m.Data = bytes.Trim(m.Data, " \t\r\n") // the wire has no space around a value
	}
	return nil
}

// publish is Publish, also of what a client has said.
func (t *Topic) publish(m wire.Message, said bool) (*Entry, error) {
	if err := t.check(&m); err != nil {
		return nil, err
	}
	e := &Entry{Event: wire.Event{Due: m.Due, Type: m.Type, Data: m.Data}}

	t.mu.Lock()
	if t.head >= lastNumber {
		t.mu.Unlock()
		return nil, fmt.Errorf("%w: the topic's numbers are used up", ErrPayload)
	}
	e.N = t.head + 1
	e.Pub, e.Wall = wire.Now(), wire.Wall()
	if e.Due == 0 {
		e.Due = e.Pub
	}
	if t.source.opts.Raw {
		e.Bytes = e.Data
	} else {
		e.Bytes = wire.AppendEvent(make([]byte, 0, len(e.Data)+128), &e.Event)
	}
	t.keep(e)
	if t.source.pacing.Load() {
		t.source.behind.Add(int64(t.atHead(e.N - 1)))
	}
	var waiting waiters
	var watching []Watcher
	if t.held = t.source.holds(e.N); !t.held {
		waiting, t.wait = t.wait, waiters{}
		watching = t.watchers
	}
	t.shown.Store(t.tip())
	if t.source.opts.Journal != nil {
		t.source.opts.Journal.add(t.index, e.N, e.Due, e.Pub, said)
	}
	t.mu.Unlock()

	waiting.wake(e.N)
	tellAll(watching)
	return e, nil
}

// keep appends e and drops what the bounds no longer allow. Caller holds mu.
func (t *Topic) keep(e *Entry) {
	t.head = e.N
	e.before = t.sent
	t.sent += int64(len(e.Bytes))
	limit := t.source.opts.Keep
	if limit == 0 {
		t.first = t.head + 1
		return
	}
	if kept := int(t.head - t.first); kept == len(t.ring) && kept < limit {
		// Note: a topic per client means thousands of logs that hold a few
		// events each, so a ring starts small.
		grown := make([]*Entry, min(limit, max(4, 2*kept)))
		for n := t.first; n < t.head; n++ {
			grown[n%uint64(len(grown))] = t.ring[n%uint64(len(t.ring))]
		}
		t.ring = grown
	}
	for t.first < t.head && (int(t.head-t.first) >= len(t.ring) || t.bytes+len(e.Bytes) > t.source.opts.KeepBytes) {
		slot := &t.ring[t.first%uint64(len(t.ring))]
		t.bytes -= len((*slot).Bytes)
		*slot = nil
		t.first++
	}
	t.ring[t.head%uint64(len(t.ring))] = e
	t.bytes += len(e.Bytes)
}

// closed is the answer of Changed when there is no need to wait.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Changed returns a channel that is closed as soon as there is an event after
// the number given: one select can wait for it, a heartbeat and a context.
func (t *Topic) Changed(after uint64) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tip() > after {
		return closed
	}
	return t.wait.join(t.source.opts.Rotate)
}

// Wait returns nil as soon as there is an event after the number given, or the
// context's cause.
func (t *Topic) Wait(ctx context.Context, after uint64) error {
	select {
	case <-t.Changed(after):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A Reading is what Since found.
type Reading struct {
	Entries []*Entry
	Gap     *wire.Gap // set when events between the cursor and Entries are gone
	Cursor  uint64    // the reader's cursor afterwards
	More    bool      // there is more than was asked for
}

// Since returns at most limit entries after the cursor given, appended to dst.
// It copies no payloads. A cursor ahead of the log is not one of this log's:
// Resume is for those who got it from outside.
func (t *Topic) Since(after uint64, limit int, dst []*Entry) Reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.since(after, limit, math.MaxInt64, dst)
}

func (t *Topic) since(after uint64, limit int, bytes int64, dst []*Entry) Reading {
	r := Reading{Entries: dst, Cursor: min(after, t.head)}
	tip := t.tip()
	if r.Cursor >= tip {
		return r
	}
	if r.Cursor+1 < t.first {
		r.Gap = &wire.Gap{From: r.Cursor + 1, To: t.first - 1, Cursor: t.Cursor(t.first - 1)}
		r.Cursor = t.first - 1
	}
	from := r.Cursor
	for r.Cursor < tip && int(r.Cursor-from) < limit && bytes > 0 {
		r.Cursor++
		e := t.ring[r.Cursor%uint64(len(t.ring))]
		r.Entries = append(r.Entries, e)
		bytes -= int64(len(e.Bytes))
	}
	if view := t.source.opts.View; view != nil && len(r.Entries) > len(dst) {
		var next *Entry
		if r.Cursor < t.head {
			next = t.ring[(r.Cursor+1)%uint64(len(t.ring))]
		}
		shown, upto := view.Show(r.Entries[len(dst):], next)
		r.Entries, r.Cursor = append(r.Entries[:len(dst):len(dst)], shown...), upto
	}
	r.More = r.Cursor < tip
	return r
}

// Resume decides where somebody who presents the cursor c starts. A cursor of
// another epoch or ahead of the log belongs to no life of this log: its bearer
// gets a gap notice with that epoch and everything that is still kept. The gap
// is nil when the cursor can simply be continued, also when events after it
// have fallen off the log: Since tells that.
func (t *Topic) Resume(c wire.Cursor) (after uint64, gap *wire.Gap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.Epoch == t.source.opts.Epoch && c.N <= t.head && c.N >= t.source.opts.After {
		return c.N, nil
	}
	to := t.first - 1
	return to, &wire.Gap{From: t.source.opts.After + 1, To: to, Cursor: t.Cursor(to), Epoch: c.Epoch}
}
