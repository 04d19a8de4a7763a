package engine

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"pushbench/servers/loop"
)

var (
	_ Pauser   = (*loopLine)(nil)
	_ Vanisher = (*loopLine)(nil)
)

// CanVanish says whether lines of this system are Vanishers that can.
const CanVanish = true

func (l *loopLine) Pause() {
	if l.conn != nil {
		l.conn.Pause()
	}
}

func (l *loopLine) Resume() {
	if l.conn != nil {
		l.conn.Resume()
	}
}

func (l *loopLine) Vanish() error {
	if l.conn == nil {
		return fmt.Errorf("%w: no connection", ErrVanish)
	}
	if err := l.conn.Vanish(); err != nil {
		return fmt.Errorf("%w: %w", ErrVanish, err)
	}
	return nil
}

func (l *loopLine) Local() netip.AddrPort {
	if l.conn == nil {
		return netip.AddrPort{}
	}
	return l.conn.Local()
}

// deafen makes a connection of the standard library vanish.
func deafen(c net.Conn) error {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return fmt.Errorf("%w: %T is no socket", ErrVanish, c)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVanish, err)
	}
	var refused error
	if err := raw.Control(func(fd uintptr) { refused = loop.Deafen(int(fd)) }); err != nil {
		refused = err
	}
	if refused != nil {
		return fmt.Errorf("%w: %w", ErrVanish, refused)
	}
	return nil
}
