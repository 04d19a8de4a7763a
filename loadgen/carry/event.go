package carry

import (
	"sync"

	"pushbench/servers/wire"
)

// events go round like large buffers, and for the same reason: one in each client
// would be half of what its conversation takes, and is in use only while a read is
// understood.
var events = sync.Pool{New: func() any { return new(wire.Event) }}

// TakeEvent is an event to read others into, for the length of one read. What it
// holds is of no meaning, but that whoever reads the same Type into it again needs no
// memory for that. It is safe for concurrent use.
func TakeEvent() *wire.Event { return events.Get().(*wire.Event) }

// GiveEvent gives back what TakeEvent gave.
func GiveEvent(e *wire.Event) {
	e.Data = nil // it may alias what was read
	events.Put(e)
}
