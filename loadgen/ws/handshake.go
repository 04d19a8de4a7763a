package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/http1"
	"pushbench/servers/wire"
)

const (
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455, section 1.3
	keySize    = 24
	acceptSize = 28
)

// A handshake is what is needed until the server has agreed.
type handshake struct {
	http   http1.Reader
	accept [acceptSize]byte // the answer that the key calls for
}

// request appends the opening handshake (RFC 6455, section 4.1).
func (h *handshake) request(out []byte, e *engine.Endpoint, after wire.Cursor) []byte {
	var nonce [16]byte
	binary.NativeEndian.PutUint64(nonce[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(nonce[8:], rand.Uint64())
	var key [keySize]byte
	base64.StdEncoding.Encode(key[:], nonce[:])
	h.accept = acceptFor(key)

	out = http1.AppendRequest(out, "GET", e, after)
	out = append(out, "Origin: http://"...)
	out = append(out, e.Host...)
	out = append(out, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "...)
	out = append(out, key[:]...)
	return append(out, "\r\n\r\n"...)
}

func acceptFor(key [keySize]byte) (accept [acceptSize]byte) {
	var both [keySize + len(acceptGUID)]byte
	copy(both[copy(both[:], key[:]):], acceptGUID)
	sum := sha1.Sum(both[:])
	base64.StdEncoding.Encode(accept[:], sum[:])
	return accept
}

// read takes bytes of the server's answer and returns those behind it once it
// has agreed. A redirect is a refusal: clients need not follow one (section 4.1),
// and browsers do not.
func (h *handshake) read(in []byte) (rest []byte, agreed bool, err error) {
	part, rest, err := h.http.Next(in)
	if err != nil || part.Kind == http1.More {
		return nil, false, err
	}
	fields := part.Data
	if h.http.Status() != 101 {
		return nil, false, &engine.StatusError{Code: h.http.Status(), RetryAfter: http1.RetryAfter(fields)}
	}
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Upgrade", http1.HasToken(http1.Field(fields, "Upgrade"), "websocket")},
		{"Connection", http1.HasToken(http1.Field(fields, "Connection"), "upgrade")},
		{"Sec-WebSocket-Accept", string(http1.Field(fields, "Sec-WebSocket-Accept")) == string(h.accept[:])},
		// What was not offered must not be chosen.
		{"Sec-WebSocket-Extensions", len(http1.Field(fields, "Sec-WebSocket-Extensions")) == 0},
		{"Sec-WebSocket-Protocol", http1.Field(fields, "Sec-WebSocket-Protocol") == nil},
	} {
		if !need.ok {
			return nil, false, fmt.Errorf("%w: handshake with %s: %.64q", engine.ErrProtocol, need.name, http1.Field(fields, need.name))
		}
	}
	return rest, true, nil
}
