package poll

import (
	"pushbench/servers/answer"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// A Lean is a Handler on the lean stack.
type Lean struct {
	source *source.Source
	desk   *answer.Desk
	opts   Options
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half.
func NewLean(src *source.Source, o Options) *Lean {
	return &Lean{source: src, desk: answer.NewDesk(src, o.limit()), opts: o}
}

// Part implements lean.Half.
func (h *Lean) Part(l *lean.Loop) lean.Part {
	return &part{h, l, request.NewReader(h.source, "If-None-Match")}
}

// A part is the half on one loop.
type part struct {
	*Lean
	loop   *lean.Loop
	reader *request.Reader
}

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	if p.loop.Draining() {
		c.Answer(now, answer.UnavailableResponse(second))
		return
	}
	s, refusal := p.reader.Read(r)
	if refusal != nil {
		c.Answer(now, refusal.Response(second))
		return
	}
	client := ""
	if p.source.Pacing() {
		client = c.Name()
	}
	c.Deliver(now, p.desk.First(s, client).Response(second), p.opts.writeTimeout())
}

// Drain implements lean.Part. Nobody is held.
func (p *part) Drain(int64) {}
