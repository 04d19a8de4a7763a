package http1

import (
	"fmt"
	"net/url"
	"strings"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// MaxRedirects is how many redirects in a row are followed, as by browsers (Fetch
// standard, HTTP-redirect fetch).
const MaxRedirects = 20

// Redirects says whether an answer of that status sends the client on (RFC 9110,
// section 15.4). Each of them leaves a GET a GET.
func Redirects(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// A Redirection is where a GET has been sent on to. Nothing of it is remembered
// beyond the answer: the next question begins at the endpoint again, as without a
// cache. Nil is none. It is for one goroutine at a time.
type Redirection struct {
	target string // as a request line has it
	hops   int    // in a row
	asked  bool
}

// Due says whether it is still to be followed.
func (r *Redirection) Due() bool { return r != nil && !r.asked }

// AppendRequest appends the request that follows it, or where none is due what the
// function of that name does for a GET.
func (r *Redirection) AppendRequest(dst []byte, e *engine.Endpoint, after wire.Cursor) []byte {
	dst = append(dst, "GET "...)
	if !r.Due() {
		return appendHost(appendTarget(dst, e, after), e)
	}
	r.asked = true
	return appendHost(append(dst, r.target...), e)
}

// Next is where an answer with these fields sends the client on that asked where r
// had sent it, or else the endpoint. What cannot be followed is an
// *engine.StatusError with the reason: one too many in a row, no address, or
// another server's, because what is measured is the server that was named, and a
// load is not to be turned on anybody else.
func (r *Redirection) Next(status int, fields []byte, e *engine.Endpoint, after wire.Cursor) (*Redirection, error) {
	refused := func(format string, args ...any) (*Redirection, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{&engine.StatusError{Code: status}}, args...)...)
	}
	next := &Redirection{hops: 1}
	from := string(appendTarget(nil, e, after))
	if r != nil {
		next.hops, from = r.hops+1, r.target
	}
	location := string(Field(fields, "Location"))
	switch {
	case next.hops > MaxRedirects:
		return refused("more than %d redirects in a row, the last one to %.128q", MaxRedirects, location)
	case location == "":
		return refused("a redirect that does not say where to")
	}
	base, err := url.Parse("http://" + e.Host + from)
	if err != nil {
		return refused("a redirect from %.128q, which is no address", from)
	}
	to, err := base.Parse(location)
	if err != nil {
		return refused("a redirect to %.128q, which is no address", location)
	}
	if to.Scheme != "http" || authority(to) != authority(base) {
		return refused("a redirect to %.128q, which is another server than %s", location, e.Host)
	}
	next.target = to.RequestURI()
	if strings.ContainsFunc(next.target, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return refused("a redirect to %.128q, which is no address", location) // or it would end the request line
	}
	return next, nil
}

// authority is the server that an address of plain HTTP names.
func authority(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return strings.ToLower(u.Hostname()) + " " + port
}
