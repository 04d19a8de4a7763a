package sse

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"pushbench/loadgen/carry"
	"pushbench/loadgen/engine"
)

// Bounds of what a stream's retry field can ask for: below the floor a client
// would reconnect in a busy loop, above the ceiling it would be as good as gone.
const (
	MinRetry = 10 * time.Millisecond
	MaxRetry = 10 * time.Minute
)

// defaultLimit leaves 4 KiB around the largest payload of a scenario, 8 MiB, for
// its envelope and the name of the field.
const defaultLimit = 8<<20 + 4<<10

// A Message is what a block of an event stream dispatches. Its slices are valid
// until the input is reused or Next is called again.
type Message struct {
	Type []byte // "message" unless the block names another
	ID   []byte // of this block; nil when it has none, which leaves the last one's in force
	Data []byte

	usual bool // the block was all there, and as most are: see cutWhole
}

// Outcome is what Next found.
type Outcome uint8

const (
	More     Outcome = iota // all input is used: come back with what arrives next
	Silent                  // the end of a block without data: only the message's ID is set
	Dispatch                // the end of a block with data: a message
)

// A Parser reads an event stream (HTML standard, section 9.2.6) in any split of
// its bytes. The zero value is at the beginning of a stream. It is for one
// goroutine at a time, and of no more use after an error until it is Reset. The
// last event ID is its user's to keep, who may know how to in less memory.
type Parser struct {
	// Limit is the longest line and the longest data of a message, in bytes; more
	// is engine.ErrLimit. Zero means 8 MiB and 4 KiB.
	Limit int32

	retry   uint32 // ms
	block   *block // nil between blocks
	mark    uint8  // bytes of the byte order mark read; beginning or past it
	afterCR bool   // a line feed that follows belongs to the line before
}

// A block is what has to be kept of a block that is not all in one read.
type block struct {
	line  []byte // unfinished
	data  []byte
	event []byte
	id    []byte
	named bool // an id field was there
	told  bool // it is over, but a message may be of it until Next is called again
}

const byteOrderMark = "\xef\xbb\xbf"

// past is the value of mark behind the place where a mark can be.
const past = uint8(len(byteOrderMark))

var message = []byte("message")

// Reset goes to the beginning of another stream of the same source. What retry
// asked for stays.
func (p *Parser) Reset() { *p = Parser{Limit: p.Limit, retry: p.retry} }

// between says whether a block begins with the next byte.
func (p *Parser) between() bool { return p.block == nil && p.mark == past && !p.afterCR }

// Retry is the reconnection time that the stream asked for last, within
// MinRetry and MaxRetry, or zero.
func (p *Parser) Retry() time.Duration { return time.Duration(p.retry) * time.Millisecond }

// Next reads up to the end of one block, fills m if that dispatches, and
// returns what follows. A message is dispatched by the line end of its empty
// line: a carriage return does not wait for a line feed.
func (p *Parser) Next(in []byte, m *Message) (o Outcome, rest []byte, err error) {
	if p.block != nil && p.block.told {
		carry.Drop(p.block.data)
		p.block = nil
	}
	if p.mark < past {
		in = p.skipMark(in)
	}
	if p.afterCR && len(in) > 0 {
		p.afterCR = false
		if in[0] == '\n' {
			in = in[1:]
		}
	}
	if p.block == nil {
		if rest, ok := p.cutWhole(in, m); ok {
			return Dispatch, rest, nil
		}
	}
	for len(in) > 0 {
		end := lineEnd(in)
		if end < 0 {
			b := p.open()
			b.line = carry.Append(b.line, in)
			if len(b.line) > p.limit() {
				return More, nil, p.tooLarge("line")
			}
			return More, nil, nil
		}
		line := in[:end]
		if p.block != nil && len(p.block.line) > 0 {
			p.block.line = carry.Append(p.block.line, line)
			line = p.block.line
		}
		if len(line) > p.limit() {
			return More, nil, p.tooLarge("line")
		}
		p.afterCR = in[end] == '\r'
		in = in[end+1:]
		if p.afterCR && len(in) > 0 {
			p.afterCR = false
			if in[0] == '\n' {
				in = in[1:]
			}
		}
		if len(line) == 0 {
			return p.close(m), in, nil
		}
		p.field(line)
		if p.block != nil {
			p.block.line = p.block.line[:0]
			if len(p.block.data) > p.limit()+1 { // and the line feed to be removed
				return More, nil, p.tooLarge("data")
			}
		}
	}
	return More, nil, nil
}

