package wire

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync/atomic"
)

// MaxEpoch is the longest epoch in bytes; MaxCursor the longest cursor.
const (
	MaxEpoch  = 64
	MaxCursor = MaxEpoch + 1 + 20
)

// ErrCursor says that bytes are not a cursor at all. A well-formed cursor of
// another epoch is not an error: it gets a gap notice.
var ErrCursor = errors.New("not a cursor of the form EPOCH-NUMBER")

// A Cursor names the last event a subscriber has of its topic. The zero value
// means "none yet".
type Cursor struct {
	Epoch string
	N     uint64
}

// IsZero says whether there is no cursor.
func (c Cursor) IsZero() bool { return c.Epoch == "" }

// String is EPOCH-NUMBER, the form in which it is sent.
func (c Cursor) String() string { return string(c.Append(nil)) }

// Append appends EPOCH-NUMBER to dst.
func (c Cursor) Append(dst []byte) []byte {
	dst = append(dst, c.Epoch...)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, c.N, 10)
}

// ParseCursor reads EPOCH-NUMBER. Every error is ErrCursor.
func ParseCursor[B []byte | string](b B) (Cursor, error) {
	var c Cursor
	err := ReadCursor(&c, b)
	return c, err
}

// ReadCursor is ParseCursor into c; while the epoch stays the same it allocates
// nothing. On an error c is unchanged.
func ReadCursor[B []byte | string](c *Cursor, b B) error {
	dash := -1
	for i := len(b) - 1; i >= 0 && len(b) <= MaxCursor; i-- {
		if b[i] == '-' {
			dash = i
			break
		}
	}
	if dash <= 0 { // there is no empty epoch, not even where there was no cursor
		return ErrCursor
	}
	n, ok := digits(b[dash+1:])
	if !ok {
		return ErrCursor
	}
	if string(b[:dash]) != c.Epoch {
		if c.Epoch, ok = shared(c.Epoch, b[:dash]); !ok {
			return ErrCursor
		}
	}
	c.N = n
	return nil
}

// latest is the epoch that was read last. There are thousands of cursors for each
// life of a source: they share the memory of its name.
var latest atomic.Pointer[string]

// shared is the epoch that b names, or the one before when that cannot be one.
func shared[B []byte | string](before string, b B) (epoch string, ok bool) {
	if last := latest.Load(); last != nil && string(b) == *last {
		return *last, true
	}
	own := strings.Clone(string(b)) // or a cursor would keep all that it was cut from
	if CheckEpoch(own) != nil {
		return before, false
	}
	latest.Store(&own)
	return own, true
}

// CheckEpoch says why s cannot name an epoch: it has 1 to MaxEpoch letters,
// digits or underscores, so that it is safe in a header, a URL and an id line.
func CheckEpoch(s string) error {
	if s == "" || len(s) > MaxEpoch {
		return fmt.Errorf("epoch of %d bytes (have 1 to %d)", len(s), MaxEpoch)
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return fmt.Errorf("epoch %q: only letters, digits and _", s)
		}
	}
	return nil
}

// digits reads an unsigned decimal number without sign, space or overflow.
func digits[B []byte | string](b B) (uint64, bool) {
	n, length := leadingDigits(b)
	return n, length > 0 && length == len(b)
}

// leadingDigits reads the number that b begins with and says how many digits
// that were; none when there is no number, or one of more than 64 bits.
//
// Note: an event has four of these, most of their digits in instants. So they are
// read eight at a time where more than digits follow, as in an event they do; and
// the test for overflow, a division, is left to the one digit for which it matters.
func leadingDigits[B []byte | string](b B) (n uint64, length int) {
	const safe = 19 // digits that always fit
	for length < safe-safe%8 && len(b)-length >= 8 {
		v, digits := upToEight(uint64(b[length]) | uint64(b[length+1])<<8 | uint64(b[length+2])<<16 | uint64(b[length+3])<<24 |
			uint64(b[length+4])<<32 | uint64(b[length+5])<<40 | uint64(b[length+6])<<48 | uint64(b[length+7])<<56)
		n = n*powers[digits] + v
		if length += digits; digits < 8 {
			return n, length
		}
	}
	for length < len(b) && length < safe && b[length]-'0' <= 9 {
		n = n*10 + uint64(b[length]-'0')
		length++
	}
	if length < safe || length == len(b) || b[length]-'0' > 9 {
		return n, length
	}
	d := uint64(b[length] - '0')
	if length++; n > (1<<64-1-d)/10 || length < len(b) && b[length]-'0' <= 9 {
		return 0, 0
	}
	return n*10 + d, length
}

// powers are those of ten that up to eight digits move others by.
var powers = [9]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

// upToEight reads the digits that eight bytes, of which the first is the lowest,
// begin with, and says how many those are. It adds neighbours, pairs of them and
// pairs of those, all at once.
func upToEight(word uint64) (n uint64, digits int) {
	const each = 0x0101010101010101
	word ^= '0' * each                                   // a digit is below ten now
	others := word | (word&(0x7f*each) + (0x80-10)*each) // what is none has its highest bit here
	if digits = bits.TrailingZeros64(others&(0x80*each)) / 8; digits == 0 {
		return 0, 0
	}
	word <<= 64 - 8*digits // zeros before it
	word = word * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
	word = word * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff
	word = word * (10_000<<32 + 1) >> 32
	return word, digits
}
