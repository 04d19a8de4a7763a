package loop

import "time"

// Tick is how far apart the instants of an observed loop's own timer are: near
// enough for a pause that matters, and far enough that waking an idle loop for
// them is a small part of what it does.
const Tick = 10 * time.Millisecond

// An Observer is told how late its loop is. The loop calls it on its own
// goroutine, between two callbacks of handlers. All instants are wire.Now.
type Observer interface {
	// Delayed: a read that returned at now brought bytes that had been in the
	// kernel's hands for so long, by its own timestamp of the last segment that
	// was read whole. Only a share of the reads on dialled connections is asked,
	// and a negative delay is told as it is.
	Delayed(now int64, by time.Duration)
	// Late: the loop's own timer, which does nothing else, fired so long after
	// its instant. Instants are a Tick apart and none is skipped, so the delays of
	// a pause stand for everything that could have happened in it.
	Late(now int64, by time.Duration)
	// Stepped: the wall clock, of which the kernel's timestamps are, has jumped by
	// so much against the monotonic one, and so many timestamps were dropped for
	// that. Those that turn out later to be from before the jump are told later,
	// with a zero jump.
	Stepped(now int64, by time.Duration, dropped int)
}
