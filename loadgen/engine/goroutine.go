package engine

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"pushbench/servers/loop"
	"pushbench/servers/wire"
)

// NewGoroutine makes the engine that works on every system: a goroutine and a
// read buffer per connection. It costs several times what the loop costs.
func NewGoroutine(o Options) Engine {
	return &goroutines{options: o, shards: shards(o), ready: make(chan struct{})}
}

func shards(o Options) int {
	if o.Shards > 0 {
		return o.Shards
	}
	return runtime.GOMAXPROCS(0)
}

type goroutines struct {
	options Options
	shards  int
	members []*member
	lines   []*routineLine
	ready   chan struct{} // closed by Run
	ctx     context.Context
	running sync.WaitGroup
	next    atomic.Uint32 // the next local address
}

// A member is the lock under which the callers of one member are called.
type member struct{ sync.Mutex }

func (e *goroutines) Shards() int { return e.shards }

func (e *goroutines) Line(number int, c Caller) Line {
	for len(e.members) <= number {
		e.members = append(e.members, &member{})
	}
	l := &routineLine{engine: e, member: e.members[number], caller: c}
	e.lines = append(e.lines, l)
	return l
}

func (e *goroutines) Do(number int, f func(now int64)) {
	m := e.members[number]
	m.Lock()
	defer m.Unlock()
	f(wire.Now())
}

func (e *goroutines) Run(ctx context.Context) error {
	e.ctx = ctx
	close(e.ready)
	if e.options.Observer != nil {
		for shard := range e.shards {
			e.running.Go(func() { e.tick(shard) })
		}
	}
	<-ctx.Done()
	for _, l := range e.lines {
		l.member.Lock()
		l.silent = true
		if l.timer != nil {
			l.timer.Stop()
		}
		if l.conn != nil {
			abort(l.conn)
		}
		l.member.Unlock()
	}
	e.running.Wait()
	return nil
}

// tick is the shard's timer that does nothing else. An instant that a pause has
// left behind is told at once, not skipped as a time.Ticker would.
func (e *goroutines) tick(shard int) {
	timer := time.NewTimer(loop.Tick)
	defer timer.Stop()
	for due := wire.Now() + int64(loop.Tick); ; due += int64(loop.Tick) {
		timer.Reset(wire.Until(due))
		select {
		case <-timer.C:
			now := e.turn(shard)
			e.options.Observer.Late(shard, now, time.Duration(now-due))
		case <-e.ctx.Done():
			return
		}
	}
}

// turn is the instant at which one of the shard's members could be called: what
// holds them all up, see Do, holds up the shard's timer as well. That a member of
// its own is waiting for the kernel to take what it sends is rare: what clients
// send is small.
func (e *goroutines) turn(shard int) int64 {
	if shard < len(e.members) { // it is the first of the shard
		e.members[shard].Lock()
		defer e.members[shard].Unlock()
	}
	return wire.Now()
}

// Tally implements Tallier, on Linux; elsewhere it is an error.
//
// Note: what an attempt to connect has cost is not in it when the attempt
// failed, because the standard library keeps that socket to itself.
func (e *goroutines) Tally(ctx context.Context) (Tally, error) {
	select {
	case <-e.ready:
	case <-ctx.Done():
		return Tally{}, context.Cause(ctx)
	}
	var sum Tally
	for _, l := range e.lines {
		if ctx.Err() != nil {
			return Tally{}, context.Cause(ctx)
		}
		so, err := l.tally()
		if e.ctx.Err() != nil { // and so, perhaps, the line's connection
			return Tally{}, errEnded
		}
		if err != nil {
			return Tally{}, err
		}
		sum.Add(so)
	}
	return sum, nil
}

