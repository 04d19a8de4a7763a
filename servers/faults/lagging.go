package faults

import (
	"net"
	"sync"
	"time"

	"pushbench/servers/wire"
)

// A laggingConn hands on what is written to it later, each write by itself and in
// order. Write returns at once, as it does on a socket with room in its buffer.
type laggingConn struct {
	net.Conn
	limit *limit
	book  *book                // nil: nothing is noted
	hold  func(now int64) hold // called with mu

	mu      sync.Mutex
	queue   []parcel
	waiting int           // bytes in it
	room    chan struct{} // closed when there is less; nil while nobody waits
	carried bool          // somebody carries what is queued
	shut    bool          // CloseWrite was called
	failed  error         // of an earlier write
}

// A parcel is one write.
type parcel struct {
	bytes  []byte
	called int64 // in wire.Now
	leaves int64
	noted  bool
}

// maxWaiting is how many bytes a connection holds back before its writes block:
// what a socket buffer takes, or a little less.
const maxWaiting = 1 << 20

func (c *laggingConn) Write(b []byte) (int, error) {
	called := wire.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.failed == nil && c.waiting > 0 && c.waiting+len(b) > maxWaiting {
		if err := c.awaitRoom(); err != nil {
			return 0, err
		}
	}
	switch {
	case c.limit.over() || c.shut:
		return 0, net.ErrClosed
	case c.failed != nil:
		return 0, c.failed
	}
	h := c.hold(called)
	if h.by == 0 && !h.noted && !c.carried {
		c.mu.Unlock()
		defer c.mu.Lock()
		return c.Conn.Write(b)
	}
	c.queue = append(c.queue, parcel{append([]byte(nil), b...), called, called + int64(h.by), h.noted})
	c.waiting += len(b)
	if !c.carried {
		c.carried = true
		go c.carry()
	}
	return len(b), nil
}

// awaitRoom gives the lock up while it waits.
func (c *laggingConn) awaitRoom() error {
	if c.room == nil {
		c.room = make(chan struct{})
	}
	room := c.room
	c.mu.Unlock()
	defer c.mu.Lock()
	return wait(c.limit, room)
}

// carry hands on what is queued until there is nothing more, and then ends the
// connection if it was closed meanwhile: as a socket does, which sends what it
// has before it says that it ends.
func (c *laggingConn) carry() {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.queue, c.carried = nil, false
			switch {
			case c.limit.over():
				c.Conn.Close()
			case c.shut:
				closeWrite(c.Conn)
			}
			c.mu.Unlock()
			return
		}
		p := c.queue[0]
		c.mu.Unlock()
		if rest := wire.Until(p.leaves); rest > 0 {
			<-time.After(rest)
		}
		if p.noted {
			c.book.note(p.called, wire.Now()-p.called)
		}
		_, err := c.Conn.Write(p.bytes)
		c.taken(len(p.bytes), err)
	}
}

// taken notes that the first parcel has been handed on. After an error there is
// no use for the others.
func (c *laggingConn) taken(bytes int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue[0] = parcel{}
	c.queue = c.queue[1:]
	c.waiting -= bytes
	if err != nil {
		c.failed, c.queue, c.waiting = err, nil, 0
	}
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
}

func (c *laggingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && c.limit.over() {
		err = net.ErrClosed // which on the connection itself may come later
	}
	return n, err
}

// SetDeadline sets the deadline of what is held back, too: delays are shorter
// than what halves allow.
func (c *laggingConn) SetDeadline(t time.Time) error {
	c.limit.setDeadline(t)
	return c.Conn.SetDeadline(t)
}

func (c *laggingConn) SetWriteDeadline(t time.Time) error {
	c.limit.setDeadline(t)
	return c.Conn.SetWriteDeadline(t)
}

func (c *laggingConn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = true
	if c.carried {
		return nil
	}
	return closeWrite(c.Conn)
}

// Close ends the connection for whoever has it at once, and for the other side
// after what is held back. Who does not read that is not waited for for long.
func (c *laggingConn) Close() error {
	if !c.limit.end() {
		return net.ErrClosed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.carried {
		return c.Conn.Close()
	}
	c.Conn.SetWriteDeadline(wire.Deadline(2 * maxDelay))
	return c.Conn.SetReadDeadline(time.Unix(1, 0))
}
