package loop

import "golang.org/x/sys/unix"

// Share is Write of bytes that will never change: what the kernel does not take
// of them is kept where it is, so many who get the same share one copy.
func (c *Conn) Share(b []byte) {
	if b = c.offer(b); len(b) == 0 {
		return
	}
	if c.out != nil || len(b) > c.loop.maxBacklog {
		c.keep(b)
		return
	}
	c.out = &backlog{bytes: b[:len(b):len(b)], shared: true}
	c.watch()
}

// CloseWrite sends FIN behind what was written, and what is backlogged first.
// Reading goes on, so that the peer can be heard out; see RFC 9293, section 3.6.
func (c *Conn) CloseWrite() {
	switch {
	case c.state != open:
	case c.out != nil:
		c.out.last = true
	default:
		unix.Shutdown(int(c.fd), unix.SHUT_WR) // of one that has ended meanwhile
	}
}

// Control has f use the descriptor, for what only the kernel knows of a socket. It
// is not called when there is none any more.
func (c *Conn) Control(f func(fd uintptr)) {
	if c.fd >= 0 {
		f(uintptr(c.fd))
	}
}
