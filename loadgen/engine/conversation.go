// Package engine drives thousands of client halves over real connections. What
// is said on a connection is a Conversation's business; when to connect and
// what an end means is a Caller's. Two engines drive the same halves: one event
// loop per CPU on Linux, a goroutine per connection anywhere.
package engine

import (
	"errors"
	"fmt"
	"time"

	"pushbench/servers/wire"
)

// An Endpoint is what a client half subscribes to. Its strings are shared by
// all clients of a trial.
type Endpoint struct {
	Host  string // the Host header: "127.0.0.1:8080"
	Path  string // "/sse"; what precedes the query
	Topic string
	Raw   bool // events come without envelope: count them by position
	// Close asks for the connection to be closed behind each answer, as without
	// keep-alive (RFC 9112, section 9.6). A streaming half has no use for it.
	Close bool
}

// A Listener is told what a conversation understood, in the order of arrival.
// What it is handed is valid only during the call.
type Listener interface {
	Hello(wire.Cursor)
	Event(*wire.Event)
	Gap(*wire.Gap)
}

// A Conversation is one client's side of one transport: a state machine without
// a socket, so it can be tested in every split of its input and driven by any
// engine. It is for one goroutine at a time and can be opened again after its
// connection has ended, in whatever state that happened.
type Conversation interface {
	// Open begins a new connection: it forgets what the last one left unfinished
	// and appends to out what to send first, to subscribe, or to resume after
	// the cursor when that is not zero.
	Open(out []byte, after wire.Cursor) []byte
	// Receive takes bytes that arrived, in any split, tells l what they mean, and
	// appends to out what must be answered at once. It must not keep in. After
	// an error the connection is of no more use once that answer is sent, which
	// may be a last word; the error says whether another one is (see Final).
	Receive(in, out []byte, l Listener) ([]byte, error)
}

// An Asker is a Conversation in which the client asks for each answer: the
// polling transports. Who drives it decides when.
type Asker interface {
	// Ask appends the next request. It may be called only when Asking is not
	// Waiting. Open counts as the first one.
	Ask(out []byte) []byte
	Asking() Asking
}

// Asking is where an Asker stands between question and answer.
type Asking uint8

const (
	Waiting Asking = iota // for an answer
	Idle                  // answered: ask when you like
	Eager                 // answered, and told that there is more already
)

// A Sayer can carry a client's messages. It may be asked to only when Ready:
// not before the server has agreed to the connection, for one.
type Sayer interface {
	Ready() bool
	Say(out []byte, m *wire.Message) []byte
}

// Reasons for which a Conversation ends its connection.
var (
	// ErrEnded: the server ended the answer or the connection in good order.
	ErrEnded = errors.New("ended by the server")
	// ErrMoved: the server sent the client on and ends the connection. Open asks on
	// the next one where it is to ask; there is nothing to wait for.
	ErrMoved = errors.New("sent on")
	// ErrProtocol: what arrived does not follow the transport's standard.
	ErrProtocol = errors.New("protocol error")
	// ErrLimit: an event or a header is larger than a client half accepts.
	ErrLimit = errors.New("larger than the limit")
	// ErrStop: the server asked this client not to come back (204 on an event
	// stream).
	ErrStop = errors.New("told not to come back")
)

// A StatusError is an HTTP answer that refuses the request.
type StatusError struct {
	Code       int
	RetryAfter time.Duration // zero when the server named none
}

func (e *StatusError) Error() string { return fmt.Sprintf("refused with status %d", e.Code) }

// A CloseError is a WebSocket close frame (RFC 6455, section 7.1.5).
type CloseError struct {
	Code   int
	Reason string
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("closed with code %d", e.Code)
	}
	return fmt.Sprintf("closed with code %d: %s", e.Code, e.Reason)
}

// Final says whether the reason forbids connecting again: the server asked for
// that, or the same request would be refused the same way.
func Final(why error) bool {
	if errors.Is(why, ErrStop) {
		return true
	}
	if refused, ok := errors.AsType[*StatusError](why); ok {
		return refused.Code != 429 && refused.Code < 500
	}
	return false
}

// A Leaver is a Conversation in which a client that leaves says so first; the
// server then ends the connection.
type Leaver interface {
	Leave(out []byte) []byte
}

// A Follower is a Conversation that asks again by itself where its server sends it
// on. It is looked at only when Receive has just appended something.
type Follower interface {
	// Followed says whether that is a request.
	Followed() bool
}
