package wire

import (
	"errors"
	"fmt"
	"strconv"
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
		epoch := string(b[:dash])
		if CheckEpoch(epoch) != nil {
			return ErrCursor
		}
		c.Epoch = epoch
	}
	c.N = n
	return nil
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
// Note: an event has four of these, so the test for overflow, a division, is
// left to the one digit for which it matters.
func leadingDigits[B []byte | string](b B) (n uint64, length int) {
	const safe = 19 // digits that always fit
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
