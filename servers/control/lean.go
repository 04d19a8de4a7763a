package control

import (
	"bytes"
	"fmt"
	"net/http"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
)

var _ lean.Half = (*Desk)(nil)

// Part implements lean.Half.
func (d *Desk) Part(l *lean.Loop) lean.Part { return &part{d, l} }

type part struct {
	desk *Desk
	loop *lean.Loop
}

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	switch {
	case string(r.Method) != http.MethodPost:
		c.Answer(now, http1.NewError(http.StatusMethodNotAllowed, notPost, second, "Allow: "+http.MethodPost))
	case !p.desk.Knows(string(r.Field("Authorization"))):
		c.Answer(now, http1.NewError(http.StatusUnauthorized, noToken, second, "WWW-Authenticate: "+challenge))
	default:
		c.Body(now, maxBody, bodyTime, p)
	}
}

// Body implements lean.Bodied.
func (p *part) Body(c *lean.Conn, now int64, body []byte, err error) {
	second := p.loop.Second(now)
	var o Order
	if err == nil {
		o, err = p.desk.take(bytes.NewReader(body))
	} else {
		err = fmt.Errorf("read order: %w", err)
	}
	if err != nil {
		c.Answer(now, http1.NewError(status(err), err.Error(), second))
		return
	}
	c.Answer(now, http1.NewResponse(http.StatusNoContent, nil, second))
	if o.Reset {
		// Not here: it asks every loop for its connections, this one too.
		go p.desk.obey(Order{Reset: true})
	}
}

// Drain implements lean.Part. Nobody is held.
func (p *part) Drain(int64) {}
