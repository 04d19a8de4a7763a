package campaign

import (
	"math"
	"time"

	"pushbench/servers/wire"
)

// clocks are the wall clock and the monotonic one at the same instant.
type clocks struct {
	wall, mono int64 // ns
	apart      int64 // the readings are not further apart than that
}

// readClocks reads the wall clock between two readings of the other one, and of
// several tries keeps the one in which the least time has passed: whoever loses
// the processor in between must not see a step.
func readClocks() clocks {
	best := clocks{apart: math.MaxInt64}
	for range 5 {
		before := wire.Now()
		wall := wire.Wall()
		after := wire.Now()
		if after-before < best.apart {
			best = clocks{wall, before + (after-before)/2, after - before}
		}
	}
	return best
}

// What the wall clock may be off between two readings without a step: the most by
// which the kernel slews it, and what a correction adds.
const (
	slewed = 500e-6
	grain  = time.Millisecond
)

// step is the jump of the wall clock against the monotonic one since an earlier
// reading, with its sign; zero when slewing explains the difference.
func (c clocks) step(earlier clocks) time.Duration {
	passed := c.mono - earlier.mono
	jump := c.wall - earlier.wall - passed
	slack := int64(slewed*float64(passed)) + int64(grain) + c.apart + earlier.apart
	if jump >= -slack && jump <= slack {
		return 0
	}
	return time.Duration(jump)
}
