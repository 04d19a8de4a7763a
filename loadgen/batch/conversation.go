// Package batch is what the client halves of both polling transports share: to
// ask over HTTP for the events after a cursor, and to be answered with some of
// them. When to ask is not decided here.
package batch

import (
	"bytes"
	"encoding/json"
	"fmt"

	"pushbench/loadgen/carry"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/http1"
	"pushbench/servers/wire"
)

// Limit is the longest answer in bytes; a longer one is engine.ErrLimit.
const Limit = 64 << 20

// A Conversation is one client that asks again and again on a kept connection.
type Conversation struct {
	to      *engine.Endpoint
	http    http1.Reader
	held    []byte             // of an answer that is split over reads
	cursor  wire.Cursor        // of the last answer: what to ask after
	moved   *http1.Redirection // of the question that is not answered yet; nil for none
	asking  engine.Asking
	greeted bool // has a cursor to ask after
}

var (
	_ engine.Conversation = (*Conversation)(nil)
	_ engine.Asker        = (*Conversation)(nil)
)

// New makes a conversation with the endpoint, which may be that of many.
func New(e *engine.Endpoint) *Conversation { return &Conversation{to: e} }

// Open implements engine.Conversation. It asks for the first time, and where the
// last connection was closed behind a redirect it follows that.
func (c *Conversation) Open(out []byte, after wire.Cursor) []byte {
	c.http, c.held = http1.Reader{}, nil
	if !c.moved.Due() {
		c.moved = nil
	}
	c.cursor = after
	c.greeted = !after.IsZero()
	return c.Ask(out)
}

// Ask implements engine.Asker.
func (c *Conversation) Ask(out []byte) []byte {
	c.asking = engine.Waiting
	out = c.moved.AppendRequest(out, c.to, c.cursor)
	if c.to.Close {
		out = append(out, "Connection: close\r\n"...)
	}
	return append(out, "Accept: application/json\r\n\r\n"...)
}

// Asking implements engine.Asker.
func (c *Conversation) Asking() engine.Asking { return c.asking }

// Receive implements engine.Conversation. An answer that closes the connection
// is told before engine.ErrEnded.
func (c *Conversation) Receive(in, out []byte, l engine.Listener) ([]byte, error) {
	var whole []byte // an answer's first piece, not copied while it may be the only one
	for {
		part, rest, err := c.http.Next(in)
		if err != nil {
			return out, err
		}
		switch part.Kind {
		case http1.More:
			if c.held = carry.Append(c.held, whole); c.asking != engine.Waiting && !c.http.Between() {
				err = fmt.Errorf("%w: answer to nothing", engine.ErrProtocol)
			}
			return out, err
		case http1.Head:
			err = c.accept(part.Data)
		case http1.Body:
			switch {
			case len(c.held)+len(whole)+len(part.Data) > Limit:
				err = fmt.Errorf("%w: answer over %d bytes", engine.ErrLimit, Limit)
			case whole == nil && c.held == nil:
				whole = part.Data
			default:
				c.held = carry.Append(carry.Append(c.held, whole), part.Data)
				whole = nil
			}
		case http1.End:
			if c.held != nil {
				whole = c.held
			}
			err = c.tell(whole, l)
			carry.Drop(c.held)
			whole, c.held = nil, nil
			if err == nil && c.http.Closing() {
				err = fmt.Errorf("%w: connection closed behind an answer", engine.ErrEnded)
			}
		}
		if err != nil {
			return out, err
		}
		in = rest
	}
}

func (c *Conversation) accept(fields []byte) error {
	switch status := c.http.Status(); {
	case c.asking != engine.Waiting:
		return fmt.Errorf("%w: answer to nothing", engine.ErrProtocol)
	case http1.Redirects(status):
		return c.redirected(fields)
	case status != 200 && status != 204 && status != 304:
		return &engine.StatusError{Code: status, RetryAfter: http1.RetryAfter(fields)}
	case c.http.Endless():
		// Note: a conversation is not told of the end that would complete it.
		return fmt.Errorf("%w: answer without a length", engine.ErrProtocol)
	}
	return nil
}

