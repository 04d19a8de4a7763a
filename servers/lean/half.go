// Package lean is what the server halves of the lean stack share: the life of a
// connection from its first byte on, without the socket that carries it. A half
// is a state machine on an event loop: it is told what has arrived and says what
// to send, it never waits, and nothing of it is used by two goroutines.
package lean

import (
	"pushbench/servers/http1"
	"pushbench/servers/source"
)

// A Half is the server half of a transport on this stack. What its parts share,
// such as answers that are encoded once, is safe for concurrent use.
type Half interface {
	// Part makes the half's part on one loop.
	Part(*Loop) Part
}

// A Part is a half on one loop, on whose goroutine alone it is called.
type Part interface {
	// Serve answers a request: at once (Conn.Answer, Conn.Deliver), later
	// (Conn.Hold, Conn.Body), or by taking the connection over (Conn.Stream). The
	// request is valid during the call. It is nil on a mount without a path, whose
	// connections speak no HTTP.
	Serve(c *Conn, now int64, r *http1.Request)
	// Drain tells everyone who is held or streamed to that the server is about to
	// end; requests from then on are answered with 503.
	Drain(now int64)
}

// A Holder has a request until it answers.
type Holder interface {
	// Alarm: the instant given to Conn.Expire has come.
	Alarm(now int64)
	// Ended: the connection is gone, and nobody waits for the answer.
	Ended(now int64, why error)
}

// A Stream has taken a connection over, for good.
type Stream interface {
	Holder
	// Received: b arrived. It is the loop's own buffer, and valid during the call.
	Received(now int64, b []byte)
	// Drained: the kernel has everything that was written, after a Write that left
	// a backlog.
	Drained(now int64)
}

// A Bodied is told the body of a request, or why there is none: ErrTooLong,
// ErrSlow, or what is wrong with its chunks. The body is valid during the call.
type Bodied interface {
	Body(c *Conn, now int64, body []byte, err error)
}

// A Herald is told that a topic has news.
type Herald interface {
	News(now int64, t *source.Topic)
}