// cutWhole takes a block off in that is written as servers write most: id,
// perhaps event, and one line of data, each with a space behind the colon and
// a line feed at its end. It copies nothing. Any other block is not wrong, but Next's
// to read.
func (p *Parser) cutWhole(in []byte, m *Message) (rest []byte, ok bool) {
	id, rest, ok := cutLine(in, "id: ")
	if !ok || bytes.IndexByte(id, 0) >= 0 {
		return nil, false
	}
	name, after, ok := cutLine(rest, "event: ")
	if ok {
		rest = after
	}
	data, rest, ok := cutLine(rest, "data: ")
	if !ok || len(rest) == 0 || rest[0] != '\n' {
		return nil, false
	}
	all := in[:len(in)-len(rest)]
	if !plain(all) && (bytes.IndexByte(all, '\r') >= 0 || !utf8.Valid(all)) || len(all) > p.limit() {
		return nil, false
	}
	if len(name) == 0 {
		name = message
	}
	*m = Message{name, id, data, true}
	return rest[1:], true
}

// plain says whether b is ASCII without a carriage return, or is not sure. It looks
// at eight bytes at a time, for both at once.
func plain(b []byte) bool {
	const each = 0x0101010101010101
	var found uint64
	for ; len(b) >= 8; b = b[8:] {
		word := binary.LittleEndian.Uint64(b)
		other := word ^ '\r'*each // zero where there is one
		found |= word | (other-each)&^other
	}
	for _, c := range b {
		found |= uint64(c)
		if c == '\r' {
			return false
		}
	}
	return found&(0x80*each) == 0
}

// cutLine takes a line that begins with the prefix off b.
func cutLine(b []byte, prefix string) (value, rest []byte, ok bool) {
	if len(b) < len(prefix) || string(b[:len(prefix)]) != prefix {
		return nil, b, false
	}
	end := bytes.IndexByte(b[len(prefix):], '\n')
	if end < 0 {
		return nil, b, false
	}
	end += len(prefix)
	return b[len(prefix):end:end], b[end+1:], true
}

// skipMark takes a byte order mark off the beginning of the stream. What only
// looked like one belongs to the first line.
func (p *Parser) skipMark(in []byte) []byte {
	for p.mark < past && len(in) > 0 {
		if in[0] != byteOrderMark[p.mark] {
			if p.mark > 0 {
				b := p.open()
				b.line = append(b.line, byteOrderMark[:p.mark]...)
			}
			p.mark = past
			break
		}
		p.mark++
		in = in[1:]
	}
	return in
}

// field takes one line that is not empty.
func (p *Parser) field(line []byte) {
	if line[0] == ':' {
		return
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	switch string(name) {
	case "data":
		b := p.open()
		b.data = append(appendUTF8(carry.Grow(b.data, len(b.data)+len(value)+1), value), '\n')
	case "event":
		b := p.open()
		b.event = appendUTF8(b.event[:0], value)
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			b := p.open()
			b.id, b.named = appendUTF8(b.id[:0], value), true
		}
	case "retry":
		p.setRetry(value)
	}
}

// setRetry takes a number of milliseconds in digits, however many, and nothing else.
func (p *Parser) setRetry(value []byte) {
	var ms uint64
	for _, c := range value {
		if c-'0' > 9 {
			return
		}
		ms = min(ms*10+uint64(c-'0'), math.MaxUint32)
	}
	if len(value) > 0 {
		p.retry = uint32(min(max(ms, uint64(MinRetry/time.Millisecond)), uint64(MaxRetry/time.Millisecond)))
	}
}

// none is an ID that takes the one before back.
var none = []byte{}

// close ends a block.
func (p *Parser) close(m *Message) Outcome {
	*m = Message{}
	b := p.block
	if b == nil {
		return Silent
	}
	carry.Drop(b.line)
	b.told = true
	if b.named {
		if m.ID = b.id; len(b.id) == 0 {
			m.ID = none
		}
	}
	if len(b.data) == 0 {
		return Silent
	}
	m.Type, m.Data = b.event, b.data[:len(b.data)-1]
	if len(b.event) == 0 {
		m.Type = message
	}
	return Dispatch
}

func (p *Parser) open() *block {
	if p.block == nil {
		p.block = new(block)
	}
	return p.block
}

func (p *Parser) limit() int { return int(cmp.Or(p.Limit, defaultLimit)) }

func (p *Parser) tooLarge(what string) error {
	return fmt.Errorf("%w: %s over %d bytes", engine.ErrLimit, what, p.limit())
}

// lineEnd is the index of the first carriage return or line feed, or -1.
//
// Note: it looks at a window at a time, because looking for a line feed first
// would read a stream without any to its end for every line.
func lineEnd(b []byte) int {
	const window = 512
	for from := 0; from < len(b); from += window {
		w := b[from:min(from+window, len(b))]
		end := bytes.IndexByte(w, '\n')
		if end >= 0 {
			w = w[:end]
		}
		if cr := bytes.IndexByte(w, '\r'); cr >= 0 {
			end = cr
		}
		if end >= 0 {
			return from + end
		}
	}
	return -1
}
