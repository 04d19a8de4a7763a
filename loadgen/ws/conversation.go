// Package ws is the client half of WebSocket (RFC 6455), without a socket.
package ws

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"pushbench/loadgen/carry"
	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// Limit is the longest message in bytes; a longer one is engine.ErrLimit. It
// leaves 4 KiB around the largest payload of a scenario, 8 MiB, for its envelope.
const Limit = 8<<20 + 4<<10

// A Conversation is one subscription over a WebSocket, which can also carry the
// client's messages.
type Conversation struct {
	to        *engine.Endpoint
	opening   *handshake  // until the server has agreed
	held      []byte      // of a frame that is split over reads
	fragments *[]byte     // of a message that is split over frames; nil between messages
	cursor    wire.Cursor // where the subscription stands
	greeted   bool        // has a cursor to start from
	left      bool        // has sent a close frame, as the first of the two
}

var (
	_ engine.Conversation = (*Conversation)(nil)
	_ engine.Sayer        = (*Conversation)(nil)
	_ engine.Leaver       = (*Conversation)(nil)
)

// New makes a conversation with the endpoint, which may be that of many.
func New(e *engine.Endpoint) engine.Conversation { return &Conversation{to: e} }

// Open implements engine.Conversation. Compression is not offered.
func (c *Conversation) Open(out []byte, after wire.Cursor) []byte {
	c.held, c.fragments, c.left = nil, nil, false
	c.cursor, c.greeted = after, !after.IsZero()
	c.opening = new(handshake)
	return c.opening.request(out, c.to, after)
}

// Ready implements engine.Sayer: the server has agreed and told where the
// subscription starts. Bytes sent behind the request make servers drop the
// connection.
func (c *Conversation) Ready() bool { return c.opening == nil && c.greeted }

// Say implements engine.Sayer. It may be called once the server has told where
// the subscription starts.
func (c *Conversation) Say(out []byte, m *wire.Message) []byte {
	// The length precedes the payload: writing it twice costs less than keeping it.
	out, mask := appendHeader(out, ws.OpText, len(wire.AppendMessage(out, m))-len(out))
	start := len(out)
	out = wire.AppendMessage(out, m)
	ws.Cipher(out[start:], mask, 0)
	return out
}

// Leave implements engine.Leaver with a close frame (section 7.1.2), once the
// server has agreed to the connection.
func (c *Conversation) Leave(out []byte) []byte {
	if c.opening != nil {
		return out
	}
	c.left = true
	return appendClose(out, ws.StatusGoingAway)
}

// memos are of whole frames.
var memos carry.Memos

// Receive implements engine.Conversation. Together with an error it may return
// bytes: a close frame, to be sent before the connection is closed.
func (c *Conversation) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	if c.opening != nil {
		rest, agreed, err := c.opening.read(in)
		if err != nil || !agreed {
			return out, err
		}
		c.opening, in = nil, rest
	}
	memo := memos.Take()
	defer memos.Give(memo)
	for {
		whole := len(c.held) == 0 && c.fragments == nil && c.greeted && !c.to.Raw
		if whole {
			if ev, size := memo.Knows(c.cursor.N+1, "", in); ev != nil {
				c.cursor.N = ev.N
				l.Event(ev)
				in = in[size:]
				continue
			}
		}
		h, payload, rest, err := c.cutFrame(in)
		switch {
		case err != nil:
			return fail(out, err)
		case payload == nil:
			return out, nil
		case h.OpCode == ws.OpPing:
			out = appendFrame(out, ws.OpPong, payload)
		case h.OpCode == ws.OpPong:
		case h.OpCode == ws.OpClose:
			return c.closed(out, payload)
		default:
			memo.Event.N = 0
			if err := c.data(h, payload, &memo.Event, l); err != nil {
				return fail(out, err)
			}
			if whole && c.held == nil && memo.Event.N != 0 {
				memo.Learn(&memo.Event, "", in[:len(in)-len(rest)], len("}"))
			}
		}
		if in = rest; c.held != nil {
			carry.Drop(c.held) // the frame was in it
			c.held = nil
		}
	}
}

// announced is up to which size a frame's header is believed before its payload is
// there, in bytes.
const announced = 1 << 20

