package loop

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDialRefused(t *testing.T) {
	l := newLoop(t, Options{})
	ln, err := net.Listen("tcp", loopback.String())
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	w := new(witness)
	l.Dial(netip.Addr{}, ln.Addr().(*net.TCPAddr).AddrPort(), w)
	turn(t, l, w.isOver)
	rounds(t, l, 3)
	if len(w.ended) != 1 || !errors.Is(w.ended[0], unix.ECONNREFUSED) || w.isOpen() {
		t.Errorf("opened %d times, ended %v; want only ECONNREFUSED", w.opened, w.ended)
	}
}

func TestDialFromAChosenAddress(t *testing.T) { // G2
	l := newLoop(t, Options{})
	for _, network := range []struct{ listen, local string }{{"127.0.0.1:0", "127.0.0.77"}, {"[::1]:0", "::1"}} {
		ln, err := net.Listen("tcp", network.listen)
		if err != nil {
			t.Logf("not tested: %v", err)
			continue
		}
		defer ln.Close()
		w := new(witness)
		c := l.Dial(netip.MustParseAddr(network.local), ln.Addr().(*net.TCPAddr).AddrPort(), w)
		turn(t, l, w.isOpen)
		if got := c.Local().Addr().String(); got != network.local {
			t.Errorf("Local() = %s, want %s", got, network.local)
		}
	}
}

func TestDialThatFailsAtOnceIsToldLater(t *testing.T) {
	l := newLoop(t, Options{})
	before := descriptors(t)
	w := new(witness)
	foreign := netip.MustParseAddr("192.0.2.1") // reserved for documentation: nobody's
	c := l.Dial(foreign, netip.MustParseAddrPort("127.0.0.1:9"), w)
	if w.isOver() {
		t.Error("Ended was called inside Dial")
	}
	c.Write([]byte("x"))
	c.Close(io.EOF)
	rounds(t, l, 3)
	if len(w.ended) != 1 || !errors.Is(w.ended[0], unix.EADDRNOTAVAIL) {
		t.Errorf("ended %v, want once EADDRNOTAVAIL", w.ended)
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors more than before", n-before)
	}
}

// A handler that dials again at once, and fails at once again, must leave the
// loop time for others.
func TestFailingRedialsStarveNobody(t *testing.T) {
	l := newLoop(t, Options{})
	foreign, nowhere := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddrPort("127.0.0.1:9")
	w := new(witness)
	w.onEnded = func(*Conn) { l.Dial(foreign, nowhere, w) }
	l.Dial(foreign, nowhere, w)
	_, other, peer := pair(t, l)
	peer.Write([]byte("x"))
	turn(t, l, func() bool { return len(other.received) > 0 })
	if len(w.ended) == 0 {
		t.Error("the redials did not happen")
	}
}

// The kernel may choose the dialled port itself as the source.
func TestConnectionWithItselfIsRefused(t *testing.T) {
	l := newLoop(t, Options{})
	fd, err := socket(loopback.Addr())
	if err != nil {
		t.Fatal(err)
	}
	w := new(witness)
	c := &Conn{loop: l, handler: w, fd: int32(fd)}
	if err := unix.Bind(fd, sockaddr(loopback)); err != nil {
		t.Fatal(err)
	}
	if err := l.connect(c, netip.Addr{}, c.Local()); err != nil {
		t.Fatal(err)
	}
	turn(t, l, func() bool { return w.isOver() || w.isOpen() })
	if w.isOpen() || !errors.Is(w.ended[0], unix.ECONNREFUSED) {
		t.Errorf("opened %d times, ended %v; want ECONNREFUSED", w.opened, w.ended)
	}
}

func TestBothSidesSendAtOnce(t *testing.T) {
	l := newLoop(t, Options{})
	accepted, dialled := new(witness), new(witness)
	var server *Conn
	ln := listen(t, l, ListenOptions{}, func(c *Conn) Handler { server = c; return accepted })
	client := l.Dial(netip.Addr{}, ln.Addr(), dialled)
	turn(t, l, func() bool { return accepted.isOpen() && dialled.isOpen() })
	for _, c := range []*Conn{server, client} {
		if on, err := unix.GetsockoptInt(int(c.fd), unix.IPPROTO_TCP, unix.TCP_NODELAY); on != 1 || err != nil {
			t.Errorf("TCP_NODELAY of %v = %d, %v", c.Local(), on, err)
		}
	}
}
