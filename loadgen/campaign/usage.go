package campaign

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"pushbench/loadgen/target"
	"pushbench/servers/wire"
)

// A reading is the kernel's account at one instant.
type reading struct {
	at                int64
	server, generator int64 // CPU time, ns
	serverRSS         int64
	writes            int64
	softirq           []float64 // s, by CPU
}

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
	r.serverRSS, _ = target.RSS(child.PID())
	if times, err := cpu.Times(true); err == nil {
		for _, t := range times {
			r.softirq = append(r.softirq, t.Softirq)
		}
	}
	r.writes, err = child.Writes(ctx)
	return r, err
}

// use notes what both processes have used between two readings.
func (t *trial) use(before, after reading) {
	u := &t.result.Usage
	u.Wall = time.Duration(after.at - before.at)
	u.ServerCPU = time.Duration(after.server - before.server)
	u.GeneratorCPU = time.Duration(after.generator - before.generator)
	u.ServerBusy = share(u.ServerCPU, u.Wall, len(t.server))
	u.GeneratorBusy = share(u.GeneratorCPU, u.Wall, len(t.clients))
	u.ServerPeakRSS = max(u.ServerFullRSS, before.serverRSS, after.serverRSS)
	u.ServerProcs = t.child.Procs
	for i := range min(len(before.softirq), len(after.softirq)) {
		u.SoftIRQ = append(u.SoftIRQ, after.softirq[i]-before.softirq[i])
	}
	t.result.Traffic.Writes = after.writes - before.writes
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
