package wire

import (
	"errors"
	"unicode/utf8"
)

// ErrBatch says that bytes are not a polling answer.
var ErrBatch = errors.New("not a batch of events")

// A Batch is the answer of both polling transports: some events in order and
// the cursor that its receiver has afterwards.
type Batch struct {
	Cursor Cursor
	More   bool // the limit of a batch was reached: ask again at once
	Gap    *Gap
}

// AppendBatch appends b and events, each the bytes that AppendEvent gave, or
// for raw events the JSON string that AppendText gives.
func AppendBatch(dst []byte, b *Batch, events [][]byte) []byte {
	dst = append(dst, `{"cursor":"`...)
	dst = b.Cursor.Append(dst)
	if b.More {
		dst = append(dst, `","more":true`...)
	} else {
		dst = append(dst, `","more":false`...)
	}
	if b.Gap != nil {
		dst = append(dst, `,"gap":`...)
		dst = AppendGap(dst, *b.Gap)
	}
	dst = append(dst, `,"events":[`...)
	for i, e := range events {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, e...)
	}
	return append(dst, `]}`...)
}

// CutBatch reads the members before the events into b and returns the events as
// a list that CutNext walks. While the epoch stays the same it allocates only
// for a gap.
func CutBatch(b *Batch, body []byte) (events []byte, err error) {
	if !skip(&body, `{"cursor":"`) {
		return nil, ErrBatch
	}
	end := 0
	for end < len(body) && body[end] != '"' {
		end++
	}
	if ReadCursor(&b.Cursor, body[:end]) != nil {
		return nil, ErrBatch
	}
	body = body[end:]
	switch b.Gap = nil; {
	case skip(&body, `","more":true`):
		b.More = true
	case skip(&body, `","more":false`):
		b.More = false
	default:
		return nil, ErrBatch
	}
	if skip(&body, `,"gap":`) {
		g, rest, err := cutGap(body)
		if err != nil {
			return nil, ErrBatch
		}
		b.Gap, body = &g, rest
	}
	if !skip(&body, `,"events":[`) || len(body) < 2 || string(body[len(body)-2:]) != `]}` {
		return nil, ErrBatch
	}
	return body[:len(body)-2], nil
}

// CutNext reads the first event of a batch's list into e and returns the rest
// of the list; it is over when that is empty. A raw event is a JSON string: it
// sets Data alone, as it stands in the list.
func CutNext(e *Event, events []byte) (rest []byte, err error) {
	if len(events) > 0 && events[0] == '"' {
		end := stringEnd(events)
		if end < 0 {
			return nil, ErrBatch
		}
		*e = Event{Data: events[:end:end]}
		rest = events[end:]
	} else if rest, err = cutEvent(e, events); err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return nil, nil
	}
	if !skip(&rest, ",") || len(rest) == 0 {
		return nil, ErrBatch
	}
	return rest, nil
}

// AppendText appends text as a JSON string: quotes, backslashes and control
// characters escaped, invalid UTF-8 replaced, as encoding/json does it without
// its escapes for HTML.
func AppendText(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
