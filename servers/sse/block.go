package sse

import (
	"bytes"
	"strconv"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// heartbeat is a comment: every client ignores it, and proxies see traffic.
var heartbeat = []byte(":\n\n")

// tooSlow is the last block for a client that is disconnected.
//
// Note: an event would reach the client's own code, but every client that does
// not know it would take it for an update. The gap notice that answers its
// next request says in band what it lost.
var tooSlow = []byte(": too slow\n\n")

// appendEvent appends the entry as a block. The number in id is the cursor that
// a client presents in Last-Event-ID when it comes back.
func appendEvent(dst []byte, epoch string, e *source.Entry) []byte {
	dst = appendID(dst, wire.Cursor{Epoch: epoch, N: e.N})
	if e.Type != "" {
		dst = append(dst, "event: "...)
		dst = append(dst, e.Type...)
		dst = append(dst, '\n')
	}
	return append(appendData(dst, e.Bytes), '\n')
}

// appendGap appends the notice as a block of the type "gap".
func appendGap(dst []byte, g *wire.Gap) []byte {
	dst = appendID(dst, g.Cursor)
	dst = append(dst, "event: gap\ndata: "...)
	dst = wire.AppendGap(dst, *g)
	return append(dst, "\n\n"...)
}

// appendHello appends the block without data that gives a client its cursor: a
// parser takes the id from it and dispatches nothing.
func appendHello(dst []byte, c wire.Cursor) []byte {
	return append(appendID(dst, c), '\n')
}

// appendRetry appends how long a client shall wait before it connects again, to
// the millisecond. The block that it is part of is not ended.
func appendRetry(dst []byte, d time.Duration) []byte {
	dst = append(dst, "retry: "...)
	dst = strconv.AppendInt(dst, d.Milliseconds(), 10)
	return append(dst, '\n')
}

func appendID(dst []byte, c wire.Cursor) []byte {
	dst = append(dst, "id: "...)
	dst = c.Append(dst)
	return append(dst, '\n')
}

// appendData appends text as one data field for each of its lines. CR, LF and
// CRLF all end a line, because a parser takes each of them for an end: a
// payload can never begin a field or an event of its own. The receiver joins
// the lines with LF.
func appendData(dst, text []byte) []byte {
	for {
		dst = append(dst, "data: "...)
		end := bytes.IndexAny(text, "\r\n")
		if end < 0 {
			dst = append(dst, text...)
			return append(dst, '\n')
		}
		dst = append(dst, text[:end]...)
		dst = append(dst, '\n')
		if text[end] == '\r' && end+1 < len(text) && text[end+1] == '\n' {
			end++
		}
		text = text[end+1:]
	}
}
