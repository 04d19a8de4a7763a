package process

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// startOn starts the command on the CPUs: a child inherits the mask of the
// thread that forks it. It gets a process group of its own, so that an
// interrupt from the terminal reaches us alone, and we end it in good order.
func startOn(c *exec.Cmd, cpus []int) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if len(cpus) == 0 {
		return c.Start()
	}
	var wanted unix.CPUSet
	for _, cpu := range cpus {
		wanted.Set(cpu)
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var before unix.CPUSet
		err := unix.SchedGetaffinity(0, &before)
		if err == nil {
			err = unix.SchedSetaffinity(0, &wanted)
		}
		if err != nil {
			started <- fmt.Errorf("pin to CPUs %v: %w", cpus, err)
			return
		}
		defer unix.SchedSetaffinity(0, &before)
		started <- c.Start()
	}()
	return <-started
}