// abort closes without the courtesies that leave a port waiting for a minute.
func abort(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// A routineLine's fields are guarded by its member.
type routineLine struct {
	engine  *goroutines
	member  *member
	caller  Caller
	conn    net.Conn
	why     error // the caller's own reason to hang up
	timer   *time.Timer
	alarms  uint64 // tells a timer that it has been replaced
	silent  bool
	resumed chan struct{} // closed by Resume; nil while it is not paused
	past    *Tally        // of connections that have ended; nil before the first
}

// tally is what TCP has done on the line's connections so far.
func (l *routineLine) tally() (Tally, error) {
	l.member.Lock()
	defer l.member.Unlock()
	var sum Tally
	if l.past != nil {
		sum = *l.past
	}
	if l.conn == nil {
		return sum, nil
	}
	live, err := tallyOf(l.conn)
	sum.Add(live)
	return sum, err
}

func (l *routineLine) Dial() {
	l.why = nil
	l.engine.running.Go(l.connect)
}

func (l *routineLine) dialer() *net.Dialer {
	d := &net.Dialer{Timeout: 10 * time.Second}
	if size := l.engine.options.ReceiveBuffer; size > 0 {
		d.Control = func(_, _ string, c syscall.RawConn) error { return receiveBuffer(c, size) }
	}
	if local := l.engine.options.Local; len(local) > 0 {
		a := local[int(l.engine.next.Add(1))%len(local)]
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
	}
	return d
}

func (l *routineLine) connect() {
	<-l.engine.ready
	conn, err := l.dialer().DialContext(l.engine.ctx, "tcp", l.engine.options.Remote.String())
	l.member.Lock()
	if l.silent {
		l.member.Unlock()
		if err == nil {
			abort(conn)
		}
		return
	}
	if err != nil {
		l.caller.Ended(wire.Now(), err)
		l.member.Unlock()
		return
	}
	l.conn = conn
	l.caller.Connected(wire.Now())
	resumed := l.resumed
	l.member.Unlock()
	l.read(conn, resumed)
}

// read reads until the end of the connection or of the engine; resumed is closed
// when a pause is over, and nil without one.
func (l *routineLine) read(conn net.Conn, resumed <-chan struct{}) {
	buffer := make([]byte, 8<<10)
	for l.held(resumed) {
		n, err := conn.Read(buffer)
		now := wire.Now() // before the lock: waiting for it is not the network's doing
		l.member.Lock()
		if l.silent {
			l.member.Unlock()
			return
		}
		if n > 0 && l.why == nil {
			l.caller.Received(now, buffer[:n])
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && l.why == nil {
			err = nil // it was paused
		}
		if err != nil || l.why != nil {
			if l.why != nil {
				err = l.why
			}
			// What the kernel refuses to tell now it refuses Tally too, where somebody
			// listens.
			if last, err := tallyOf(conn); err == nil {
				l.past = l.past.with(last)
			}
			l.conn, l.resumed = nil, nil
			conn.Close()
			l.caller.Ended(now, err)
			l.member.Unlock()
			return
		}
		resumed = l.resumed
		l.member.Unlock()
	}
}

func (l *routineLine) Send(b []byte) {
	if l.conn == nil || l.why != nil || len(b) == 0 {
		return
	}
	l.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := l.conn.Write(b); err != nil {
		l.HangUp(err)
	}
}

// HangUp lets the reader notice, which tells the caller.
func (l *routineLine) HangUp(why error) {
	if l.conn == nil || l.why != nil {
		return
	}
	if why == nil {
		why = errors.New("hung up")
	}
	l.why = why
	l.Resume() // a reader that waits for it would not notice
	l.conn.SetReadDeadline(time.Unix(1, 0))
}

func (l *routineLine) At(instant int64) {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.alarms++
	if instant == 0 || l.silent {
		return
	}
	mine := l.alarms
	l.timer = time.AfterFunc(wire.Until(instant), func() {
		<-l.engine.ready
		l.member.Lock()
		defer l.member.Unlock()
		if l.alarms == mine && !l.silent {
			l.caller.Alarm(wire.Now())
		}
	})
}
