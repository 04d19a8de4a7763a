package http1

import (
	"net/http"
	"strconv"
)

// A Refusal answers bytes that are no request, or none to be served. Nothing that
// follows them can be understood, so it ends the connection.
type Refusal struct {
	Status int
	text   string // behind the status; may be empty
}

var (
	errMalformed   = &Refusal{http.StatusBadRequest, ""}
	errTooLarge    = &Refusal{http.StatusRequestHeaderFieldsTooLarge, ""}
	errCoding      = &Refusal{http.StatusNotImplemented, ""}
	errVersion     = &Refusal{http.StatusHTTPVersionNotSupported, ": unsupported protocol version"}
	errNoHost      = &Refusal{http.StatusBadRequest, ": missing required Host header"}
	errHost        = &Refusal{http.StatusBadRequest, ": malformed Host header"}
	errName        = &Refusal{http.StatusBadRequest, ": invalid header name"}
	errExpectation = &Refusal{http.StatusExpectationFailed, ""}
)

// Error says what the answer says.
func (r *Refusal) Error() string {
	return strconv.Itoa(r.Status) + " " + http.StatusText(r.Status) + r.text
}

// Append appends the answer: what net/http answers.
func (r *Refusal) Append(dst []byte) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(dst, r.Error()...)
	dst = append(dst, "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"...)
	if r == errCoding {
		return append(dst, "Unsupported transfer encoding"...)
	}
	return append(dst, r.Error()...)
}
