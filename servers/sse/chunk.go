package sse

import (
	"strconv"

	"pushbench/servers/source"
)

// A chunk is a block as one chunk of a response's body (RFC 9112, section 7.1).
type chunk struct {
	bytes []byte
	head  int // length of its first line
}

func newChunk(block []byte) *chunk {
	bytes := appendChunk(make([]byte, 0, len(block)+16), block)
	return &chunk{bytes, len(bytes) - len(block) - 2}
}

// block is what is inside.
func (c *chunk) block() []byte { return c.bytes[c.head : len(c.bytes)-2] }

func appendChunk(dst, content []byte) []byte {
	dst = appendSize(dst, len(content))
	dst = append(dst, content...)
	return append(dst, "\r\n"...)
}

func appendSize(dst []byte, n int) []byte {
	dst = strconv.AppendInt(dst, int64(n), 16)
	return append(dst, "\r\n"...)
}

// lastChunk ends a body. It tells an end from a connection that broke.
const lastChunk = "0\r\n\r\n"

// chunked is how streams are framed for HTTP/1.1.
type chunked struct {
	frame func(*source.Entry) *chunk
}

// Event implements broadcast.Framing.
func (c chunked) Event(e *source.Entry) []byte { return c.frame(e).bytes }

// Append implements broadcast.Framing. What is written together is one chunk.
func (c chunked) Append(dst []byte, r *source.Reading) []byte {
	var gap []byte
	if r.Gap != nil {
		gap = appendGap(nil, r.Gap)
	}
	size := len(gap)
	for _, e := range r.Entries {
		size += len(c.frame(e).block())
	}
	if size == 0 { // which would end the body
		return dst
	}
	dst = append(appendSize(dst, size), gap...)
	for _, e := range r.Entries {
		dst = append(dst, c.frame(e).block()...)
	}
	return append(dst, "\r\n"...)
}

// whole is how they are framed for HTTP/1.0, which knows no chunks.
type whole struct {
	frame func(*source.Entry) *chunk
}

// Event implements broadcast.Framing.
func (w whole) Event(e *source.Entry) []byte { return w.frame(e).block() }

// Append implements broadcast.Framing.
func (w whole) Append(dst []byte, r *source.Reading) []byte {
	if r.Gap != nil {
		dst = appendGap(dst, r.Gap)
	}
	for _, e := range r.Entries {
		dst = append(dst, w.frame(e).block()...)
	}
	return dst
}
