package sse

import (
	"strings"
	"time"
)

// reference reads a whole stream as the standard is written, step by step and
// slowly (HTML standard, sections 9.2.5 and 9.2.6; Encoding standard, 8.1.1),
// after a message with no ID. The size of what it takes is not limited.
func reference(stream []byte, retry time.Duration) (r reading, blocks int) {
	r.Retry = retry
	text := decode(stream)
	text = strings.TrimPrefix(text, "\ufeff")

	var data, kind, id strings.Builder
	dispatch := func() {
		r.ID = id.String()
		if data.Len() > 0 {
			name := kind.String()
			if name == "" {
				name = "message"
			}
			r.Messages = append(r.Messages, told(name, r.ID, strings.TrimSuffix(data.String(), "\n")))
		}
		data.Reset()
		kind.Reset()
	}
	field := func(name, value string) {
		switch name {
		case "event":
			kind.Reset()
			kind.WriteString(value)
		case "data":
			data.WriteString(value)
			data.WriteString("\n")
		case "id":
			if !strings.Contains(value, "\x00") {
				id.Reset()
				id.WriteString(value)
			}
		case "retry":
			if value == "" || strings.Trim(value, "0123456789") != "" {
				return
			}
			for len(value) > 9 && value[0] == '0' {
				value = value[1:]
			}
			ms := 0
			for _, digit := range value[:min(len(value), 12)] {
				ms = 10*ms + int(digit-'0')
			}
			r.Retry = min(max(time.Duration(ms)*time.Millisecond, MinRetry), MaxRetry)
		}
	}
	for _, line := range lines(text) {
		switch colon := strings.Index(line, ":"); {
		case line == "":
			blocks++
			dispatch()
		case colon == 0:
		case colon > 0:
			field(line[:colon], strings.TrimPrefix(line[colon+1:], " "))
		default:
			field(line, "")
		}
	}
	return r, blocks
}

// lines are the lines of text that have an end.
func lines(text string) (all []string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	all = strings.Split(text, "\n")
	return all[:len(all)-1]
}

// decode is the UTF-8 decoder of the Encoding standard, one byte at a time.
func decode(in []byte) string {
	var out strings.Builder
	var point rune
	var seen, needed int
	lower, upper := byte(0x80), byte(0xbf)
	for i := 0; i < len(in); i++ {
		c := in[i]
		if needed == 0 {
			switch {
			case c <= 0x7f:
				out.WriteByte(c)
			case c >= 0xc2 && c <= 0xdf:
				needed, point = 1, rune(c&0x1f)
			case c >= 0xe0 && c <= 0xef:
				if c == 0xe0 {
					lower = 0xa0
				}
				if c == 0xed {
					upper = 0x9f
				}
				needed, point = 2, rune(c&0xf)
			case c >= 0xf0 && c <= 0xf4:
				if c == 0xf0 {
					lower = 0x90
				}
				if c == 0xf4 {
					upper = 0x8f
				}
				needed, point = 3, rune(c&0x7)
			default:
				out.WriteRune('\uFFFD')
			}
			continue
		}
		if c < lower || c > upper {
			needed, seen, point = 0, 0, 0
			lower, upper = 0x80, 0xbf
			out.WriteRune('\uFFFD')
			i-- // the byte is read again
			continue
		}
		lower, upper = 0x80, 0xbf
		point = point<<6 | rune(c&0x3f)
		if seen++; seen == needed {
			out.WriteRune(point)
			needed, seen, point = 0, 0, 0
		}
	}
	if needed > 0 {
		out.WriteRune('\uFFFD')
	}
	return out.String()
}
