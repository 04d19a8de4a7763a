package choose

import "math"

// A kind is what a transport is like, as its standard has it: nothing of it is
// measured, and nothing measured depends on it.
type kind struct {
	clock   bool // clients ask by the clock
	asks    bool // each answer has a question
	posts   bool // what clients send goes as a request of its own
	text    bool // what is no text has to be written as text
	streams bool // an answer never ends, so who waits for its end waits for ever
	upgrade bool // needs the Upgrade of HTTP/1.1 to get through, or its like
	origin  bool // takes one of a browser's six HTTP/1.1 connections to an origin
	resumes bool // browsers come back by themselves, and with the last event's id
	pings   bool // its signs of life come while events flow, too
	// beatDown and beatUp are the bytes of one and of its answer.
	beatDown, beatUp float64
	// trips are how many round trips through the network an event takes at worst.
	trips float64
}

// kinds are those of the transports. One that is not here is taken for a stream
// both ways.
//
// Short polling: the question and the answer. Long polling: an event that has just
// missed an answer waits until that is there and the next question is back (RFC
// 6202, section 2.2). Streams: the way down.
//
// A sign of life of SSE is a comment in a chunk of its own, ":\n\n"; of WebSocket a
// ping of two bytes and a pong of six (RFC 6455, section 5.2).
var kinds = map[string]kind{
	"poll":     {clock: true, asks: true, posts: true, trips: 1},
	"longpoll": {asks: true, posts: true, origin: true, trips: 1.5},
	"sse":      {posts: true, text: true, streams: true, origin: true, resumes: true, trips: 0.5, beatDown: 8},
	"ws":       {upgrade: true, trips: 0.5, pings: true, beatDown: 2, beatUp: 6},
}

func kindOf(transport string) kind {
	if k, known := kinds[transport]; known {
		return k
	}
	return kind{trips: 0.5}
}

// slowness orders transports by how soon an event is there by their nature.
func (k kind) slowness() float64 {
	if k.clock {
		return math.Inf(1)
	}
	return k.trips
}

// idle is for how long a server keeps a connection on which nobody asks or sends.
const idle = 120 // s

// base64 is by how much data grows that is written as text (RFC 4648, section 4).
const base64 = 4.0 / 3

// six are the connections that browsers open to an origin over HTTP/1.1.
const six = 6
