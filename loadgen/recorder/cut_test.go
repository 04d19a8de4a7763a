package recorder

import (
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func TestRecordersOfOnePhaseAreCutAtOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []*Recorder
		now := wire.Now()
		for range 3 {
			r := New(Options{Clients: 2, Topics: 1, Shards: 2})
			r.Measure(now, now+int64(time.Hour))
			all = append(all, r)
		}
		to := all[0].Cut(all[1:]...)
		if to <= now || to > wire.Now()+1 {
			t.Errorf("cut at %d, between %d and %d", to, now, wire.Now()+1)
		}
		for i, r := range all {
			for k, s := range r.shards {
				if s.to != to {
					t.Errorf("recorder %d, shard %d: ends at %d, want %d", i, k, s.to, to)
				}
			}
		}
	})
}
