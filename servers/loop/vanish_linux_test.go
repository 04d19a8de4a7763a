package loop

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// unacknowledged is how many segments the peer has sent and not had acknowledged.
func unacknowledged(t *testing.T, peer *net.TCPConn) int {
	t.Helper()
	raw, err := peer.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	if err := raw.Control(func(fd uintptr) { info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Unacked)
}

// The peer of a connection that has vanished learns of it by its own patience and
// by nothing else.
func TestAVanishedConnectionAcknowledgesNothing(t *testing.T) { // C13
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	if _, err := peer.Write([]byte("before")); err != nil {
		t.Fatal(err)
	}
	turn(t, l, func() bool { return string(w.received) == "before" })
	if err := c.Vanish(); err != nil {
		t.Fatal(err)
	}
	raw, err := peer.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const patience = 50 * time.Millisecond
	raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(patience.Milliseconds()))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Write([]byte("after")); err != nil {
		t.Fatal(err)
	}
	if got := unacknowledged(t, peer); got == 0 {
		t.Error("what the peer wrote is acknowledged")
	}
	if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, unix.ETIMEDOUT) {
		t.Errorf("the peer's connection ends with %v, want a time-out of TCP's", err)
	}
	rounds(t, l, 3)
	if string(w.received) != "before" || len(w.ended) > 0 {
		t.Errorf("the handler was told %q and %v", w.received, w.ended)
	}
}

func TestOnlyAnOpenConnectionCanVanish(t *testing.T) {
	l := newLoop(t, Options{})
	w := new(witness)
	if err := l.Dial(netip.Addr{}, netip.MustParseAddrPort("127.0.0.1:1"), w).Vanish(); err == nil {
		t.Error("one that is being made vanishes")
	}
	turn(t, l, w.isOver)
}

func TestAReceiveBufferIsSetBeforeTheHandshake(t *testing.T) {
	const size = 8 << 10
	l := newLoop(t, Options{ReceiveBuffer: size})
	c, _, _ := pair(t, l)
	if got, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_RCVBUF); err != nil || got != 2*size {
		t.Errorf("SO_RCVBUF is %d, %v; want twice %d", got, err, size)
	}
}

// How long bytes waited for a handler that had paused is no delay of the loop's.
func TestReadsAfterAPauseAreNotTold(t *testing.T) { // G5
	l, seen := observed(t)
	stamped(t, l, seen)
	c, w, peer := pair(t, l)
	c.Pause()
	c.Resume()
	for sent := 1; sent <= 20*share; sent++ {
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		turn(t, l, func() bool { return len(w.received) == sent })
	}
	if len(seen.delays) > 0 {
		t.Errorf("%d reads were told, want none of a connection that has been paused", len(seen.delays))
	}
}
