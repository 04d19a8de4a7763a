// Package publish is how a client sends towards the source where its transport
// cannot carry that: by a POST of its own.
package publish

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// Options describe a handler. The zero value is useful.
type Options struct {
	// MaxBytes is how long a body may be. Zero means 64 KiB.
	MaxBytes int64
	// ReadTimeout is how long a client may take to send a body. Zero means 10 s.
	ReadTimeout time.Duration
}

func (o Options) maxBytes() int64            { return cmp.Or(o.MaxBytes, 64<<10) }
func (o Options) readTimeout() time.Duration { return cmp.Or(o.ReadTimeout, 10*time.Second) }

// New makes a handler for POST ?topic=T whose body is a message in the form of
// wire.AppendMessage. It answers 204 when the event is published; a due instant
// of 0 makes that instant its due one.
func New(src *source.Source, o Options) http.Handler {
	h := &handler{source: src, maxBytes: o.maxBytes(), readTimeout: o.readTimeout()}
	h.buffers.New = func() any { return new(bytes.Buffer) }
	return h
}

type handler struct {
	source      *source.Source
	maxBytes    int64
	readTimeout time.Duration
	buffers     sync.Pool // of *bytes.Buffer
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refusal := h.publish(w, r); refusal != nil {
		refusal.Write(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// publish returns why the request is refused: 405, 414, 400, 404, 408 or 413.
func (h *handler) publish(w http.ResponseWriter, r *http.Request) *request.Refusal {
	if r.Method != http.MethodPost {
		return request.NotPost(r.Method)
	}
	topic, _, refusal := request.Topic(h.source, r)
	if refusal != nil {
		return refusal
	}
	body := h.buffers.Get().(*bytes.Buffer)
	defer h.buffers.Put(body)
	body.Reset()
	if refusal := h.read(w, r, body); refusal != nil {
		return refusal
	}
	return say(topic, body.Bytes())
}

// say publishes a body, which may be used again.
func say(t *source.Topic, body []byte) *request.Refusal {
	m, err := wire.ParseMessage(body)
	if err == nil {
		m.Data = bytes.Clone(m.Data) // the log keeps it
		err = t.Say(m)
	}
	if err != nil {
		return &request.Refusal{Status: http.StatusBadRequest, Err: err}
	}
	return nil
}

// read reads the whole body, in bounded time and memory.
func (h *handler) read(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) *request.Refusal {
	// A writer that has no deadlines refuses, and does without.
	_ = http.NewResponseController(w).SetReadDeadline(wire.Deadline(h.readTimeout))
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, h.maxBytes))
	if err == nil {
		return nil
	}
	status := http.StatusBadRequest
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		status = http.StatusRequestEntityTooLarge
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		status = http.StatusRequestTimeout
	}
	return &request.Refusal{Status: status, Err: fmt.Errorf("read body: %w", err)}
}
