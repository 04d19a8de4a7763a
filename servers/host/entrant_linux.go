package host

import (
	"errors"
	"net/netip"

	"pushbench/servers/guard"
	"pushbench/servers/loop"
)

// errFull is why a connection ended that was one too many.
var errFull = errors.New("too many connections")

// bound is what a loop is to do with a connection that has been accepted, so that no
// more are open than the limit allows.
func bound(l *guard.Limit, c *loop.Conn, accept func(*loop.Conn) loop.Handler) loop.Handler {
	from := c.Remote().Addr().Unmap()
	if !l.Enter(from) {
		return turnedAway{}
	}
	return &entrant{accept(c).(drained), l, from}
}

// drained is what a handler of lean connections is.
type drained interface {
	loop.Handler
	loop.Drainer
}

// An entrant is a connection that is counted for as long as it is open.
type entrant struct {
	drained
	limit *guard.Limit
	from  netip.Addr
}

// Ended implements loop.Handler.
func (e *entrant) Ended(c *loop.Conn, now int64, why error) {
	e.drained.Ended(c, now, why)
	e.limit.Leave(e.from)
}

// turnedAway is a connection that is one too many. It hears the answer if it has
// not asked yet.
type turnedAway struct{}

// Opened implements loop.Handler.
func (turnedAway) Opened(c *loop.Conn, _ int64) {
	c.Write([]byte(full))
	c.Close(errFull)
}

// Received implements loop.Handler.
func (turnedAway) Received(*loop.Conn, int64, []byte) {}

// Ended implements loop.Handler.
func (turnedAway) Ended(*loop.Conn, int64, error) {}
