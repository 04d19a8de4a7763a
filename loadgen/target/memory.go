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

// MajorFaults is how many pages of the process have been read back from disk.
func MajorFaults(pid int) (int64, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, fmt.Errorf("read page faults of process %d: %w", pid, err)
	}
	faults, err := p.PageFaults()
	if err != nil {
		return 0, fmt.Errorf("read page faults of process %d: %w", pid, err)
	}
	return int64(faults.MajorFaults), nil
}
