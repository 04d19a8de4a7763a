package source

import (
	"slices"
	"sync"

	"pushbench/servers/wire"
)

// A Finding is what a server has found out about a client, and when.
type Finding struct {
	Client string `json:"client"` // its address
	At     int64  `json:"at"`     // wire.Now
	What   What   `json:"what"`
}

// What a server can find out.
type What string

const (
	TooSlow What = "slow" // the policy for slow clients was applied
	GivenUp What = "gone" // the server ended the connection, of its own accord
)

// Findings are those of one server. They are safe for concurrent use, and nil
// ones note nothing.
type Findings struct {
	mu    sync.Mutex
	notes []Finding
}

// maxFindings bounds the memory of a server that finds and finds: what comes
// later is not noted.
const maxFindings = 1 << 16

// Note notes what has just been found.
func (f *Findings) Note(client string, what What) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.notes) < maxFindings {
		f.notes = append(f.notes, Finding{client, wire.Now(), what})
	}
}

// All are the findings so far, in the order of their instants.
func (f *Findings) All() []Finding {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.notes)
}
