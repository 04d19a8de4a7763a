package faults

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A stall is a time in which nothing is written. A whole one is a server that
// stands still.
//
// Note: a process can stop itself, but needs another one to go on. To whoever
// is outside, this is the same: nothing comes, and what was asked or became due
// meanwhile has its turn afterwards.
type stall struct {
	after, length time.Duration
	whole         bool
	from, to      atomic.Int64 // in wire.Now; zero before the load
}

func stalled(value string, at time.Duration) (Fault, error) {
	d, err := length(value, longest)
	return Fault{link: &stall{after: at, length: d}}, err
}

func frozen(value string, at time.Duration) (Fault, error) {
	d, err := length(value, longest)
	return Fault{link: &stall{after: at, length: d, whole: true}}, err
}

func (s *stall) begin(start, _ int64) {
	if s.length == 0 { // it has no plan
		return
	}
	s.to.Store(0) // between the two stores there is no stall
	s.from.Store(start + int64(s.after))
	s.to.Store(start + int64(s.after) + int64(s.length))
}

// Still has the fault's server stand still for so long whenever it is called, as
// freeze does by plan. It is called before the server listens, and nil when the
// fault does something else to connections.
func (f *Fault) Still() func(time.Duration) {
	if f.link != nil {
		return nil
	}
	s := &stall{whole: true}
	f.link = s
	return func(d time.Duration) {
		now := wire.Now()
		s.to.Store(0)
		s.from.Store(now)
		s.to.Store(now + int64(d))
	}
}

// rest is the time until the stall is over; zero when there is none.
func (s *stall) rest() time.Duration {
	now, to := wire.Now(), s.to.Load()
	if now >= to || now < s.from.Load() {
		return 0
	}
	return time.Duration(to - now)
}

func (s *stall) conn(c net.Conn) net.Conn { return &stallingConn{c, s, newLimit()} }

type stallingConn struct {
	net.Conn
	stall *stall
	limit *limit
}

func (c *stallingConn) Write(b []byte) (int, error) {
	if rest := c.stall.rest(); rest > 0 {
		if err := wait(c.limit, time.After(rest)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

// Read hands over nothing while everything stands still, not even a deadline
// that has passed.
func (c *stallingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.stall.whole {
		return n, err
	}
	if rest := c.stall.rest(); rest > 0 {
		select {
		case <-time.After(rest):
		case <-c.limit.ended:
		}
	}
	return n, err
}

func (c *stallingConn) SetDeadline(t time.Time) error {
	c.limit.setDeadline(t)
	return c.Conn.SetDeadline(t)
}

func (c *stallingConn) SetWriteDeadline(t time.Time) error {
	c.limit.setDeadline(t)
	return c.Conn.SetWriteDeadline(t)
}

func (c *stallingConn) CloseWrite() error { return closeWrite(c.Conn) }

func (c *stallingConn) Close() error {
	c.limit.end()
	return c.Conn.Close()
}

// A frozenWaiter lets nothing become due before the stall is over.
type frozenWaiter struct {
	source.Waiter
	stall *stall
}

// WaitUntil implements source.Waiter.
func (w frozenWaiter) WaitUntil(ctx context.Context, instant int64) error {
	if err := w.Waiter.WaitUntil(ctx, instant); err != nil || w.stall.rest() == 0 {
		return err
	}
	return w.Waiter.WaitUntil(ctx, w.stall.to.Load())
}
