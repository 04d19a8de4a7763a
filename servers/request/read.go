package request

import (
	"bytes"
	"net/http"
	"net/url"

	"pushbench/servers/http1"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A Reader reads what the clients of one loop ask for. It remembers the last
// request: what is asked again in the same words is not read again.
type Reader struct {
	source *source.Source
	field  string // with a cursor that wins over the query's
	serial uint64
	last   Subscription
}

// NewReader makes a reader. The field is If-None-Match, Last-Event-ID, or empty.
func NewReader(src *source.Source, field string) *Reader { return &Reader{source: src, field: field} }

// Read is Parse for a request as bytes. An ordinary one allocates nothing.
func (rd *Reader) Read(r *http1.Request) (Subscription, *Refusal) {
	if serial := r.Serial(); serial != 0 && serial == rd.serial {
		return rd.last, nil
	}
	var value []byte
	if rd.field != "" {
		value = r.Field(rd.field)
	}
	if rd.field == "If-None-Match" {
		value = Tag(value)
	}
	s, refusal := Read(rd.source, r, value)
	if refusal == nil {
		rd.serial, rd.last = r.Serial(), s
	}
	return s, refusal
}

// Read is Reader.Read with the value of the field.
func Read(src *source.Source, r *http1.Request, header []byte) (Subscription, *Refusal) {
	var s Subscription
	if string(r.Method) != http.MethodGet && string(r.Method) != http.MethodHead {
		return s, notGet(string(r.Method))
	}
	topic, after, refusal := find(src, r.Query)
	if refusal != nil {
		return s, refusal
	}
	s.Topic = topic
	if len(header) > 0 {
		after = header
	}
	if len(after) > 0 {
		c := topic.Cursor(0) // the epoch is mostly this one, and not copied then
		if err := wire.ReadCursor(&c, after); err != nil {
			return s, notCursor(string(after), err)
		}
		s.Cursor = c
	}
	return s, nil
}

// ReadTopic is Topic for a request as bytes, without the rest of the query.
func ReadTopic(src *source.Source, r *http1.Request) (*source.Topic, *Refusal) {
	topic, _, refusal := find(src, r.Query)
	return topic, refusal
}

// find is the topic that a query names, and the cursor in it.
func find(src *source.Source, query []byte) (*source.Topic, []byte, *Refusal) {
	if len(query) > maxQuery {
		return nil, nil, tooLong
	}
	name, after, plain := parameters(query)
	if !plain {
		values, err := url.ParseQuery(string(query))
		if err != nil {
			return nil, nil, notQuery(err)
		}
		name, after = []byte(values.Get("topic")), []byte(values.Get("after"))
	}
	topic, err := src.Find(name)
	if err != nil {
		return nil, nil, &Refusal{http.StatusNotFound, err}
	}
	return topic, after, nil
}

// parameters finds the two in a query that is plain: without escapes.
func parameters(query []byte) (topic, after []byte, plain bool) {
	if bytes.ContainsAny(query, "%+;") {
		return nil, nil, false
	}
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, ampersand)
		name, value, _ := bytes.Cut(pair, equals)
		switch { // the first of a name counts
		case topic == nil && string(name) == "topic":
			topic = value
		case after == nil && string(name) == "after":
			after = value
		}
	}
	return topic, after, true
}

var ampersand, equals = []byte("&"), []byte("=")

// Tag is ETag of the value of an If-None-Match field.
func Tag(value []byte) []byte {
	value = bytes.TrimPrefix(value, []byte("W/"))
	if string(value) == "*" {
		return nil
	}
	return bytes.Trim(value, `"`)
}
