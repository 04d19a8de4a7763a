package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A feed publishes on all topics of a server at one rate and size, which may be
// changed meanwhile: one load follows the other.
type feed struct {
	server *host.Server

	mu      sync.Mutex
	rate    float64
	payload source.Payload
	changed context.CancelCauseFunc // ends the load under way
}

// errChanged is how a load ends that another one follows.
var errChanged = errors.New("changed")

// change has the feed go on at that rate and with data of that size; nil leaves it
// as it is.
func (f *feed) change(rate *float64, size *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if rate != nil {
		f.rate = *rate
	}
	if size != nil {
		f.payload.Min, f.payload.Max = *size, *size
	}
	if f.changed != nil {
		f.changed(errChanged)
	}
}

// run publishes until the context ends.
func (f *feed) run(ctx context.Context) error {
	clock, err := source.NewClock()
	if err != nil {
		return err
	}
	defer clock.Close()
	for ctx.Err() == nil {
		if err := f.load(ctx, clock); !errors.Is(err, errChanged) {
			return err
		}
	}
	return nil
}

// load publishes until the context ends, which is no error, or until something is
// changed.
func (f *feed) load(ctx context.Context, w source.Waiter) error {
	loading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.mu.Lock()
	f.changed = cancel
	rate, payload := f.rate, f.payload
	f.mu.Unlock()
	var err error
	if rate > 0 {
		_, err = f.server.Drive(loading, source.Load{
			Schedule: source.Schedule{Kind: source.Constant, Rate: rate},
			Payload:  payload,
			Start:    wire.Now(),
			End:      wire.Now() + int64(100*365*24*time.Hour),
		}, w)
	} else {
		<-loading.Done()
		err = context.Cause(loading)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}
