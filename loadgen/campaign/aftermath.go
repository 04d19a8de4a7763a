package campaign

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/scenarios"
	"pushbench/servers/wire"
)

// An aftermath is what is seen of a server after the faults of a trial, beside the
// vigil: what taking its clients back costs it is over in a moment.
type aftermath struct {
	trial   *trial
	stop    context.CancelFunc
	running sync.WaitGroup

	mu         sync.Mutex
	faults     []results.Fault // that have happened
	last       int64           // when the last of them did
	overflowed int64           // the system's count at that instant
}

// look is how often the queue is looked at in which connections wait to be
// accepted.
const look = 10 * time.Millisecond

// expect begins to look, if there is anything to come.
func (t *trial) expect(ctx context.Context) *aftermath {
	if len(t.Scenario.Faults) == 0 {
		return nil
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	a := &aftermath{trial: t, stop: stop}
	a.running.Go(func() { a.watch(ctx) })
	return a
}

// struck notes that a fault happens.
func (a *aftermath) struck(f scenarios.Fault, now int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle()
	a.faults = append(a.faults, results.Fault{Kind: f.Kind, Spec: f.String(), At: time.Duration(now - a.trial.from)})
	a.last = now
}

// closed notes how many connections the fault that has happened was to end.
func (a *aftermath) closed(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[len(a.faults)-1].Closed = n
}

// over notes that there is a server again.
func (a *aftermath) over(now int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[len(a.faults)-1].Down = time.Duration(now - a.last)
}

// settle counts the overflows since the last fault, and begins to count anew.
func (a *aftermath) settle() {
	now := overflowed()
	if n := len(a.faults); n > 0 {
		a.faults[n-1].Overflows = now - a.overflowed
	}
	a.overflowed = now
}

// recovered ends the looking and puts what there was to see into the trial, and
// into those beside it; their records have more to say of each fault.
func (t *trial) recovered() {
	a := t.after
	if a == nil {
		return
	}
	a.stop()
	a.running.Wait()
	a.settle()
	if len(a.faults) == 0 {
		return
	}
	for _, one := range t.all() {
		one.result.Recovery = &results.Recovery{Faults: slices.Clone(a.faults)}
	}
}

// errQueues says that there is not one queue to look at: the kernel would tell of any.
var errQueues = errors.New("several processes have a queue each")

// watch looks at the accept queue all the time, and at the server's CPU time at
// the end of each window after the last fault.
func (a *aftermath) watch(ctx context.Context) {
	var queue *target.Queue
	err := errQueues
	if a.trial.Scenario.Servers < 2 {
		queue, err = target.NewQueue(a.trial.child.Address)
	}
	if err == nil {
		defer queue.Close()
	}
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var window, began, used int64 // the fault that it is of, its beginning, and CPU time until then
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		a.mu.Lock()
		last := a.last
		a.mu.Unlock()
		if last == 0 {
			continue
		}
		if err == nil {
			if n, failed := queue.Len(); failed == nil {
				a.queued(n)
			}
		}
		now := wire.Now()
		if last == window && now-began < int64(results.ReconnectWindow) {
			continue
		}
		spent, failed := a.trial.child.CPUTime()
		if failed != nil {
			window = 0
			continue
		}
		if last == window {
			a.busy(share(time.Duration(spent-used), time.Duration(now-began), len(a.trial.server)))
		}
		window, began, used = last, now, spent
	}
}

func (a *aftermath) queued(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := &a.faults[len(a.faults)-1]
	if f.Queue == nil || n > *f.Queue {
		f.Queue = &n
	}
}

func (a *aftermath) busy(of float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := &a.faults[len(a.faults)-1]
	f.Busiest = max(f.Busiest, of)
}
