package http1

import (
	"net/url"
	"strings"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

// AppendRequest appends the request line and the Host field: METHOD
// PATH?topic=T&after=CURSOR, without after when that is zero. More fields and
// the empty line are the caller's. The endpoint's path is sent as it is.
func AppendRequest(dst []byte, method string, e *engine.Endpoint, after wire.Cursor) []byte {
	dst = append(dst, method...)
	return appendHost(appendTarget(append(dst, ' '), e, after), e)
}

func appendTarget(dst []byte, e *engine.Endpoint, after wire.Cursor) []byte {
	dst = append(dst, e.Path...)
	if strings.IndexByte(e.Path, '?') < 0 {
		dst = append(dst, "?topic="...)
	} else {
		dst = append(dst, "&topic="...)
	}
	dst = append(dst, url.QueryEscape(e.Topic)...)
	if !after.IsZero() {
		dst = append(dst, "&after="...)
		dst = after.Append(dst)
	}
	return dst
}

// appendHost appends what is behind the target.
func appendHost(dst []byte, e *engine.Endpoint) []byte {
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, e.Host...)
	return append(dst, "\r\n"...)
}
