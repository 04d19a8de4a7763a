package source_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/source"
)

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("client is gone")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, gone)
		defer cancel()
		if err := source.New(source.Options{}).Add("t").Wait(ctx, 0); err != gone {
			t.Errorf("Wait on an empty log = %v, want its context's cause", err)
		}
	})
}

func TestWaitIsWokenByItsOwnTopicOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "mine", "yours")
		mine, yours := src.Add("mine"), src.Add("yours")
		woken := make(chan error, 1)
		go func() { woken <- mine.Wait(t.Context(), 0) }()
		synctest.Wait()
		publish(t, yours, `1`)
		synctest.Wait()
		select {
		case err := <-woken:
			t.Fatalf("an event of another topic woke it: %v", err)
		default:
		}
		publish(t, mine, `1`)
		if err := <-woken; err != nil {
			t.Errorf("Wait = %v", err)
		}
	})
}

func TestWaitIsOverWhenThereAlreadyIsSomething(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	topic := source.New(source.Options{Keep: -1}).Add("t")
	publish(t, topic, `1`)
	if err := topic.Wait(ctx, 0); err != nil {
		t.Errorf("Wait for an event that is there = %v", err)
	}
	cancel()
	if err := topic.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait after the newest event = %v, want its context's end", err)
	}
}

func TestOneEventWakesAllWhoWait(t *testing.T) { // L8
	for _, rotate := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const waiters = 10_000
			topic := source.New(source.Options{Rotate: rotate}).Add("t")
			woken := make(chan error, waiters)
			for after := range uint64(3) {
				for range waiters {
					go func() { woken <- topic.Wait(t.Context(), after) }()
				}
				synctest.Wait()
				publish(t, topic, `1`)
				for range waiters {
					if err := <-woken; err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
