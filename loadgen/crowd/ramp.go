package crowd

import (
	"math"
	"time"
)

// A ramp is how planned instants of arrival become real ones: those after planned
// are stretched, from real on. The zero value leaves them as they are.
type ramp struct {
	planned, real int64
	stretch       float64 // zero means 1
}

// at is when somebody arrives who was to arrive at that instant.
func (r ramp) at(planned int64) int64 {
	if r.stretch == 0 || planned <= r.planned {
		return planned
	}
	return r.real + int64(math.Round(float64(planned-r.planned)*r.stretch))
}

// slower is the ramp that goes on half as fast from now on.
func (r ramp) slower(now int64) ramp {
	if r.stretch == 0 {
		return ramp{now, now, 2}
	}
	reached := r.planned + int64(math.Round(float64(now-r.real)/r.stretch))
	return ramp{reached, now, 2 * r.stretch}
}

// arrival is when client i is to arrive.
func (c *Crowd) arrival(i int) int64 {
	return c.start + int64(float64(i)/c.options.ConnectRate*float64(time.Second))
}

// Slow lets the clients that have not arrived yet arrive half as fast from now on.
// It is for a server whose queue of those that wait to be accepted has overflowed:
// each of these tries again a second later, and more of them at the same pace would
// make it worse. It is for one goroutine at a time, while the engine runs.
func (c *Crowd) Slow(now int64) {
	c.ramp = c.ramp.slower(now)
	for i, m := range c.members {
		if planned := c.arrival(c.first + i); planned > c.ramp.planned {
			at := c.ramp.at(planned)
			c.engine.Do(i, func(int64) { m.arrive(at) })
		}
	}
}

// Arrived says whether every client was to arrive by now.
func (c *Crowd) Arrived(now int64) bool {
	return now >= c.ramp.at(c.arrival(c.first+len(c.members)-1))
}

// arrive lets a member that has not arrived yet do so at that instant.
func (m *member) arrive(at int64) {
	if m.dialled == 0 {
		m.line.At(at)
	}
	if m.voice != nil && m.voice.post != nil && m.voice.dialled == 0 && !m.voice.joined {
		m.voice.line.At(at)
	}
}
