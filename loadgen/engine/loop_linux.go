package engine

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"pushbench/servers/loop"
)

// NewLoop makes the engine that drives all members on one event loop per shard:
// no goroutine and no buffer per connection. Linux only.
func NewLoop(o Options) (Engine, error) {
	e := &loops{over: make(chan struct{})}
	for i := range shards(o) {
		options := loop.Options{ReceiveBuffer: o.ReceiveBuffer}
		if o.Observer != nil {
			options.Observer = watch{o.Observer, i}
		}
		l, err := loop.New(options)
		if err != nil {
			e.Run(canceled()) // releases the ones before
			return nil, err
		}
		e.parts = append(e.parts, &part{loop: l, remote: o.Remote, local: o.Local, dialled: i})
	}
	return e, nil
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

type loops struct {
	parts []*part
	over  chan struct{} // closed when Run returns
}

// A part is one shard: a loop, and the lines on it.
type part struct {
	loop    *loop.Loop
	remote  netip.AddrPort
	local   []netip.Addr // source addresses, which take turns; empty: the kernel's choice
	dialled int
	lines   [][]loopLine // chunks of them, so that none costs a pointer more
}

func (e *loops) Shards() int { return len(e.parts) }

func (e *loops) part(member int) *part { return e.parts[member%len(e.parts)] }

func (e *loops) Line(member int, c Caller) Line { return e.part(member).line(c) }

func (p *part) line(c Caller) *loopLine {
	last := len(p.lines) - 1
	if last < 0 || len(p.lines[last]) == chunk {
		p.lines = append(p.lines, make([]loopLine, 0, chunk))
		last++
	}
	p.lines[last] = append(p.lines[last], loopLine{part: p, caller: c})
	return &p.lines[last][len(p.lines[last])-1]
}

func (p *part) dial(l *loopLine) *loop.Conn {
	var from netip.Addr
	if n := len(p.local); n > 0 {
		from = p.local[p.dialled%n]
		p.dialled++
	}
	return p.loop.Dial(from, p.remote, l)
}

func (e *loops) Do(member int, f func(now int64)) { e.part(member).loop.Post(f) }

func (e *loops) Run(ctx context.Context) error {
	defer close(e.over)
	errs := make([]error, len(e.parts))
	var running sync.WaitGroup
	for i, p := range e.parts {
		running.Go(func() { errs[i] = p.loop.Run(ctx) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// A watch tells the engine's observer what a shard's loop has to say.
type watch struct {
	observer Observer
	shard    int
}

func (w watch) Delayed(now int64, by time.Duration) { w.observer.Delayed(w.shard, now, by) }

func (w watch) Late(now int64, by time.Duration) { w.observer.Late(w.shard, now, by) }

func (w watch) Stepped(now int64, by time.Duration, dropped int) {
	w.observer.Stepped(w.shard, now, by, dropped)
}

// A loopLine is a connection's handler on its loop, and its caller's line. It is a
// line of the CPU's cache, too.
type loopLine struct {
	part   *part
	caller Caller
	conn   *loop.Conn
	alarm  loop.Timer
	past   *Tally // of connections that have ended; nil before the first
}

func (l *loopLine) Dial() { l.conn = l.part.dial(l) }

func (l *loopLine) Send(b []byte) {
	if l.conn != nil {
		l.conn.Write(b)
	}
}

func (l *loopLine) HangUp(why error) {
	if l.conn != nil {
		l.conn.Close(why)
	}
}

func (l *loopLine) At(instant int64) { l.part.loop.At(&l.alarm, instant, l) }

// Alarm implements the loop's alarm handler.
func (l *loopLine) Alarm(now int64) { l.caller.Alarm(now) }

// Opened implements loop.Handler.
func (l *loopLine) Opened(_ *loop.Conn, now int64) { l.caller.Connected(now) }

// Received implements loop.Handler.
func (l *loopLine) Received(_ *loop.Conn, now int64, b []byte) { l.caller.Received(now, b) }

// Ended implements loop.Handler.
func (l *loopLine) Ended(_ *loop.Conn, now int64, why error) {
	// What the kernel refuses to tell now it refuses Tally too, where somebody
	// listens.
	if last, err := accountOf(l.conn); err == nil {
		l.past = l.past.with(last)
	}
	l.conn = nil
	l.caller.Ended(now, why)
}
