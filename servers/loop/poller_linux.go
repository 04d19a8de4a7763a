package loop

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many events are taken from the kernel at a time, and how many
// timers fire in a row. Everything else waits for the batch, so it is as small
// as it can be while the system call is still shared by many events.
const batch = 128

// What an event is about; it travels in the half of epoll's data that a
// descriptor leaves free.
const (
	ofConn = iota
	ofListener
	ofPosts
)

// A poller is the kernel's list of descriptors to watch.
type poller struct {
	fd     int
	coarse bool // the kernel (before 5.11) waits in whole milliseconds only
	events [batch]unix.EpollEvent
	sleep  struct{ sec, nsec int64 } // what the kernel calls a __kernel_timespec
}

func (p *poller) open() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	p.fd = fd
	// A sandbox may refuse a call it does not know with EPERM instead of ENOSYS.
	_, err = p.wait(0)
	p.coarse = errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM)
	return nil
}

// watch sets which events of the descriptor are wanted; op is EPOLL_CTL_ADD or
// EPOLL_CTL_MOD. Closing a descriptor ends its watch.
func (p *poller) watch(op, fd int, kind int32, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: kind}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.fd, op, fd, &e))
}

// wait puts what is ready into events and says how many those are. It sleeps
// until something is ready or the time, in nanoseconds, is over; a negative time
// never is.
//
// Note: the call is raw, though it sleeps. Told of the sleep, the runtime would
// take the processor away, let its monitor thread sleep because all are idle,
// and wake that thread when the call returns: a context switch per event, up to
// as much as receiving it. Run keeps a processor for the loop instead.
func (p *poller) wait(time int64) (int, error) {
	if p.coarse {
		return p.waitCoarse(time)
	}
	var limit unsafe.Pointer
	if time >= 0 {
		p.sleep.sec, p.sleep.nsec = time/1e9, time%1e9
		limit = unsafe.Pointer(&p.sleep)
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd),
		uintptr(unsafe.Pointer(&p.events)), batch, uintptr(limit), 0, 0)
	return ready(n, errno)
}

// waitCoarse rounds up, so that a timer is late by up to a millisecond but the
// loop does not spin until it is due.
func (p *poller) waitCoarse(time int64) (int, error) {
	ms := -1
	if time >= 0 {
		ms = int(min((time+999_999)/1_000_000, 1<<31-1))
	}
	n, err := unix.EpollWait(p.fd, p.events[:], ms)
	errno, _ := err.(unix.Errno)
	return ready(uintptr(n), errno)
}

func ready(n uintptr, errno unix.Errno) (int, error) {
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR: // the runtime's own signals, mostly
		return 0, nil
	default:
		return 0, fmt.Errorf("wait for events: %w", errno)
	}
}
