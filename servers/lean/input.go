package lean

import (
	"bytes"
	"net/http"
	"time"

	"pushbench/servers/http1"
)

const (
	// maxSkipped is how much of a body that nobody wanted is read, so that the
	// connection can be used again.
	maxSkipped = 256 << 10
	// maxAhead is how much a client may send while its request is not answered;
	// then it is not read from any more.
	maxAhead = 64 << 10
	// peeked is how many bytes are the beginning of another request, as net/http has
	// it, and how far it looks for the line ends with which old clients end the body
	// of a POST (RFC 9112, section 2.2).
	peeked = 4
)

// An input is what has come on a connection and is not used up: a part of a head,
// a body under way, or requests behind one that is not answered.
type input struct {
	bytes     []byte
	body      http1.Body
	unread    bool   // there is a body, and some of it is still to come
	wants     Bodied // who is told of it; nil: nobody
	collected []byte // of the body
	limit     int64  // of its length
}

// Received is called with what has arrived; b is the caller's again afterwards.
func (c *Conn) Received(now int64, b []byte) {
	i := c.input
	switch {
	case c.state == streaming:
		c.holder.(Stream).Received(now, b)
	case c.state >= leaving: // it is only heard out
	case i == nil || len(i.bytes) == 0:
		c.turn(now, b, false)
	default:
		i.bytes = append(i.bytes, b...)
		if c.state == heading && len(i.bytes) < http1.MaxHead && bytes.IndexByte(b, '\n') < 0 {
			return // no line has ended
		}
		c.turn(now, i.bytes, true)
	}
}

// resume goes on with what has come while a request was not answered.
func (c *Conn) resume(now int64) {
	if i := c.input; i != nil && len(i.bytes) > 0 {
		c.turn(now, i.bytes, true)
	} else {
		c.unpause()
	}
}

// turn uses up what has come, request by request, until something must be waited
// for. Of what is kept, in is all.
func (c *Conn) turn(now int64, in []byte, kept bool) {
	c.flags |= serving
	for more := true; more; {
		switch c.state {
		case waiting, heading:
			in, more = c.head(now, in)
		case taking, skipping:
			in, more = c.body(now, in)
		default:
			more = false
		}
	}
	c.flags &^= serving
	switch {
	case c.state == streaming:
		c.input = nil
		if c.unpause(); len(in) > 0 {
			c.holder.(Stream).Received(now, in)
		}
	case c.state >= leaving:
		c.input = nil
	default:
		c.keep(in, kept)
	}
}

// keep keeps what could not be used yet.
func (c *Conn) keep(in []byte, kept bool) {
	if c.input == nil && len(in) == 0 {
		return
	}
	i := c.incoming()
	if kept {
		i.bytes = i.bytes[:copy(i.bytes, in)]
	} else {
		i.bytes = append(i.bytes[:0], in...)
	}
	switch {
	case len(i.bytes) > maxAhead && (c.state == held || c.state == writing):
		c.flags |= paused
		c.socket.Pause()
	case len(i.bytes) == 0 && !i.unread:
		c.input = nil
		c.unpause()
	default:
		c.unpause()
	}
}

func (c *Conn) incoming() *input {
	if c.input == nil {
		c.input = new(input)
	}
	return c.input
}

func (c *Conn) unpause() {
	if c.is(paused) {
		c.flags &^= paused
		c.socket.Resume()
	}
}

// head takes a request's head off in and has it served. More says that there is
// something to go on with.
func (c *Conn) head(now int64, in []byte) (rest []byte, more bool) {
	if !c.is(fresh) && len(in) < peeked {
		return in, false
	}
	if c.is(afterPost) {
		c.flags &^= afterPost
		for n := 0; n < peeked && (in[0] == '\r' || in[0] == '\n'); n++ {
			in = in[1:]
		}
	}
	n, err := c.loop.parser.Parse(in)
	if err != nil {
		c.reject(now, err)
		return nil, false
	}
	if n == 0 {
		if c.state == waiting && len(in) > 0 {
			if c.state = heading; !c.is(fresh) { // the first one's time counts from the connection's begin
				c.Expire(now + int64(headTimeout))
			}
		}
		return in, false
	}
	r := &c.loop.parser.Request
	c.minor = r.Minor
	c.flags &^= fresh
	c.set(closes, r.Close)
	c.set(bodiless, string(r.Method) == http.MethodHead)
	c.set(expects, r.Continue)
	c.set(afterPost, string(r.Method) == http.MethodPost)
	if r.Length != 0 {
		i := c.incoming()
		i.body, i.unread = r.Body(), true
	}
	c.state, c.loop.behind = held, len(in)-n
	c.loop.serve(c, now, r)
	return in[n:], true
}

// Behind is how many bytes have come behind the head of the request that is being
// served. It is for Part.Serve.
func (c *Conn) Behind() int { return c.loop.behind }

// reject answers what is no request.
func (c *Conn) reject(now int64, err error) {
	refusal, ok := err.(*http1.Refusal)
	if !ok {
		panic("lean: an error that says no status: " + err.Error())
	}
	c.socket.Write(refusal.Append(nil))
	c.Finish(now)
}

// breakOff ends a connection whose client does not finish a request's head. What
// has come of a line is taken for all of it: if no head can have it the client is
// told, as net/http does.
func (c *Conn) breakOff(now int64) {
	in := c.input.bytes
	if in[len(in)-1] != '\n' {
		if _, err := c.loop.parser.Parse(append(in, "\r\n"...)); err != nil {
			c.reject(now, err)
			return
		}
	}
	c.Close(ErrTimeout)
}

// Body has b told the body of the request that is being served, at once where it
// is there already. The client may take so long to send it, and it may have so
// many bytes.
func (c *Conn) Body(now int64, limit int64, within time.Duration, b Bodied) {
	i := c.input
	if i == nil || !i.unread {
		b.Body(c, now, nil, nil)
		return
	}
	if c.is(expects) {
		c.flags &^= expects
		c.socket.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	}
	i.wants, i.limit = b, limit
	c.state = taking
	c.Expire(now + int64(within))
}

// body takes what there is of a body off in. More says that there is something to
// go on with.
func (c *Conn) body(now int64, in []byte) (rest []byte, more bool) {
	i := c.input
	for {
		data, rest, done, err := i.body.Next(in)
		stuck := len(rest) == len(in) && !done
		in = rest
		switch {
		case err != nil:
			c.endBody(now, nil, err)
			return in, false
		case stuck:
			return in, false
		case int64(len(i.collected)+len(data)) > i.limit:
			c.endBody(now, nil, ErrTooLong)
			return in, false
		case c.state == skipping:
			i.limit -= int64(len(data))
		case done && len(i.collected) == 0:
			i.unread = false
			c.endBody(now, data, nil)
			return in, true
		default:
			i.collected = append(i.collected, data...)
		}
		if done {
			i.unread = false
			c.endBody(now, i.collected, nil)
			return in, true
		}
	}
}

// endBody goes on when a body is there, or will not be.
func (c *Conn) endBody(now int64, body []byte, err error) {
	i := c.input
	if err != nil {
		c.flags |= closes
	}
	switch {
	case c.state == taking:
		wants := i.wants
		i.wants, i.collected = nil, nil
		c.state = held
		wants.Body(c, now, body, err)
	case err != nil:
		c.Finish(now)
	case c.socket.Backlog() > 0:
		c.state = writing
		c.Expire(now + int64(writeTimeout))
	default:
		c.answered(now)
	}
}
