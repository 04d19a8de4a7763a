package faults

import (
	"net/http"
	"net/url"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// An asking is what a fault may change of a request.
type asking struct {
	source *source.Source
	topic  *source.Topic
	cursor string // as it was sent; empty: none
	where  string // the header that it came in; empty: the query
	query  url.Values
}

// A rewrite changes an asking.
type rewrite func(*asking)

// read finds the cursor wherever one of the transports would look for it.
func read(src *source.Source, r *http.Request) (asking, error) {
	topic, query, refusal := request.Topic(src, r)
	if refusal != nil {
		return asking{}, refusal
	}
	a := asking{source: src, topic: topic, query: query}
	a.find(r.Header.Get("Last-Event-ID"), request.ETag(r))
	return a, nil
}

// find decides which of the cursors is the one that counts.
func (a *asking) find(id, tag string) {
	switch a.cursor = a.query.Get("after"); {
	case id != "":
		a.cursor, a.where = id, "Last-Event-ID"
	case tag != "":
		a.cursor, a.where = tag, "If-None-Match"
	}
}

// write is the request with what has become of the asking.
func (a *asking) write(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.URL.RawQuery = a.encode()
	if a.where != "" {
		r.Header.Del(a.where)
		if a.cursor != "" {
			r.Header.Set(a.where, a.cursor)
		}
	}
	return r
}

// encode is the query with what has become of the asking.
func (a *asking) encode() string {
	a.query.Set("topic", a.topic.Name())
	a.query.Del("after")
	if a.where == "" && a.cursor != "" {
		a.query.Set("after", a.cursor)
	}
	return a.query.Encode()
}

// move replaces a cursor that is one, and only that.
func (a *asking) move(f func(wire.Cursor) wire.Cursor) {
	if c, err := wire.ParseCursor(a.cursor); err == nil {
		a.cursor = f(c).String()
	}
}

func ignoreCursor(a *asking) {
	a.move(func(wire.Cursor) wire.Cursor { return a.topic.Cursor(a.topic.Head()) })
}

func repeatLast(a *asking) {
	a.move(func(c wire.Cursor) wire.Cursor {
		c.N -= min(c.N, 1)
		return c
	})
}

func hideGap(a *asking) {
	a.move(func(c wire.Cursor) wire.Cursor {
		if gone := a.topic.Since(c.N, 0, nil).Gap; gone != nil && c.Epoch == a.source.Epoch() {
			return gone.Cursor
		}
		return c
	})
}

func forgetEpoch(a *asking) {
	a.move(func(c wire.Cursor) wire.Cursor {
		c.Epoch = a.source.Epoch()
		return c
	})
}

func acceptGarbage(a *asking) {
	if _, err := wire.ParseCursor(a.cursor); err != nil {
		a.cursor = ""
	}
}

func wrongTopic(a *asking) {
	topics := a.source.Topics()
	for i, t := range topics {
		if t == a.topic {
			a.topic = topics[(i+1)%len(topics)]
			return
		}
	}
}
