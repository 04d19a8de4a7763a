package loop

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// noise is n bytes that differ from their neighbours.
func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func TestBacklogIsDrainedInOrder(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 1)
	want := noise(1 << 20)
	random := rand.New(rand.NewPCG(1, 2))
	for rest := want; len(rest) > 0; {
		n := min(len(rest), random.IntN(10_000))
		c.Write(rest[:n])
		rest = rest[n:]
	}
	if c.Backlog() == 0 {
		t.Fatal("a peer that does not read leaves no backlog")
	}
	if w.drained != 0 {
		t.Error("Drained was called before there was room")
	}
	got := make(chan []byte)
	go func() {
		b := make([]byte, len(want))
		io.ReadFull(peer, b)
		got <- b
	}()
	turn(t, l, func() bool { return c.Backlog() == 0 })
	if !bytes.Equal(<-got, want) {
		t.Error("the peer did not get the bytes in the order of writing")
	}
	if w.drained != 1 || c.out != nil {
		t.Errorf("Drained was called %d times and the backlog is kept: %t, want once and not", w.drained, c.out != nil)
	}
	if n := l.Counters().BytesOut; n != int64(len(want)) {
		t.Errorf("BytesOut = %d, want %d", n, len(want))
	}
}

// What is written while a backlog drains belongs behind it.
func TestWritesDuringADrainKeepTheOrder(t *testing.T) {
	l := newLoop(t, Options{})
	c, _, peer := pair(t, l)
	unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 1)
	want := noise(2 << 20)
	got := make(chan []byte)
	go func() {
		b := make([]byte, len(want))
		io.ReadFull(peer, b)
		got <- b
	}()
	random := rand.New(rand.NewPCG(3, 4))
	for rest := want; len(rest) > 0; {
		n := min(len(rest), random.IntN(100_000))
		c.Write(rest[:n])
		rest = rest[n:]
		keep := random.IntN(200_000)
		turn(t, l, func() bool { return c.Backlog() <= keep })
	}
	turn(t, l, func() bool { return c.Backlog() == 0 })
	if !bytes.Equal(<-got, want) {
		t.Error("the peer did not get the bytes in the order of writing")
	}
}

func TestDrainedMayWriteAgain(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	unix.SetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 1)
	want := bytes.Repeat(noise(500_000), 3)
	w.onDrained = func(c *Conn) {
		if w.drained < 3 {
			c.Write(want[:500_000])
		}
	}
	c.Write(want[:500_000])
	got := make(chan []byte)
	go func() {
		b := make([]byte, len(want))
		io.ReadFull(peer, b)
		got <- b
	}()
	turn(t, l, func() bool { return w.drained == 3 })
	if !bytes.Equal(<-got, want) {
		t.Error("the peer did not get the bytes in the order of writing")
	}
}

func TestBacklogLimitEndsOneConnectionOnly(t *testing.T) { // Q7
	l := newLoop(t, Options{MaxBacklog: 100_000})
	c, w, _ := pair(t, l)
	other, bystander, peer := pair(t, l)
	for range 1000 {
		c.Write(noise(50_000))
	}
	turn(t, l, w.isOver)
	if !errors.Is(w.ended[0], ErrBacklog) {
		t.Errorf("ended with %v, want ErrBacklog", w.ended[0])
	}
	other.Write([]byte("x"))
	if _, err := peer.Read(make([]byte, 1)); err != nil || bystander.isOver() {
		t.Errorf("the other connection: %v, ended %v; want neither", err, bystander.ended)
	}
}

func TestWriteBeforeOpenIsKept(t *testing.T) {
	l := newLoop(t, Options{})
	ln, err := net.Listen("tcp", loopback.String())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	w := new(witness)
	c := l.Dial(netip.Addr{}, ln.Addr().(*net.TCPAddr).AddrPort(), w)
	c.Write([]byte("early"))
	if c.Backlog() != 5 {
		t.Errorf("Backlog() = %d, want 5", c.Backlog())
	}
	turn(t, l, func() bool { return w.drained == 1 })
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	got := make([]byte, 5)
	if _, err := io.ReadFull(peer, got); err != nil || string(got) != "early" {
		t.Errorf("the peer got %q, %v", got, err)
	}
}

func TestFINEndsWithEOFAfterTheLastBytes(t *testing.T) {
	for _, observer := range []Observer{nil, nobody{}} {
		l := newLoop(t, Options{ReadBuffer: 10, Observer: observer})
		_, w, peer := pair(t, l)
		want := noise(1000)
		peer.Write(want)
		peer.Close()
		turn(t, l, w.isOver)
		if !bytes.Equal(w.received, want) || w.ended[0] != io.EOF {
			t.Errorf("received %d bytes, ended with %v; want %d and EOF", len(w.received), w.ended[0], len(want))
		}
		if got := l.Counters(); got.BytesIn != 1000 || got.Reads != 100 {
			t.Errorf("Counters() = %+v, want 1000 bytes in 100 reads", got)
		}
	}
}

func TestFINIsAnsweredWithFIN(t *testing.T) {
	l := newLoop(t, Options{})
	_, w, peer := pair(t, l)
	peer.CloseWrite()
	turn(t, l, w.isOver)
	if _, err := peer.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer reads %v, want EOF", err)
	}
}

func TestResetByPeer(t *testing.T) {
	for _, paused := range []bool{false, true} {
		l := newLoop(t, Options{})
		c, w, peer := pair(t, l)
		if paused {
			c.Pause()
		}
		peer.SetLinger(0)
		peer.Close()
		turn(t, l, w.isOver)
		if !errors.Is(w.ended[0], unix.ECONNRESET) {
			t.Errorf("paused %t: ended with %v, want ECONNRESET", paused, w.ended[0])
		}
	}
}

