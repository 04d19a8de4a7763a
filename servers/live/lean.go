package live

import (
	"net/http"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
)

var _ lean.Half = (*Page)(nil)

// Part implements lean.Half.
func (p *Page) Part(l *lean.Loop) lean.Part { return &part{p, l} }

type part struct {
	page *Page
	loop *lean.Loop
}

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	if method := string(r.Method); method != http.MethodGet && method != http.MethodHead {
		c.Answer(now, http1.NewError(http.StatusMethodNotAllowed, notGet, second, "Allow: "+allow))
		return
	}
	c.Answer(now, http1.NewResponse(http.StatusOK, p.page.body, second, p.page.fields()...))
}

// Drain implements lean.Part. Nobody is held.
func (p *part) Drain(int64) {}
