// Package http1 is HTTP/1.1 on a server's side as bytes: requests in any split,
// and responses that many clients share (RFC 9112). It has no socket.
//
// It refuses what net/http refuses, with the same status: of two stacks that are
// compared, neither may owe its speed to what it lets pass.
package http1

import (
	"bytes"
	"net/http"
)

// MaxHead is how long a request's head may be in bytes: what net/http lets pass
// with the limit of 16 KiB that the other stack sets.
const MaxHead = 16<<10 + 4096

// A Request is the head of one. It is valid as long as the bytes that it was
// parsed from: its slices are parts of them.
type Request struct {
	Method []byte
	Path   []byte // without escapes; "*" is that of a request to the server as such
	Query  []byte // as it was sent
	Host   []byte // whom it is for: of the target where that names one, else the field
	Minor  byte   // of HTTP/1.x
	// Close says that the connection ends behind the answer: the client wants it,
	// or speaks HTTP/1.0 and does not ask otherwise.
	Close bool
	// Length is how long the body is in bytes, or Chunked.
	Length int64
	// Continue says that the client may wait for a 100 before it sends the body.
	Continue bool
	// Moved is the target that should have been asked for, where the path has
	// detours like "//" or "/../"; empty where it has none.
	Moved string

	fields []byte // lines, none of them a continuation
	folded bool   // some have been
	serial uint64 // see Serial
}

// Chunked is the length of a body that says itself where it ends.
const Chunked = -1

// Parse reads the head that b begins with and returns how long it is, zero while
// it is not whole. An error is a *Refusal, and comes as soon as a line is one
// that no head can have. An ordinary request allocates nothing.
func (r *Request) Parse(b []byte) (int, error) {
	*r = Request{}
	line, rest, whole := cutLine(b[:min(len(b), MaxHead)])
	if !whole {
		return 0, incomplete(b)
	}
	major, err := r.line(line)
	if err != nil {
		return 0, err
	}
	fields, folded := rest, false
	for {
		line, next, whole := cutLine(rest)
		if !whole {
			return 0, incomplete(b)
		}
		if len(line) == 0 {
			r.fields = fields[:len(fields)-len(rest)]
			rest = next
			break
		}
		if isSpace(line[0]) {
			if len(rest) == len(fields) { // there is nothing that it could continue
				return 0, errMalformed
			}
			folded = true
		} else if line, err = behindName(line); err != nil {
			return 0, err
		}
		for _, c := range line {
			if !inValue[c] {
				return 0, errMalformed
			}
		}
		rest = next
	}
	if folded {
		r.fields, r.folded = unfold(r.fields), true
	}
	if err := r.heed(major); err != nil {
		return 0, err
	}
	return min(len(b), MaxHead) - len(rest), nil
}

// incomplete is what to say of a head that has not ended.
func incomplete(b []byte) error {
	if len(b) >= MaxHead {
		return errTooLarge
	}
	return nil
}

// line reads METHOD TARGET HTTP/x.y and returns x.
func (r *Request) line(line []byte) (major byte, err error) {
	method, rest, one := bytes.Cut(line, space)
	target, version, two := bytes.Cut(rest, space)
	if !one || !two || len(method) == 0 {
		return 0, errMalformed
	}
	for _, c := range method {
		if !inToken[c] {
			return 0, errMalformed
		}
	}
	if len(version) != len("HTTP/x.y") || string(version[:5]) != "HTTP/" || version[6] != '.' ||
		version[5]-'0' > 9 || version[7]-'0' > 9 {
		return 0, errMalformed
	}
	r.Method, r.Minor = method, version[7]-'0'
	return version[5] - '0', r.target(target)
}

// heed draws from the fields what they say about the request as such, and finds
// what makes it none to be served. The order is that of net/http: where several
// things are wrong, the first one found gives the status.
func (r *Request) heed(major byte) error {
	var f framing
	for lines := r.fields; len(lines) > 0; {
		var name, value []byte
		name, value, lines = r.cutField(lines)
		f.note(name, value)
	}
	if len(r.Host) == 0 { // an absolute target has named it (RFC 9112, section 3.2.2)
		r.Host = f.host
	}
	later := major > 1 || major == 1 && r.Minor > 0 // than HTTP/1.0
	// net/http takes HTTP/0.0 for a version that was not set, and so for 1.1, here.
	chunked := f.codings > 0 && (later || major == 0 && r.Minor == 0)
	switch {
	case f.hosts > 1:
		return errMalformed
	case chunked && (f.codings > 1 || !f.chunked):
		return errCoding
	case f.lengths > 0 && (f.lengthsDiffer || !r.length(f.length)):
		return errMalformed
	case chunked && f.forbidden:
		return errMalformed
	case major != 1 && string(r.Method) == "PRI" && string(r.Path) == "*" && major == 2 && r.Minor == 0:
		return errPreface
	case major != 1:
		return errVersion
	case later && f.hosts == 0 && string(r.Method) != http.MethodConnect:
		return errNoHost
	case f.hosts == 1 && !isHost(f.host):
		return errHost
	case f.misnamed:
		return errName
	}
	if chunked {
		r.Length = Chunked
	}
	if later {
		r.Close = f.close
	} else {
		r.Close = f.close || !f.kept
	}
	if hasToken(f.expectation, "100-continue") {
		r.Continue = later && r.Length != 0
	} else if len(f.expectation) > 0 && !later {
		return errExpectedOld
	} else if len(f.expectation) > 0 {
		return errExpectation
	}
	return nil
}

// length reads a Content-Length.
func (r *Request) length(value []byte) bool {
	if len(value) == 0 {
		return false
	}
	n := uint64(0)
	for _, c := range value {
		if c-'0' > 9 || n > (1<<63-1-uint64(c-'0'))/10 {
			return false
		}
		n = n*10 + uint64(c-'0')
	}
	r.Length = int64(n)
	return true
}

// Field is the value of the first field of that name, nil when there is none.
func (r *Request) Field(name string) []byte {
	for lines := r.fields; len(lines) > 0; {
		var n, value []byte
		if n, value, lines = r.cutField(lines); is(n, name) {
			return value
		}
	}
	return nil
}

// Count is how many fields of that name there are.
func (r *Request) Count(name string) (count int) {
	for lines := r.fields; len(lines) > 0; {
		var n []byte
		if n, _, lines = r.cutField(lines); is(n, name) {
			count++
		}
	}
	return count
}

// HasToken says whether a field of that name lists the token, in any case.
func (r *Request) HasToken(name, token string) bool {
	for lines := r.fields; len(lines) > 0; {
		var n, value []byte
		if n, value, lines = r.cutField(lines); is(n, name) && listed(value, token) {
			return true
		}
	}
	return false
}

// With is the request with another query, and with the field of that name changed
// to the value, or left out where that is empty.
func (r *Request) With(query, name, value string) *Request {
	changed := *r
	changed.Query, changed.serial = []byte(query), 0
	changed.fields = nil
	for lines := r.fields; len(lines) > 0; {
		line, rest, _ := cutLine(lines)
		n, _, _ := r.cutField(lines)
		if lines = rest; !is(n, name) {
			changed.fields = append(append(changed.fields, line...), '\n')
		}
	}
	if value != "" {
		changed.fields = append(changed.fields, name+": "+value+"\n"...)
	}
	return &changed
}
