package source

import (
	"context"
	"errors"
	"testing"
	"time"

	"pushbench/servers/wire"
)

func TestClockNeverWakesEarly(t *testing.T) {
	clock := newClock(t)
	for _, after := range []time.Duration{-time.Second, 0, 1, time.Microsecond, 50 * time.Microsecond, time.Millisecond, 3 * time.Millisecond} {
		for range 10 {
			instant := wire.Now() + int64(after)
			if err := clock.WaitUntil(t.Context(), instant); err != nil {
				t.Fatalf("WaitUntil = %v", err)
			}
			if early := instant - wire.Now(); early > 0 {
				t.Errorf("a wait of %v ended %d ns early", after, early)
			}
		}
	}
}

func TestClockEndsWithItsContextAndWorksOn(t *testing.T) {
	clock := newClock(t)
	gone := errors.New("load is halted")
	for i := range 100 {
		ctx, cancel := context.WithCancelCause(t.Context())
		go cancel(gone) // before, during or after the set-up of the wait
		if err := clock.WaitUntil(ctx, wire.Now()+int64(time.Hour)); err != gone {
			t.Fatalf("wait %d with a context that ends = %v, want its cause", i, err)
		}
		instant := wire.Now() + int64(20*time.Microsecond)
		if err := clock.WaitUntil(t.Context(), instant); err != nil || wire.Now() < instant {
			t.Fatalf("wait %d after that = %v, %d ns before its instant", i, err, instant-wire.Now())
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := clock.WaitUntil(ctx, wire.Now()); err != gone {
		t.Errorf("wait with an ended context = %v, want its cause", err)
	}
}

func newClock(t *testing.T) *Clock {
	t.Helper()
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clock.Close() })
	return clock
}
