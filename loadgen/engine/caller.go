package engine

import (
	"context"
	"net/netip"
)

// A Line is a Caller's end of one connection at a time, and its alarm clock. All
// methods are for the Caller's own callbacks, and before Engine.Run.
type Line interface {
	// Dial starts to connect; only before the first connection or after Ended.
	// Connected or Ended follows.
	Dial()
	// Send writes b, which may be reused afterwards. What the kernel does not
	// take at once is kept and sent when it does.
	Send(b []byte)
	// HangUp ends the connection; Ended follows, before HangUp returns or after.
	HangUp(why error)
	// At asks for one call of Alarm at the instant (wire.Now) and replaces the
	// one asked for before. Zero asks for none.
	At(instant int64)
}

// A Caller decides on one line's life. An engine calls its methods one at a
// time, and never two Callers of the same member at once.
type Caller interface {
	Connected(now int64)
	Received(now int64, b []byte) // b is valid only during the call
	Alarm(now int64)
	// Ended says that the connection, or the attempt at one, is over.
	Ended(now int64, why error)
}

// An Engine gives lines to callers and drives them.
type Engine interface {
	// Line makes a line for the caller. Callers with the same member number are
	// never called at the same time. Only before Run.
	Line(member int, c Caller) Line
	// Run drives all lines until the context ends, then ends every connection
	// abortively, without telling the callers, and returns.
	Run(ctx context.Context) error
	// Do calls f where member's callbacks are called, while Run runs.
	Do(member int, f func(now int64))
	// Shards is into how many parts members are divided; a member's is its number
	// modulo Shards.
	Shards() int
}

// Options describe where an engine connects to.
type Options struct {
	Remote netip.AddrPort
	// Local are source addresses to spread connections over; none means the
	// kernel's choice. Each has its own range of ports.
	Local []netip.Addr
	// Shards is how many parts of the members may be called at the same time.
	// Zero means one per CPU that the process may use.
	Shards int
	// ReceiveBuffer is SO_RCVBUF of the connections, in bytes, as setsockopt takes it.
	// Zero leaves it to the kernel.
	ReceiveBuffer int
	// Observer is told of the engine's own delays. Nil: nobody is.
	Observer Observer
}
