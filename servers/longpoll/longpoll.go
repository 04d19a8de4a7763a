// Package longpoll is the server half of long polling (RFC 6202, section 2): a
// request for which there is nothing new is held until there is.
package longpoll

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"pushbench/servers/answer"
	"pushbench/servers/gate"
	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// Options describe a Handler. The zero value is useful.
type Options struct {
	// Hold is how long a request is held at most. Zero means 25 s, below the
	// 30 s at which common proxies give up.
	Hold time.Duration
	// Limit is how many events an answer has at most; the rest is announced by
	// "more". Zero means 256: with small events about what a socket buffer takes
	// at once.
	Limit int
	// MaxHeld is how many requests are held at once; for one more there is a 503
	// with Retry-After. Zero is no limit.
	MaxHeld int
	// WriteTimeout is how long a client may take to read its answer. Zero means
	// 10 s.
	WriteTimeout time.Duration
}

func (o Options) hold() time.Duration         { return cmp.Or(o.Hold, 25*time.Second) }
func (o Options) limit() int                  { return cmp.Or(o.Limit, 256) }
func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, 10*time.Second) }

// A Handler answers GET ?topic=T with what has happened after the client's
// cursor: that of If-None-Match or else of ?after=. Without one, the answer is
// the cursor to begin with. Where nothing is new it waits; it answers 204 when
// the hold time is over.
type Handler struct {
	source  *source.Source
	desk    *answer.Desk
	hold    time.Duration
	maxHeld int
	timeout time.Duration
	gate    *gate.Gate
}

// errShutdown is the cause with which a hold ends at Shutdown.
var errShutdown = errors.New("server is shutting down")

// New makes a handler on src.
func New(src *source.Source, o Options) *Handler {
	return &Handler{
		source:  src,
		desk:    answer.NewDesk(src, o.limit()),
		hold:    o.hold(),
		maxHeld: o.MaxHeld,
		timeout: o.writeTimeout(),
		gate:    gate.New(errShutdown),
	}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.gate.Context().Err() != nil {
		answer.Unavailable(w)
		return
	}
	s, refusal := request.Parse(h.source, r, request.ETag(r))
	if refusal != nil {
		refusal.Write(w)
		return
	}
	a := h.desk.First(s, r.RemoteAddr)
	if a.Nothing() {
		h.outlive(w)
		switch h.wait(r.Context(), s.Topic, s.Cursor.N) {
		case nil:
		case gate.ErrFull:
			answer.Busy(w)
			return
		default:
			answer.Unavailable(w)
			return
		}
		// Note: looked up after the end of the hold time too, so an event of that
		// very moment does not have to wait for the next request.
		a = h.desk.After(s.Topic, s.Cursor.N)
	}
	a.Write(w, h.timeout)
}

// wait returns nil when there is something after the number or the hold time is
// over, and an error when the request is to end before: gate.ErrFull where too
// many wait already, else the server shuts down, or the client is gone and will
// not read the answer anyway.
func (h *Handler) wait(ctx context.Context, t *source.Topic, after uint64) error {
	if err := h.gate.EnterBelow(h.maxHeld); err != nil {
		return err
	}
	defer h.gate.Leave()
	timer := time.NewTimer(h.hold)
	defer timer.Stop()
	select {
	case <-t.Changed(after):
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-h.gate.Context().Done():
		return errShutdown
	}
}

// outlive puts the deadline of the server's WriteTimeout, which counts from the
// start of the request, behind the hold: it would lose the answer. (net/http
// itself lifts the ReadTimeout while it watches for the client's leaving.) A
// writer that has no deadlines refuses, and has none to outlive.
func (h *Handler) outlive(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(wire.Deadline(h.hold + h.timeout))
}

// Held is how many requests are being held.
func (h *Handler) Held() int { return h.gate.Count() }

// Shutdown answers all held requests, and every later one, with a 503 and
// Retry-After. It returns when no request is held any more, or with the
// context's cause.
func (h *Handler) Shutdown(ctx context.Context) error {
	select {
	case <-h.gate.Close():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
