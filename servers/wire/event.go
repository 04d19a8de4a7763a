// Package wire is the event as bytes, and the clock that both halves of every
// transport read. The two halves share nothing else.
package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// ErrEvent says that bytes are not an event in the form that AppendEvent gives.
var ErrEvent = errors.New("not an event")

// An Event is one update of a topic. Instants are nanoseconds of Now, but Wall.
type Event struct {
	N    uint64 // number in its topic, from 1; never 0 for a published event
	Due  int64  // when it should have gone out
	Pub  int64  // when it was published
	Wall int64  // the same on the wall clock, for browsers
	Type string // empty: an ordinary message
	Data []byte // a JSON value; of a raw event the bare bytes
}

// AppendEvent appends e as a JSON object with a fixed order of members, which
// ParseEvent relies on. Numbers are strings because JavaScript rounds integers
// above 2^53. Data must be a JSON value and Type must have passed CheckType.
func AppendEvent(dst []byte, e *Event) []byte {
	dst = append(dst, `{"n":"`...)
	dst = strconv.AppendUint(dst, e.N, 10)
	dst = append(dst, `","due":"`...)
	dst = strconv.AppendInt(dst, e.Due, 10)
	dst = append(dst, `","pub":"`...)
	dst = strconv.AppendInt(dst, e.Pub, 10)
	dst = append(dst, `","wall":"`...)
	dst = strconv.AppendInt(dst, e.Wall, 10)
	dst = append(dst, '"')
	if e.Type != "" {
		dst = append(dst, `,"type":"`...)
		dst = append(dst, e.Type...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"data":`...)
	dst = append(dst, e.Data...)
	return append(dst, '}')
}

// ParseEvent reads what AppendEvent wrote. Data aliases b. It allocates only
// for a Type that differs from the one already in e.
func ParseEvent(e *Event, b []byte) error {
	rest, err := cutEvent(e, b)
	if err == nil && len(rest) != 0 {
		return ErrEvent
	}
	return err
}

// cutEvent reads the event that b begins with and returns what follows it.
func cutEvent(e *Event, b []byte) (rest []byte, err error) {
	// What is not there leaves nil, and nothing behind nil is there either.
	n, b := number(after(b, `{"n":"`))
	due, b := reading(after(b, `","due":"`))
	pub, b := reading(after(b, `","pub":"`))
	wall, b := reading(after(b, `","wall":"`))
	if b = after(b, `"`); b == nil || n == 0 {
		return nil, ErrEvent
	}
	e.N, e.Due, e.Pub, e.Wall = n, due, pub, wall
	if typed := after(b, `,"type":"`); typed != nil {
		kind, rest, whole := bytes.Cut(typed, []byte{'"'})
		if !whole {
			return nil, ErrEvent
		}
		if string(kind) != e.Type {
			e.Type = string(kind)
		}
		b = rest
	} else {
		e.Type = ""
	}
	b = after(b, `,"data":`)
	end := valueEnd(b)
	if end <= 0 || end >= len(b) || b[end] != '}' {
		return nil, ErrEvent
	}
	e.Data = b[:end:end]
	return b[end+1:], nil
}

// skip takes the prefix p off b.
func skip(b *[]byte, p string) bool {
	if len(*b) < len(p) || string((*b)[:len(p)]) != p {
		return false
	}
	*b = (*b)[len(p):]
	return true
}

// after is what follows the prefix p of b, nil without it. It is what skip does
// for whoever has no time: a slice that is handed on stays in registers.
func after(b []byte, p string) []byte {
	if len(b) < len(p) || string(b[:len(p)]) != p {
		return nil
	}
	return b[len(p):]
}

// number reads the digits that b begins with. The rest is nil without any.
func number(b []byte) (n uint64, rest []byte) {
	n, length := leadingDigits(b)
	if length == 0 {
		return 0, nil
	}
	return n, b[length:]
}

// reading is number for a clock's, which may be negative in virtual time.
func reading(b []byte) (t int64, rest []byte) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	n, rest := number(b)
	switch {
	case n < 1<<63 && !negative:
		return int64(n), rest
	case n <= 1<<63 && negative:
		return -int64(n), rest
	}
	return 0, nil
}

// member takes the prefix p and the digits behind it off b.
func member(b *[]byte, p string, n *uint64) bool {
	*n, *b = number(after(*b, p))
	return *b != nil
}

// instant is member for a clock reading.
func instant(b *[]byte, p string, t *int64) bool {
	*t, *b = reading(after(*b, p))
	return *b != nil
}

// valueEnd is the length of the JSON value that b begins with, or -1. It trusts
// the value to be well-formed inside (the publisher checked it) and only finds
// its end, without a parser: strings and their escapes, and nesting.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			n := stringEnd(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // a number or word ends where its container does
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// stringEnd is the length of the JSON string that b begins with, or -1.
func stringEnd(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return -1
	}
	for i := 1; i < len(b); {
		q := bytes.IndexByte(b[i:], '"')
		if q < 0 {
			return -1
		}
		i += q
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		i++
		if slashes%2 == 0 {
			return i
		}
	}
	return -1
}
