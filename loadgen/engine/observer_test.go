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
