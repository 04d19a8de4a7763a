package host

import (
	"net"
	"time"
)

// A Socket is what a server's connections are given. The zero value leaves all
// to the kernel.
type Socket struct {
	// SendBuffer is SO_SNDBUF in bytes, as setsockopt takes it: how much of what is
	// written the kernel keeps for a client that does not read. It doubles the
	// number, and takes no more than net.core.wmem_max.
	SendBuffer int
	// Unacknowledged is how long what was sent may stay without an acknowledgement
	// before the connection is broken (TCP_USER_TIMEOUT, RFC 5482), in whole
	// milliseconds. Linux only; see CanTimeOut.
	Unacknowledged time.Duration
}

// apply gives it to a connection. What is refused is refused because the
// connection has ended already, and that its user will notice.
func (s Socket) apply(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if s.SendBuffer > 0 {
		tcp.SetWriteBuffer(s.SendBuffer)
	}
	if s.Unacknowledged > 0 {
		timeOut(tcp, s.Unacknowledged)
	}
}
