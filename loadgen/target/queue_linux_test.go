package target

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// listening listens at the address as servers do, and accepts nobody.
func listening(t *testing.T, at netip.AddrPort) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestAnAddressOutlivesTheServerThatListensThere(t *testing.T) { // D5
	held, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	for range 3 {
		if c, err := net.Dial("tcp", held.Address.String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("while nobody listens a connection is %v, %v; want refused", c, err)
		}
		l := listening(t, held.Address)
		c, err := net.Dial("tcp", held.Address.String())
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		far.Close() // first, so that this side's port is the one that waits
		c.Close()
		l.Close()
	}
	// Nobody gets the port by accident, for which there would be one chance in some
	// ten thousand: who names it is refused.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: int(held.Address.Port())}); err != unix.EADDRINUSE {
		t.Errorf("binding a client to the address is %v, want %v", err, unix.EADDRINUSE)
	}
}

func TestTheAcceptQueueIsTold(t *testing.T) { // G4
	l := listening(t, netip.MustParseAddrPort("127.0.0.1:0"))
	q, err := NewQueue(netip.MustParseAddrPort(l.Addr().String()))
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EPROTONOSUPPORT) {
		t.Skip("the kernel does not tell sockets here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	want := func(n int64) {
		t.Helper()
		if got, err := q.Len(); err != nil || got != n {
			t.Errorf("%d connections wait, %v; want %d", got, err, n)
		}
	}
	want(0)
	for range 5 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	want(5)
	for range 2 {
		if _, err := l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	want(3)
	l.Close()
	if n, err := q.Len(); err == nil {
		t.Errorf("%d connections wait where nobody listens", n)
	}
}
