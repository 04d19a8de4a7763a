package transporttest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// An audience is the clients of a crowd, each held to the promise as it is told
// something. Its methods are safe for concurrent use.
type audience struct {
	judge rules

	mu      sync.Mutex
	seats   []*witness
	goals   map[string]uint64 // the last number that is waited for, by topic
	breaks  int               // each client's broken connections that are waited for
	reached chan struct{}     // closed when nothing is waited for any more
	failed  chan struct{}     // closed at the first breach of the promise
	err     error             // that breach
}

// Rules are what a witness minds.
type rules uint8

const (
	strict   rules = iota // every number once, in order, with its text; no gaps
	withGaps              // the same, but gap notices are part of the plan
	lenient               // nothing: the accounting is to find out
)

func newAudience(judge rules) *audience { return &audience{judge: judge, failed: make(chan struct{})} }

// A witness is one client's seat. Its fields are guarded by the audience.
type witness struct {
	audience *audience
	topic    string
	next     uint64 // the number that must come next; 0 before the hello
	broken   int    // connections broken on purpose
	left     bool   // for good
	got      int64  // events
	missed   int64  // events that notices named
}

// seat gives the next client its place and listens to what its half is told. A
// breaker, if any, breaks its connections.
func (a *audience) seat(half engine.Conversation, topic string, b breaker) engine.Conversation {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := &witness{audience: a, topic: topic}
	a.seats = append(a.seats, w)
	o := &observed{Conversation: half, witness: w, breaker: b}
	if asker, ok := half.(engine.Asker); ok {
		return struct {
			*observed
			engine.Asker
		}{o, asker}
	}
	return o
}

// await returns when every client that has not left has its topic's event of
// the number given; the error is a breach of the promise, or the context's
// cause.
func (a *audience) await(ctx context.Context, goals map[string]uint64) error {
	a.mu.Lock()
	a.goals = goals
	return a.wait(ctx)
}

// awaitBreaks returns when that many connections of every client have been
// broken from now on.
func (a *audience) awaitBreaks(ctx context.Context, count int) error {
	a.mu.Lock()
	for _, w := range a.seats {
		w.broken = 0
	}
	a.breaks = count
	return a.wait(ctx)
}

// wait takes over the lock.
func (a *audience) wait(ctx context.Context) error {
	a.reached = make(chan struct{})
	reached := a.reached
	a.look()
	a.mu.Unlock()
	select {
	case <-reached:
		return nil
	case <-a.failed:
		return a.err
	case <-ctx.Done():
		return fmt.Errorf("%w: %s", context.Cause(ctx), a.standing())
	}
}

// look sees whether what is waited for has come. Caller holds mu.
func (a *audience) look() {
	if a.reached == nil {
		return
	}
	for _, w := range a.seats {
		if !w.left && (w.next <= a.goals[w.topic] || w.broken < a.breaks) {
			return
		}
	}
	close(a.reached)
	a.reached, a.goals, a.breaks = nil, nil, 0
}

// standing says what was last heard of each client.
func (a *audience) standing() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var next []uint64
	for _, w := range a.seats {
		next = append(next, w.next)
	}
	slices.Sort(next)
	return fmt.Sprintf("clients wait for numbers %v, and should have %v", slices.Compact(next), a.goals)
}

// sum adds up what the clients have.
func (a *audience) sum() (total witness) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range a.seats {
		total.got += w.got
		total.missed += w.missed
		total.broken += w.broken
	}
	return total
}

// broke notes that a connection was broken on purpose, perhaps for good.
func (w *witness) broke(left bool) {
	w.audience.mu.Lock()
	defer w.audience.mu.Unlock()
	w.broken++
	w.left = w.left || left
	w.audience.look()
}

// breach is the end of the trust in a transport. Caller holds the lock.
func (w *witness) breach(format string, args ...any) {
	if a := w.audience; a.err == nil && a.judge != lenient {
		a.err = fmt.Errorf(format, args...)
		close(a.failed)
	}
}

// Hello implements engine.Listener.
func (w *witness) Hello(c wire.Cursor) {
	w.audience.mu.Lock()
	defer w.audience.mu.Unlock()
	if w.next != 0 {
		w.breach("a hello at %v where event %d was to come", c, w.next)
	}
	w.next = c.N + 1
	w.audience.look()
}

// Event implements engine.Listener.
func (w *witness) Event(ev *wire.Event) {
	a := w.audience
	a.mu.Lock()
	defer a.mu.Unlock()
	if ev.N != w.next {
		w.breach("event %d of %s where %d was to come", ev.N, w.topic, w.next)
	} else if want := text(w.topic, ev.N); !bytes.Equal(ev.Data, want) {
		w.breach("event %d of %s says %q, want %q", ev.N, w.topic, ev.Data, want)
	}
	w.got++
	w.next = max(w.next, ev.N+1)
	a.look()
}

// Gap implements engine.Listener.
func (w *witness) Gap(g *wire.Gap) {
	a := w.audience
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.judge == strict || g.From != w.next || g.To < g.From || g.Epoch != "" || g.Cursor.N != g.To {
		w.breach("a %v where event %d of %s was to come", word{gap: g}, w.next, w.topic)
	}
	w.missed += int64(g.To + 1 - g.From)
	w.next = max(w.next, g.To+1)
	a.look()
}
