// Package request reads from an HTTP request what a subscriber asks for: a
// topic, and the cursor after which it wants to go on. The transports, and both
// stacks, share it so that they refuse the same requests in the same words.
package request

import (
	"net/http"
	"net/url"
	"strings"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A Subscription is what was asked for.
type Subscription struct {
	Topic  *source.Topic
	Cursor wire.Cursor // zero: none was given, so a hello is due
}

// maxQuery bounds the query: a topic and a cursor need far less.
const maxQuery = 4 << 10

// Parse reads topic and cursor from r. The cursor is header's value where that
// is not empty (a Last-Event-ID or an entity tag without its quotes), and else
// the query's "after". A refusal is 405, 414, 400 or 404.
func Parse(src *source.Source, r *http.Request, header string) (Subscription, *Refusal) {
	var s Subscription
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return s, notGet(r.Method)
	}
	topic, query, refusal := Topic(src, r)
	if refusal != nil {
		return s, refusal
	}
	s.Topic = topic
	after := header
	if after == "" {
		after = query.Get("after")
	}
	if after != "" {
		var err error
		if s.Cursor, err = wire.ParseCursor(after); err != nil {
			return s, notCursor(after, err)
		}
	}
	return s, nil
}

// Topic reads the topic alone, and returns the rest of the query with it. A
// refusal is 414, 400 or 404.
func Topic(src *source.Source, r *http.Request) (*source.Topic, url.Values, *Refusal) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, nil, tooLong
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, nil, notQuery(err)
	}
	topic, err := src.Topic(query.Get("topic"))
	if err != nil {
		return nil, nil, &Refusal{http.StatusNotFound, err}
	}
	return topic, query, nil
}

// ETag is the cursor in an If-None-Match header, without quotes and weakness;
// empty when there is none. "*" names no cursor.
func ETag(r *http.Request) string {
	tag := strings.TrimPrefix(r.Header.Get("If-None-Match"), "W/")
	if tag == "*" {
		return ""
	}
	return strings.Trim(tag, `"`)
}
