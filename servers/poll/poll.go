// Package poll is the server half of short polling: every request is answered
// at once.
package poll

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"pushbench/servers/answer"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// Options describe a Handler. The zero value is useful.
type Options struct {
	// Limit is how many events an answer has at most; the rest is announced by
	// "more". Zero means 256: with small events about what a socket buffer takes
	// at once.
	Limit int
	// WriteTimeout is how long a client may take to read its answer. Zero means
	// 10 s.
	WriteTimeout time.Duration
}

func (o Options) limit() int                  { return cmp.Or(o.Limit, 256) }
func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, 10*time.Second) }

// A Handler answers GET ?topic=T with what has happened after the client's
// cursor: that of If-None-Match or else of ?after=. Without one, the answer is
// the cursor to begin with. It answers 204 when there is nothing new.
type Handler struct {
	source  *source.Source
	desk    *answer.Desk
	timeout time.Duration
	ending  atomic.Bool
}

// New makes a handler on src.
func New(src *source.Source, o Options) *Handler {
	return &Handler{source: src, desk: answer.NewDesk(src, o.limit()), timeout: o.writeTimeout()}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.ending.Load() {
		answer.Unavailable(w)
		return
	}
	s, refusal := request.Parse(h.source, r, request.ETag(r))
	if refusal != nil {
		refusal.Write(w)
		return
	}
	h.desk.First(s, r.RemoteAddr).Write(w, h.timeout)
}

// Shutdown makes every later answer a 503 with Retry-After. Nothing is held, so
// it has nothing to wait for and never fails.
func (h *Handler) Shutdown(context.Context) error {
	h.ending.Store(true)
	return nil
}
