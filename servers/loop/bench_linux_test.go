package loop

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// A tally counts what all connections receive and says when a round is whole.
type tally struct {
	opened, events, want int
	whole                chan struct{}
}

func (s *tally) count(n *int) {
	if *n++; *n%s.want == 0 {
		s.whole <- struct{}{}
	}
}

func (s *tally) Opened(*Conn, int64)           { s.count(&s.opened) }
func (s *tally) Received(*Conn, int64, []byte) { s.count(&s.events) }
func (s *tally) Ended(*Conn, int64, error)     {}

// BenchmarkReceive has a thousand connections that get one event each a round,
// from a peer that writes to them one after the other. Its own metric is the CPU
// time of the loop's thread alone; the kernel charges most of the TCP path to it
// or to the writer, not to a third.
func BenchmarkReceive(b *testing.B) {
	b.Run("unobserved", func(b *testing.B) { benchmarkReceive(b, Options{}) })
	b.Run("observed", func(b *testing.B) { benchmarkReceive(b, Options{Observer: nobody{}}) })
}

func benchmarkReceive(b *testing.B, o Options) {
	const conns = 1000
	ln, err := net.Listen("tcp", loopback.String())
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	l, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	s := &tally{want: conns, whole: make(chan struct{}, 1)}
	peers := make([]net.Conn, conns)
	for i := range peers {
		l.Dial(netip.Addr{}, ln.Addr().(*net.TCPAddr).AddrPort(), s)
		if peers[i], err = ln.Accept(); err != nil {
			b.Fatal(err)
		}
		defer peers[i].Close()
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	<-s.whole
	event := noise(170)
	before := threadTime(l)
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range peers {
			p.Write(event)
		}
		<-s.whole
	}
	b.ReportMetric(float64(threadTime(l)-before)/float64(s.events), "cpu-ns/event")
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// threadTime is how long, in nanoseconds, the loop's thread has had a CPU.
func threadTime(l *Loop) int64 {
	used := make(chan int64)
	l.Post(func(int64) {
		var ts unix.Timespec
		unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
		used <- ts.Nano()
	})
	return <-used
}

// BenchmarkPost is what it costs to hand a loop something to do.
func BenchmarkPost(b *testing.B) {
	l, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	done := make(chan int64)
	b.ReportAllocs()
	for b.Loop() {
		l.Post(func(now int64) { done <- now })
		if <-done > wire.Now() {
			b.Fatal("posted into the future")
		}
	}
	cancel()
	<-ended
}
