package faults

import (
	"net/url"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// CanLean says whether a server on the lean stack can have the fault: one that
// stands between a half and its connections needs connections of package net, but
// for vanish, which the host knows how to do.
func (f *Fault) CanLean() bool {
	_, vanishes := f.link.(*vanish)
	return f.link == nil || vanishes
}

// WrapLean is Wrap for a half of the lean stack.
func (f *Fault) WrapLean(src *source.Source, half lean.Half) lean.Half {
	if f.rewrite == nil {
		return half
	}
	return &leanCheat{src, half, f.rewrite}
}

// A leanCheat is a cheat on the lean stack.
type leanCheat struct {
	source  *source.Source
	half    lean.Half
	rewrite rewrite
}

// Part implements lean.Half.
func (c *leanCheat) Part(l *lean.Loop) lean.Part { return &cheatingPart{c.half.Part(l), c} }

type cheatingPart struct {
	lean.Part
	cheat *leanCheat
}

// Serve implements lean.Part. A request without a known topic is left to the half
// to refuse.
func (p *cheatingPart) Serve(c *lean.Conn, now int64, r *http1.Request) {
	if r != nil {
		r = p.cheat.change(r)
	}
	p.Part.Serve(c, now, r)
}

func (c *leanCheat) change(r *http1.Request) *http1.Request {
	topic, refusal := request.ReadTopic(c.source, r)
	query, err := url.ParseQuery(string(r.Query))
	if refusal != nil || err != nil {
		return r
	}
	a := asking{source: c.source, topic: topic, query: query}
	a.find(string(r.Field("Last-Event-ID")), string(request.Tag(r.Field("If-None-Match"))))
	c.rewrite(&a)
	encoded := a.encode()
	if a.where == "" {
		return r.With(encoded, "", "")
	}
	return r.With(encoded, a.where, a.cursor)
}
