package crowd

import (
	"cmp"
	"time"
)

// A Backoff is how long a client stays away before it connects again. The zero
// value is full jitter between nothing and 100 ms, doubling up to 10 s.
type Backoff struct {
	Kind BackoffKind
	// First is the first wait, or its ceiling. Zero means 100 ms.
	First time.Duration
	// Max is the longest wait, or its ceiling. Zero means 10 s.
	Max time.Duration
}

// A BackoffKind is a rule by which clients wait.
type BackoffKind string

const (
	// Jitter waits uniformly below a ceiling that doubles with each failure ("full
	// jitter"), so that a crowd that has lost its server does not come back as one.
	Jitter BackoffKind = "jitter"
	// None connects again at once, and after an attempt that failed a tenth of a
	// second later: see breath.
	None BackoffKind = "none"
	// Fixed always waits for First.
	Fixed BackoffKind = "fixed"
	// Exponential waits for First, and twice as long after each failure.
	Exponential BackoffKind = "exponential"
)

// breath is how long clients without a back-off wait after an attempt that
// failed. Across a network that takes a round trip. On loopback a refusal is there
// in 20 µs, and ten thousand clients that ask as fast as they are refused would
// measure how fast the generator is.
const breath = 100 * time.Millisecond

// doublings are enough to reach every Max, and too few to overflow.
const doublings = 20

// wait is how long to stay away after so many failures in a row, of which the
// connection's own end is the first; roll is uniform below 1.
func (b Backoff) wait(failures int, roll float64) time.Duration {
	first, most := cmp.Or(b.First, 100*time.Millisecond), cmp.Or(b.Max, 10*time.Second)
	ceiling := most
	if n := min(failures, doublings); first < most>>n { // else it would be beyond, or overflow
		ceiling = first << n
	}
	switch b.Kind {
	case None:
		if failures == 0 {
			return 0
		}
		return breath
	case Fixed:
		return min(first, most)
	case Exponential:
		return ceiling
	}
	return time.Duration(roll * float64(ceiling))
}
