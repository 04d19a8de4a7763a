package tcp

import (
	"encoding/binary"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// head is how many bytes a frame's length takes.
const head = 4

// What a frame to a client is, in its first byte.
const (
	hello = 'h' // the cursor from which a subscription without one begins
	event = 'e'
	gap   = 'g'
)

// alive is a frame of nothing: a sign of life.
var alive = make([]byte, head)

// begin appends what stands in front of a frame's content; end, with the same
// start, writes the length that only then is known.
func begin(dst []byte, kind byte) (more []byte, start int) {
	return append(dst, 0, 0, 0, 0, kind), len(dst)
}

func end(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-head))
	return dst
}

func appendHello(dst []byte, c wire.Cursor) []byte {
	dst, start := begin(dst, hello)
	return end(c.Append(dst), start)
}

func appendGap(dst []byte, g *wire.Gap) []byte {
	dst, start := begin(dst, gap)
	return end(wire.AppendGap(dst, *g), start)
}

func appendEvent(dst []byte, e *source.Entry) []byte {
	dst, start := begin(dst, event)
	return end(append(dst, e.Bytes...), start)
}

// A framing is how topics are told; see broadcast.Framing.
type framing struct {
	frame func(*source.Entry) *[]byte // made once, whoever gets it
}

// Event implements broadcast.Framing.
func (f framing) Event(e *source.Entry) []byte { return *f.frame(e) }

// Append implements broadcast.Framing.
func (f framing) Append(dst []byte, r *source.Reading) []byte {
	if r.Gap != nil {
		dst = appendGap(dst, r.Gap)
	}
	for _, e := range r.Entries {
		dst = append(dst, *f.frame(e)...)
	}
	return dst
}

// cut takes the frame off that b begins with. It is not whole while b is shorter
// than it; its length is told as soon as it is there.
func cut(b []byte) (content, rest []byte, length int, whole bool) {
	if len(b) < head {
		return nil, b, 0, false
	}
	length = int(binary.BigEndian.Uint32(b))
	if len(b)-head < length {
		return nil, b, length, false
	}
	return b[head : head+length : head+length], b[head+length:], length, true
}
