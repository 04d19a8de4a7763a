package engine

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/loop"
)

// A sleeper is an Observer whose shard is held up whenever it is told of
// something.
type sleeper struct {
	lates [2][]time.Duration
	sleep time.Duration
}

func (s *sleeper) Delayed(int, int64, time.Duration)      {}
func (s *sleeper) Stepped(int, int64, time.Duration, int) {}

func (s *sleeper) Late(shard int, _ int64, by time.Duration) {
	s.lates[shard] = append(s.lates[shard], by)
	if len(s.lates[shard]) == 1 {
		time.Sleep(s.sleep)
	}
}

// Time is virtual here: the timer is late by what it is held up and no more.
func TestGoroutineEngineTellsEachInstantOfAPause(t *testing.T) { // G5 G6
	const hold = 4*loop.Tick + 3*time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		seen := &sleeper{sleep: hold}
		e := NewGoroutine(Options{Shards: 2, Observer: seen})
		time.Sleep(time.Hour) // between making an engine and running it
		ctx, cancel := context.WithTimeout(t.Context(), 7*loop.Tick+1)
		defer cancel()
		if err := e.Run(ctx); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, hold - loop.Tick, hold - 2*loop.Tick, hold - 3*loop.Tick, hold - 4*loop.Tick, 0, 0}
		for shard, got := range seen.lates {
			if !slices.Equal(got, want) {
				t.Errorf("shard %d was late by %v, want %v", shard, got, want)
			}
		}
	})
}

// A bell is an Observer that tells which shard's timer has fired.
type bell struct {
	sleeper
	late chan int
}

func (b *bell) Late(shard int, _ int64, _ time.Duration) { b.late <- shard }

type silent struct{ Caller }

// What holds up every member of a shard is a pause of the generator, and its
// timer must show it.
func TestTheTimerOfAShardStandsStillWithItsMembers(t *testing.T) { // G13
	seen := &bell{late: make(chan int)}
	e := NewGoroutine(Options{Shards: 2, Observer: seen})
	for i := range 4 {
		e.Line(i, silent{})
	}
	stop := run(t, e)
	held, during := make(chan struct{}), make(chan [2]int)
	go e.Do(0, func(int64) {
		close(held)
		var n [2]int
		for n[1] < 4 {
			n[<-seen.late]++
		}
		during <- n
	})
	for open := true; open; {
		select {
		case <-seen.late:
		case <-held:
			open = false
		}
	}
	if n := <-during; n[0] > 1 { // one may have been on its way
		t.Errorf("the timer of the shard that stands still has fired %d times", n[0])
	}
	go func() {
		for range seen.late {
		}
	}()
	stop()
	close(seen.late)
}
