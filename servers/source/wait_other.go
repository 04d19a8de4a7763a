//go:build !linux

package source

// A Clock is the best Waiter of this system: Go's timers.
type Clock struct{ Timer }

// NewClock makes a Clock.
func NewClock() (*Clock, error) { return &Clock{}, nil }

// Close releases it.
func (c *Clock) Close() error { return nil }
