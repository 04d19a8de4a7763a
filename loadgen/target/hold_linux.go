package target

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// A Hold keeps an address on loopback for a server that ends and comes again.
// Without it the kernel may give the port, which nobody has meanwhile, to a client
// that looks for the server; it may even connect that client to itself, and the
// next server finds the address taken.
type Hold struct {
	Address netip.AddrPort
	fd      int
}

// Reserve takes a free address. Servers may listen there, connections are refused
// while none does, and nobody else is given it.
//
// Note: the socket is bound and never listens. Of two sockets with SO_REUSEADDR
// one may listen on the port of the other, and a port that is bound is no choice
// for a connection.
func Reserve() (*Hold, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return nil, fmt.Errorf("reserve an address: %w", err)
	}
	h := &Hold{fd: fd}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		var bound unix.Sockaddr
		if bound, err = unix.Getsockname(fd); err == nil {
			at := bound.(*unix.SockaddrInet4)
			h.Address = netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port))
			return h, nil
		}
	}
	h.Release()
	return nil, fmt.Errorf("reserve an address: %w", err)
}

// Release gives the address back.
func (h *Hold) Release() { unix.Close(h.fd) }
