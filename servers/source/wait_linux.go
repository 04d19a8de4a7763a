package source

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// A Clock is a Waiter that wakes to some ten microseconds: a timer of the
// kernel's in the poller that the runtime sleeps in anyway.
//
// Note: a thread asleep in clock_nanosleep wakes as precisely, but keeps the
// only P of a one-CPU server from polling its sockets until sysmon notices.
type Clock struct {
	fd   int // Note: File.Fd would switch the file to blocking reads
	file *os.File
}

// NewClock makes a Clock; Close releases it. It is for one goroutine.
func NewClock() (*Clock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create timer: %w", err)
	}
	return &Clock{fd, os.NewFile(uintptr(fd), "timerfd")}, nil
}

// Close releases the timer.
func (c *Clock) Close() error { return c.file.Close() }

// WaitUntil implements Waiter.
func (c *Clock) WaitUntil(ctx context.Context, instant int64) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.file.SetReadDeadline(time.Unix(1, 0))
		close(interrupted)
	})
	defer func() {
		if !stop() { // the next wait must not end with this one's context
			<-interrupted
			c.file.SetReadDeadline(time.Time{})
		}
	}()
	for wire.Now() < instant { // again when the two clocks disagree by a little
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(instant)}
		if err := unix.TimerfdSettime(c.fd, unix.TFD_TIMER_ABSTIME, &spec, nil); err != nil {
			return fmt.Errorf("set timer: %w", err)
		}
		var expirations [8]byte
		if _, err := c.file.Read(expirations[:]); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("wait for timer: %w", err)
		}
	}
	return nil
}