// cutFrame takes one frame off in, joined with what earlier reads left of it, which
// it then is in. The payload is nil when in is used up, and only then.
func (c *Conversation) cutFrame(in []byte) (h ws.Header, payload, rest []byte, err error) {
	for {
		b := c.held
		if len(b) == 0 {
			b = in
		}
		h, size, err := parseHeader(b, c.fragments != nil)
		if err != nil {
			return h, nil, nil, err
		}
		whole := size
		if len(b) >= size {
			if h.Length > Limit-c.fragmented() {
				return h, nil, nil, &fault{ws.StatusMessageTooBig, fmt.Errorf("%w: message over %d bytes", engine.ErrLimit, Limit)}
			}
			whole += int(h.Length)
		}
		if len(b) >= whole {
			if len(c.held) == 0 {
				in = in[whole:]
			}
			return h, b[size:whole:whole], in, nil
		}
		if len(in) == 0 {
			return h, nil, nil, nil
		}
		n := min(len(in), whole-len(c.held))
		c.held, in = append(carry.Grow(c.held, max(len(c.held)+n, min(whole, announced))), in[:n]...), in[n:]
	}
}

// fragmented is how long the message that is split over frames is so far.
func (c *Conversation) fragmented() int64 {
	if c.fragments == nil {
		return 0
	}
	return int64(len(*c.fragments))
}

// data takes a frame of a message.
func (c *Conversation) data(h ws.Header, payload []byte, ev *wire.Event, l engine.Listener) error {
	if h.OpCode == ws.OpBinary {
		return &fault{ws.StatusUnsupportedData, fmt.Errorf("%w: binary message", engine.ErrProtocol)}
	}
	if !h.Fin || c.fragments != nil {
		if c.fragments == nil {
			c.fragments = new([]byte)
		}
		if *c.fragments = append(*c.fragments, payload...); !h.Fin {
			return nil
		}
		payload, c.fragments = *c.fragments, nil
	}
	if !utf8.Valid(payload) {
		return &fault{ws.StatusInvalidFramePayloadData, fmt.Errorf("%w: text that is not UTF-8", engine.ErrProtocol)}
	}
	if err := c.text(payload, ev, l); err != nil {
		return &fault{ws.StatusPolicyViolation, err}
	}
	return nil
}

const (
	helloPrefix, helloSuffix = `{"hello":"`, `"}`
	gapPrefix, gapSuffix     = `{"gap":`, `}`
)

// text takes a message.
func (c *Conversation) text(b []byte, ev *wire.Event, l engine.Listener) error {
	if !c.greeted {
		id, ok := between(b, helloPrefix, helloSuffix)
		if !ok || wire.ReadCursor(&c.cursor, id) != nil {
			return fmt.Errorf("%w: %.128q in place of a hello", engine.ErrProtocol, b)
		}
		c.greeted = true
		l.Hello(c.cursor)
		return nil
	}
	if notice, ok := between(b, gapPrefix, gapSuffix); ok {
		if g, err := wire.ParseGap(notice); err == nil {
			c.cursor = g.Cursor
			l.Gap(&g)
			return nil
		}
	}
	if c.to.Raw {
		c.cursor.N++
		*ev = wire.Event{N: c.cursor.N, Data: b}
	} else if wire.ParseEvent(ev, b) != nil {
		return fmt.Errorf("%w: %.128q in place of an event", engine.ErrProtocol, b)
	}
	c.cursor.N = ev.N
	l.Event(ev)
	return nil
}

func between(b []byte, prefix, suffix string) ([]byte, bool) {
	if len(b) < len(prefix)+len(suffix) || string(b[:len(prefix)]) != prefix || string(b[len(b)-len(suffix):]) != suffix {
		return nil, false
	}
	return b[len(prefix) : len(b)-len(suffix)], true
}

// closed answers a close frame (section 5.5.1), unless it is an answer itself.
func (c *Conversation) closed(out, payload []byte) ([]byte, error) {
	if c.left {
		return out, engine.ErrEnded
	}
	if len(payload) == 0 {
		return appendFrame(out, ws.OpClose, nil), &engine.CloseError{Code: int(ws.StatusNoStatusRcvd)}
	}
	if len(payload) == 1 {
		return appendClose(out, ws.StatusProtocolError), fmt.Errorf("%w: close frame of one byte", engine.ErrProtocol)
	}
	code, reason := int(binary.BigEndian.Uint16(payload)), payload[2:]
	if !sendable(code) || !utf8.Valid(reason) {
		return appendClose(out, ws.StatusProtocolError), fmt.Errorf("%w: close frame with code %d, reason %.128q", engine.ErrProtocol, code, reason)
	}
	return appendClose(out, ws.StatusCode(code)), &engine.CloseError{Code: code, Reason: string(reason)}
}
