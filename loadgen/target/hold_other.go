//go:build !linux

package target

import (
	"fmt"
	"net"
	"net/netip"
)

// A Hold is an address on loopback for a server that ends and comes again. Here
// nothing keeps others from it meanwhile.
type Hold struct{ Address netip.AddrPort }

// Reserve finds a free address.
func Reserve() (*Hold, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("reserve an address: %w", err)
	}
	defer l.Close()
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("reserve an address: %w", err)
	}
	return &Hold{at}, nil
}

// Release gives the address back.
func (h *Hold) Release() {}
