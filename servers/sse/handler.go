// Package sse is the server half of Server-Sent Events on net/http: an event
// stream as the HTML standard defines it (section 9.2), one goroutine and one
// cursor per client.
package sse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"pushbench/servers/gate"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// Options describe how streams are served. The zero value is useful.
type Options struct {
	// WriteTimeout bounds a write to a client that does not read; after it, or up
	// to an eighth earlier, the stream ends, whatever the policy. Zero means 10 s.
	WriteTimeout time.Duration
	// Heartbeat is how long a stream is silent before a comment goes out. Zero
	// means 15 s, as the standard advises: proxies give up after 30 s or more.
	Heartbeat time.Duration
	// Retry is how long clients are told to wait before they connect again. Zero
	// means 3 s. At a shutdown each is told a time between this and twice this,
	// so that they do not all come back at once.
	Retry time.Duration
	// Slow is what happens to a client that falls off the log, or further behind
	// than Limit.
	Slow  source.Policy
	Limit source.Limit
	// PerWrite is how many events at most share a write, and so a flush. Zero means
	// as many as a client lacks, up to a bound.
	PerWrite int
}

func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, 10*time.Second) }
func (o Options) heartbeat() time.Duration    { return cmp.Or(o.Heartbeat, 15*time.Second) }
func (o Options) retry() time.Duration        { return cmp.Or(o.Retry, 3*time.Second) }
func (o Options) perWrite() int               { return cmp.Or(o.PerWrite, batch) }

// A Handler serves a source as event streams. It outlives the read and write
// timeouts of its http.Server, and refuses a ResponseWriter that cannot flush
// or set deadlines: middleware must have Unwrap.
type Handler struct {
	source *source.Source
	opts   Options
	block  func(*source.Entry) *[]byte // shared by all streams
	gate   *gate.Gate
}

var _ http.Handler = (*Handler)(nil)

// errShutdown is the cause with which Shutdown ends a stream.
var errShutdown = errors.New("server is shutting down")

// New makes a Handler of src.
func New(src *source.Source, o Options) *Handler {
	return &Handler{
		source: src,
		opts:   o,
		block: source.Once(src, func(e *source.Entry) *[]byte {
			block := appendEvent(make([]byte, 0, len(e.Bytes)+128), src.Epoch(), e)
			return &block
		}),
		gate: gate.New(errShutdown),
	}
}

// ServeHTTP answers with an event stream that ends when the client leaves, does
// not read, or the server shuts down. A cursor in Last-Event-ID wins over one
// in the query, which a client repeats unchanged when it reconnects.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, refusal := request.Parse(h.source, r, r.Header.Get("Last-Event-ID"))
	if refusal != nil {
		refusal.Write(w)
		return
	}
	control := http.NewResponseController(w)
	// Note: a server's ReadTimeout needs nothing here. net/http lifts it when it
	// begins to wait for the client's leaving.
	if !flushes(w) || control.SetWriteDeadline(time.Time{}) != nil {
		http.Error(w, "cannot stream: the ResponseWriter cannot flush or set deadlines (a wrapper needs Unwrap)", http.StatusInternalServerError)
		return
	}
	if !h.gate.Enter() {
		w.Header().Set("Retry-After", "1")
		http.Error(w, errShutdown.Error(), http.StatusServiceUnavailable)
		return
	}
	defer h.gate.Leave()
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(h.gate.Context(), func() { cancel(errShutdown) })()

	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	// An old stream must not answer a new request, and a proxy that compresses
	// would hold events back until it has a block of them.
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx passes events on at once
	if r.Method == http.MethodHead {
		return
	}
	s := &stream{handler: h, w: w, control: control, ctx: ctx, client: r.RemoteAddr, lift: r.ProtoMajor > 1}
	s.serve(asked)
}

// Connections is the number of streams being served.
func (h *Handler) Connections() int { return h.gate.Count() }

// Shutdown tells every client when to come back, ends its stream and waits for
// that, or until the context ends. New requests are refused with 503. A client
// that does not read takes up to the write timeout to be rid of.
func (h *Handler) Shutdown(ctx context.Context) error {
	select {
	case <-h.gate.Close():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("end %d event streams: %w", h.Connections(), context.Cause(ctx))
	}
}

// flushes says whether http.ResponseController can flush w. Asking the
// controller itself would send the header before there is anything behind it.
func flushes(w http.ResponseWriter) bool {
	for {
		switch t := w.(type) {
		case http.Flusher, interface{ FlushError() error }:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return false
		}
	}
}
