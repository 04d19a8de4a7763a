// Package http1 is HTTP/1.1 as a client sees it, in bytes (RFC 9112): responses
// in any split, and the requests that ask for them. It has no sockets, and it
// copies only what a split leaves incomplete.
package http1

import (
	"bytes"
	"fmt"

	"pushbench/loadgen/engine"
)

// Limits in bytes. What is larger is engine.ErrLimit.
const (
	MaxHead      = 16 << 10 // of a status line with its fields, and of a trailer section
	MaxExtension = 4 << 10  // of the line before a chunk
)

// Kind is what a Part is.
type Kind uint8

const (
	More Kind = iota // no part: all input is used, come back with what arrives next
	Head             // a response begins; Data is its field lines (see Field)
	Body             // Data is the next piece of its body
	End              // the response is complete
)

// A Part is what Next found. Data is valid until the input is reused.
type Part struct {
	Kind Kind
	Data []byte
}

// A Reader takes the responses of one connection apart. The zero value expects
// a response. Where a sender and a receiver could read a length differently
// (RFC 9112, sections 6.3 and 11.2) it refuses instead of choosing: two
// lengths, a length beside chunks, bare line feeds, folded fields. It is for
// one goroutine at a time, and of no more use after an error.
type Reader struct {
	held    *[]byte // of a section that is split over reads, which is rare; nil for nothing
	left    uint64  // bytes of the body, or of the chunk, still to come
	line    uint16  // bytes of the chunk's line so far
	status  uint16
	state   state
	closing bool
}

type state uint8

const (
	inHead         state = iota
	inBody               // of known length
	inEndlessBody        // until the connection ends
	inSize               // a chunk's size
	inExtension          // what follows the size on its line
	inSizeEnd            // the line feed behind that
	inChunk              //
	inChunkReturn        // the carriage return behind a chunk
	inChunkNewline       // and its line feed
	inTrailer            //
	complete             // End is due
)

// Status is the status code of the response that began last.
func (r *Reader) Status() int { return int(r.status) }

// Closing says whether the server ends the connection behind that response.
func (r *Reader) Closing() bool { return r.closing }

// Endless says whether only the end of the connection ends that response.
func (r *Reader) Endless() bool { return r.state == inEndlessBody }

// Between says whether nothing of a response has arrived after the last End.
func (r *Reader) Between() bool { return r.state == inHead && r.held == nil }

// Next takes the next part off in and returns what follows it. Interim
// responses (1xx, but 101) are skipped. Behind a Head with status 101 the bytes
// are no longer HTTP and Next must not be called again. The errors are
// engine.ErrProtocol and engine.ErrLimit.
func (r *Reader) Next(in []byte) (p Part, rest []byte, err error) {
	for {
		if r.state == complete {
			r.state = inHead
			return Part{Kind: End}, in, nil
		}
		if len(in) == 0 {
			return Part{}, nil, nil
		}
		switch r.state {
		case inHead:
			section, rest, err := r.section(in)
			if err != nil || section == nil {
				return Part{}, nil, err
			}
			fields, err := r.begin(section)
			if err != nil {
				return Part{}, nil, err
			}
			if r.status >= 200 || r.status == 101 {
				return Part{Head, fields}, rest, nil
			}
			in = rest

		case inEndlessBody:
			return Part{Body, in}, nil, nil

		case inBody, inChunk:
			n := len(in)
			if r.left <= uint64(n) {
				n = int(r.left)
				if r.state == inBody {
					r.state = complete
				} else {
					r.state = inChunkReturn
				}
			}
			r.left -= uint64(n)
			return Part{Body, in[:n:n]}, in[n:], nil

		case inTrailer:
			section, rest, err := r.section(in)
			if err != nil || section == nil {
				return Part{}, nil, err
			}
			if err := check(section); err != nil {
				return Part{}, nil, err
			}
			r.state = complete
			in = rest

		default:
			if err := r.frame(in[0]); err != nil {
				return Part{}, nil, err
			}
			in = in[1:]
		}
	}
}

// frame takes one byte of what is around chunks.
func (r *Reader) frame(c byte) error {
	switch r.state {
	case inSize:
		if d := hexDigit(c); d < 16 {
			if r.line++; r.line > 16 {
				return malformed("chunk size of more than 16 digits")
			}
			r.left = r.left<<4 | uint64(d)
			return nil
		}
		if r.line == 0 {
			return malformed("chunk without a size")
		}
		switch c {
		case '\r':
			r.state = inSizeEnd
		case ';':
			r.state = inExtension
		default:
			return malformed("chunk size contains %q", c)
		}
	case inExtension:
		if r.line++; r.line > MaxExtension {
			return fmt.Errorf("%w: chunk extension over %d bytes", engine.ErrLimit, MaxExtension)
		}
		switch c {
		case '\r':
			r.state = inSizeEnd
		case '\n', 0:
			return malformed("chunk extension contains %q", c)
		}
	case inSizeEnd:
		if c != '\n' {
			return malformed("chunk size without a line end")
		}
		r.line = 0
		r.state = inChunk
		if r.left == 0 {
			r.state = inTrailer
		}
	case inChunkReturn:
		if c != '\r' {
			return malformed("chunk longer than its size")
		}
		r.state = inChunkNewline
	case inChunkNewline:
		if c != '\n' {
			return malformed("chunk without a line end")
		}
		r.state = inSize
	}
	return nil
}

// section takes lines up to an empty one off in and returns them without that,
// or nil when it has not arrived yet.
func (r *Reader) section(in []byte) (lines, rest []byte, err error) {
	before, b := 0, in
	if r.held != nil {
		before = len(*r.held)
	}
	b = b[:min(len(b), MaxHead-before)]
	if before > 0 {
		*r.held = append(*r.held, b...)
		b = *r.held
	}
	end, err := emptyLine(b, before)
	switch {
	case err != nil:
		return nil, nil, err
	case end > 0:
		r.held = nil
		return b[: end-2 : end-2], in[end-before:], nil
	case len(b) == MaxHead:
		return nil, nil, fmt.Errorf("%w: header over %d bytes", engine.ErrLimit, MaxHead)
	case r.state == inHead && string(b[:min(len(b), len(version))]) != version[:min(len(b), len(version))]:
		return nil, nil, malformed("answer begins with %.16q", b)
	case before == 0:
		r.held = new(bytes.Clone(b))
	}
	return nil, nil, nil
}

// emptyLine is the index behind the first empty line of b, 0 when there is
// none. The first checked bytes of b are known to end no line wrongly.
func emptyLine(b []byte, checked int) (int, error) {
	for i := checked; ; i++ {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0, nil
		}
		if i += n; i == 0 || b[i-1] != '\r' {
			return 0, malformed("line ends without a carriage return")
		}
		if i == 1 || b[i-2] == '\n' {
			return i + 1, nil
		}
	}
}

func hexDigit(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{engine.ErrProtocol}, args...)...)
}
