package host

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"pushbench/servers/source"
)

// guests are connections of clients to a server, and the server's ends of them.
func guests(t *testing.T, s *Server, n int) []net.Conn {
	t.Helper()
	listener, err := s.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var near []net.Conn
	for range n {
		c, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		far, err := listener.(net.Listener).Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		near = append(near, c)
	}
	return near
}

func TestAResetEndsAShareOfTheConnectionsWithRST(t *testing.T) { // D3
	server := New(source.New(source.Options{}))
	near := guests(t, server, 10)
	if n := server.stack.reset(0.3); n != 3 {
		t.Errorf("reset %d of 10 connections, want 3", n)
	}
	if n := len(server.stack.(*std).open.all()); n != 7 {
		t.Errorf("%d connections are left, want 7", n)
	}
	for _, c := range server.stack.(*std).open.all() { // these are told in good order
		c.Close()
	}
	var resets, ends int
	for _, c := range near {
		switch _, err := c.Read(make([]byte, 1)); {
		case errors.Is(err, syscall.ECONNRESET):
			resets++
		case errors.Is(err, io.EOF):
			ends++
		default:
			t.Errorf("read: %v", err)
		}
	}
	if resets != 3 || ends != 7 {
		t.Errorf("%d clients saw RST and %d FIN, want 3 and 7", resets, ends)
	}
}

func TestAnOrderedResetLeavesTheServerAlone(t *testing.T) { // D3
	onEachStack(t, func(t *testing.T, h half) {
		p, ready := obeyAs(t, h)
		c, err := net.Dial("tcp", ready.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := c.Read(make([]byte, 1)); err != nil { // so it is accepted
			t.Fatal(err)
		}
		if w := p.ask(Order{Do: Reset, Share: 1}); w.Error != "" || w.Closed != 1 {
			t.Errorf("word %+v, want one connection closed", w)
		}
		if _, err := io.Copy(io.Discard, c); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the client read to %v, want a reset", err)
		}
		again, err := net.Dial("tcp", ready.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		io.WriteString(again, "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := again.Read(make([]byte, 1)); err != nil {
			t.Errorf("after a reset the server answers with %v", err)
		}
		for _, share := range []float64{0, -1, 1.1} {
			if w := p.ask(Order{Do: Reset, Share: share}); w.Error == "" {
				t.Errorf("a share of %g is accepted", share)
			}
		}
	})
}
