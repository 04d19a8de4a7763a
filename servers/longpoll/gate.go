package longpoll

import "sync"

// A gate counts who is inside and can be closed, once and for good.
//
// Note: a sync.WaitGroup forbids to enter while somebody waits for it to be
// empty, and that is the very moment in which requests still arrive.
type gate struct {
	ending chan struct{} // closed by close

	mu     sync.Mutex
	inside int
	closed bool
	empty  chan struct{} // closed when closed and nobody is inside
}

func (g *gate) isClosed() bool {
	select {
	case <-g.ending:
		return true
	default:
		return false
	}
}

// enter returns false when the gate is closed. leave must follow otherwise.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.inside++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.closed && g.inside == 0 {
		close(g.empty)
	}
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside
}

// close lets nobody else in, tells those inside by ending, and returns a channel
// that is closed when they have left.
func (g *gate) close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		g.empty = make(chan struct{})
		close(g.ending)
		if g.inside == 0 {
			close(g.empty)
		}
	}
	return g.empty
}
