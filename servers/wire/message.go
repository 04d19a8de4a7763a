package wire

import (
	"errors"
	"hash/crc32"
	"strconv"
)

// ErrMessage says that bytes are not a message from a client.
var ErrMessage = errors.New("not a message of the form {\"due\":\"…\",\"data\":…}")

// A Message is what a client sends towards the source: the body of a POST, or a
// text frame. Its fields mean what an Event's do; the due instant is the sender's.
type Message struct {
	Due  int64
	Type string
	Data []byte
}

// AppendMessage appends m: {"due":"…","type":"…","data":…}, type only when set.
func AppendMessage(dst []byte, m *Message) []byte {
	dst = append(dst, `{"due":"`...)
	dst = strconv.AppendInt(dst, m.Due, 10)
	dst = append(dst, '"')
	if m.Type != "" {
		dst = append(dst, `,"type":"`...)
		dst = append(dst, m.Type...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"data":`...)
	dst = append(dst, m.Data...)
	return append(dst, '}')
}

// ParseMessage reads what AppendMessage wrote; Data aliases b. It finds the end
// of the data but does not check what is inside: publishing does.
func ParseMessage(b []byte) (m Message, err error) {
	if !instant(&b, `{"due":"`, &m.Due) || !skip(&b, `"`) {
		return m, ErrMessage
	}
	if skip(&b, `,"type":`) {
		end := stringEnd(b)
		if end < 2 {
			return m, ErrMessage
		}
		m.Type, b = string(b[1:end-1]), b[end:]
	}
	if !skip(&b, `,"data":`) {
		return m, ErrMessage
	}
	end := valueEnd(b)
	if end <= 0 || string(b[end:]) != "}" {
		return m, ErrMessage
	}
	m.Data = b[:end:end]
	return m, nil
}

// SealSize is how many bytes a seal takes at the end of a payload.
const SealSize = 9

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendSeal closes a JSON string, given without its quotes, with a checksum of
// itself: '#' and eight hexadecimal digits. A receiver can then tell a payload
// that was changed on the way.
func AppendSeal(text []byte) []byte {
	const hex = "0123456789abcdef"
	sum := crc32.Checksum(text, castagnoli)
	text = append(text, '#')
	for shift := 28; shift >= 0; shift -= 4 {
		text = append(text, hex[sum>>shift&15])
	}
	return text
}

// Sealed says whether data is a JSON string whose seal fits its text. It reads
// every byte and allocates nothing.
func Sealed(data []byte) bool {
	if len(data) < SealSize+2 || data[0] != '"' || data[len(data)-1] != '"' {
		return false
	}
	text, seal := data[1:len(data)-1-SealSize], data[len(data)-1-SealSize:len(data)-1]
	if seal[0] != '#' {
		return false
	}
	var want uint32
	for _, c := range seal[1:] {
		switch {
		case c-'0' <= 9:
			want = want<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			want = want<<4 | uint32(c-'a'+10)
		default:
			return false
		}
	}
	return crc32.Checksum(text, castagnoli) == want
}
