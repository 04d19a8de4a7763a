//go:build !linux

package target

import (
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// CPUs are numbered as if the process could use them all: there is no affinity
// to ask for here.
func CPUs() ([]int, error) {
	cpus := make([]int, runtime.NumCPU())
	for i := range cpus {
		cpus[i] = i
	}
	return cpus, nil
}

// Pin cannot pin here; trials say that both processes share their CPUs.
func Pin([]int) error { return nil }

func startOn(c *exec.Cmd, _ []int) error { return c.Start() }

// CPUTime is what the system has charged the process for, in its ticks.
func CPUTime(pid int) (ns int64, err error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	t, err := p.Times()
	if err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	return int64((t.User + t.System) * float64(time.Second)), nil
}
