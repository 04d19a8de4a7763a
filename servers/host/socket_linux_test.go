package host

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/loop"
	"pushbench/servers/source"
)

// option reads one of a connection's socket options.
func option(t *testing.T, c net.Conn, level, name int) (value int) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var refused error
	if err := raw.Control(func(fd uintptr) { value, refused = unix.GetsockoptInt(int(fd), level, name) }); err != nil || refused != nil {
		t.Fatal(err, refused)
	}
	return value
}

func TestConnectionsAreGivenWhatTheServerIsTold(t *testing.T) { // Q6
	const buffer, patience = 16 << 10, 1500 * time.Millisecond
	for _, c := range []struct {
		socket         Socket
		buffer, millis int // of the buffer zero: whatever the kernel gives
	}{
		{Socket{}, 0, 0},
		{Socket{SendBuffer: buffer, Unacknowledged: patience}, 2 * buffer, 1500}, // the kernel doubles it
	} {
		server := New(source.New(source.Options{}, "t0"))
		server.Socket = c.socket
		ln, err := server.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		near, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		far, err := ln.(net.Listener).Accept()
		if err != nil {
			t.Fatal(err)
		}
		accepted := far.(*countingConn).Conn
		if got := option(t, accepted, unix.SOL_SOCKET, unix.SO_SNDBUF); c.buffer != 0 && got != c.buffer || got <= 0 {
			t.Errorf("%+v: SO_SNDBUF is %d, want %d", c.socket, got, c.buffer)
		}
		if got := option(t, accepted, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT); got != c.millis {
			t.Errorf("%+v: TCP_USER_TIMEOUT is %d ms, want %d", c.socket, got, c.millis)
		}
		near.Close()
		far.Close()
		ln.Close()
	}
}

// TCP gives up a peer that acknowledges nothing, and tells that to one call: the
// next one reads an end, which is none of the peer's.
func TestAPeerThatTCPGivesUpHasNotLeft(t *testing.T) { // Q6, C13
	server := New(source.New(source.Options{}, "t0"))
	server.Socket, server.Found = Socket{Unacknowledged: 50 * time.Millisecond}, &source.Findings{}
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := ln.(net.Listener).Accept()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := near.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = loop.Deafen(int(fd)) }); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	for failed == nil { // until its buffers are full, and then until TCP has no patience left
		_, failed = far.Write(make([]byte, 64<<10))
	}
	if !errors.Is(failed, unix.ETIMEDOUT) {
		t.Errorf("writing ends with %v, want a time-out of TCP's", failed)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading ends with %v", err)
	}
	far.Close()
	if got := server.Found.All(); len(got) != 1 || got[0].Client != near.LocalAddr().String() {
		t.Errorf("found %+v, want the peer at %s given up", got, near.LocalAddr())
	}
}

func TestServersShareAPortWhenEachSaysSo(t *testing.T) {
	listen := func(address string, share bool) (net.Listener, error) {
		server := New(source.New(source.Options{}, "t0"))
		server.Socket.Share = share
		ln, err := server.Listen(t.Context(), address)
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { ln.Close() })
		return ln.(net.Listener), nil
	}
	alone, err := listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen(alone.Addr().String(), true); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("a port that nobody shares is taken: %v", err)
	}
	first, err := listen("127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	second, err := listen(first.Addr().String(), true)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan int, 2)
	for i, ln := range []net.Listener{first, second} {
		go func() {
			if c, err := ln.Accept(); err == nil {
				c.Close()
				accepted <- i
			}
		}()
	}
	seen := map[int]bool{}
	for len(seen) < 2 { // the kernel draws by the port that each comes from
		c, err := net.Dial("tcp", first.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		select {
		case i := <-accepted:
			seen[i] = true
		default:
		}
	}
}
