// Package sse is the client half of Server-Sent Events: an event stream as the
// HTML standard reads it (section 9.2), without a socket.
package sse

import (
	"bytes"
	"fmt"
	"time"

	"pushbench/loadgen/carry"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/http1"
	"pushbench/servers/wire"
)

// A Conversation is one subscription to an event stream.
type Conversation struct {
	to     *engine.Endpoint
	http   http1.Reader
	stream Parser
	cursor wire.Cursor        // the last event ID as what it means; zero before there is one
	moved  *http1.Redirection // of the request that is not answered yet; nil for none
	astray bool               // the last event ID is no cursor
}

var (
	_ engine.Conversation = (*Conversation)(nil)
	_ engine.Follower     = (*Conversation)(nil)
)

// New makes a conversation with the endpoint, which may be that of many.
func New(e *engine.Endpoint) engine.Conversation { return &Conversation{to: e} }

// Open implements engine.Conversation. Compression is not offered, because a
// stream that is compressed arrives when the compressor likes. Where the last
// connection was closed behind a redirect, that is followed.
func (c *Conversation) Open(out []byte, after wire.Cursor) []byte {
	c.http = http1.Reader{}
	if !c.moved.Due() {
		c.moved = nil
	}
	c.cursor, c.astray = after, false
	c.stream.Reset()
	var room [wire.MaxCursor]byte
	return appendRequest(out, c.to, c.moved, c.id(room[:0]))
}

// id appends the ID of the last message that the client has, if it has any.
func (c *Conversation) id(dst []byte) []byte {
	if c.cursor.IsZero() {
		return nil
	}
	return c.cursor.Append(dst)
}

// Followed implements engine.Follower: an event stream is asked for once, unless
// the answer sends the client on.
func (c *Conversation) Followed() bool { return c.moved != nil }

// appendRequest asks for the stream after the message with that ID, whose bytes
// are sent as they are; an empty one is not sent (section 9.2.4).
func appendRequest(out []byte, e *engine.Endpoint, moved *http1.Redirection, id []byte) []byte {
	out = moved.AppendRequest(out, e, wire.Cursor{})
	out = append(out, "Accept: text/event-stream\r\nCache-Control: no-cache\r\n"...)
	if len(id) > 0 {
		out = append(out, "Last-Event-ID: "...)
		out = append(out, id...)
		out = append(out, "\r\n"...)
	}
	return append(out, "\r\n"...)
}

// Retry is the reconnection time that the server asked for last, or zero. It
// outlives connections.
func (c *Conversation) Retry() time.Duration { return c.stream.Retry() }

// Receive implements engine.Conversation.
func (c *Conversation) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	for {
		part, rest, err := c.http.Next(in)
		if err != nil {
			return out, err
		}
		switch part.Kind {
		case http1.More:
			return out, nil
		case http1.Head:
			err = c.accept(part.Data)
		case http1.Body:
			if !c.moved.Due() { // what a redirect says beside is for people
				err = c.read(part.Data, l)
			}
		case http1.End:
			if !c.moved.Due() {
				return out, fmt.Errorf("%w: end of the stream", engine.ErrEnded)
			}
			var room [wire.MaxCursor]byte
			out = appendRequest(out, c.to, c.moved, c.id(room[:0]))
		}
		if err != nil {
			return out, err
		}
		in = rest
	}
}

// accept decides on the response as browsers do (section 9.2.3), but follows a
// redirect to the server only that was named: see http1.Redirection.
func (c *Conversation) accept(fields []byte) (err error) {
	switch status := c.http.Status(); {
	case status == 200:
		c.moved = nil
	case status == 204:
		return engine.ErrStop
	case http1.Redirects(status):
		if c.moved, err = c.moved.Next(status, fields, c.to, wire.Cursor{}); err == nil && c.http.Closing() {
			err = fmt.Errorf("%w: connection closed behind a redirect", engine.ErrMoved)
		}
		return err
	default:
		return &engine.StatusError{Code: status, RetryAfter: http1.RetryAfter(fields)}
	}
	contentType := http1.Field(fields, "Content-Type")
	essence, _, _ := bytes.Cut(contentType, []byte(";"))
	if !bytes.EqualFold(bytes.TrimRight(essence, " \t"), []byte("text/event-stream")) {
		// Another stream from there would be none either, so browsers fail for good.
		return fmt.Errorf("%w: content type %.64q is no event stream: %w", engine.ErrProtocol, contentType, engine.ErrStop)
	}
	if coding := http1.Field(fields, "Content-Encoding"); len(coding) > 0 && !bytes.EqualFold(coding, []byte("identity")) {
		return fmt.Errorf("%w: content encoding %.64q was not offered: %w", engine.ErrProtocol, coding, engine.ErrStop)
	}
	return nil
}

