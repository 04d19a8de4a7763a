// Package tcp is the client half of the baseline: frames with a length in front,
// straight on TCP, without a socket in it. It is the least that still resumes at a
// cursor and tells of gaps, so what another transport takes beyond it is its own.
//
// A client asks with the head of an HTTP request, as it would ask the others, and is
// refused with an HTTP response. Otherwise all that follows, from the first byte on,
// is frames: four bytes, most significant first, that say how many follow, and those.
// What a server sends begins with the byte that says what it is; what a client sends
// is a message. A frame of nothing is a sign of life, and the first one where a
// client has a cursor already.
package tcp

import (
	"encoding/binary"
	"fmt"

	"pushbench/loadgen/carry"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/http1"
	"pushbench/servers/wire"
)

// Limit is the longest frame in bytes; a longer one is engine.ErrLimit. It leaves
// 4 KiB around the largest payload of a scenario, 8 MiB, for its envelope.
const Limit = 8<<20 + 4<<10

// head is how many bytes a frame's length takes.
const head = 4

// What a server sends.
const (
	hello = 'h' // the cursor from which a subscription without one begins
	event = 'e'
	gap   = 'g'
)

// A Conversation is one subscription, on a connection that also carries the
// client's messages.
type Conversation struct {
	to      *engine.Endpoint
	held    []byte        // of a frame that is split over reads
	refusal *http1.Reader // of the response that the server answers with; nil: it sends frames
	cursor  wire.Cursor   // where the subscription stands
	greeted bool          // has a cursor to start from
	silent  bool          // the server, so far
}

var (
	_ engine.Conversation = (*Conversation)(nil)
	_ engine.Sayer        = (*Conversation)(nil)
)

// New makes a conversation with the endpoint.
func New(e *engine.Endpoint) engine.Conversation { return &Conversation{to: e} }

// Open implements engine.Conversation.
func (c *Conversation) Open(out []byte, after wire.Cursor) []byte {
	carry.Drop(c.held)
	c.held, c.refusal, c.silent = nil, nil, true
	c.cursor, c.greeted = after, !after.IsZero()
	return append(http1.AppendRequest(out, "GET", c.to, after), "\r\n"...)
}

// Ready implements engine.Sayer: the server has agreed, which its first frame says.
func (c *Conversation) Ready() bool { return c.greeted && !c.silent && c.refusal == nil }

// Say implements engine.Sayer.
func (c *Conversation) Say(out []byte, m *wire.Message) []byte {
	start := len(out)
	out = wire.AppendMessage(append(out, 0, 0, 0, 0), m)
	binary.BigEndian.PutUint32(out[start:], uint32(len(out)-start-head))
	return out
}

// memos are of whole frames.
var memos carry.Memos

// Receive implements engine.Conversation. It never answers.
func (c *Conversation) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	if c.silent && len(in) > 0 {
		c.silent = false
		if in[0] == 'H' { // of HTTP; no frame is so long that its length begins like that
			c.refusal = new(http1.Reader)
		}
	}
	if c.refusal != nil {
		return out, c.refused(in)
	}
	memo := memos.Take()
	defer memos.Give(memo)
	for len(c.held) > 0 && len(in) > 0 {
		rest, err := c.complete(in, &memo.Event, l)
		if err != nil {
			return out, err
		}
		in = rest
	}
	usual := c.greeted && !c.to.Raw
	for {
		if usual {
			if ev, size := memo.Knows(c.cursor.N+1, "", in); ev != nil {
				c.cursor.N = ev.N
				l.Event(ev)
				in = in[size:]
				continue
			}
		}
		size, err := sizeOf(in)
		if err != nil {
			return out, err
		}
		if len(in) < size {
			break
		}
		memo.Event.N = 0
		if err := c.frame(in[head:size:size], &memo.Event, l); err != nil {
			return out, err
		}
		if usual && memo.Event.N != 0 {
			memo.Learn(&memo.Event, "", in[:size], len("}"))
		}
		in = in[size:]
	}
	if len(in) > 0 {
		c.held = c.begun(in)
	}
	return out, nil
}

// sizeOf is how many bytes the frame that b begins with has in all, as far as b
// tells: of less than its length, that of the length.
func sizeOf(b []byte) (int, error) {
	if len(b) < head {
		return head, nil
	}
	n := binary.BigEndian.Uint32(b)
	if n > Limit {
		return 0, fmt.Errorf("%w: a frame of %d bytes", engine.ErrLimit, n)
	}
	return head + int(n), nil
}

// announced is up to which size a frame's length is believed before its content is
// there, in bytes.
const announced = 1 << 20

// begun keeps what a read has left of a frame that it began.
func (c *Conversation) begun(in []byte) []byte {
	size, _ := sizeOf(in) // which Receive has looked at
	return append(carry.Grow(nil, max(len(in), min(size, announced))), in...)
}

// complete adds to the frame that was begun what in has of it, and takes it when
// that is all. It returns what follows.
func (c *Conversation) complete(in []byte, ev *wire.Event, l engine.Listener) (rest []byte, err error) {
	size, _ := sizeOf(c.held)
	n := min(len(in), size-len(c.held))
	c.held, rest = append(carry.Grow(c.held, max(len(c.held)+n, min(size, announced))), in[:n]...), in[n:]
	if size, err = sizeOf(c.held); err != nil || len(c.held) < size {
		return rest, err
	}
	err = c.frame(c.held[head:], ev, l)
	carry.Drop(c.held)
	c.held = nil
	return rest, err
}

// frame takes a frame without its length; an event is read into ev.
func (c *Conversation) frame(b []byte, ev *wire.Event, l engine.Listener) error {
	if len(b) == 0 {
		return nil
	}
	kind, b := b[0], b[1:]
	switch {
	case kind == hello && !c.greeted && wire.ReadCursor(&c.cursor, b) == nil:
		c.greeted = true
		l.Hello(c.cursor)
		return nil
	case kind == event && c.greeted:
		return c.update(b, ev, l)
	case kind == gap && c.greeted:
		g, err := wire.ParseGap(b)
		if err != nil {
			return fmt.Errorf("%w: %w", engine.ErrProtocol, err)
		}
		c.cursor = g.Cursor
		l.Gap(&g)
		return nil
	}
	return fmt.Errorf("%w: a frame of the kind %q with %.128q", engine.ErrProtocol, kind, b)
}

// update takes an event.
func (c *Conversation) update(b []byte, ev *wire.Event, l engine.Listener) error {
	if c.to.Raw {
		c.cursor.N++
		*ev = wire.Event{N: c.cursor.N, Data: b}
	} else if err := wire.ParseEvent(ev, b); err != nil {
		return fmt.Errorf("%w: %w: %.128q", engine.ErrProtocol, err, b)
	}
	c.cursor.N = ev.N
	l.Event(ev)
	return nil
}

// refused reads why the server wants nothing of this client.
func (c *Conversation) refused(in []byte) error {
	part, _, err := c.refusal.Next(in)
	if err != nil || part.Kind == http1.More {
		return err
	}
	return &engine.StatusError{Code: c.refusal.Status(), RetryAfter: http1.RetryAfter(part.Data)}
}
