package host

import (
	"context"
	"net"
	"time"
)

// A Socket is what a server's listener and its connections are given. The zero value
// leaves all to the kernel.
type Socket struct {
	// Share lets other servers listen on the same port (SO_REUSEPORT), as long as
	// each of them says so. The kernel spreads connections over them by a hash of the
	// addresses. Linux only; see CanShare.
	Share bool
	// SendBuffer is SO_SNDBUF in bytes, as setsockopt takes it: how much of what is
	// written the kernel keeps for a client that does not read. It doubles the
	// number, and takes no more than net.core.wmem_max.
	SendBuffer int
	// Unacknowledged is how long what was sent may stay without an acknowledgement
	// before the connection is broken (TCP_USER_TIMEOUT, RFC 5482), in whole
	// milliseconds. Linux only; see CanTimeOut.
	Unacknowledged time.Duration
}

// listen opens the address.
func (s Socket) listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	if s.Share {
		c.Control = share
	}
	return c.Listen(ctx, "tcp", address)
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
