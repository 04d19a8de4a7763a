package guard

import (
	"net/http"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
)

// Lean stands before a half of the lean stack as Hosts does, where the server is
// local, and keeps pages of other origins from changing anything, as Origins does
// where none is named: there is no other way to name any on this stack.
func Lean(half lean.Half, local bool) lean.Half { return &guarded{half, local} }

type guarded struct {
	half  lean.Half
	local bool
}

// Part implements lean.Half.
func (g *guarded) Part(l *lean.Loop) lean.Part { return &part{g.half.Part(l), l, g.local} }

type part struct {
	lean.Part
	loop  *lean.Loop
	local bool
}

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	if r != nil { // else it speaks no HTTP
		if status, text := p.refuses(r); status != 0 {
			c.Answer(now, http1.NewError(status, text, p.loop.Second(now)))
			return
		}
	}
	p.Part.Serve(c, now, r)
}

// refuses is the status of the answer to a request that is not let through, and
// why it is not; zero for one that is.
func (p *part) refuses(r *http1.Request) (int, string) {
	host := string(r.Host)
	if p.local && !Local(host) {
		return http.StatusMisdirectedRequest, foreign
	}
	origin, method := string(r.Field("Origin")), string(r.Method)
	if origin != "" && method != http.MethodGet && method != http.MethodHead && !own(origin, host) {
		return http.StatusForbidden, stranger(origin)
	}
	return 0, ""
}
