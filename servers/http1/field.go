package http1

import "bytes"

var (
	space    = []byte(" ")
	question = []byte("?")
)

// cutLine takes a line off b. Like net/http it lets pass a line that ends with
// LF alone (RFC 9112, section 2.2).
func cutLine(b []byte) (line, rest []byte, whole bool) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return nil, b, false
	}
	line, rest = b[:end], b[end+1:]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	return line, rest, true
}

// behindName is the line behind a field's name and colon. A space in the name is
// refused later, by heed, because net/http does it then.
func behindName(line []byte) ([]byte, error) {
	colon := 0
	for colon < len(line) && (inToken[line[colon]] || line[colon] == ' ') {
		colon++
	}
	if colon == 0 || colon == len(line) || line[colon] != ':' {
		return nil, errMalformed
	}
	return line[colon+1:], nil
}

// cutField takes a field off lines that Parse has let pass.
func (r *Request) cutField(lines []byte) (name, value, rest []byte) {
	line, rest, _ := cutLine(lines)
	colon := bytes.IndexByte(line, ':')
	if value = line[colon+1:]; r.folded {
		// Trimmed line by line; a space at the end stands for an empty continuation,
		// which net/http takes for a part of the value.
		return line[:colon], bytes.TrimLeft(value, " \t"), rest
	}
	return line[:colon], trim(value), rest
}

// unfold joins lines that continue the one before (RFC 9112, section 5.2).
func unfold(fields []byte) []byte {
	joined := make([]byte, 0, len(fields))
	for len(fields) > 0 {
		var line []byte
		if line, fields, _ = cutLine(fields); isSpace(line[0]) {
			joined = append(trim(joined[:len(joined)-1]), ' ')
		}
		joined = append(append(joined, trim(line)...), '\n')
	}
	return joined
}

// framing is what the fields say about the request as such.
type framing struct {
	host            []byte
	hosts           int
	codings         int // fields of Transfer-Encoding
	chunked         bool
	length          []byte
	lengths         int
	lengthsDiffer   bool
	close, kept     bool // the connection
	expectation     []byte
	forbidden       bool // a trailer that would say where the body ends
	misnamed        bool // a field with a space in its name
	expectationRead bool
}

func (f *framing) note(name, value []byte) {
	switch {
	case is(name, "Host"):
		f.host = value
		f.hosts++
	case is(name, "Connection"):
		f.close = f.close || hasToken(value, "close")
		f.kept = f.kept || hasToken(value, "keep-alive")
	case is(name, "Content-Length"):
		if f.lengths > 0 && !bytes.Equal(value, f.length) {
			f.lengthsDiffer = true
		}
		f.length = value
		f.lengths++
	case is(name, "Transfer-Encoding"):
		f.chunked = is(value, "chunked")
		f.codings++
	case is(name, "Expect"):
		if !f.expectationRead {
			f.expectation, f.expectationRead = value, true
		}
	case is(name, "Trailer"):
		for _, forbidden := range []string{"Transfer-Encoding", "Trailer", "Content-Length"} {
			f.forbidden = f.forbidden || listed(value, forbidden)
		}
	case bytes.IndexByte(name, ' ') >= 0:
		f.misnamed = true
	}
}

// listed says whether a comma-separated list has the token, in any case. Where
// something is no token, the list ends.
func listed(list []byte, token string) bool {
	for {
		list = trim(list)
		end := 0
		for end < len(list) && inToken[list[end]] {
			end++
		}
		item, rest := list[:end], trim(list[end:])
		switch {
		case end == 0 || len(rest) > 0 && rest[0] != ',':
			return false
		case is(item, token):
			return true
		case len(rest) == 0:
			return false
		}
		list = rest[1:]
	}
}

// hasToken is listed where a space divides, too: net/http finds "close" in
// "keep-alive close".
func hasToken(list []byte, token string) bool {
	for len(list) > 0 {
		end := bytes.IndexAny(list, ", \t")
		if end < 0 {
			return is(list, token)
		}
		if is(list[:end], token) {
			return true
		}
		list = list[end+1:]
	}
	return false
}

// is compares without regard to case. Names and tokens are ASCII, so a byte that
// folds to an ASCII letter only in Unicode is no match.
func is(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
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

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isHost(b []byte) bool {
	for _, c := range b {
		if !inHost[c] {
			return false
		}
	}
	return true
}

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

var (
	inToken = set(letters + "!#$%&'*+-.^_`|~") // RFC 9110, section 5.6.2
	inHost  = set(letters + "!$%&()*+,-.:;='[]_~")
	inPath  = set(letters + "/-._~")
	// inValue is everything but control characters (RFC 9110, section 5.5).
	inValue = func() (t [256]bool) {
		for c := range t {
			t[c] = c >= ' ' && c != 0x7f || c == '\t'
		}
		return t
	}()
)

func set(members string) (t [256]bool) {
	for i := range len(members) {
		t[members[i]] = true
	}
	return t
}
