package host

import (
	"io"
	"net"
	"net/netip"
	"time"

	"pushbench/servers/wire"
)

// full is what a client is told that is one too many, whatever it wanted to ask.
const full = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 21\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n\r\ntoo many connections\n"

// farewells bound how many clients are told so at once, and farewellTime how long
// each may take. A flood is what this is for, and must not be answered with as many
// goroutines: who comes on top of them is not told.
const (
	farewells    = 64
	farewellTime = time.Second
)

// A doorman turns away connections that are too many.
type doorman chan struct{}

func newDoorman() doorman { return make(doorman, farewells) }

// turnAway ends the connection. It does not wait.
func (d doorman) turnAway(c net.Conn) {
	select {
	case d <- struct{}{}:
	default:
		c.Close()
		return
	}
	go func() {
		defer func() { <-d }()
		defer c.Close()
		c.SetDeadline(wire.Deadline(farewellTime))
		if _, err := io.WriteString(c, full); err != nil {
			return
		}
		// Who closes with something unread resets the connection, and may destroy the
		// answer on its way (RFC 9112, section 9.6).
		if half, ok := c.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			io.Copy(io.Discard, io.LimitReader(c, 64<<10))
		}
	}()
}

// from is the address of a connection's other side, without the port.
func from(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{} // of what is no IP connection, all together
	}
	return at.Addr().Unmap()
}
