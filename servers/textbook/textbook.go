// Package textbook is a source whose events are what introductions to Server-Sent
// Events show: one of each kind that the format has, in turn.
package textbook

import (
	"context"
	"fmt"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// Topic is the one topic.
const Topic = "textbook"

// Every is how often there is an event.
const Every = 2 * time.Second

// New makes a source of that epoch. Its events are bare: their payload is all that
// a page gets to see.
func New(epoch string) *source.Source {
	return source.New(source.Options{Epoch: epoch, Keep: 64, Raw: true}, Topic)
}

// lesson is event k: named and unnamed, of text, of JSON and of several lines.
func lesson(k int) wire.Message {
	switch k % 4 {
	case 0:
		return wire.Message{Type: "greeting", Data: []byte("Hello. This event has a name, so onmessage does not get it.")}
	case 1:
		return wire.Message{Type: "price", Data: fmt.Appendf(nil, `{"symbol": "PUSH", "price": %d.%02d}`, 100+k%7, k*37%100)}
	case 2:
		return wire.Message{Type: "poem", Data: []byte("Each of these lines\nhad a data field of its own;\na newline joins them.")}
	}
	return wire.Message{Data: fmt.Appendf(nil, "Event %d has no name: onmessage gets it.", k+1)}
}

// Drive publishes one event after the other until the context ends, and returns its
// cause.
func Drive(ctx context.Context, src *source.Source, w source.Waiter) error {
	due := wire.Now()
	for k := 0; ; k++ {
		if err := w.WaitUntil(ctx, due); err != nil {
			return err
		}
		m := lesson(k)
		m.Due = due
		if _, err := src.Publish(Topic, m); err != nil {
			return err
		}
		due += int64(Every)
	}
}
