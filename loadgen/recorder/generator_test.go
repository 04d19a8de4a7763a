package recorder

import (
	"sync"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
)

var _ engine.Observer = (*Recorder)(nil)

// observed is the trial of a recorder of two shards, with a phase from 1 s to
// 2 s, that was told something.
func observed(t *testing.T, tell func(*Recorder)) results.Trial {
	t.Helper()
	r := New(Options{Clients: 1, Topics: 1, Shards: 2})
	r.Measure(int64(time.Second), int64(2*time.Second))
	tell(r)
	var trial results.Trial
	if err := r.Snapshot(&trial, r.Books(Journal{})); err != nil {
		t.Fatal(err)
	}
	return trial
}

func instant(d time.Duration) int64 { return int64(d) }

func TestTheGeneratorIsObservedWithinThePhase(t *testing.T) { // G5
	got := observed(t, func(r *Recorder) {
		for shard := range 2 {
			r.Delayed(shard, instant(time.Second)-1, time.Nanosecond)
			r.Delayed(shard, instant(time.Second), 3*time.Microsecond) // its arrival was before
			r.Delayed(shard, instant(2*time.Second)-1, 5*time.Microsecond)
			r.Delayed(shard, instant(2*time.Second), time.Hour)
			r.Delayed(shard, instant(2100*time.Millisecond), 100*time.Millisecond)   // has arrived after it
			r.Delayed(shard, instant(2100*time.Millisecond), 100*time.Millisecond+1) // has arrived in it

			r.Late(shard, instant(time.Second)+1, 2) // due before
			r.Late(shard, instant(time.Second), 0)
			r.Late(shard, instant(2*time.Second), 0)
			r.Late(shard, instant(2200*time.Millisecond), 300*time.Millisecond) // due in it
		}
	})
	for _, c := range []struct {
		name     string
		count    int64
		min, max time.Duration
	}{
		{results.GeneratorDelay, 6, 3 * time.Microsecond, 100*time.Millisecond + 1},
		{results.GeneratorJitter, 4, 0, 300 * time.Millisecond},
	} {
		if h := got.Histograms[c.name]; h.Count() != c.count || h.Min() != c.min || h.Max() != c.max {
			t.Errorf("%s holds %d from %s to %s, want %d from %s to %s", c.name, h.Count(), h.Min(), h.Max(), c.count, c.min, c.max)
		}
	}
}

func TestAnUnobservedGeneratorHasNoHistograms(t *testing.T) { // G5
	got := observed(t, func(*Recorder) {})
	for _, name := range []string{results.GeneratorDelay, results.GeneratorJitter} {
		if h, there := got.Histograms[name]; there {
			t.Errorf("%s is there with %d samples", name, h.Count())
		}
	}
}

func TestADelayBelowZeroIsSeenAndNoLatency(t *testing.T) { // G8
	got := observed(t, func(r *Recorder) {
		r.Delayed(0, instant(1500*time.Millisecond), -time.Hour)
		r.Delayed(0, instant(1500*time.Millisecond), 2*time.Hour)
	})
	h := got.Histograms[results.GeneratorDelay]
	if h.Negative() != 1 || h.Over() != 1 || h.Min() != -time.Hour || h.Max() != 2*time.Hour {
		t.Errorf("%d below zero, %d beyond the range, from %s to %s; want 1, 1, from -1h to 2h", h.Negative(), h.Over(), h.Min(), h.Max())
	}
	if got.Events.Negative != 0 || got.Events.Clipped != 0 || got.Disturbed.Dropped != 0 {
		t.Errorf("%d negative and %d clipped latencies, %d timestamps dropped; want none", got.Events.Negative, got.Events.Clipped, got.Disturbed.Dropped)
	}
}

func TestTheLargestStepOfTheClockIsTold(t *testing.T) { // G8
	within := instant(1500 * time.Millisecond)
	for name, c := range map[string]struct {
		tell    func(*Recorder)
		step    time.Duration
		dropped int64
	}{
		"none": {func(*Recorder) {}, 0, 0},
		"forth and further back": {func(r *Recorder) {
			r.Stepped(0, within, time.Minute, 3)
			r.Stepped(0, within, -time.Hour, 4)
			r.Stepped(0, within, time.Second, 0)
		}, -time.Hour, 7},
		"seen by both shards": {func(r *Recorder) {
			r.Stepped(0, within, time.Minute, 3)
			r.Stepped(1, within, time.Minute+1, 2)
		}, time.Minute + 1, 5},
		"outside of the phase": {func(r *Recorder) {
			r.Stepped(0, instant(time.Second)-1, time.Hour, 3)
			r.Stepped(0, instant(2*time.Second), time.Hour, 3)
		}, 0, 0},
	} {
		if got := observed(t, c.tell).Disturbed; got.ClockStep != c.step || got.Dropped != c.dropped {
			t.Errorf("%s: step %s, %d dropped; want %s, %d", name, got.ClockStep, got.Dropped, c.step, c.dropped)
		}
	}
}

func TestALargerStepThatOthersSawStays(t *testing.T) { // G8
	for _, c := range []struct{ seen, want time.Duration }{
		{-time.Hour, -time.Hour},
		{time.Second, time.Minute},
	} {
		r := New(Options{Clients: 1, Topics: 1, Shards: 1})
		r.Measure(0, instant(time.Second))
		r.Stepped(0, 0, time.Minute, 1)
		trial := results.Trial{Disturbed: results.Disturbance{ClockStep: c.seen}}
		if err := r.Snapshot(&trial, nil); err != nil {
			t.Fatal(err)
		}
		if trial.Disturbed.ClockStep != c.want {
			t.Errorf("step %s after %s, want %s", trial.Disturbed.ClockStep, c.seen, c.want)
		}
	}
}

func TestObserversMayCallAtOnce(t *testing.T) {
	const calls = 1000
	got := observed(t, func(r *Recorder) {
		var callers sync.WaitGroup
		for i := range 4 {
			callers.Go(func() {
				for range calls {
					r.Delayed(i, instant(time.Second), 1)
					r.Late(i, instant(time.Second), 0)
					r.Stepped(i, instant(time.Second), 1, 1)
					r.Live()
				}
			})
		}
		callers.Wait()
	})
	if n := got.Histograms[results.GeneratorDelay].Count(); n != 4*calls || got.Disturbed.Dropped != 4*calls {
		t.Errorf("%d delays, %d dropped; want %d of both", n, got.Disturbed.Dropped, 4*calls)
	}
}