// redirected notes where the question is to be asked again. The answer's body is
// for people, and not waited for where the connection ends with it.
func (c *Conversation) redirected(fields []byte) (err error) {
	if c.moved, err = c.moved.Next(c.http.Status(), fields, c.to, c.cursor); err == nil && c.http.Closing() {
		c.asking = engine.Eager
		err = fmt.Errorf("%w: connection closed behind a redirect", engine.ErrMoved)
	}
	return err
}

// tell says what an answer means.
func (c *Conversation) tell(body []byte, l engine.Listener) error {
	if c.moved.Due() {
		c.asking = engine.Eager
		return nil
	}
	c.asking, c.moved = engine.Idle, nil
	if c.http.Status() != 200 {
		if !c.greeted {
			return fmt.Errorf("%w: status %d where a cursor was asked for", engine.ErrProtocol, c.http.Status())
		}
		return nil
	}
	next := c.cursor.N + 1
	answer := wire.Batch{Cursor: c.cursor}
	events, err := wire.CutBatch(&answer, body)
	if err != nil {
		return fmt.Errorf("%w: answer %.128q", engine.ErrProtocol, body)
	}
	if c.cursor = answer.Cursor; answer.More {
		c.asking = engine.Eager
	}
	if !c.greeted {
		if len(events) > 0 || answer.Gap != nil {
			return fmt.Errorf("%w: events before the cursor that they follow", engine.ErrProtocol)
		}
		c.greeted = true
		l.Hello(c.cursor)
		return nil
	}
	if answer.Gap != nil {
		l.Gap(answer.Gap)
	}
	memo := memos.Take()
	defer memos.Give(memo)
	if c.to.Raw {
		return c.count(events, &memo.Event, l)
	}
	for len(events) > 0 {
		if ev, size := memo.Knows(next, "", events); ev != nil && (size == len(events) || events[size] == ',' && size < len(events)-1) {
			l.Event(ev)
			next, events = ev.N+1, events[min(size+1, len(events)):]
			continue
		}
		ev, whole := &memo.Event, events
		if events, err = wire.CutNext(ev, events); err != nil {
			return fmt.Errorf("%w: events %.128q", engine.ErrProtocol, events)
		}
		if ev.N == 0 {
			return fmt.Errorf("%w: bare text in place of an event", engine.ErrProtocol)
		}
		l.Event(ev)
		if whole = whole[:len(whole)-len(events)]; len(events) > 0 {
			whole = whole[:len(whole)-1] // the comma
		}
		memo.Learn(ev, "", whole, len("}"))
		next = ev.N + 1
	}
	return nil
}

// memos are of events as they stand in an answer.
var memos carry.Memos

// count tells events without envelope, whose numbers end with the cursor's.
func (c *Conversation) count(events []byte, ev *wire.Event, l engine.Listener) error {
	n := uint64(0)
	for rest := events; len(rest) > 0; n++ {
		var err error
		if rest, err = wire.CutNext(ev, rest); err != nil || ev.N != 0 {
			return fmt.Errorf("%w: events %.128q", engine.ErrProtocol, rest)
		}
	}
	if n > c.cursor.N {
		return fmt.Errorf("%w: %d events up to number %d", engine.ErrProtocol, n, c.cursor.N)
	}
	for next := c.cursor.N - n + 1; len(events) > 0; next++ {
		events, _ = wire.CutNext(ev, events)
		text, err := bare(ev.Data)
		if err != nil {
			return err
		}
		ev.N, ev.Data = next, text
		l.Event(ev)
	}
	return nil
}

// bare is the text of a JSON string.
func bare(quoted []byte) ([]byte, error) {
	text := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return nil, fmt.Errorf("%w: text %.128q", engine.ErrProtocol, quoted)
	}
	return []byte(s), nil
}
