// Package longpoll is the client half of long polling (RFC 6202, section 2): a
// question is answered when there is something to say, or when it has been held
// long enough.
package longpoll

import (
	"pushbench/loadgen/batch"
	"pushbench/loadgen/engine"
)

// New makes a conversation with the endpoint. It is an engine.Asker: the next
// question follows at once upon any answer, also an empty one.
func New(e *engine.Endpoint) engine.Conversation { return batch.New(e) }
