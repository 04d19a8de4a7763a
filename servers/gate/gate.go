// Package gate counts the clients that a server half holds on to, and lets them
// be told to leave.
package gate

import (
	"context"
	"errors"
	"sync"
)

// A Gate counts who is inside and can be closed, once and for good. Its methods
// are safe for concurrent use.
//
// Note: a sync.WaitGroup forbids to enter while somebody waits for it to be
// empty, and that is the very moment in which requests still arrive.
type Gate struct {
	ctx   context.Context
	end   context.CancelCauseFunc
	cause error

	mu     sync.Mutex
	inside int
	closed bool
	empty  chan struct{} // closed when closed and nobody is inside
}

// New makes an open gate with nobody inside. Its context will end with the cause.
func New(cause error) *Gate {
	ctx, end := context.WithCancelCause(context.Background())
	return &Gate{ctx: ctx, end: end, cause: cause, empty: make(chan struct{})}
}

// Context ends when the gate is closed: it tells those inside to leave.
func (g *Gate) Context() context.Context { return g.ctx }

// Enter returns false when the gate is closed. Leave must follow otherwise.
func (g *Gate) Enter() bool { return g.EnterBelow(0) == nil }

// Errors of EnterBelow.
var (
	ErrClosed = errors.New("closed")
	ErrFull   = errors.New("full")
)

// EnterBelow enters unless the gate is closed (ErrClosed) or as many as the limit
// are inside (ErrFull); zero is no limit. Leave must follow when there is no error.
func (g *Gate) EnterBelow(limit int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return ErrClosed
	case limit > 0 && g.inside >= limit:
		return ErrFull
	}
	g.inside++
	return nil
}

// Leave undoes one Enter.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// Count is how many are inside.
func (g *Gate) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside
}

// Close lets nobody else in, ends the gate's context, and returns a channel that
// is closed when those inside have left. It may be called more than once.
func (g *Gate) Close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		g.end(g.cause)
		if g.inside == 0 {
			close(g.empty)
		}
	}
	return g.empty
}