// memos are of whole blocks.
var memos carry.Memos

// read takes bytes of the stream.
func (c *Conversation) read(in []byte, l engine.Listener) error {
	memo := memos.Take()
	defer memos.Give(memo)
	var m Message
	for {
		if ev, size := c.known(in, memo); ev != nil {
			c.cursor.N, c.astray = ev.N, false
			l.Event(ev)
			in = in[size:]
			continue
		}
		between := c.stream.between()
		outcome, rest, err := c.stream.Next(in, &m)
		switch {
		case err != nil:
			return err
		case outcome == More:
			return nil
		case outcome == Dispatch:
			memo.Event.N = 0
			err = c.dispatch(&m, &memo.Event, l)
			if err == nil && between && m.usual && memo.Event.N != 0 && !c.to.Raw {
				memo.Learn(&memo.Event, c.cursor.Epoch, in[:len(in)-len(rest)], len("}\n\n"))
			}
		case m.ID != nil:
			err = c.silent(m.ID, l)
		}
		if err != nil {
			return err
		}
		in = rest
	}
}

// known is the next event, if in begins with the block that others have been told
// it by, and the length of that.
func (c *Conversation) known(in []byte, memo *carry.Memo) (ev *wire.Event, size int) {
	if c.to.Raw || c.cursor.IsZero() || !c.stream.between() {
		return nil, 0
	}
	return memo.Knows(c.cursor.N+1, c.cursor.Epoch, in)
}

// silent takes the ID of a block without data, which is that of what follows. The
// first one is the hello.
func (c *Conversation) silent(id []byte, l engine.Listener) error {
	if !c.cursor.IsZero() {
		c.astray = wire.ReadCursor(&c.cursor, id) != nil
		return nil
	}
	if len(id) == 0 {
		return nil
	}
	if err := c.follow(id); err != nil {
		return err
	}
	l.Hello(c.cursor)
	return nil
}

func (c *Conversation) follow(id []byte) error {
	if c.astray = wire.ReadCursor(&c.cursor, id) != nil; c.astray {
		return fmt.Errorf("%w: id %.64q is no cursor", engine.ErrProtocol, id)
	}
	return nil
}

func (c *Conversation) dispatch(m *Message, ev *wire.Event, l engine.Listener) error {
	switch {
	case c.cursor.IsZero():
		return fmt.Errorf("%w: event before the cursor that it follows", engine.ErrProtocol)
	case m.ID != nil:
		if err := c.follow(m.ID); err != nil {
			return err
		}
	case c.astray:
		return fmt.Errorf("%w: event with an ID before it that is no cursor", engine.ErrProtocol)
	}
	if string(m.Type) == "gap" {
		g, err := wire.ParseGap(m.Data)
		if err != nil || g.Cursor != c.cursor {
			return fmt.Errorf("%w: gap notice %.128q at %v", engine.ErrProtocol, m.Data, c.cursor)
		}
		l.Gap(&g)
		return nil
	}
	kind := m.Type
	if string(kind) == "message" {
		kind = nil
	}
	if c.to.Raw {
		if ev.Type != string(kind) {
			ev.Type = string(kind)
		}
		*ev = wire.Event{N: c.cursor.N, Type: ev.Type, Data: m.Data}
	} else if wire.ParseEvent(ev, m.Data) != nil || ev.N != c.cursor.N || ev.Type != string(kind) {
		return fmt.Errorf("%w: event %.128q of type %.64q at %v", engine.ErrProtocol, m.Data, m.Type, c.cursor)
	}
	l.Event(ev)
	return nil
}
