package engine

import (
	"context"
	"errors"
	"time"

	"pushbench/servers/loop"
)

// An Observer is told of delays that are the engine's own doing. Its methods are
// called by the shard's own goroutine, between two calls of its callers, and
// concurrently for different shards. All instants are wire.Now.
type Observer interface {
	// Delayed: a read that returned at now brought bytes that the kernel had had
	// for so long, by its receive timestamp. Only some reads are asked, and a
	// negative delay is told as it is: somebody's clock was wrong.
	Delayed(shard int, now int64, by time.Duration)
	// Late: the shard's own timer, which does nothing else, fired at now, so long
	// after its instant. Its instants are equally far apart, and none is skipped:
	// the delays of a pause stand for all that could have happened in it.
	Late(shard int, now int64, by time.Duration)
	// Stepped: the wall clock has jumped by so much against the monotonic one, and
	// so many timestamps were dropped for that. Those that turn out later to be
	// from before the jump are told later, with a zero jump.
	Stepped(shard int, now int64, by time.Duration, dropped int)
}

// Tick is how far apart the instants are of which Late is told.
const Tick = loop.Tick

// A Tally is what TCP has done so far on all lines of an engine together. An
// ended connection counts as it stood when its caller was told: the segments
// that close it are not in it. Down is towards the clients.
type Tally struct {
	SegmentsDown, SegmentsUp int64 // bare acknowledgements included
	Retransmitted            int64 // segments, by this side
	BytesDown, BytesUp       int64 // of the streams, each byte once

	// Took is the CPU time that asking took the shards' own threads; zero where
	// that cannot be told from what else they did.
	Took time.Duration
}

// Add adds what TCP has done on other lines.
func (t *Tally) Add(more Tally) {
	t.SegmentsDown += more.SegmentsDown
	t.SegmentsUp += more.SegmentsUp
	t.Retransmitted += more.Retransmitted
	t.BytesDown += more.BytesDown
	t.BytesUp += more.BytesUp
	t.Took += more.Took
}

// with adds to a tally that need not be there yet: most lines never lose a
// connection, and one for each would be half of what an idle client takes.
func (t *Tally) with(more Tally) *Tally {
	if t == nil {
		return &more
	}
	t.Add(more)
	return t
}

// errEnded answers who asks an engine that has ended.
var errEnded = errors.New("the engine has ended: ask while it runs")

// A Tallier is an Engine that can ask the kernel for its tally, connection by
// connection: it is exact for each of them at an instant of its own. It spreads
// the questions so that connections do not have to wait for them for long. Any
// goroutine may call Tally; before Run it waits for it, ctx ends the wait, and
// after Run there is an error instead of an answer.
type Tallier interface {
	Tally(ctx context.Context) (Tally, error)
}
