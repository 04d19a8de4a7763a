package host

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A brake lets a load end at an instant that it is told of while the load is under way:
// after everything that was due before, however late that is, and with nothing that was
// due from then on.
type brake struct {
	source.Waiter
	from    atomic.Int64
	waiting context.Context // ends when the instant has come, for who waits beyond it
	wake    context.CancelCauseFunc
}

var _ source.Brake = (*brake)(nil)

func newBrake(ctx context.Context, w source.Waiter) *brake {
	b := &brake{Waiter: w}
	b.from.Store(math.MaxInt64)
	b.waiting, b.wake = context.WithCancelCause(ctx)
	return b
}

// pull ends what is due from the instant on.
func (b *brake) pull(at int64) {
	b.from.Store(at)
	time.AfterFunc(wire.Until(at), func() { b.wake(errHalted) })
}

// Over implements source.Brake.
func (b *brake) Over(due int64) bool { return due >= b.from.Load() }

// WaitUntil implements source.Waiter. A context that ends sooner than the load's, as
// that of a source that saturates does, ends no wait under way: those are short.
func (b *brake) WaitUntil(ctx context.Context, instant int64) error {
	err := b.Waiter.WaitUntil(b.waiting, instant)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case b.Over(instant):
		return errHalted
	case err != nil && wire.Now() >= instant: // woken, and it had come all the same
		return nil
	}
	return err
}
