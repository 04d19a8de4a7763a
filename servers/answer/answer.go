// Package answer makes what both polling transports answer with: a batch of
// events, or the word that there is nothing new. Clients that ask for the same
// share one answer, encoded once.
package answer

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"pushbench/servers/http1"
	"pushbench/servers/wire"
)

// An Answer is a response ready to be written, to any number of clients. It
// never changes.
type Answer struct {
	status int
	body   []byte
	// Header values as net/http keeps them, so that writing allocates none.
	// Their capacity is their length: who appends to one gets a copy.
	etag, length []string
	response     atomic.Pointer[http1.Response] // made when somebody wants it
}

var (
	// noStore, because an answer is out of date as soon as it is given.
	noStore = []string{"no-store"}
	asJSON  = []string{"application/json"}
)

// Nothing says whether the answer is that there is nothing new.
func (a *Answer) Nothing() bool { return a.status == http.StatusNoContent }

// Write sends the answer: 204, or 200 with a batch. The entity tag is the
// cursor that the client has then. A client that has not read it within the
// timeout loses its connection; net/http lifts the deadline for the next one.
func (a *Answer) Write(w http.ResponseWriter, timeout time.Duration) {
	// A writer that has no deadlines refuses; its client has as long as it likes.
	_ = http.NewResponseController(w).SetWriteDeadline(wire.Deadline(timeout))
	h := w.Header()
	h["Cache-Control"] = noStore
	h["Etag"] = a.etag
	if a.Nothing() {
		w.WriteHeader(a.status)
		return
	}
	h["Content-Type"] = asJSON
	h["Content-Length"] = a.length
	w.Write(a.body) // a client that is gone asks again from its old cursor
}

// Response is the answer as bytes, dated with that second of the wall clock. They
// are made once a second at most, and shared.
func (a *Answer) Response(second int64) *http1.Response {
	r := a.response.Load()
	if r != nil {
		if dated := r.At(second); dated != r {
			a.response.Store(dated)
			return dated
		}
		return r
	}
	fields := []string{"Cache-Control: " + noStore[0], "Etag: " + a.etag[0]}
	if !a.Nothing() {
		fields = append(fields, "Content-Type: "+asJSON[0], "Content-Length: "+a.length[0])
	}
	r = http1.NewResponse(a.status, a.body, second, fields...)
	a.response.Store(r)
	return r
}

// Unavailable answers a client of a server that is about to end: 503, and to
// come back after one to three seconds, drawn for each: told the same, all who
// were held would come back as one.
func Unavailable(w http.ResponseWriter) { refuse(w, ending) }

// Busy answers in the same way a client for which there is no room.
func Busy(w http.ResponseWriter) { refuse(w, full) }

const (
	ending = "shutting down"
	full   = "too many requests are held"
)

func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", retryAfter())
	w.Header()["Cache-Control"] = noStore
	http.Error(w, why, http.StatusServiceUnavailable)
}

// UnavailableResponse is Unavailable as bytes.
func UnavailableResponse(second int64) *http1.Response { return refusal(ending, second) }

// BusyResponse is Busy as bytes.
func BusyResponse(second int64) *http1.Response { return refusal(full, second) }

func refusal(why string, second int64) *http1.Response {
	return http1.NewError(http.StatusServiceUnavailable, why, second, "Cache-Control: "+noStore[0], "Retry-After: "+retryAfter())
}

// retryAfter is one to three seconds: whole ones are all that it can say (RFC 9110,
// section 10.2.3).
func retryAfter() string { return strconv.Itoa(1 + rand.N(3)) }

// nothing answers that there is nothing after the cursor.
func nothing(c wire.Cursor) *Answer {
	return &Answer{status: http.StatusNoContent, etag: tag(c)}
}

// batch answers with b and the events, each as the wire package writes it.
func batch(b *wire.Batch, events [][]byte) *Answer {
	size := 256 // what surrounds the events, a gap included
	for _, e := range events {
		size += len(e) + 1
	}
	body := wire.AppendBatch(make([]byte, 0, size), b, events)
	return &Answer{
		status: http.StatusOK,
		body:   body,
		etag:   tag(b.Cursor),
		length: []string{strconv.Itoa(len(body))},
	}
}

func tag(c wire.Cursor) []string {
	quoted := make([]byte, 1, wire.MaxCursor+2)
	quoted[0] = '"'
	return []string{string(append(c.Append(quoted), '"'))}
}
