package engine

import (
	"context"
	"time"
)

// An Observer is told of delays that are the engine's own doing. Its methods are
// called where the shard's callers are called, and concurrently for different
// shards. All instants are wire.Now.
type Observer interface {
	// Delayed: a read that returned at now brought bytes that the kernel had had
	// for so long, by its receive timestamp. Only some reads are asked.
	Delayed(shard int, now int64, by time.Duration)
	// Late: the shard's own timer, which does nothing else, fired at now, so long
	// after its instant. Its instants are equally far apart, and none is skipped:
	// the delays of a pause stand for all that could have happened in it.
	Late(shard int, now int64, by time.Duration)
	// Stepped: the wall clock has jumped by so much against the monotonic one, and
	// the timestamps that it made worthless since the last call were dropped.
	Stepped(shard int, now int64, by time.Duration, dropped int)
}

// A Tally is what TCP has done so far on all lines of an engine together, ended
// connections included. Down is towards the clients.
type Tally struct {
	SegmentsDown, SegmentsUp int64
	Retransmitted            int64 // by this side
	BytesDown, BytesUp       int64
}

// A Tallier is an Engine that can ask the kernel for its tally. It spreads the
// questions so that connections do not have to wait for them for long; ctx ends
// the wait for the answers.
type Tallier interface {
	Tally(ctx context.Context) (Tally, error)
}
