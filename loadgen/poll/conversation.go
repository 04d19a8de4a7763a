// Package poll is the client half of short polling: every question is answered
// at once, with nothing more often than not.
package poll

import (
	"pushbench/loadgen/batch"
	"pushbench/loadgen/engine"
)

// New makes a conversation with the endpoint. It is an engine.Asker: between an
// answer and the next question lies the interval, unless the answer was Eager.
func New(e *engine.Endpoint) engine.Conversation { return batch.New(e) }
