//go:build unix

package wire_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/wire"
)

// Every schedule, of events and of polls, keeps to it: whoever sets the wall clock
// moves none of them.
func TestNowIsTheKernelsMonotonicClock(t *testing.T) { // P7, G8
	kernel := func() int64 {
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			t.Fatal(err)
		}
		return ts.Nano()
	}
	// The two clocks were brought together once, at the start of the process; a
	// tenth of a millisecond is far more than that can be wrong by.
	const slack = int64(100 * time.Microsecond)
	for range 100 {
		before, now, after := kernel(), wire.Now(), kernel()
		if now < before-slack || now > after+slack {
			t.Fatalf("Now is %d, the kernel says %d before and %d after", now, before, after)
		}
	}
}
