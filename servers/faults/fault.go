// Package faults is servers that misbehave on purpose: each breaks the promise
// of delivery, or its pace, in one way, so that what claims to notice can be
// shown to.
package faults

import (
	"context"
	"net"
	"net/http"

	"pushbench/servers/source"
)

// A Fault is what one server does wrong. It works on any server half, because it
// stands between the half and its source, or between the half and its clients.
// The zero value does nothing wrong. Its methods are safe for concurrent use.
type Fault struct {
	*Kind

	// View goes into the options of the half's source. Nil shows the logs as they
	// are.
	View *source.View

	rewrite rewrite // of every request; nil leaves them as they are
	link    link    // of every connection; nil leaves them as they are
}

// A link is what a fault does to connections.
type link interface {
	conn(net.Conn) net.Conn
	// begin says between which instants of wire.Now the load is published.
	begin(start, end int64)
}

// Wrap puts the fault between clients and a half on src. A View does its work
// in the source and is not the wrapper's business.
func (f *Fault) Wrap(src *source.Source, half http.Handler) http.Handler {
	if f.rewrite == nil {
		return half
	}
	return &cheat{src, half, f.rewrite}
}

// Conn is the connection as a server with the fault is to use it.
func (f *Fault) Conn(c net.Conn) net.Conn {
	if f.link == nil {
		return c
	}
	return f.link.conn(c)
}

// Begin says that the load is about to be published, paced by w, and returns the
// waiter that is to pace it instead. What the fault does at an instant, it does
// in this load.
func (f *Fault) Begin(l source.Load, w source.Waiter) source.Waiter {
	if f.link != nil {
		f.link.begin(l.Start, l.End)
	}
	if s, ok := f.link.(*stall); ok && s.whole {
		return frozenWaiter{w, s}
	}
	return w
}

// Injected is by how much what was written between two instants of wire.Now,
// while the load was published, was really held back, in ns. It is of delay
// only, and of all writes: which of them bring events is for the transport to
// know. The instants are those of the calls; what counts is when the bytes
// were handed on, so the lateness of timers is part of it.
func (f *Fault) Injected(from, to int64) []int64 {
	if d, ok := f.link.(*delay); ok {
		return d.book.between(from, to)
	}
	return nil
}

// A cheat hands a half other requests than the clients made.
type cheat struct {
	source  *source.Source
	half    http.Handler
	rewrite rewrite
}

// ServeHTTP implements http.Handler. A request without a known topic is left to
// the half to refuse.
func (c *cheat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a, err := read(c.source, r); err == nil {
		c.rewrite(&a)
		r = a.write(r)
	}
	c.half.ServeHTTP(w, r)
}

// Shutdown passes the order on to a half that takes it.
func (c *cheat) Shutdown(ctx context.Context) error {
	if half, ok := c.half.(interface{ Shutdown(context.Context) error }); ok {
		return half.Shutdown(ctx)
	}
	return nil
}
