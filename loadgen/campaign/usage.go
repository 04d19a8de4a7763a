package campaign

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/servers/host"
	"pushbench/servers/wire"
)

// A reading is what the kernel and both processes say of themselves at one
// instant.
type reading struct {
	at                int64
	server, generator int64 // CPU time, ns
	serverRSS         int64
	count             target.Count // of the server
	runtime           host.Runtime // our own
	system            system
}

// read takes a reading: first what changes fastest.
func read(ctx context.Context, child *target.Child) (reading, error) {
	var r reading
	var err error
	r.at = wire.Now()
	if r.server, err = target.CPUTime(child.PID()); err != nil {
		return r, fmt.Errorf("%w: %w", target.ErrDied, err)
	}
	if r.generator, err = target.CPUTime(os.Getpid()); err != nil {
		return r, err
	}
	r.system = readSystem(child.PID(), os.Getpid())
	r.serverRSS, _ = target.RSS(child.PID())
	r.runtime = host.ReadRuntime()
	r.count, err = child.Count(ctx)
	return r, err
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
	u.ServerProcs = t.child.Procs
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
	rss, _ = target.RSS(t.child.PID())
	held, err := t.child.Weigh(ctx)
	return rss, results.Memory{Heap: held.Heap, Stacks: held.Stacks, Runtime: held.Runtime, Sockets: held.Sockets, Conns: held.Conns}, err
}
