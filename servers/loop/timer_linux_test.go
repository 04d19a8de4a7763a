package loop

import (
	"slices"
	"testing"
	"unsafe"

	"pushbench/servers/wire"
)

// wake is an Alarmer that does what it is told.
type wake func(now int64)

func (a wake) Alarm(now int64) { a(now) }

func TestTimersFireInOrderOnceAndNeverEarly(t *testing.T) { // P2
	l := newLoop(t, Options{})
	const n = 1000
	timers := make([]Timer, n)
	var fired []int64
	start := wire.Now()
	for i := range timers {
		instant := start + int64((i*7919)%n)*1000 // over one millisecond, mixed
		l.At(&timers[i], instant, wake(func(now int64) {
			if now < instant {
				t.Errorf("fired %d ns early", instant-now)
			}
			fired = append(fired, instant)
		}))
	}
	turn(t, l, func() bool { return len(fired) == n })
	rounds(t, l, 3)
	if len(fired) != n || !slices.IsSorted(fired) {
		t.Errorf("%d of %d timers fired, in order: %t", len(fired), n, slices.IsSorted(fired))
	}
}

func TestDisarmedTimerIsSilent(t *testing.T) {
	l := newLoop(t, Options{})
	var a, b, c Timer
	l.At(&b, 2, wake(func(int64) { t.Error("disarmed by an earlier alarm, and fired") }))
	l.At(&a, 1, wake(func(int64) { l.At(&b, 0, nil) }))
	l.At(&c, 3, wake(func(int64) { t.Error("disarmed before its round, and fired") }))
	l.At(&c, 0, nil)
	l.At(&c, 0, nil)
	rounds(t, l, 3)
	if a.Armed() || b.Armed() || c.Armed() {
		t.Error("a timer that fired or was disarmed says that it is armed")
	}
}

// The timer sets itself to the past for ever; the peer and the post get their
// turns all the same.
func TestTimerThatIsAlwaysDueStarvesNobody(t *testing.T) {
	l := newLoop(t, Options{})
	_, w, peer := pair(t, l)
	var timer Timer
	var again wake
	again = func(int64) { l.At(&timer, 1, again) }
	l.At(&timer, 1, again)
	peer.Write([]byte("x"))
	posted := false
	l.Post(func(int64) { posted = true })
	turn(t, l, func() bool { return len(w.received) > 0 && posted })
}

// The peer sends faster than it is read, so its connection is always ready.
func TestPeerThatNeverStopsStarvesNobody(t *testing.T) {
	l := newLoop(t, Options{ReadBuffer: 16})
	_, busy, peer := pair(t, l)
	peer.Write(noise(100_000))
	_, quiet, other := pair(t, l)
	other.Write([]byte("x"))
	fired := false
	var timer Timer
	l.At(&timer, 1, wake(func(int64) { fired = true }))
	turn(t, l, func() bool { return len(quiet.received) > 0 && fired })
	if got := len(busy.received); got > 10_000 {
		t.Errorf("the busy peer had %d reads before the others had one", got/16)
	}
}

func TestTimerIsSmallAndArmingAllocatesNothing(t *testing.T) {
	if n := unsafe.Sizeof(Timer{}); n > 32 {
		t.Errorf("a Timer has %d bytes, want at most 32", n)
	}
	l := newLoop(t, Options{})
	timers := make([]Timer, 100)
	a := wake(func(int64) {})
	turn := int64(0)
	allocs := testing.AllocsPerRun(100, func() {
		turn++
		for i := range timers {
			l.At(&timers[i], turn<<40+int64(i), a)
		}
	})
	if allocs != 0 {
		t.Errorf("arming 100 timers allocates %v times", allocs)
	}
}
