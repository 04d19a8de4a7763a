package faults

import (
	"net"
	"os"
	"sync"
	"time"
)

// A limit ends the waits of a connection's writes: the deadline, or the end of
// the connection, whichever way a write is held up.
type limit struct {
	ended chan struct{} // closed with the connection

	mu       sync.Mutex
	deadline time.Time     // zero: none
	changed  chan struct{} // closed by the next setDeadline; nil while nobody waits
}

func newLimit() *limit { return &limit{ended: make(chan struct{})} }

func (l *limit) setDeadline(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// end returns false when it has been called before.
func (l *limit) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over() {
		return false
	}
	close(l.ended)
	return true
}

func (l *limit) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// wait returns nil when there is something on done or it is closed, and an error
// as of a connection when the limit comes first.
func wait[T any](l *limit, done <-chan T) error {
	for {
		l.mu.Lock()
		deadline := l.deadline
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		var timeout <-chan time.Time
		if !deadline.IsZero() {
			rest := time.Until(deadline)
			if rest <= 0 {
				return os.ErrDeadlineExceeded
			}
			timeout = time.After(rest)
		}
		select {
		case <-done:
			return nil
		case <-l.ended:
			return net.ErrClosed
		case <-changed:
		case <-timeout:
		}
	}
}

// closeWrite is the end of one direction, where the connection has two.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}
