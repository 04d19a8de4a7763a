package recorder

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
)

// ms is an instant in milliseconds.
func ms(n int) int64 { return int64(n) * int64(time.Millisecond) }

func TestHowClientsComeBackIsCountedForTheFaultThatCutThem(t *testing.T) { // D3, G19
	r := New(Options{Clients: 4, Topics: 1, Shards: 2})
	r.Measure(0, ms(10_000))
	a, b := r.Shard(0), r.Shard(1)
	if by := a.Cut(ms(1)); by != 0 {
		t.Errorf("fault %d has cut a connection before there was any", by)
	}
	a.Closed("reset")
	a.Failed("refused")
	a.Tried(ms(1))

	r.Struck(ms(1000))
	first, second := a.Cut(ms(1001)), b.Cut(ms(1002))
	a.Closed("reset")
	b.Closed("reset")
	a.Tried(ms(1050))
	a.Failed("refused")
	a.Tried(ms(1099))
	b.Tried(ms(1320))
	a.Restored(first, ms(1100))
	r.Struck(ms(2000))
	b.Restored(second, ms(2500)) // of the first fault, though the second has come
	third := a.Cut(ms(2001))
	a.Closed("closed")
	a.Tried(ms(2100))

	trial := results.Trial{Recovery: &results.Recovery{Faults: make([]results.Fault, 2)}}
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	if first != 1 || second != 1 || third != 2 {
		t.Errorf("cut by faults %d, %d and %d", first, second, third)
	}
	want := []results.Fault{
		{Cut: 2, Restored: 2, Attempts: []int64{2, 0, 0, 1}, Refused: 1, Ended: map[string]int64{"reset": 2}},
		{Cut: 1, Attempts: []int64{0, 1}, Ended: map[string]int64{"closed": 1}},
	}
	got := trial.Recovery.Faults
	times := got[0].Back
	for i := range got {
		got[i].Back = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recovery (-want +got):\n%s", diff)
	}
	if times.Count() != 2 || times.Min() != 100*time.Millisecond || times.Max() != 1500*time.Millisecond {
		t.Errorf("%d came back, after %s to %s", times.Count(), times.Min(), times.Max())
	}
	if trial.Traffic.ConnectFailed != 2 || trial.Traffic.Closed["reset"] != 3 {
		t.Errorf("the trial as a whole: %+v", trial.Traffic)
	}
}

func TestAFaultThatNeverHappenedHasCutNobody(t *testing.T) {
	r := New(Options{Clients: 1, Topics: 1, Shards: 1})
	r.Measure(0, ms(10))
	trial := results.Trial{Recovery: &results.Recovery{Faults: make([]results.Fault, 1)}}
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	if f := trial.Recovery.Faults[0]; f.Cut != 0 || f.Back.Count() != 0 || f.Attempts != nil {
		t.Errorf("%+v", f)
	}
}
