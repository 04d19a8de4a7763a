package publish

import (
	"errors"
	"fmt"
	"net/http"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// A Lean is New on the lean stack.
type Lean struct {
	source *source.Source
	opts   Options
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half.
func NewLean(src *source.Source, o Options) *Lean { return &Lean{src, o} }

// Part implements lean.Half.
func (h *Lean) Part(l *lean.Loop) lean.Part { return &desk{Lean: h, loop: l} }

// A desk is the half on one loop.
type desk struct {
	*Lean
	loop    *lean.Loop
	senders map[*source.Topic]*sender
	done    *http1.Response // 204
}

// A sender takes the bodies of those who publish to one topic. It remembers nothing
// of them, so all share it.
type sender struct {
	desk  *desk
	topic *source.Topic
}

// Serve implements lean.Part.
func (d *desk) Serve(c *lean.Conn, now int64, r *http1.Request) {
	if string(r.Method) != http.MethodPost {
		c.Answer(now, request.NotPost(string(r.Method)).Response(d.loop.Second(now)))
		return
	}
	topic, refusal := request.ReadTopic(d.source, r)
	if refusal != nil {
		c.Answer(now, refusal.Response(d.loop.Second(now)))
		return
	}
	s, known := d.senders[topic]
	if !known {
		s = &sender{d, topic}
		if d.senders == nil {
			d.senders = make(map[*source.Topic]*sender)
		}
		d.senders[topic] = s
	}
	c.Body(now, d.opts.maxBytes(), d.opts.readTimeout(), s)
}

// Drain implements lean.Part. Nobody is held.
func (d *desk) Drain(int64) {}

// Body implements lean.Bodied.
func (s *sender) Body(c *lean.Conn, now int64, body []byte, err error) {
	var refusal *request.Refusal
	if err == nil {
		refusal = say(s.topic, body)
	} else {
		refusal = &request.Refusal{Status: status(err), Err: fmt.Errorf("read body: %w", err)}
	}
	second := s.desk.loop.Second(now)
	if refusal != nil {
		c.Answer(now, refusal.Response(second))
		return
	}
	if s.desk.done == nil {
		s.desk.done = http1.NewResponse(http.StatusNoContent, nil, second)
	}
	s.desk.done = s.desk.done.At(second)
	c.Answer(now, s.desk.done)
}

// status is that of a body that did not come.
func status(err error) int {
	switch {
	case errors.Is(err, lean.ErrTooLong):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, lean.ErrSlow):
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}
