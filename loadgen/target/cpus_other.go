//go:build !linux

package target

import (
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// CPUs names none: processes cannot be kept on some of them here, so server and
// generator share all.
func CPUs() ([]int, error) { return nil, nil }

// Pin cannot pin here.
func Pin([]int) error { return nil }

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
