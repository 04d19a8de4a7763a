package http1

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Response is a whole response as bytes, for any number of clients. It never
// changes.
type Response struct {
	bytes  []byte
	head   int // how long the head is, without the empty line
	date   int // where the date begins
	second int64
}

// NewResponse makes a response with the body and these fields, each as "Name:
// value". Date is that second of the wall clock. Content-Length is added where it is
// not among them, unless the status has no body (RFC 9110, section 8.6). The fields
// are in net/http's order.
func NewResponse(status int, body []byte, second int64, fields ...string) *Response {
	b := make([]byte, 0, 256+len(body))
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(status)...)
	b = append(b, "\r\n"...)
	sized := false
	for _, field := range slices.Sorted(slices.Values(fields)) {
		b = append(append(b, field...), "\r\n"...)
		sized = sized || strings.HasPrefix(field, "Content-Length:")
	}
	b = append(b, "Date: "...)
	r := &Response{date: len(b), second: second}
	b = append(appendDate(b, second), "\r\n"...)
	if status != http.StatusNoContent && !sized {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(body)), 10)
		b = append(b, "\r\n"...)
	}
	r.head = len(b)
	r.bytes = append(append(b, "\r\n"...), body...)
	return r
}

// NewError makes a response that says in plain text what is wrong, as http.Error
// does, with these fields beside.
func NewError(status int, text string, second int64, fields ...string) *Response {
	fields = append(slices.Clone(fields), "Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff")
	return NewResponse(status, append([]byte(text), '\n'), second, fields...)
}

// At is the response with the date of that second.
func (r *Response) At(second int64) *Response {
	if second == r.second {
		return r
	}
	dated := *r
	dated.second = second
	dated.bytes = slices.Clone(r.bytes)
	appendDate(dated.bytes[:r.date], second) // as long as the other
	return &dated
}

// Bytes are the response to an ordinary request. They must not be changed.
func (r *Response) Bytes() []byte { return r.bytes }

// Append appends the response as other requests want it: without a body for
// HEAD, of the client's version, and saying what becomes of the connection where
// that is not what the version takes for granted.
func (r *Response) Append(dst []byte, minor byte, closes, bodiless bool) []byte {
	start := len(dst)
	dst = append(dst, r.bytes[:r.head]...)
	switch {
	case minor == 0:
		dst[start+len("HTTP/1.1")-1] = '0'
		if !closes {
			dst = append(dst, "Connection: keep-alive\r\n"...)
		}
	case closes:
		dst = append(dst, "Connection: close\r\n"...)
	}
	if bodiless {
		return append(dst, "\r\n"...)
	}
	return append(dst, r.bytes[r.head:]...)
}

func appendDate(dst []byte, second int64) []byte {
	return time.Unix(second, 0).UTC().AppendFormat(dst, http.TimeFormat)
}
