package host

import (
	"pushbench/servers/lean"
	"pushbench/servers/loop"
	"pushbench/servers/wire"
)

// accept makes a lean connection of one of the loop's.
func (w *worker) accept(c *loop.Conn) loop.Handler {
	now := wire.Now()
	if w.server.Fault != nil {
		if gone := w.server.Fault.Accepted(now); gone != nil {
			g := &ghost{Conn: c, gone: gone}
			g.half = w.lean.Accept(g, now)
			return g
		}
	}
	conn := w.lean.Accept(c, now)
	if w.server.Socket.Unacknowledged > 0 {
		conn.Name() // the kernel forgets it when it gives the client up
	}
	return (*joint)(conn)
}

// A joint is a lean connection as its loop sees it: the same one, so that the two
// ends know each other without anything in between.
type joint lean.Conn

var (
	_ loop.Handler = (*joint)(nil)
	_ loop.Drainer = (*joint)(nil)
	_ lean.Socket  = (*loop.Conn)(nil)
	_ lean.Clock   = (*loop.Loop)(nil)
)

func (j *joint) conn() *lean.Conn { return (*lean.Conn)(j) }

// Opened implements loop.Handler.
func (j *joint) Opened(_ *loop.Conn, now int64) { j.conn().Opened(now) }

// Received implements loop.Handler.
func (j *joint) Received(_ *loop.Conn, now int64, b []byte) { j.conn().Received(now, b) }

// Drained implements loop.Drainer.
func (j *joint) Drained(_ *loop.Conn, now int64) { j.conn().Drained(now) }

// Ended implements loop.Handler.
func (j *joint) Ended(_ *loop.Conn, now int64, why error) { j.conn().Ended(now, why) }

// A ghost is a connection that goes silent without an end, by fault: to its half
// it looks like one whose other side is quiet, and to the other side like one
// whose half is. It lasts until the other side closes it.
type ghost struct {
	*loop.Conn
	half *lean.Conn
	gone func(now int64) bool
	over bool // for the half, which has ended it
}

var _ lean.Socket = (*ghost)(nil)

// Opened implements loop.Handler.
func (g *ghost) Opened(_ *loop.Conn, now int64) { g.half.Opened(now) }

// Received implements loop.Handler.
func (g *ghost) Received(_ *loop.Conn, now int64, b []byte) {
	if !g.over && !g.gone(now) {
		g.half.Received(now, b)
	}
}

// Drained implements loop.Drainer.
func (g *ghost) Drained(_ *loop.Conn, now int64) {
	if !g.over {
		g.half.Drained(now)
	}
}

// Ended implements loop.Handler.
func (g *ghost) Ended(_ *loop.Conn, now int64, why error) {
	if !g.over {
		g.half.Ended(now, why)
	}
}

// Write implements lean.Socket.
func (g *ghost) Write(b []byte) {
	if !g.gone(wire.Now()) {
		g.Conn.Write(b)
	}
}

// Share implements lean.Socket.
func (g *ghost) Share(b []byte) {
	if !g.gone(wire.Now()) {
		g.Conn.Share(b)
	}
}

// CloseWrite implements lean.Socket.
func (g *ghost) CloseWrite() {
	if !g.gone(wire.Now()) {
		g.Conn.CloseWrite()
	}
}

// Close implements lean.Socket.
func (g *ghost) Close(why error) {
	switch {
	case g.over:
	case g.gone(wire.Now()):
		g.over = true
		g.Conn.Loop().Post(func(now int64) { g.half.Ended(now, why) })
	default:
		g.Conn.Close(why)
	}
}

// socketOf is the loop's connection that a lean one is carried by.
func socketOf(c *lean.Conn) *loop.Conn {
	if g, ok := c.Socket().(*ghost); ok {
		return g.Conn
	}
	return c.Socket().(*loop.Conn)
}
