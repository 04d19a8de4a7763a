package loop

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// A log is an Observer that writes down what it was told.
type log struct {
	delays, lates []delay
	steps         []step
}

type delay struct {
	now int64
	by  time.Duration
}

type step struct {
	by      time.Duration
	dropped int
}

func (o *log) Delayed(now int64, by time.Duration) { o.delays = append(o.delays, delay{now, by}) }
func (o *log) Late(now int64, by time.Duration)    { o.lates = append(o.lates, delay{now, by}) }

func (o *log) Stepped(_ int64, by time.Duration, dropped int) {
	o.steps = append(o.steps, step{by, dropped})
}

// observed makes a loop that writes down how late it is.
func observed(t testing.TB) (*Loop, *log) {
	seen := new(log)
	return newLoop(t, Options{Observer: seen}), seen
}

// stamped waits until the kernel notes arrivals, which it begins to some time
// after the first socket has asked for it.
func stamped(t testing.TB, l *Loop, seen *log) {
	_, w, peer := pair(t, l)
	for sent := 1; len(seen.delays) == 0; sent++ {
		peer.Write([]byte("x"))
		turn(t, l, func() bool { return len(w.received) == sent })
	}
	seen.delays = nil
}

func TestArrivalLiesBetweenSendAndRead(t *testing.T) { // G5
	l, seen := observed(t)
	stamped(t, l, seen)
	_, w, peer := pair(t, l)
	for sent := 1; len(seen.delays) < 50; sent++ {
		before, asked := wire.Now(), len(seen.delays)
		peer.Write([]byte("x"))
		turn(t, l, func() bool { return len(w.received) == sent })
		after := wire.Now()
		for _, d := range seen.delays[asked:] {
			arrived := d.now - int64(d.by)
			if arrived < before-grain || d.by < 0 || d.now > after {
				t.Errorf("written at 0, arrived at %d, read at %d, told at %d ns", arrived-before, d.now-before, after-before)
			}
		}
	}
	if len(seen.steps) != 0 {
		t.Errorf("steps %v of a clock that nobody has set", seen.steps)
	}
}

// The loop is held up while bytes wait for it: those say for how long.
func TestHeldUpReadsShowTheDelay(t *testing.T) { // G5 G6
	const hold = 20 * time.Millisecond
	l, seen := observed(t)
	stamped(t, l, seen)
	received := 0
	var peers []*net.TCPConn
	for range 4 * share {
		_, w, peer := pair(t, l)
		w.onReceived = func(*Conn, []byte) { received++ }
		peers = append(peers, peer)
	}
	for _, p := range peers {
		p.Write([]byte("x"))
	}
	written := wire.Now()
	for wire.Now() < written+int64(hold) { // what a paused process would do
	}
	turn(t, l, func() bool { return received == len(peers) })
	if len(seen.delays) < 2 {
		t.Fatalf("%d of %d reads were asked", len(seen.delays), received)
	}
	for _, d := range seen.delays {
		if d.by < hold {
			t.Errorf("a read that was held up for %v says %v", hold, d.by)
		}
	}
}

func TestTimerTellsEachInstantOfAPause(t *testing.T) { // G5 G6
	const missed = 1000
	l, seen := observed(t)
	_, w, peer := pair(t, l)
	first := wire.Now() - missed*int64(Tick)
	l.gauge.due = first
	l.At(&l.gauge.timer, first, l.gauge)
	peer.Write([]byte("x"))
	turn(t, l, func() bool { return len(w.received) == 1 })
	if n := len(seen.lates); n > 2*batch {
		t.Errorf("a connection had to wait for %d instants to be told", n)
	}
	turn(t, l, func() bool { return l.gauge.due > wire.Now() })
	if len(seen.lates) < missed {
		t.Errorf("%d instants were told, want at least %d", len(seen.lates), missed)
	}
	for i, d := range seen.lates {
		if due := d.now - int64(d.by); due != first+int64(i)*int64(Tick) || d.by < 0 {
			t.Fatalf("the %d-th instant was due at %v, told %v late", i, time.Duration(due-first), d.by)
		}
	}
}

