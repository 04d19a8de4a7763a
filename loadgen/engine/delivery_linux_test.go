package engine

import (
	"context"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// unmoved is an Observer that keeps nothing.
type unmoved struct{}

func (unmoved) Delayed(int, int64, time.Duration)      {}
func (unmoved) Late(int, int64, time.Duration)         {}
func (unmoved) Stepped(int, int64, time.Duration, int) {}

// A chorus is the caller of all lines at once: it says when each has received
// one byte more.
type chorus struct {
	mute
	lines    int64
	received atomic.Int64
	whole    chan struct{}
}

func (c *chorus) Received(_ int64, b []byte) {
	if c.received.Add(int64(len(b)))%c.lines == 0 {
		c.whole <- struct{}{}
	}
}

// delivering runs an engine with so many lines, until the test ends. What it
// returns sends a byte to each and waits for their arrival.
func delivering(t testing.TB, lines int, engine func(Options) (Engine, error)) func() {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	e, err := engine(Options{Remote: ln.Addr().(*net.TCPAddr).AddrPort(), Shards: 2, Observer: unmoved{}})
	if err != nil {
		t.Fatal(err)
	}
	c := &chorus{lines: int64(lines), whole: make(chan struct{})}
	for i := range lines {
		e.Line(i, c).Dial()
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	peers := make([]net.Conn, lines)
	for i := range peers {
		if peers[i], err = ln.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, p := range peers {
			p.Close()
		}
	})
	event := []byte("x")
	return func() {
		for _, p := range peers {
			p.Write(event)
		}
		<-c.whole
	}
}

var kinds = map[string]func(Options) (Engine, error){
	"loop":      NewLoop,
	"goroutine": func(o Options) (Engine, error) { return NewGoroutine(o), nil },
}

func TestDeliveryAllocatesNothing(t *testing.T) {
	const lines, rounds = 50, 200
	for kind, engine := range kinds {
		deliver := delivering(t, lines, engine)
		for range 10 {
			deliver()
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			deliver()
		}
		runtime.ReadMemStats(&after)
		// The runtime allocates for itself now and then.
		if n := after.Mallocs - before.Mallocs; n > lines*rounds/100 {
			t.Errorf("%s: %d allocations in %d deliveries", kind, n, lines*rounds)
		}
	}
}

// BenchmarkDelivery is a byte from a peer to a caller, the peer's part included.
func BenchmarkDelivery(b *testing.B) {
	for kind, engine := range kinds {
		b.Run(kind, func(b *testing.B) {
			const lines = 100
			deliver := delivering(b, lines, engine)
			deliver()
			b.ReportAllocs()
			rounds := 0
			for b.Loop() {
				deliver()
				rounds++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rounds*lines), "ns/delivery")
		})
	}
}
