package loop

import (
	"context"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		files.Cur = files.Max
		unix.Setrlimit(unix.RLIMIT_NOFILE, &files)
	}
	if remote := os.Getenv(crowdEnv); remote != "" {
		os.Exit(crowd(remote))
	}
	goleak.VerifyTestMain(m)
}

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// newLoop makes a loop that the test turns itself, round by round: nothing
// happens between two rounds, so the tests need no waiting.
func newLoop(t testing.TB, o Options) *Loop {
	t.Helper()
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { release(t, l) })
	return l
}

// release ends a loop that has never run.
func release(t testing.TB, l *Loop) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Run(over); err != nil {
		t.Errorf("Run with a context that has ended = %v", err)
	}
}

// turn drives the loop until the condition holds.
func turn(t testing.TB, l *Loop, until func() bool) {
	t.Helper()
	for !until() {
		if err := l.round(); err != nil {
			t.Fatal(err)
		}
	}
}

// rounds drives the loop that many times, also when there is nothing to do.
func rounds(t testing.TB, l *Loop, n int) {
	t.Helper()
	for range n {
		l.Post(func(int64) {})
		if err := l.round(); err != nil {
			t.Fatal(err)
		}
	}
}

// A witness is a Handler that writes down what it was told.
type witness struct {
	opened, drained int
	received        []byte
	ended           []error
	onReceived      func(c *Conn, b []byte)
	onDrained       func(c *Conn)
	onEnded         func(c *Conn)
}

func (w *witness) Opened(*Conn, int64) { w.opened++ }

func (w *witness) Drained(c *Conn, _ int64) {
	w.drained++
	if w.onDrained != nil {
		w.onDrained(c)
	}
}

func (w *witness) Received(c *Conn, _ int64, b []byte) {
	w.received = append(w.received, b...)
	if w.onReceived != nil {
		w.onReceived(c, b)
	}
}

func (w *witness) Ended(c *Conn, _ int64, why error) {
	w.ended = append(w.ended, why)
	if w.onEnded != nil {
		w.onEnded(c)
	}
}

func (w *witness) isOpen() bool { return w.opened > 0 }
func (w *witness) isOver() bool { return len(w.ended) > 0 }

// pair is a connection of the loop and, at its other end, the standard library.
func pair(t testing.TB, l *Loop) (*Conn, *witness, *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", loopback.String())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	w := new(witness)
	c := l.Dial(netip.Addr{}, ln.Addr().(*net.TCPAddr).AddrPort(), w)
	peer, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	turn(t, l, w.isOpen)
	return c, w, peer.(*net.TCPConn)
}

// listen is Listen on a free port of the loopback address.
func listen(t testing.TB, l *Loop, o ListenOptions, handler func(*Conn) Handler) *Listener {
	t.Helper()
	ln, err := l.Listen(loopback, o, handler)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// descriptors is how many files this process has open.
func descriptors(t testing.TB) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// Observed by nobody, a loop measures what it does and nothing is kept.
func (nobody) Delayed(int64, time.Duration)      {}
func (nobody) Late(int64, time.Duration)         {}
func (nobody) Stepped(int64, time.Duration, int) {}