func TestTimerStartsWithRun(t *testing.T) {
	seen := new(log)
	l, err := New(Options{Observer: seen})
	if err != nil {
		t.Fatal(err)
	}
	made := wire.Now()
	for wire.Now() < made+2*int64(Tick) { // a crowd takes its time to be made
	}
	ctx, cancel := context.WithCancel(t.Context())
	started := wire.Now()
	var stop Timer
	l.At(&stop, started+4*int64(Tick), wake(func(int64) { cancel() }))
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(seen.lates) < 2 {
		t.Fatalf("%d instants in four ticks", len(seen.lates))
	}
	if due := seen.lates[0].now - int64(seen.lates[0].by); due < started+int64(Tick) {
		t.Errorf("the first instant was %v before Run could start", time.Duration(started+int64(Tick)-due))
	}
}

// Nobody may set this machine's clock, so the test moves what the gauge knows
// of it: as if it had been right before.
func TestStepIsToldAndItsTimestampsDropped(t *testing.T) { // G8
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		l, seen := observed(t)
		stamped(t, l, seen)
		_, w, peer := pair(t, l)
		l.gauge.wall.low -= int64(by)
		l.gauge.wall.high -= int64(by)
		for sent := 1; len(seen.delays) == 0; sent++ {
			peer.Write([]byte("x"))
			turn(t, l, func() bool { return len(w.received) == sent })
		}
		if len(seen.steps) != 1 || seen.steps[0].dropped != 1 || (seen.steps[0].by-by).Abs() > time.Millisecond {
			t.Errorf("steps %v, want %v with one timestamp dropped", seen.steps, by)
		}
		if d := seen.delays[0].by; d < 0 || d > time.Minute {
			t.Errorf("after a step of %v a read says %v", by, d)
		}
	}
}

func TestTimerNoticesAStep(t *testing.T) { // G8
	l, seen := observed(t)
	l.gauge.start()
	turn(t, l, func() bool { return len(seen.lates) == 1 })
	l.gauge.wall.low += int64(time.Second)
	l.gauge.wall.high += int64(time.Second)
	turn(t, l, func() bool { return len(seen.steps) == 1 })
	if s := seen.steps[0]; s.dropped != 0 || (s.by+time.Second).Abs() > time.Millisecond {
		t.Errorf("step %v, want a second back and nothing dropped", s)
	}
}

// Connections are read in the same order round after round. However many they
// are, each has its turn, and the share is what it is meant to be.
func TestEveryConnectionIsAskedNowAndThen(t *testing.T) { // G5
	for conns := 1; conns <= 100; conns++ {
		g := newGauge(&Loop{buffer: make([]byte, 1)}, new(log))
		asked := make([]int, conns)
		total, reads := 0, 2000*conns
		for i := range reads {
			if g.asks() {
				asked[i%conns]++
				total++
			}
		}
		for c, n := range asked {
			if want := 2000 / share; n < want/2 || n > want*2 {
				t.Errorf("of %d connections number %d was asked %d times, want about %d", conns, c, n, want)
			}
		}
		if want := reads / share; total < want*9/10 || total > want*11/10 {
			t.Errorf("of %d reads %d were asked, want about %d", reads, total, want)
		}
	}
}

func TestOnlyObservedLoopsAskForTimestamps(t *testing.T) {
	for _, test := range []struct {
		name     string
		observer Observer
		want     int
	}{{"nobody", nil, 0}, {"somebody", new(log), 1}} {
		l := newLoop(t, Options{Observer: test.observer})
		c, _, _ := pair(t, l)
		on, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS)
		if on != test.want || err != nil {
			t.Errorf("%s observes: SO_TIMESTAMPNS = %d, %v; want %d", test.name, on, err, test.want)
		}
	}
}
