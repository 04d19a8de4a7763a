package engine

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

var (
	_ Pauser   = (*routineLine)(nil)
	_ Vanisher = (*routineLine)(nil)
)

// Pause lets the reader, which may be waiting for bytes, come and wait for
// Resume instead.
func (l *routineLine) Pause() {
	if l.conn == nil || l.why != nil || l.resumed != nil {
		return
	}
	l.resumed = make(chan struct{})
	l.conn.SetReadDeadline(time.Unix(1, 0))
}

// Resume reads again.
func (l *routineLine) Resume() {
	if l.resumed == nil {
		return
	}
	if l.conn != nil && l.why == nil {
		l.conn.SetReadDeadline(time.Time{})
	}
	close(l.resumed)
	l.resumed = nil
}

// Vanish implements Vanisher. The reader waits, for nothing, until the engine
// ends.
func (l *routineLine) Vanish() error {
	if l.conn == nil || l.why != nil {
		return fmt.Errorf("%w: no connection", ErrVanish)
	}
	if err := deafen(l.conn); err != nil {
		return err
	}
	l.Pause()
	return nil
}

// Local implements Vanisher.
func (l *routineLine) Local() netip.AddrPort {
	if l.conn == nil {
		return netip.AddrPort{}
	}
	local, _ := l.conn.LocalAddr().(*net.TCPAddr)
	return local.AddrPort()
}

// held waits until a pause is over, if there is one, and says whether to read on:
// after the end of the engine there is nothing to read.
func (l *routineLine) held(resumed <-chan struct{}) bool {
	if resumed == nil {
		return true
	}
	select {
	case <-resumed:
		return true
	case <-l.engine.ctx.Done():
		return false
	}
}
