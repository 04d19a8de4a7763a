package faults

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"pushbench/servers/wire"
)

// A vanish lets connections go silent without an end: each n-th of those that
// are accepted before the instant, from then on.
type vanish struct {
	n        uint64
	after    time.Duration
	accepted atomic.Uint64
	instant  atomic.Int64 // in wire.Now; zero before the load
}

func vanished(value string, at time.Duration) (Fault, error) {
	n, err := count(value, 1)
	return Fault{link: &vanish{n: n, after: at}}, err
}

func (v *vanish) begin(start, _ int64) { v.instant.Store(start + int64(v.after)) }

func (v *vanish) conn(c net.Conn) net.Conn {
	if v.accepted.Add(1)%v.n != 0 {
		return c
	}
	return &vanishingConn{Conn: c, vanish: v, accepted: wire.Now(), limit: newLimit()}
}

// Accepted is of a connection of a server without net.Conns: whether it has gone
// silent, if it is one that does; else nil.
func (f *Fault) Accepted(now int64) (gone func(now int64) bool) {
	v, ok := f.link.(*vanish)
	if !ok || v.accepted.Add(1)%v.n != 0 {
		return nil
	}
	return func(at int64) bool { return v.past(now, at) }
}

// past says whether what was accepted at one instant is gone at another.
func (v *vanish) past(accepted, now int64) bool {
	instant := v.instant.Load()
	return accepted < instant && now >= instant
}

// A vanishingConn looks to its half like one whose other side is quiet, and to
// the other side like one whose half is: neither is told that it has ended. It
// lasts until the other side closes it.
type vanishingConn struct {
	net.Conn
	vanish   *vanish
	accepted int64
	limit    *limit

	reading sync.Mutex // by one at a time: the half, or after Close nobody in particular
	setting sync.Mutex // deadlines are the half's only until Close
}

// gone says whether the instant has come.
func (c *vanishingConn) gone() bool { return c.vanish.past(c.accepted, wire.Now()) }

func (c *vanishingConn) Write(b []byte) (int, error) {
	switch {
	case c.limit.over():
		return 0, net.ErrClosed
	case c.gone():
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (c *vanishingConn) Read(b []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	for {
		if c.limit.over() {
			return 0, net.ErrClosed
		}
		n, err := c.Conn.Read(b)
		switch {
		case c.limit.over():
			return 0, net.ErrClosed
		case err != nil || !c.gone():
			return n, err
		}
	}
}

func (c *vanishingConn) SetDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetDeadline)
}

func (c *vanishingConn) SetReadDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetReadDeadline)
}

func (c *vanishingConn) SetWriteDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetWriteDeadline)
}

func (c *vanishingConn) set(t time.Time, deadline func(time.Time) error) error {
	c.setting.Lock()
	defer c.setting.Unlock()
	if c.limit.over() {
		return net.ErrClosed
	}
	return deadline(t)
}

func (c *vanishingConn) CloseWrite() error {
	if c.gone() {
		return nil
	}
	return closeWrite(c.Conn)
}

func (c *vanishingConn) Close() error {
	c.setting.Lock()
	defer c.setting.Unlock()
	if !c.limit.end() {
		return net.ErrClosed
	}
	if !c.gone() {
		return c.Conn.Close()
	}
	err := c.Conn.SetReadDeadline(time.Unix(1, 0)) // the half reads no more
	go c.outlast()
	return err
}

// outlast waits for the other side's end.
func (c *vanishingConn) outlast() {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.Conn.SetReadDeadline(time.Time{})
	io.Copy(io.Discard, c.Conn)
	c.Conn.Close()
}
