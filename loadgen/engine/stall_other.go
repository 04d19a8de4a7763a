//go:build !linux

package engine

import "net"

// CanVanish says whether lines of this system are Vanishers that can.
const CanVanish = false

func deafen(net.Conn) error { return ErrVanish }
