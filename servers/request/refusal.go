package request

import (
	"errors"
	"fmt"
	"net/http"

	"pushbench/servers/http1"
)

// A Refusal is an error with the HTTP status that answers it.
type Refusal struct {
	Status int
	Err    error
}

func (r *Refusal) Error() string { return r.Err.Error() }
func (r *Refusal) Unwrap() error { return r.Err }

// Write answers with the refusal as plain text.
func (r *Refusal) Write(w http.ResponseWriter) {
	if r.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", r.allow())
	}
	http.Error(w, r.Error(), r.Status)
}

// Response is that answer as bytes, dated with that second of the wall clock.
func (r *Refusal) Response(second int64) *http1.Response {
	if r.Status == http.StatusMethodNotAllowed {
		return http1.NewError(r.Status, r.Error(), second, "Allow: "+r.allow())
	}
	return http1.NewError(r.Status, r.Error(), second)
}

// allow is which methods there are.
func (r *Refusal) allow() string {
	if errors.Is(r.Err, errPublish) {
		return http.MethodPost
	}
	return "GET, HEAD"
}

var (
	errSubscribe = errors.New("subscribe with GET")
	errPublish   = errors.New("publish with POST")
	tooLong      = &Refusal{http.StatusRequestURITooLong, errors.New("query is longer than 4 KiB")}
)

func notGet(method string) *Refusal {
	return &Refusal{http.StatusMethodNotAllowed, fmt.Errorf("method %s: %w", method, errSubscribe)}
}

// NotPost refuses a method with which nothing can be published.
func NotPost(method string) *Refusal {
	return &Refusal{http.StatusMethodNotAllowed, fmt.Errorf("method %s: %w", method, errPublish)}
}

func notCursor(after string, err error) *Refusal {
	return &Refusal{http.StatusBadRequest, fmt.Errorf("cursor %.100q: %w", after, err)}
}

func notQuery(err error) *Refusal {
	return &Refusal{http.StatusBadRequest, fmt.Errorf("read query: %w", err)}
}
