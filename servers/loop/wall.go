package loop

import "time"

const (
	// grain is by how much readings of two clocks may contradict each other
	// without meaning anything, in nanoseconds.
	grain = 1000
	// slewing is the inverse of the rate at which a clock is ordinarily corrected
	// without a step: 500 ppm, the kernel's own limit of a frequency offset and of a
	// slew. Who sets the length of a tick as well can correct much faster, chronyd
	// by default up to 1/12; where readings tell so, that passes for steps.
	slewing = 2000
	// memory is for how long bytes may have been in the kernel's hands, and so for
	// how long after a step timestamps of the clock before it may turn up.
	memory = int64(10 * time.Second)
)

// A wall converts readings of the wall clock to instants (wire.Now) and notices
// when it is set. Its zero value is ready.
//
// What it keeps is by how much the wall clock is ahead. No reading tells that
// exactly, because the thread may lose its CPU between two clocks; but one that
// was made between two instants bounds it, and the bounds that came before still
// hold, give or take what the clock was slewed meanwhile. Bounds that exclude
// each other are a step.
type wall struct {
	low, high int64 // bounds of wall clock − wire.Now
	looked    int64 // when they were last true; zero: never
	noticed   int64 // when the last step was; zero: there was none
	trusted   int64 // what arrived earlier may have a timestamp from before it
}

// look takes in a reading of the wall clock that was made between two instants,
// and returns by how much the clock has been set since the last look.
func (w *wall) look(before, reading, after int64) time.Duration {
	low, high := reading-after, reading-before
	slack := grain + (after-w.looked)/slewing
	switch {
	case w.looked == 0:
	case low > w.high+slack, high < w.low-slack:
		by := w.set(low, high)
		w.looked, w.noticed, w.trusted = after, after, after
		if by < 0 && -by <= memory {
			// What the old clock stamped before the step reads as if it had come up
			// to so much after it.
			w.trusted -= by
		}
		return time.Duration(by)
	default:
		low, high = max(low, w.low-slack), min(high, w.high+slack)
	}
	w.set(low, high)
	w.looked = after
	return 0
}

// set replaces the bounds and returns by how much their middle moves.
func (w *wall) set(low, high int64) int64 {
	old := w.ahead()
	w.low, w.high = low, high
	return w.ahead() - old
}

func (w *wall) ahead() int64 { return w.low + (w.high-w.low)/2 }

// instant converts a timestamp that was read at now. It is false when the clock
// may have made that timestamp before it was set.
func (w *wall) instant(stamp, now int64) (int64, bool) {
	at := stamp - w.ahead()
	if w.noticed == 0 {
		return at, true
	}
	// After a step back by more than the memory an old timestamp is one from the
	// future.
	future := at > now && now-w.noticed < memory
	return at, at >= w.trusted && !future
}
