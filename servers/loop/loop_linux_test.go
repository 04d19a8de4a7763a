package loop

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"

	"pushbench/servers/wire"
)

func TestPostFromManyGoroutines(t *testing.T) {
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	const posters, posts = 16, 200
	last := make([]int, posters) // touched by the loop only: the race detector looks
	var posting sync.WaitGroup
	for p := range posters {
		posting.Go(func() {
			for i := 1; i <= posts; i++ {
				l.Post(func(int64) {
					if last[p] != i-1 {
						t.Errorf("poster %d: %d came after %d", p, i, last[p])
					}
					last[p] = i
				})
			}
		})
	}
	posting.Wait()
	done := make(chan struct{})
	l.Post(func(now int64) {
		if now > wire.Now() {
			t.Error("now is in the future")
		}
		close(done)
	})
	<-done
	for p, n := range last {
		if n != posts {
			t.Errorf("%d of %d posts of poster %d were called", n, posts, p)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPostAfterRunIsDropped(t *testing.T) {
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.Post(func(int64) { t.Error("posted before, called by a Run whose context had ended") })
	release(t, l)
	l.Post(func(int64) { t.Error("posted after Run, and called") })
	if l.posted != nil {
		t.Error("a post after Run is kept")
	}
}

func TestPostingWithinAPostStarvesNobody(t *testing.T) {
	l := newLoop(t, Options{})
	_, w, peer := pair(t, l)
	peer.Write([]byte("x"))
	var again func(int64)
	again = func(int64) { l.Post(again) }
	l.Post(again)
	turn(t, l, func() bool { return len(w.received) > 0 })
}

func TestRunLeavesNothingBehind(t *testing.T) { // F3 C14
	before := descriptors(t)
	for range 100 {
		l, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		w := new(witness)
		ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { return w })
		client := new(witness)
		l.Dial(netip.Addr{}, ln.Addr(), client)
		l.Dial(netip.MustParseAddr("192.0.2.1"), ln.Addr(), new(witness))
		turn(t, l, func() bool { return w.isOpen() && client.isOpen() })
		l.Dial(netip.Addr{}, ln.Addr(), new(witness)) // still connecting
		l.Post(func(int64) { cancel() })
		if err := l.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if w.isOver() || client.isOver() {
			t.Fatal("Run told handlers about its own end")
		}
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors more than before", n-before)
	}
}

// Kernels before 5.11 have no epoll_pwait2, and wait in milliseconds.
func TestLoopSleepsUntilTheNextTimer(t *testing.T) {
	for _, coarse := range []bool{false, true} {
		l := newLoop(t, Options{})
		l.poller.coarse = coarse
		_, w, peer := pair(t, l)
		due := wire.Now() + 1_500_000
		fired, looks := int64(0), 0
		var timer Timer
		l.At(&timer, due, wake(func(now int64) { fired = now }))
		turn(t, l, func() bool { looks++; return fired != 0 })
		if fired < due {
			t.Errorf("coarse %t: fired %d ns early", coarse, due-fired)
		}
		if looks > 20 { // a few are the runtime's signals
			t.Errorf("coarse %t: %d rounds for one timer: the loop spins", coarse, looks)
		}
		peer.Write([]byte("x"))
		turn(t, l, func() bool { return len(w.received) == 1 })
	}
}

// One ping-pong: two reads and two writes, all of them on this goroutine.
func TestSteadyStateAllocatesNothing(t *testing.T) { // G5
	for _, observer := range []Observer{nil, nobody{}} {
		steadyState(t, Options{Observer: observer})
	}
}

func steadyState(t *testing.T, o Options) {
	l := newLoop(t, o)
	pongs := 0
	server := &echo{}
	client := &echo{pongs: &pongs}
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { return server })
	c := l.Dial(netip.Addr{}, ln.Addr(), client)
	ping := []byte("ping")
	c.Write(ping)
	turn(t, l, func() bool { return pongs == 1 })
	allocs := testing.AllocsPerRun(200, func() {
		c.Write(ping)
		for want := pongs + 1; pongs < want; {
			l.round()
		}
	})
	if allocs != 0 {
		t.Errorf("a ping and its pong allocate %v times with observer %v", allocs, o.Observer)
	}
}

// echo answers, or counts the answers.
type echo struct{ pongs *int }

func (*echo) Opened(*Conn, int64) {}

func (e *echo) Received(c *Conn, _ int64, b []byte) {
	if e.pongs == nil {
		c.Write(b)
	} else {
		*e.pongs++
	}
}

func (*echo) Ended(*Conn, int64, error) {}

// An actor does something random to any connection in every callback, and
// checks that it is called in the order that Handler promises.
type actor struct {
	play           *play
	conn           *Conn
	opened, ended  bool
	sent, received int
}

// play is all actors of one loop.
type play struct {
	t       *testing.T
	loop    *Loop
	random  *rand.Rand
	addr    netip.AddrPort
	live    []*actor
	ended   int
	inside  bool
	curtain bool // nothing new begins
}

var errWhim = errors.New("whim")

// stream is the byte that every actor sends at that offset.
func stream(offset int) byte { return byte(offset*31 ^ offset>>7) }

func (p *play) enter() func() {
	if p.inside {
		p.t.Error("a callback inside a callback")
	}
	p.inside = true
	return func() { p.inside = false }
}

func (p *play) act() {
	if p.curtain {
		return
	}
	if n := len(p.live); n < 2 || n < 40 && p.random.IntN(4) == 0 {
		a := &actor{play: p}
		p.live = append(p.live, a)
		a.conn = p.loop.Dial(netip.Addr{}, p.addr, a)
		return
	}
	a := p.live[p.random.IntN(len(p.live))]
	switch p.random.IntN(12) {
	case 0:
		a.conn.Close(errWhim)
	case 1:
		a.conn.Reset(errWhim)
	case 2:
		a.conn.Pause()
	case 3, 4:
		a.conn.Resume()
	default:
		b := make([]byte, p.random.IntN(60_000))
		for i := range b {
			b[i] = stream(a.sent + i)
		}
		a.sent += len(b)
		a.conn.Write(b)
	}
}

func (a *actor) Opened(c *Conn, _ int64) {
	defer a.play.enter()()
	if a.opened || a.ended || c != a.conn {
		a.play.t.Error("Opened twice, after the end, or of another connection")
	}
	a.opened = true
	a.play.act()
}

func (a *actor) Received(_ *Conn, _ int64, b []byte) {
	defer a.play.enter()()
	if !a.opened || a.ended {
		a.play.t.Error("Received before Opened, or after the end")
	}
	for i, got := range b {
		if want := stream(a.received + i); got != want {
			a.play.t.Fatalf("byte %d = %d, want %d", a.received+i, got, want)
		}
	}
	a.received += len(b)
	a.play.act()
}

func (a *actor) Drained(c *Conn, _ int64) {
	defer a.play.enter()()
	if !a.opened || a.ended || c.Backlog() != 0 {
		a.play.t.Error("Drained before Opened, after the end, or with a backlog")
	}
	a.play.act()
}

func (a *actor) Ended(*Conn, int64, error) {
	defer a.play.enter()()
	if a.ended {
		a.play.t.Error("Ended twice")
	}
	a.ended = true
	p := a.play
	p.ended++
	for i := range p.live {
		if p.live[i] == a {
			p.live[i] = p.live[len(p.live)-1]
			p.live = p.live[:len(p.live)-1]
			break
		}
	}
	p.act()
}

// prompt is the play's own turn, so that it goes on when all are paused.
type prompt struct {
	Timer
	*play
}

func (p *prompt) Alarm(int64) {
	defer p.enter()()
	p.act()
	if !p.curtain {
		p.loop.At(&p.Timer, 1, p)
	}
}

func TestWhateverHandlersDoEachConnectionHasOneLife(t *testing.T) {
	for seed := range uint64(4) {
		before := descriptors(t)
		o := Options{MaxBacklog: 150_000}
		if seed%2 == 1 {
			o.Observer = nobody{}
		}
		l, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		p := &play{t: t, loop: l, random: rand.New(rand.NewPCG(seed, 0))}
		ln := listen(t, l, ListenOptions{}, func(c *Conn) Handler {
			a := &actor{play: p, conn: c}
			p.live = append(p.live, a)
			return a
		})
		p.addr = ln.Addr()
		start := &prompt{play: p}
		l.At(&start.Timer, 1, start)
		turn(t, l, func() bool { return p.ended >= 150 })
		p.curtain = true
		for _, a := range p.live {
			a.conn.Close(io.EOF)
		}
		rounds(t, l, 10)
		for _, a := range p.live { // accepted meanwhile
			a.conn.Close(io.EOF)
		}
		rounds(t, l, 10)
		if len(p.live) != 0 {
			t.Errorf("seed %d: %d connections have not ended", seed, len(p.live))
		}
		release(t, l)
		if n := descriptors(t); n != before {
			t.Errorf("seed %d: %d descriptors more than before", seed, n-before)
		}
	}
}
