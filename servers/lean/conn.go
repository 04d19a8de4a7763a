package lean

import (
	"errors"
	"net/netip"
	"syscall"
	"time"

	"pushbench/servers/alarm"
	"pushbench/servers/http1"
	"pushbench/servers/source"
)

// A Socket carries the bytes of one connection, on its event loop. Once it has
// ended its methods do nothing, and Conn.Ended is called when the present call
// is over.
type Socket interface {
	// Write sends b, which may be used again. What the kernel does not take is kept
	// until it does; then comes Conn.Drained.
	Write(b []byte)
	// Share is Write of bytes that will never change.
	Share(b []byte)
	// Backlog is how many bytes are kept.
	Backlog() int
	// Remote is the client's address.
	Remote() netip.AddrPort
	Pause()  // reading
	Resume() // it
	// CloseWrite sends FIN behind what was written.
	CloseWrite()
	// Close sends FIN behind what the kernel has, and reads no more.
	Close(why error)
}

// Why this side ends connections.
var (
	ErrDone    = errors.New("done")                 // as the client wanted, or the server ends
	ErrTimeout = errors.New("client took too long") // to ask, to read, or to close
	// Of bodies, in the words of net/http.
	ErrSlow    = errors.New("i/o timeout")
	ErrTooLong = errors.New("http: request body too large")
)

// A Conn is one connection: an HTTP connection on which requests are answered one
// after the other, until one of them turns it into a stream. Between requests it
// has no buffer.
type Conn struct {
	loop   *Loop
	socket Socket
	holder Holder // of the request, or a Stream; stays for the next one
	input  *input // what has come and is not used up; nil: nothing
	name   string // the client's address, once somebody has asked
	timer  alarm.Timer
	due    int64 // when to do something about it; 0: never
	armed  int64 // the timer is, for this instant, no later than due
	place  int32 // in loop.conns
	state  state
	minor  uint8 // of the request's version
	flags  flags
}

type state uint8

const (
	waiting   state = iota // for a request, of which nothing has come
	heading                // for the rest of a head
	taking                 // a body for a half
	skipping               // a body that nobody wanted, behind the answer
	held                   // somebody will answer
	writing                // an answer that the kernel has not taken yet
	streaming              // and no HTTP connection any more
	leaving                // all is said; hearing the other side out
	gone
)

type flags uint8

const (
	fresh     flags = 1 << iota // no request has come yet
	closes                      // the connection ends behind the answer
	bodiless                    // the answer has no body, because it answers HEAD
	expects                     // a 100 before the body is sent
	afterPost                   // the request before was a POST
	serving                     // within turn, which goes on by itself
	paused
	ours // this side has ended it, of its own accord
)

func (c *Conn) is(f flags) bool { return c.flags&f != 0 }

func (c *Conn) set(f flags, on bool) {
	if c.flags &^= f; on {
		c.flags |= f
	}
}

// Accept takes on a connection.
func (l *Loop) Accept(s Socket, now int64) *Conn {
	c := &Conn{loop: l, socket: s, flags: fresh, place: int32(l.conns.len())}
	l.conns.push(c)
	return c
}

// Opened is called once the socket can be used.
func (c *Conn) Opened(now int64) {
	c.Expire(now + int64(headTimeout))
	if c.loop.raw != nil {
		c.flags |= serving
		c.loop.raw.Serve(c, now, nil)
		c.flags &^= serving
	}
}

// Socket is what carries the connection.
func (c *Conn) Socket() Socket { return c.socket }

// Loop is the loop that the connection belongs to.
func (c *Conn) Loop() *Loop { return c.loop }

// Name is the client's address.
func (c *Conn) Name() string {
	if c.name == "" && c.state != gone {
		c.name = c.socket.Remote().String()
	}
	return c.name
}

// Minor is x of the HTTP/1.x that the request was made in.
func (c *Conn) Minor() byte { return c.minor }

// Holder is who held the last request of this connection, or has it as a stream.
func (c *Conn) Holder() Holder { return c.holder }

// Hold lets h answer the request later.
func (c *Conn) Hold(h Holder) { c.holder, c.state, c.due = h, held, 0 }

// Stream gives the connection to s. What has come behind the request is Received
// when Part.Serve returns.
func (c *Conn) Stream(s Stream) {
	c.holder, c.state = s, streaming
	// Streams are there for long: an armed timer would be kept for each, and most
	// never need one.
	c.due, c.armed = 0, 0
	c.loop.clock.At(&c.timer, 0, nil)
}

// Write sends b, which may be used again. While there is a backlog nothing should
// be written on top of it.
func (c *Conn) Write(b []byte) { c.socket.Write(b) }

// Share is Write of bytes that will never change: many connections can wait for
// the kernel to take the same ones.
func (c *Conn) Share(b []byte) { c.socket.Share(b) }

// Backlog is how many bytes were written that the kernel has not taken.
func (c *Conn) Backlog() int { return c.socket.Backlog() }

