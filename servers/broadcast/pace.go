package broadcast

import "time"

const (
	// crowded is how many passes in a row must have brought several events before
	// the next one waits: a burst is brought as soon as it can be.
	crowded = 2
	// worthwhile is the shortest pass behind which waiting pays.
	worthwhile = int64(time.Millisecond)
	// longest is how long a pass waits at most, whatever the last one took.
	longest = int64(5 * time.Millisecond)
)

// A pace holds the passes through an audience apart once there is more to bring
// than one event at a time: then the next pass waits for half of what the last
// one took, and brings what has come meanwhile in the same write.
//
// Note: a loop that began anew as soon as it could would never rest, and would
// spend on writes of two events the time in which it could have made half as many
// of four. What an event waits for is less than what the writes before it take.
type pace struct {
	upto  uint64 // the newest event that the last pass brought
	ended int64  // when it did
	took  int64
	row   int // passes that followed each other and brought several events each
}

// due is the instant before which the next pass is not to begin.
func (p *pace) due() int64 {
	if p.row < crowded || p.took < worthwhile {
		return 0
	}
	return p.ended + min(p.took/2, longest)
}

// passed notes a pass that brought all up to that event.
func (p *pace) passed(began, ended int64, upto uint64) {
	switch {
	case upto-p.upto <= 1:
		p.row = 0
	case began-p.ended > p.took: // there was rest enough
		p.row = 1
	default:
		p.row++
	}
	p.upto, p.ended, p.took = upto, ended, ended-began
}
