package loop

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// retry is how long a listener waits after it could not accept.
const retry = 100 * time.Millisecond

// ListenOptions describe a Listener.
type ListenOptions struct {
	// Backlog is how many connections may wait to be accepted. Zero means 4096.
	// The kernel does not go beyond net.core.somaxconn.
	Backlog int
	// SharePort lets several loops listen on the same port (SO_REUSEPORT). The
	// kernel then spreads connections over them by a hash of the addresses.
	SharePort bool
	// SendBuffer is SO_SNDBUF of the connections, in bytes; the kernel doubles it,
	// and takes no more than net.core.wmem_max. Zero leaves it to the kernel.
	SendBuffer int
	// Unacknowledged is how long what was sent may stay without an acknowledgement
	// before a connection is broken (TCP_USER_TIMEOUT, RFC 5482), in whole
	// milliseconds. Zero leaves it to the kernel.
	Unacknowledged time.Duration
	// Starved, when set, is told that connections cannot be accepted, mostly for
	// want of descriptors. They wait in the kernel's queue; the listener tries
	// again ten times a second and tells every time.
	Starved func(now int64, err error)
}

// A Listener accepts connections for its loop, on whose goroutine it must be used.
type Listener struct {
	loop    *Loop
	fd      int
	handler func(*Conn) Handler
	starved func(now int64, err error)
	retry   Timer
}

// Listen accepts connections on addr; port zero means one of the kernel's
// choice. For each one handler is called, and then Opened of the Handler that it
// returns; nil refuses the connection.
func (l *Loop) Listen(addr netip.AddrPort, o ListenOptions, handler func(*Conn) Handler) (*Listener, error) {
	fd, err := socket(addr.Addr()) // accepted connections inherit its options
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w", addr, err)
	}
	if err := l.listen(fd, addr, o); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("listen on %v: %w", addr, err)
	}
	ln := &Listener{loop: l, fd: fd, handler: handler, starved: o.Starved}
	l.listeners[fd] = ln
	return ln, nil
}

func (l *Loop) listen(fd int, addr netip.AddrPort, o ListenOptions) error {
	// A server that starts again must not wait for the last one's connections to
	// leave TIME_WAIT.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	if o.SharePort {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return os.NewSyscallError("setsockopt SO_REUSEPORT", err)
		}
	}
	// Connections inherit these.
	if o.SendBuffer > 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer); err != nil {
			return os.NewSyscallError("setsockopt SO_SNDBUF", err)
		}
	}
	if o.Unacknowledged > 0 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(o.Unacknowledged.Milliseconds())); err != nil {
			return os.NewSyscallError("setsockopt TCP_USER_TIMEOUT", err)
		}
	}
	if err := unix.Bind(fd, sockaddr(addr)); err != nil {
		return os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, cmp.Or(o.Backlog, 4096)); err != nil {
		return os.NewSyscallError("listen", err)
	}
	return l.poller.watch(unix.EPOLL_CTL_ADD, fd, ofListener, unix.EPOLLIN)
}

// Addr is where the listener listens.
func (ln *Listener) Addr() netip.AddrPort { return addrPort(unix.Getsockname(ln.fd)) }

// Close stops listening; accepted connections stay. The kernel resets those that
// wait to be accepted.
func (ln *Listener) Close() {
	if ln.loop.listeners[ln.fd] != ln {
		return
	}
	delete(ln.loop.listeners, ln.fd)
	ln.loop.timers.Unset(&ln.retry)
	unix.Close(ln.fd)
}

// accept takes what waits, up to a batch: the rest is reported again.
func (ln *Listener) accept() {
	for range batch {
		fd, errno := accept(ln.fd)
		switch errno {
		case 0:
			ln.open(fd)
		case unix.EAGAIN:
			return
		case unix.ECONNABORTED, unix.EINTR: // one has gone already; the next
		default:
			ln.starve(errno)
			return
		}
		if ln.loop.listeners[ln.fd] != ln { // closed by a handler
			return
		}
	}
}

func (ln *Listener) open(fd int) {
	c := &Conn{loop: ln.loop, fd: int32(fd), state: open}
	if err := ln.loop.add(c, unix.EPOLLIN); err != nil {
		unix.Close(fd)
		return
	}
	if c.handler = ln.handler(c); c.handler == nil {
		c.handler = nobody{}
		c.end(nil, false)
	}
	if c.state == open {
		c.handler.Opened(c, wire.Now())
	}
}

// starve leaves the queue alone for a while: it stays readable, and a listener
// that only tried again would keep the loop busy with failing.
//
// Note: the other known way, a spare descriptor given up to accept and close
// one connection, answers a flood of clients with a flood of resets.
func (ln *Listener) starve(errno unix.Errno) {
	now := wire.Now()
	ln.loop.poller.watch(unix.EPOLL_CTL_MOD, ln.fd, ofListener, 0)
	ln.loop.At(&ln.retry, now+int64(retry), (*hungry)(ln))
	if ln.starved != nil {
		ln.starved(now, os.NewSyscallError("accept", errno))
	}
}

// hungry is a Listener whose alarm makes it try again.
type hungry Listener

func (h *hungry) Alarm(int64) {
	h.loop.poller.watch(unix.EPOLL_CTL_MOD, h.fd, ofListener, unix.EPOLLIN)
}

// nobody handles connections that were refused.
type nobody struct{}

func (nobody) Opened(*Conn, int64)           {}
func (nobody) Received(*Conn, int64, []byte) {}
func (nobody) Ended(*Conn, int64, error)     {}
