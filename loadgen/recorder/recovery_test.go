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
	if by := a.Cut("reset", 0); by != 0 {
		t.Errorf("fault %d has cut a connection before there was any", by)
	}
	a.Closed("reset")
	a.Failed("refused", ms(1))
	a.Tried(ms(1))

	r.Struck(ms(1000))
	first, second := a.Cut("reset", 0), b.Cut("reset", 0)
	a.Closed("reset")
	b.Closed("reset")
	a.Tried(ms(1050))
	a.Failed("refused", ms(1050))
	a.Failed("no port", ms(1060))
	r.Over(ms(1070))
	a.Failed("refused", ms(1070)) // on its way when there was a server again
	a.Failed("refused", ms(1071))
	a.Tried(ms(1099))
	b.Tried(ms(1320))
	a.Restored(first, ms(1100))
	again := a.Cut("closed", first)
	r.Struck(ms(2000))
	b.Restored(second, ms(2500))     // of the first fault, though the second has come
	third := b.Cut("closed", second) // by another fault
	a.Closed("closed")
	a.Tried(ms(2100))

	if away := r.Away(); away != 2 {
		t.Errorf("%d are away, want the two that were cut again", away)
	}
	trial := results.Trial{Recovery: &results.Recovery{Faults: make([]results.Fault, 2)}}
	if err := r.Snapshot(&trial, nil); err != nil {
		t.Fatal(err)
	}
	if first != 1 || second != 1 || again != 1 || third != 2 {
		t.Errorf("cut by faults %d, %d, %d and %d", first, second, again, third)
	}
	want := []results.Fault{
		{
			Cut: 3, Restored: 2, Attempts: []int64{2, 0, 0, 1}, Refused: 4,
			Vain:  map[string]int64{"refused": 2, "no port": 1},
			Ended: map[string]int64{"reset": 2}, Again: map[string]int64{"closed": 1},
		},
		{Cut: 1, Attempts: []int64{0, 1}, Vain: map[string]int64{}, Ended: map[string]int64{"closed": 1}, Again: map[string]int64{}},
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
	if trial.Traffic.ConnectFailed != 5 || trial.Traffic.Closed["reset"] != 3 {
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
