package wire

import (
	"errors"
	"fmt"
	"strconv"
)

// A Gap is the explicit notice that a subscriber's cursor fell off the log or
// is of another life of it: events From to To are gone for it, and the first
// one it can still have is To+1.
type Gap struct {
	From, To uint64
	// Cursor is where the subscriber stands after the notice: EPOCH-To.
	Cursor Cursor
	// Epoch is set when the cursor that the subscriber presented was not one of
	// this log's: the epoch it named. What it missed of that life is unknown.
	Epoch string
}

// ErrGap says that bytes are not a gap notice.
var ErrGap = errors.New("not a gap notice")

// AppendGap appends g as a JSON object: {"from":"13","to":"20","cursor":"E-20"},
// with "epoch" behind it when that is set.
func AppendGap(dst []byte, g Gap) []byte {
	dst = append(dst, `{"from":"`...)
	dst = strconv.AppendUint(dst, g.From, 10)
	dst = append(dst, `","to":"`...)
	dst = strconv.AppendUint(dst, g.To, 10)
	dst = append(dst, `","cursor":"`...)
	dst = g.Cursor.Append(dst)
	if g.Epoch != "" {
		dst = append(dst, `","epoch":"`...)
		dst = append(dst, g.Epoch...)
	}
	return append(dst, `"}`...)
}

// ParseGap reads what AppendGap wrote.
func ParseGap(b []byte) (Gap, error) {
	g, rest, err := cutGap(b)
	if err == nil && len(rest) != 0 {
		err = ErrGap
	}
	return g, err
}

func cutGap(b []byte) (g Gap, rest []byte, err error) {
	if !member(&b, `{"from":"`, &g.From) || !member(&b, `","to":"`, &g.To) || !skip(&b, `","cursor":`) {
		return g, nil, ErrGap
	}
	if g.Cursor, b, err = cutCursor(b); err != nil {
		return g, nil, ErrGap
	}
	if skip(&b, `,"epoch":`) {
		end := stringEnd(b)
		if end < 2 || CheckEpoch(string(b[1:end-1])) != nil {
			return g, nil, ErrGap
		}
		g.Epoch, b = string(b[1:end-1]), b[end:]
	}
	if !skip(&b, `}`) {
		return g, nil, ErrGap
	}
	return g, b, nil
}

// cutCursor reads a quoted cursor off the front of b.
func cutCursor(b []byte) (Cursor, []byte, error) {
	if len(b) == 0 || b[0] != '"' {
		return Cursor{}, nil, ErrCursor
	}
	end := stringEnd(b)
	if end < 2 {
		return Cursor{}, nil, ErrCursor
	}
	c, err := ParseCursor(b[1 : end-1])
	return c, b[end:], err
}

// CheckType says why s cannot be an event's type: it goes into an SSE field and
// a JSON string as it is, so control characters, quotes and backslashes are
// refused when an event is published, not escaped by every transport.
func CheckType(s string) error {
	if len(s) > 64 {
		return fmt.Errorf("event type of %d bytes (at most 64)", len(s))
	}
	for _, r := range s {
		if r < ' ' || r == '"' || r == '\\' || r == 0x7f || r == '\uFFFD' {
			return fmt.Errorf("event type %q: no control characters, quotes or backslashes", s)
		}
	}
	switch s {
	case "gap", "error", "open", "message":
		return fmt.Errorf("event type %q is reserved", s)
	}
	return nil
}
