package source

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"pushbench/servers/wire"
)

// Ticks are the events that the load publishes on that many topics: its
// schedule's, and of the content Clockwork behind each one to ten of them on a
// topic, at random, a message aside.
func (l Load) Ticks(topics int) iter.Seq[Tick] {
	ticks := l.Schedule.Ticks(topics, time.Duration(l.End-l.Start))
	if l.Payload.Content != Clockwork {
		return ticks
	}
	return func(yield func(Tick) bool) {
		dice := rand.New(rand.NewPCG(l.Schedule.Seed, 0xc10c))
		left := make([]int, topics) // pings before the next message
		for i := range left {
			left[i] = 1 + dice.IntN(maxPings)
		}
		for tick := range ticks {
			if !yield(tick) {
				return
			}
			if left[tick.Topic]--; left[tick.Topic] == 0 {
				left[tick.Topic] = 1 + dice.IntN(maxPings)
				tick.Aside = true
				if !yield(tick) {
					return
				}
			}
		}
	}
}

// maxPings is how many pings come before a message at most.
const maxPings = 10

// contents returns what makes the message of one tick after the other.
func (l Load) contents() func(Tick) wire.Message {
	if l.Payload.Content == Clockwork {
		return l.tellTime
	}
	payload := l.Payload.Maker(l.Schedule.Seed)
	return func(Tick) wire.Message { return wire.Message{Data: payload()} }
}

// tellTime is the textbook's event: a ping with the server's time as JSON, or a
// message without a type, of several lines, as it may be written by hand.
func (l Load) tellTime(tick Tick) wire.Message {
	due := l.Start + int64(tick.After)
	now := time.Unix(0, wire.Wall()+due-wire.Now()).UTC().Format("2006-01-02T15:04:05.000Z")
	if !tick.Aside {
		return wire.Message{Type: "ping", Data: fmt.Appendf(nil, `{"time": "%s"}`, now)}
	}
	return wire.Message{Data: fmt.Appendf(nil, "This is a message at time %s\nof several lines,\nas the standard allows.", now)}
}
