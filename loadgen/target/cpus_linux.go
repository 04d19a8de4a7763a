package target

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// CPUs are the processors that this process may run on, as it was started: what
// Pin takes from it is for its servers, in one campaign after another.
func CPUs() ([]int, error) { return inherited() }

var inherited = sync.OnceValues(affinity)

func affinity() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("read CPU affinity: %w", err)
	}
	var cpus []int
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			cpus = append(cpus, i)
		}
	}
	return cpus, nil
}

func maskOf(cpus []int) *unix.CPUSet {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return &set
}

// Pin keeps every thread of this process on the CPUs, and those that they will
// start, and lets the runtime use no more at once: by itself it would notice
// only after a while.
func Pin(cpus []int) error {
	if _, err := inherited(); err != nil { // while it can still be read
		return err
	}
	// Twice: a thread that is started during the first pass by one not yet
	// pinned is caught by the second.
	for range 2 {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("list threads: %w", err)
		}
		for _, task := range tasks {
			tid, _ := strconv.Atoi(task.Name())
			if err := unix.SchedSetaffinity(tid, maskOf(cpus)); err != nil && err != unix.ESRCH {
				return fmt.Errorf("pin thread to CPUs %v: %w", cpus, err)
			}
		}
	}
	runtime.GOMAXPROCS(len(cpus))
	return nil
}

// CPUTime is what the kernel has charged the process for, in its nanosecond
// account: the usual ticks of 10 ms are too coarse for a phase of seconds.
func CPUTime(pid int) (ns int64, err error) {
	// The number of a process's CPU clock, as clock_getcpuclockid(3) makes it.
	const sched = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &ts); err != nil {
		return 0, fmt.Errorf("read CPU time of process %d: %w", pid, err)
	}
	return ts.Nano(), nil
}
