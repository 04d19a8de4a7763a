package engine

import (
	"net"
	"sync"
	"testing"
	"time"

	"pushbench/servers/loop"
	"pushbench/servers/wire"
)

// A log is an Observer that writes down what it was told, by shard.
type log struct {
	mu     sync.Mutex
	delays [2][]delay
	lates  [2][]delay
	news   chan struct{} // there is something new
}

type delay struct {
	now int64
	by  time.Duration
}

func (o *log) Delayed(shard int, now int64, by time.Duration) {
	o.note(&o.delays[shard], delay{now, by})
}

func (o *log) Late(shard int, now int64, by time.Duration) { o.note(&o.lates[shard], delay{now, by}) }

func (o *log) Stepped(int, int64, time.Duration, int) {}

func (o *log) note(to *[]delay, d delay) {
	o.mu.Lock()
	*to = append(*to, d)
	o.mu.Unlock()
	select {
	case o.news <- struct{}{}:
	default:
	}
}

func (o *log) any(in *[]delay) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(*in) > 0
}

// wait waits until it has been told of something for which that holds.
func (o *log) wait(t *testing.T, what string, in *[]delay, holds func(delay) bool) {
	t.Helper()
	for looked := 0; ; {
		o.mu.Lock()
		for ; looked < len(*in); looked++ {
			if holds((*in)[looked]) {
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		select {
		case <-o.news:
		case <-t.Context().Done():
			t.Fatalf("never told of %s", what)
		}
	}
}

// A mute only listens.
type mute struct{}

func (mute) Connected(int64)        {}
func (mute) Received(int64, []byte) {}
func (mute) Alarm(int64)            {}
func (mute) Ended(int64, error)     {}

// One of two shards is held up while bytes come in for it.
func TestHeldUpShardIsTold(t *testing.T) { // G5 G6
	const clients, hold = 60, 20 * time.Millisecond
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	seen := &log{news: make(chan struct{}, 1)}
	e, err := NewLoop(Options{Remote: ln.Addr().(*net.TCPAddr).AddrPort(), Shards: 2, Observer: seen})
	if err != nil {
		t.Fatal(err)
	}
	for i := range clients {
		e.Line(i, mute{}).Dial()
	}
	run(t, e)
	peers := make([]net.Conn, clients)
	for i := range peers {
		if peers[i], err = ln.Accept(); err != nil {
			t.Fatal(err)
		}
		defer peers[i].Close()
	}
	tell := func() {
		for _, p := range peers {
			p.Write([]byte("x"))
		}
	}
	// The kernel begins to note arrivals some time after it was asked to.
	for !seen.any(&seen.delays[0]) || !seen.any(&seen.delays[1]) {
		tell()
		told := wire.Now()
		seen.wait(t, "the next instant", &seen.lates[1], func(d delay) bool { return d.now > told })
	}

	stopped, written, resumed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var to int64
	e.Do(1, func(int64) {
		close(stopped)
		<-written
		last := wire.Now()
		for to = last; to < last+int64(hold); to = wire.Now() {
		}
		close(resumed)
	})
	<-stopped
	from := wire.Now()
	tell()
	close(written)
	<-resumed
	seen.wait(t, "reads that were held up", &seen.delays[1], func(d delay) bool {
		return d.by >= hold && d.now-int64(d.by) >= from
	})
	// The instants within the pause are told with what was left of it.
	seen.wait(t, "the pause", &seen.lates[1], func(d delay) bool {
		due := d.now - int64(d.by)
		return due >= from && due <= from+int64(loop.Tick) && d.now >= to
	})
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for shard, lates := range seen.lates {
		for i := 1; i < len(lates); i++ {
			if a, b := lates[i-1], lates[i]; b.now-int64(b.by)-(a.now-int64(a.by)) != int64(loop.Tick) {
				t.Fatalf("shard %d: instants %d and %d are not a tick apart", shard, i-1, i)
			}
		}
	}
}
