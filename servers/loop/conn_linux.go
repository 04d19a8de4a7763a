package loop

import (
	"errors"
	"io"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// ErrBacklog ends a connection whose peer does not take what is written to it.
var ErrBacklog = errors.New("backlog limit reached")

// A Handler is told what happens on one connection. The loop calls it on its
// own goroutine, one call at a time, and never from inside a method of Conn or
// Loop. In every call it may use this connection and any other of the loop,
// dial, and set timers. All instants are wire.Now, read for that call.
type Handler interface {
	// Opened: connected, or accepted.
	Opened(c *Conn, now int64)
	// Received: b arrived; now was read when the kernel had handed it over. b is
	// the loop's own buffer and valid only during the call.
	Received(c *Conn, now int64, b []byte)
	// Ended comes exactly once per connection, also for a failed dial, and is the
	// last call. io.EOF means that the peer finished; system errors can be tested
	// with errors.Is; otherwise it is what Close or Reset was given. Local and
	// Info still work; the socket is closed afterwards.
	Ended(c *Conn, now int64, why error)
}

// A Drainer is a Handler that wants to know when a backlog is gone: from then on
// Write reaches the kernel at once again.
type Drainer interface {
	Drained(c *Conn, now int64)
}

// A Conn is one TCP connection of a Loop, for use on that loop only. After its
// end its methods do nothing.
//
// It is small on purpose and owns no buffer while its peer keeps up: reading
// goes through one buffer of the loop, and addresses are asked of the kernel.
type Conn struct {
	loop    *Loop
	handler Handler
	out     *backlog // nil while the kernel takes everything
	fd      int32    // -1 when there is no socket
	watched uint32   // the events that the poller was last asked for
	state   state
	paused  bool
	held    bool // has been paused: what it read since may have waited for that
}

type state uint8

const (
	connecting state = iota
	open
	ended
)

// A backlog is what the kernel did not take yet.
type backlog struct {
	bytes  []byte
	sent   int  // of bytes
	shared bool // bytes belong to others, too
	last   bool // FIN follows them
}

// Loop is the loop that the connection belongs to.
func (c *Conn) Loop() *Loop { return c.loop }

// Local is this side's address, or the zero value without a socket.
func (c *Conn) Local() netip.AddrPort { return addrPort(unix.Getsockname(int(c.fd))) }

// Remote is the peer's address, or the zero value when there is no connection.
func (c *Conn) Remote() netip.AddrPort { return addrPort(unix.Getpeername(int(c.fd))) }

// Info reads the kernel's account of the connection (TCP_INFO): segments, round
// trip, retransmissions. It allocates nothing, so that asking thousands of
// connections does not bring on a garbage collection.
func (c *Conn) Info(into *unix.TCPInfo) error {
	if errno := tcpInfo(int(c.fd), into); errno != 0 {
		return os.NewSyscallError("getsockopt TCP_INFO", errno)
	}
	return nil
}

// Backlog is how many bytes were written and not yet taken by the kernel.
func (c *Conn) Backlog() int {
	if c.out == nil {
		return 0
	}
	return len(c.out.bytes) - c.out.sent
}

// Write sends b, which may be reused afterwards. The kernel gets at once what it
// takes; the rest, and everything before the connection is open, is kept and
// sent when the kernel has room. More than Options.MaxBacklog ends the
// connection with ErrBacklog. What goes wrong is told by Ended, after the
// present callback.
func (c *Conn) Write(b []byte) {
	if b = c.offer(b); len(b) > 0 {
		c.keep(b)
	}
}

// offer hands b to the kernel, unless something has to go before it, and returns
// what is to be kept.
func (c *Conn) offer(b []byte) []byte {
	if c.state == ended || len(b) == 0 {
		return nil
	}
	if c.state == open && c.out == nil {
		if b = b[c.send(b):]; c.state == ended {
			return nil
		}
	}
	return b
}

// keep puts b behind what waits for the kernel already.
func (c *Conn) keep(b []byte) {
	if c.Backlog()+len(b) > c.loop.maxBacklog {
		c.end(ErrBacklog, false)
		return
	}
	if c.out == nil {
		c.out = new(backlog)
	} else if !c.out.shared && c.out.sent >= len(c.out.bytes)/2 {
		n := copy(c.out.bytes, c.out.bytes[c.out.sent:])
		c.out.bytes, c.out.sent = c.out.bytes[:n], 0
	}
	c.out.bytes = append(c.out.bytes, b...) // a shared one has no room, and is copied
	c.out.shared = false
	c.watch()
}

// send hands b to the kernel and says how much it took.
func (c *Conn) send(b []byte) int {
	n, errno := send(int(c.fd), b)
	c.loop.counters.Writes++
	if errno != 0 {
		if errno != unix.EAGAIN {
			c.end(os.NewSyscallError("send", errno), false)
		}
		return 0
	}
	c.loop.counters.BytesOut += int64(n)
	return n
}

// Pause stops reading: the kernel's buffers fill, then the peer has to wait. A
// reset is noticed all the same, a FIN only when reading again.
func (c *Conn) Pause() {
	c.paused, c.held = true, true
	c.watch()
}

// Resume reads again.
func (c *Conn) Resume() {
	c.paused = false
	c.watch()
}

// Close ends the connection; Ended(why) follows after the present callback.
// What the kernel has taken still goes out, then FIN (or RST if the peer sent
// something that was not read, RFC 2525, section 2.17). A backlog is discarded,
// because nobody knows whether the peer will ever take it: a handler that minds
// closes in Drained.
func (c *Conn) Close(why error) { c.end(why, false) }

// Reset is Close that sends RST and forgets what the kernel has not sent. It
// leaves no port in TIME_WAIT.
func (c *Conn) Reset(why error) { c.end(why, true) }

// end stops all callbacks but Ended. That, and closing the socket, wait for the
// end of the round: Ended is then never called from within another callback,
// and the kernel cannot give the descriptor's number to a new connection while
// events of this round still name the old one.
func (c *Conn) end(why error, reset bool) {
	if c.state == ended {
		return
	}
	c.state, c.out = ended, nil
	c.loop.ending = append(c.loop.ending, ending{c, why, reset})
}

// watch tells the poller what the connection waits for, when that has changed.
//
// EPOLLRDHUP is not among it: a FIN makes the socket readable anyway, and on a
// paused connection it would be reported in every round.
func (c *Conn) watch() {
	if c.state == ended {
		return
	}
	var want uint32
	if !c.paused {
		want |= unix.EPOLLIN
	}
	if c.state == connecting || c.out != nil {
		want |= unix.EPOLLOUT
	}
	if want == c.watched {
		return
	}
	if err := c.loop.poller.watch(unix.EPOLL_CTL_MOD, int(c.fd), ofConn, want); err != nil {
		c.end(err, false)
		return
	}
	c.watched = want
}

// ready looks after what the poller reported. An event is only a hint; what
// happened is asked of the socket itself.
func (c *Conn) ready(events uint32) {
	const failed = unix.EPOLLHUP | unix.EPOLLERR
	if c.state == connecting && events&(unix.EPOLLOUT|failed) != 0 {
		c.connected()
	}
	if c.state == open && c.out != nil && events&unix.EPOLLOUT != 0 {
		c.drain()
	}
	switch {
	case c.state != open:
	case !c.paused && events&(unix.EPOLLIN|failed) != 0:
		c.receive()
	case events&failed != 0: // a paused connection cannot learn it by reading
		if err := c.failure(); err != nil {
			c.end(os.NewSyscallError("connection", err), false)
		}
	}
}

// connected ends a dial, well or not.
func (c *Conn) connected() {
	err := c.failure()
	if err == nil && c.Local() == c.Remote() {
		// Nobody listens, and of all ports the kernel chose the one dialled: the
		// handshake of RFC 9293, figure 7, with itself.
		err = unix.ECONNREFUSED
	}
	if err != nil {
		c.end(os.NewSyscallError("connect", err), false)
		return
	}
	c.state = open
	c.watch()
	c.handler.Opened(c, wire.Now())
}

// failure takes the socket's pending error.
func (c *Conn) failure() error {
	n, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && n != 0 {
		err = unix.Errno(n)
	}
	return err
}

func (c *Conn) receive() {
	l := c.loop
	n, stamp, errno := l.receive(int(c.fd))
	now := wire.Now()
	if stamp != 0 && !c.held { // how long a pause lasts is its handler's doing, not the loop's
		l.gauge.arrived(now, stamp)
	}
	switch {
	case errno == unix.EAGAIN:
	case errno != 0:
		c.end(os.NewSyscallError("receive", errno), false)
	case n == 0:
		c.end(io.EOF, false)
	default:
		l.counters.Reads++
		l.counters.BytesIn += int64(n)
		c.handler.Received(c, now, l.buffer[:n])
	}
}

func (c *Conn) drain() {
	c.out.sent += c.send(c.out.bytes[c.out.sent:])
	if c.state == ended || c.Backlog() > 0 {
		return
	}
	last := c.out.last
	c.out = nil
	c.watch()
	if last {
		c.CloseWrite()
	}
	if d, ok := c.handler.(Drainer); ok && c.state == open {
		d.Drained(c, wire.Now())
	}
}
