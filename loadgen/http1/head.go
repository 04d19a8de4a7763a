package http1

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"
)

const version = "HTTP/1."

// begin reads a response's status line and decides how long its body is. It
// returns the field lines.
func (r *Reader) begin(section []byte) (fields []byte, err error) {
	end := bytes.IndexByte(section, '\n') + 1
	minor, err := r.statusLine(section[:max(0, end-2)])
	if err != nil {
		return nil, err
	}
	fields = section[end:]
	var f framing
	for lines := fields; len(lines) > 0; {
		var name, value []byte
		if name, value, lines, err = cutField(lines); err != nil {
			return nil, err
		}
		if err = f.note(name, value); err != nil {
			return nil, err
		}
	}
	r.closing = f.last || minor == 0 && !f.kept
	switch {
	case r.status < 200 && r.status != 101:
		r.state = inHead
	case r.status == 101 || r.status == 204 || r.status == 304:
		r.state = complete
	case f.chunked && (f.sized || minor == 0):
		return nil, malformed("chunks beside a length, or before HTTP/1.1")
	case f.chunked:
		r.state, r.left, r.line = inSize, 0, 0
	case f.sized && f.length == 0:
		r.state = complete
	case f.sized:
		r.state, r.left = inBody, f.length
	default:
		r.state, r.closing = inEndlessBody, true
	}
	return fields, nil
}

// statusLine reads HTTP/1.x SSS reason, and allows the last space to be missing
// with the reason (RFC 9112, section 4).
func (r *Reader) statusLine(line []byte) (minor byte, err error) {
	const code = len(version) + 2
	if len(line) < code+3 || string(line[:len(version)]) != version || line[code-1] != ' ' ||
		len(line) > code+3 && line[code+3] != ' ' || bytes.IndexByte(line, '\r') >= 0 || bytes.IndexByte(line, 0) >= 0 {
		return 0, malformed("status line %.64q", line)
	}
	if minor = line[len(version)] - '0'; minor > 1 {
		return 0, malformed("status line %.64q", line)
	}
	r.status = 0
	for _, c := range line[code : code+3] {
		if c-'0' > 9 {
			return 0, malformed("status line %.64q", line)
		}
		r.status = r.status*10 + uint16(c-'0')
	}
	if r.status < 100 {
		return 0, malformed("status line %.64q", line)
	}
	return minor, nil
}

// framing is what a response's fields say about where it ends.
type framing struct {
	length         uint64
	sized, chunked bool
	last, kept     bool // the connection, said in words
}

func (f *framing) note(name, value []byte) error {
	switch {
	case is(name, "Content-Length"):
		n, err := strconv.ParseUint(string(value), 10, 63)
		if err != nil || f.sized {
			return malformed("content length %.32q", value)
		}
		f.length, f.sized = n, true
	case is(name, "Transfer-Encoding"):
		if f.chunked || !is(value, "chunked") {
			return malformed("transfer encoding %.32q", value)
		}
		f.chunked = true
	case is(name, "Connection"):
		f.last = f.last || HasToken(value, "close")
		f.kept = f.kept || HasToken(value, "keep-alive")
	}
	return nil
}

// check refuses lines that are not fields.
func check(lines []byte) (err error) {
	for len(lines) > 0 && err == nil {
		_, _, lines, err = cutField(lines)
	}
	return err
}

// cutField takes one field off lines, each of which ends with CRLF.
func cutField(lines []byte) (name, value, rest []byte, err error) {
	end := bytes.IndexByte(lines, '\n') + 1
	line := lines[:end-2]
	colon := 0
	for colon < len(line) && token[line[colon]] {
		colon++
	}
	if colon == 0 || colon == len(line) || line[colon] != ':' {
		return nil, nil, nil, malformed("field line %.64q", line)
	}
	if value = line[colon+1:]; !visible(value) {
		return nil, nil, nil, malformed("field value %.64q", value)
	}
	return line[:colon], trim(value), lines[end:], nil
}

// visible says whether no byte of b is a control character, but for tabs. It looks
// at eight at a time, and at each of them only where one of those is, or a tab.
func visible(b []byte) bool {
	const each = 0x0101010101010101
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		word := binary.LittleEndian.Uint64(rest)
		del := word ^ 0x7f*each // zero where there is one
		if ((word-' '*each)&^word|(del-each)&^del)&(0x80*each) != 0 {
			break
		}
	}
	for _, c := range rest {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// Field is the value of the first field of that name in the lines of a Head
// part, nil when there is none. A value that is there but empty is not nil.
func Field(lines []byte, name string) []byte {
	for len(lines) > 0 {
		n, value, rest, err := cutField(lines)
		if err != nil {
			return nil // Note: a Head part has no such lines
		}
		if is(n, name) {
			return value
		}
		lines = rest
	}
	return nil
}

// HasToken says whether a comma-separated list contains the token, in any case.
func HasToken(list []byte, token string) bool {
	for len(list) > 0 {
		item, rest, _ := bytes.Cut(list, []byte(","))
		if is(trim(item), token) {
			return true
		}
		list = rest
	}
	return false
}

// MaxRetryAfter bounds what RetryAfter returns.
const MaxRetryAfter = 24 * time.Hour

// RetryAfter is how long the server asks to wait (RFC 9110, section 10.2.3); a
// date counts from the response's own Date, so no clock is read. Zero when
// it names no time, or one that has passed.
func RetryAfter(lines []byte) time.Duration {
	value := Field(lines, "Retry-After")
	if len(value) == 0 {
		return 0
	}
	if onlyDigits(value) {
		seconds, err := strconv.ParseUint(string(value), 10, 32)
		if err != nil || seconds > uint64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	const imfFixdate = "Mon, 02 Jan 2006 15:04:05 GMT"
	until, err := time.Parse(imfFixdate, string(value))
	if err != nil {
		return 0
	}
	from, err := time.Parse(imfFixdate, string(Field(lines, "Date")))
	if err != nil {
		return 0
	}
	return min(max(0, until.Sub(from)), MaxRetryAfter)
}

func onlyDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// is compares without regard to case. Names and tokens are ASCII, so a byte
// that folds to an ASCII letter only in Unicode is no match.
func is(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	if string(b) == name { // as most write it
		return true
	}
	for i, c := range b {
		if lower(c) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// token says which bytes a field's name may have (RFC 9110, section 5.6.2).
var token = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()
