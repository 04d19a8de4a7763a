package wire

import "time"

// epoch is the zero of Now: a reading of Go's monotonic clock and the same
// instant on the kernel's.
var epoch, epochMono = anchor()

// Now is the kernel's monotonic clock (CLOCK_MONOTONIC) in nanoseconds. It is
// the only clock that either half of a transport reads: both processes of a
// trial share it, and a step of the wall clock does not touch it.
//
// Note: a clock_gettime through golang.org/x/sys is a real system call; going
// through the runtime stays in user space and lets tests use virtual time.
func Now() int64 { return epochMono + int64(time.Since(epoch)) }

// Wall is the wall clock in nanoseconds since 1970, for clients on other clocks.
func Wall() int64 { return time.Now().UnixNano() }

// Until is the time from now to the instant t of Now's clock.
func Until(t int64) time.Duration { return time.Duration(t - Now()) }

// Deadline is the instant d from now in the form in which connections take it.
func Deadline(d time.Duration) time.Time { return time.Now().Add(d) }
