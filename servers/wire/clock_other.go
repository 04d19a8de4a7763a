//go:build !unix

package wire

import "time"

// anchor has no shared kernel clock to read here, so instants of two processes
// do not compare: these systems can serve and build, but not measure.
func anchor() (time.Time, int64) { return time.Now(), 0 }