// Answer answers the request.
func (c *Conn) Answer(now int64, r *http1.Response) { c.Deliver(now, r, writeTimeout) }

// Refuse answers the request and ends the connection.
func (c *Conn) Refuse(now int64, r *http1.Response) {
	c.flags |= closes
	c.Answer(now, r)
}

// Deliver answers the request with what the client may take so long to read.
func (c *Conn) Deliver(now int64, r *http1.Response, within time.Duration) {
	if c.state != held {
		return // it has ended
	}
	unread := c.input != nil && c.input.unread
	if c.loop.draining || unread && c.is(expects) {
		c.flags |= closes
	}
	if c.minor > 0 && !c.is(closes|bodiless) {
		c.socket.Share(r.Bytes())
	} else {
		c.socket.Share(r.Append(nil, c.minor, c.is(closes), c.is(bodiless)))
	}
	switch {
	case unread && c.is(closes):
		c.Finish(now) // closing now would destroy the answer on its way
		return
	case unread:
		c.state, c.input.limit = skipping, maxSkipped
		c.Expire(now + int64(headTimeout))
	case c.socket.Backlog() > 0:
		c.state = writing
		c.Expire(now + int64(within))
	default:
		c.answered(now)
	}
	if !c.is(serving) {
		c.resume(now)
	}
}

// answered goes on when an answer is on its way as a whole.
func (c *Conn) answered(now int64) {
	if c.is(closes) || c.loop.draining {
		c.state = leaving // nobody has it any more
		c.Close(ErrDone)
		return
	}
	c.state = waiting
	c.Expire(now + int64(idleTimeout))
}

// Drained is called when the kernel has taken all that was written.
func (c *Conn) Drained(now int64) {
	switch c.state {
	case streaming:
		c.holder.(Stream).Drained(now)
	case writing:
		c.answered(now)
		c.resume(now)
	}
}

// Finish ends the connection in order: FIN behind what was written, then the other
// side is heard out for a second, because who closes with something unread resets
// the connection, and may destroy what is still on its way (RFC 9112, section 9.6).
// Its holder hears of it no more.
func (c *Conn) Finish(now int64) {
	if c.state >= leaving {
		return
	}
	c.own()
	c.state, c.input = leaving, nil
	c.unpause()
	c.socket.CloseWrite()
	c.Expire(now + int64(lastTimeout))
}

// Close ends the connection at once, of this side's own accord.
func (c *Conn) Close(why error) {
	if c.state != gone {
		c.own()
		if c.state == held && c.is(serving) {
			c.state = leaving // instead of an answer: nobody has the request
		}
		c.socket.Close(why)
	}
}

// own notes that this side ends the connection while the client can still be named.
func (c *Conn) own() {
	if !c.is(ours) && c.loop.found != nil {
		c.flags |= ours
		c.Name()
	}
}

// Ended is called once, when the socket has ended.
func (c *Conn) Ended(now int64, why error) {
	if c.state == gone {
		return
	}
	if c.is(ours) || errors.Is(why, syscall.ETIMEDOUT) {
		c.loop.found.Note(c.name, source.GivenUp)
	}
	engaged := c.state == held || c.state == streaming
	c.state, c.input, c.due = gone, nil, 0
	if engaged {
		c.holder.Ended(now, why)
	}
	l := c.loop
	l.clock.At(&c.timer, 0, nil)
	if c.name != "" {
		l.source.Left(c.name)
	}
	last := l.conns.len() - 1
	moved := *l.conns.at(last)
	*l.conns.at(int(c.place)) = moved
	moved.place = c.place
	if l.conns.pop(); last == 0 && l.draining {
		l.empty()
	}
}

// drain lets go of a client that has nothing to wait for.
func (c *Conn) drain() {
	if c.state == waiting {
		c.Close(ErrDone)
	}
}

// Expire sets the instant at which something is to be done about the connection:
// its holder's Alarm, or what the present state has in store. There is one for a
// connection, and zero is never. To move it costs nothing but when it comes to
// lie before the one that the timer was armed for.
func (c *Conn) Expire(at int64) {
	if c.due = at; at != 0 && (c.armed == 0 || at < c.armed) {
		c.armed = at
		c.loop.clock.At(&c.timer, at, c)
	}
}

// Alarm implements alarm.Alarmer.
func (c *Conn) Alarm(now int64) {
	c.armed = 0
	if c.due == 0 || c.state == gone {
		return
	}
	if now < c.due {
		c.Expire(c.due)
		return
	}
	c.due = 0
	switch c.state {
	case held, streaming:
		c.holder.Alarm(now)
	case heading:
		c.breakOff(now)
	case taking:
		if c.input.body.Over() { // which net/http blames on the trailer
			c.endBody(now, nil, http1.ErrTrailer)
			return
		}
		c.endBody(now, nil, ErrSlow)
	case leaving:
		c.Close(ErrTimeout)
	default:
		c.Close(ErrTimeout)
	}
}
