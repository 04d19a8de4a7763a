package http1

import (
	"net/http"
	"strconv"
)

// A Refusal answers bytes that are no request, or none to be served. Nothing that
// follows them can be understood, so it ends the connection.
type Refusal struct {
	Status int
	text   string // behind the status
	silent bool   // says it in the status line alone
	old    bool   // to a client of HTTP/1.0, which net/http minds here
}

var (
	errMalformed   = &Refusal{Status: http.StatusBadRequest}
	errTooLarge    = &Refusal{Status: http.StatusRequestHeaderFieldsTooLarge}
	errCoding      = &Refusal{Status: http.StatusNotImplemented}
	errVersion     = &Refusal{Status: http.StatusHTTPVersionNotSupported, text: ": unsupported protocol version"}
	errNoHost      = &Refusal{Status: http.StatusBadRequest, text: ": missing required Host header"}
	errHost        = &Refusal{Status: http.StatusBadRequest, text: ": malformed Host header"}
	errName        = &Refusal{Status: http.StatusBadRequest, text: ": invalid header name"}
	errExpectation = &Refusal{Status: http.StatusExpectationFailed, silent: true}
	errExpectedOld = &Refusal{Status: http.StatusExpectationFailed, silent: true, old: true}
	errPreface     = &Refusal{Status: http.StatusBadRequest, silent: true} // of HTTP/2
)

// Error says what the answer says.
func (r *Refusal) Error() string {
	return strconv.Itoa(r.Status) + " " + http.StatusText(r.Status) + r.text
}

// Append appends the answer: what net/http answers.
func (r *Refusal) Append(dst []byte) []byte {
	version := "HTTP/1.1 "
	if r.old {
		version = "HTTP/1.0 "
	}
	dst = append(append(dst, version...), r.Error()...)
	if r.silent {
		return append(dst, "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"...)
	}
	dst = append(dst, "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"...)
	if r == errCoding {
		return append(dst, "Unsupported transfer encoding"...)
	}
	return append(dst, r.Error()...)
}
