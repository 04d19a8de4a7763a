package target

import (
	"fmt"

	"github.com/shirou/gopsutil/v4/process"
)

// RSS is the process's resident memory in bytes.
func RSS(pid int) (int64, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	m, err := p.MemoryInfo()
	if err != nil {
		return 0, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	return int64(m.RSS), nil
}

// Split divides the CPUs between server and generator. With fewer than two they
// share, which a verdict must say.
func Split(cpus []int) (server, generator []int, shared bool) {
	if len(cpus) < 2 {
		return cpus, cpus, true
	}
	half := len(cpus) / 2
	return cpus[:half], cpus[half:], false
}
