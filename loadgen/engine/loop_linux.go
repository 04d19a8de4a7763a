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
	e := &loops{options: o, over: make(chan struct{})}
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
		e.loops = append(e.loops, l)
	}
	e.lines = make([][]*loopLine, len(e.loops))
	return e, nil
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

type loops struct {
	options Options
	loops   []*loop.Loop
	lines   [][]*loopLine // by shard
	over    chan struct{} // closed when Run returns
	dialled int
}

func (e *loops) Shards() int { return len(e.loops) }

func (e *loops) Line(member int, c Caller) Line {
	shard := member % len(e.loops)
	l := &loopLine{loop: e.loops[shard], caller: c, remote: e.options.Remote}
	e.lines[shard] = append(e.lines[shard], l)
	if n := len(e.options.Local); n > 0 {
		l.local = e.options.Local[e.dialled%n]
		e.dialled++
	}
	return l
}

func (e *loops) Do(member int, f func(now int64)) {
	e.loops[member%len(e.loops)].Post(f)
}

func (e *loops) Run(ctx context.Context) error {
	defer close(e.over)
	errs := make([]error, len(e.loops))
	var running sync.WaitGroup
	for i, l := range e.loops {
		running.Go(func() { errs[i] = l.Run(ctx) })
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

// A loopLine is a connection's handler on its loop, and its caller's line.
type loopLine struct {
	loop   *loop.Loop
	caller Caller
	conn   *loop.Conn
	alarm  loop.Timer
	local  netip.Addr
	remote netip.AddrPort
	past   *Tally // of connections that have ended; nil before the first
}

func (l *loopLine) Dial() { l.conn = l.loop.Dial(l.local, l.remote, l) }

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

func (l *loopLine) At(instant int64) { l.loop.At(&l.alarm, instant, l) }

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