func TestWriteToAResetPeerIsToldLaterAndWithoutSIGPIPE(t *testing.T) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGPIPE, syscall.SIGWINCH)
	defer signal.Stop(signals)
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	peer.CloseWrite() // a reset after a FIN is EPIPE
	peer.SetLinger(0)
	peer.Close()
	c.Write([]byte("x"))
	if w.isOver() {
		t.Error("Ended was called inside Write")
	}
	turn(t, l, w.isOver)
	if !errors.Is(w.ended[0], unix.EPIPE) {
		t.Errorf("ended with %v, want EPIPE", w.ended[0])
	}
	// Pending signals come in the order of their numbers.
	unix.Kill(unix.Getpid(), unix.SIGWINCH)
	if got := <-signals; got != syscall.SIGWINCH {
		t.Errorf("the write raised %v", got)
	}
}

func TestCloseSendsWhatWasWrittenAndFIN(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	why := errors.New("enough")
	c.Write([]byte("bye"))
	c.Close(why)
	c.Write([]byte("too late"))
	c.Close(errors.New("again"))
	if w.isOver() {
		t.Error("Ended was called inside Close")
	}
	rounds(t, l, 3)
	if !slices.Equal(w.ended, []error{why}) {
		t.Errorf("ended with %v, want once %v", w.ended, why)
	}
	if got, err := io.ReadAll(peer); string(got) != "bye" || err != nil {
		t.Errorf("the peer got %q, %v; want what was written, then the end", got, err)
	}
}

func TestResetSendsRST(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	c.Reset(io.ErrClosedPipe)
	turn(t, l, w.isOver)
	if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("the peer reads %v, want ECONNRESET", err)
	}
	if w.ended[0] != io.ErrClosedPipe {
		t.Errorf("ended with %v, want the given reason", w.ended[0])
	}
}

// A peer that is gone without a word neither reads nor answers.
func TestCloseEndsAgainstASilentPeer(t *testing.T) { // C13
	l := newLoop(t, Options{MaxBacklog: 64 << 20})
	c, w, _ := pair(t, l)
	for c.Backlog() == 0 {
		c.Write(noise(1 << 20))
	}
	rounds(t, l, 3)
	if w.isOver() {
		t.Fatalf("ended with %v before anyone closed", w.ended)
	}
	c.Close(os.ErrDeadlineExceeded)
	turn(t, l, w.isOver)
	if w.ended[0] != os.ErrDeadlineExceeded {
		t.Errorf("ended with %v, want the given reason", w.ended[0])
	}
}

func TestPauseHoldsThePeerBack(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	c.Pause()
	peer.Write([]byte("held"))
	peer.Close()
	rounds(t, l, 5)
	if len(w.received) != 0 || w.isOver() {
		t.Errorf("while paused: received %q, ended %v", w.received, w.ended)
	}
	c.Resume()
	turn(t, l, w.isOver)
	if string(w.received) != "held" || w.ended[0] != io.EOF {
		t.Errorf("after resuming: received %q, ended %v", w.received, w.ended)
	}
}

// Events of one round must not reach a connection that another one's handler
// ended, nor the one that was dialled then.
func TestEventsOfARoundEndWithTheirConnection(t *testing.T) {
	l := newLoop(t, Options{})
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { return new(witness) })
	conns := make([]*Conn, 2)
	witnesses := make([]*witness, 2)
	peers := make([]*net.TCPConn, 2)
	fresh := new(witness)
	for i := range conns {
		conns[i], witnesses[i], peers[i] = pair(t, l)
		witnesses[i].onReceived = func(*Conn, []byte) {
			conns[1-i].Close(nil)
			l.Dial(netip.Addr{}, ln.Addr(), fresh)
		}
	}
	for _, p := range peers {
		p.Write([]byte("x"))
	}
	turn(t, l, fresh.isOpen)
	if n := len(witnesses[0].received) + len(witnesses[1].received); n != 1 {
		t.Errorf("%d of two connections that end each other received something, want 1", n)
	}
	if len(fresh.received) != 0 || fresh.isOver() {
		t.Errorf("the new connection got %q, ended %v", fresh.received, fresh.ended)
	}
}

func TestConnKnowsItsEnds(t *testing.T) {
	l := newLoop(t, Options{})
	c, w, peer := pair(t, l)
	if got, want := c.Local().String(), peer.RemoteAddr().String(); got != want {
		t.Errorf("Local() = %s, want %s", got, want)
	}
	if got, want := c.Remote().String(), peer.LocalAddr().String(); got != want {
		t.Errorf("Remote() = %s, want %s", got, want)
	}
	if c.Loop() != l {
		t.Error("Loop() is another loop")
	}
	c.Write([]byte("one segment"))
	w.onEnded = func(c *Conn) {
		var info unix.TCPInfo
		if n := testing.AllocsPerRun(10, func() { c.Info(&info) }); n != 0 {
			t.Errorf("Info() allocates %v times", n)
		}
		if err := c.Info(&info); err != nil || info.Data_segs_out != 1 {
			t.Errorf("Info() inside Ended = %+v, %v, want one data segment", info, err)
		}
	}
	peer.Close()
	turn(t, l, w.isOver)
	if got := c.Local(); got.IsValid() {
		t.Errorf("Local() after the end = %v, want the zero value", got)
	}
	if err := c.Info(new(unix.TCPInfo)); !errors.Is(err, unix.EBADF) {
		t.Errorf("Info() after the end: %v, want EBADF", err)
	}
}

func TestConnIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Conn{}); n > 64 {
		t.Errorf("a Conn has %d bytes, want at most 64", n)
	}
}
