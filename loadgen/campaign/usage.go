package campaign

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/servers/host"
	"pushbench/servers/wire"
)

// A reading is what the kernel and both processes say of themselves at an edge of
// the phase.
type reading struct {
	at                int64
	server, generator int64 // CPU time, ns
	serverRSS         int64
	count             target.Count // of the server
	runtime           host.Runtime // of the generator
	procs             int          // its GOMAXPROCS
	system            system
}

// readClocks reads what must be of one instant. It takes some microseconds.
func (r *reading) readClocks(t *trial) (err error) {
	r.at = wire.Now()
	if r.server, err = t.child.CPUTime(); err != nil {
		return fmt.Errorf("%w: %w", target.ErrDied, err)
	}
	r.generator, err = t.play.CPUTime()
	return err
}

// readRest reads what takes both processes some milliseconds of CPU time: before
// a phase begins and after it has ended, so that it is charged to none of its
// events and keeps none of them waiting. What is counted here is of a window that
// is longer than the phase by lead: nothing is due in that but what warms up.
func (r *reading) readRest(ctx context.Context, t *trial) (err error) {
	r.system = readSystem(t)
	r.serverRSS = t.child.RSS()
	if r.runtime, r.procs, err = t.play.Count(ctx); err != nil {
		return err
	}
	r.count, err = t.child.Count(ctx)
	return err
}

// begin takes the reading at the beginning of the phase, when it comes.
func (t *trial) begin(ctx context.Context) (r reading, err error) {
	if err := t.await(ctx, t.from-int64(t.lead())); err != nil {
		return r, err
	}
	if err := r.readRest(ctx, t); err != nil {
		return r, err
	}
	if err := t.await(ctx, t.from); err != nil {
		return r, err
	}
	return r, r.readClocks(t)
}

// An edge is the end of a phase, and what was read of it when it came.
type edge struct {
	come    chan struct{}
	reading reading
	err     error
}

// close reads what must be of the end of the phase when that comes, whatever else
// goes on: a fault may outlast the phase.
func (t *trial) close(ctx context.Context) *edge {
	e := &edge{come: make(chan struct{})}
	to := t.to // as planned: who cuts the phase short changes it
	go func() {
		defer close(e.come)
		if !sleep(ctx, to) {
			e.err = context.Cause(ctx)
			return
		}
		e.err = e.reading.readClocks(t)
	}()
	return e
}

// finish takes the reading at the end of the phase, when it comes. Write calls are
// counted until then, or until there is a server to ask.
func (t *trial) finish(ctx context.Context, e *edge) (r reading, err error) {
	if err := t.await(ctx, t.to); err != nil {
		return r, err
	}
	<-e.come
	if e.err != nil {
		return r, e.err
	}
	r = e.reading
	err = r.readRest(ctx, t)
	return r, err
}

// await waits for an instant of wire.Now while the server lives.
func (t *trial) await(ctx context.Context, instant int64) error {
	timer := time.NewTimer(wire.Until(instant))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-t.child.Exited():
		return target.ErrDied
	case <-t.play.Exited():
		return t.play.Death()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// use notes what both processes have used between two readings, and what others
// have done to them.
func (t *trial) use(before, after reading) {
	u := &t.result.Usage
	u.Wall = time.Duration(after.at - before.at)
	u.ServerCPU = time.Duration(after.server - before.server)
	u.GeneratorCPU = time.Duration(after.generator - before.generator)
	u.ServerBusy = share(u.ServerCPU, u.Wall, len(t.server))
	u.GeneratorBusy = share(u.GeneratorCPU, u.Wall, len(t.clients))
	u.ServerPeakRSS = max(u.ServerFullRSS, before.serverRSS, after.serverRSS)
	u.ServerProcs, u.GeneratorProcs = t.child.Procs, after.procs
	u.Server = ran(before.count.Runtime, after.count.Runtime)
	u.Generator = ran(before.runtime, after.runtime)
	u.SoftIRQ = after.system.softirq(before.system)
	t.disturbed(before.system, after.system)
	t.result.Traffic.Writes = after.count.Writes - before.count.Writes
	t.result.Measured = u.Wall
}

func share(used, wall time.Duration, cpus int) float64 {
	if wall <= 0 {
		return 0
	}
	if cpus == 0 { // not pinned
		cpus = runtime.NumCPU()
	}
	return float64(used) / float64(wall) / float64(cpus)
}

// ran is what a runtime has done between two readings of it.
func ran(before, after host.Runtime) results.Runtime {
	pauses, waits := after.Pauses.Since(before.Pauses), after.Waits.Since(before.Waits)
	return results.Runtime{
		Collections: int64(after.Collections - before.Collections),
		PauseMax:    pauses.Quantile(1),
		PauseTotal:  pauses.Total(),
		SchedP99:    waits.Quantile(0.99),
		SchedMax:    waits.Quantile(1),
	}
}

// weigh says how much memory the server has, and what for. The first is as the
// clients have left it, the second after a collection: see host.Weigh.
func (t *trial) weigh(ctx context.Context) (rss int64, m results.Memory, err error) {
	rss = t.child.RSS()
	all, err := t.child.Weigh(ctx)
	var held host.Memory
	t.spread = nil
	for _, one := range all {
		held = held.Plus(one)
		if len(all) > 1 {
			t.spread = append(t.spread, one.Conns)
		}
	}
	return rss, results.Memory{
		Heap: held.Heap, Stacks: held.Stacks, Runtime: held.Runtime, Sockets: held.Sockets, Conns: held.Conns,
		Kernel: unreclaimable(fileText("/proc/meminfo")),
	}, err
}

// unreclaimable is the kernel's memory for objects that it cannot give back, in
// bytes, of the whole system: among them both ends of each connection here, what
// watches them, and not the files that stand for them. Zero where it is not told.
func unreclaimable(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "SUnreclaim: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
