package ws

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// batch is how many events at most are taken from the log at once.
const batch = 64

// A connection is one client. One goroutine serves: it alone writes messages
// and closes. Another listens; it writes nothing but control frames, which
// gorilla allows beside a message.
type connection struct {
	handler  *Handler
	conn     *websocket.Conn
	ctx      context.Context // its cause is the first reason to end
	cancel   context.CancelCauseFunc
	follower source.Follower
	heard    chan struct{} // closed when nobody listens any more
}

// subscribe starts the subscription of the client at that address and returns the messages that come first.
func (c *connection) subscribe(asked request.Subscription, client string) (opening [][]byte) {
	var sub *source.Subscription
	if asked.Cursor.IsZero() {
		var head uint64
		sub, head = asked.Topic.SubscribeHead()
		opening = append(opening, appendHello(nil, asked.Topic.Cursor(head)))
	} else {
		after, gap := asked.Topic.Resume(asked.Cursor)
		sub = asked.Topic.Subscribe(after)
		if gap != nil {
			opening = append(opening, appendGap(nil, gap))
		}
	}
	c.follower = sub.Follow(c.handler.opts.Slow, c.handler.opts.Limit, client)
	return opening
}

// serve follows the topic until there is a reason to end, and then ends the
// connection as that reason wants it.
func (c *connection) serve(opening [][]byte) {
	defer c.handler.gate.Leave()
	why := c.follow(opening)
	// Anything but a write that failed: a client that does not read is not
	// worth waiting for.
	orderly := errors.Is(why, context.Cause(c.ctx)) || errors.Is(why, websocket.ErrCloseSent)
	c.cancel(why)
	c.follower.Close()

	if last, ok := errors.AsType[*closing](why); ok {
		orderly = c.conn.WriteControl(websocket.CloseMessage, last.frame(), wire.Deadline(closeWait)) == nil
	}
	if orderly {
		// Closing while something of the client's is unread would reset the
		// connection and could destroy our close frame on its way, so the other
		// goroutine first hears the client out.
		abort := time.AfterFunc(closeWait, func() { c.conn.Close() })
		<-c.heard
		abort.Stop()
	}
	c.conn.Close()
	<-c.heard
}

// follow writes what is new until the context ends, a write fails, or the
// client is too slow.
func (c *connection) follow(opening [][]byte) error {
	for _, message := range opening {
		if err := c.write(message); err != nil {
			return err
		}
	}
	ping := time.NewTicker(c.handler.opts.pingInterval())
	defer ping.Stop()
	var entries []*source.Entry // grows to what a client needs; an idle one needs none
	for c.ctx.Err() == nil {
		r, err := c.follower.Next(batch, entries)
		if err != nil {
			return errSlow
		}
		if r.Gap != nil {
			if err := c.write(appendGap(nil, r.Gap)); err != nil {
				return err
			}
		}
		for _, e := range r.Entries {
			c.conn.SetWriteDeadline(wire.Deadline(c.handler.opts.writeTimeout()))
			if err := c.conn.WritePreparedMessage(c.handler.frame(e)); err != nil {
				return err
			}
		}
		clear(r.Entries) // a quiet connection must not keep old events alive
		entries = r.Entries[:0]
		more := ready
		if r.Gap == nil && len(r.Entries) == 0 {
			more = c.follower.Changed()
		}
		select {
		case <-more:
		case <-ping.C:
			if err := c.conn.WriteControl(websocket.PingMessage, nil, wire.Deadline(c.handler.opts.writeTimeout())); err != nil {
				return err
			}
		case <-c.ctx.Done():
		}
	}
	return context.Cause(c.ctx)
}

// ready is for the turn after a write, which asks the log again in any case:
// that is what tells it that the events before have been written.
var ready = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

func (c *connection) write(message []byte) error {
	c.conn.SetWriteDeadline(wire.Deadline(c.handler.opts.writeTimeout()))
	return c.conn.WriteMessage(websocket.TextMessage, message)
}

// listen takes what the client sends until the connection is of no more use.
func (c *connection) listen() {
	defer close(c.heard)
	wait := c.handler.opts.pongWait()
	c.conn.SetReadLimit(c.handler.opts.readLimit())
	c.conn.SetReadDeadline(wire.Deadline(wait))
	c.conn.SetPongHandler(func(string) error { return c.conn.SetReadDeadline(wire.Deadline(wait)) })
	c.conn.SetPingHandler(func(payload string) error {
		// A write that fails is the other goroutine's to notice, at its next one.
		c.conn.WriteControl(websocket.PongMessage, []byte(payload), wire.Deadline(c.handler.opts.writeTimeout()))
		return nil
	})
	for {
		kind, message, err := c.conn.ReadMessage()
		switch {
		case err != nil:
			c.ended(err)
			return
		case c.ctx.Err() != nil: // only the answer to our close frame matters now
		default:
			if err := c.publish(kind, message); err != nil {
				c.cancel(err)
			}
		}
	}
}

// ended notes why nothing more can be read.
func (c *connection) ended(err error) {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		c.cancel(errNoPong)
		return
	}
	c.cancel(err)
	if _, ok := errors.AsType[*websocket.CloseError](err); ok {
		return
	}
	// gorilla has refused what came, with code 1002 or 1009, and reads no
	// further. The rest must be read away for that frame to arrive.
	raw := c.conn.NetConn()
	if half, ok := raw.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	raw.SetReadDeadline(wire.Deadline(closeWait))
	io.Copy(io.Discard, raw)
}

// publish takes a message to the topic that the client follows.
func (c *connection) publish(kind int, message []byte) error {
	if kind != websocket.TextMessage {
		return errBinary
	}
	if !utf8.Valid(message) { // RFC 6455, section 8.1: left to us by gorilla
		return errUTF8
	}
	m, err := wire.ParseMessage(message)
	if err == nil {
		err = c.follower.Topic().Say(m)
	}
	if err != nil {
		return &closing{websocket.ClosePolicyViolation, err.Error()}
	}
	return nil
}
