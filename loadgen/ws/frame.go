package ws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/gobwas/ws"

	"pushbench/loadgen/engine"
)

// parseHeader reads the header of a frame from a server (RFC 6455, section
// 5.2). When b is shorter than size, that is how much must be there to go on.
//
// Note: the library reads headers from an io.Reader, which costs an allocation
// for each; its rules and its cipher work on bytes.
func parseHeader(b []byte, fragmented bool) (h ws.Header, size int, err error) {
	size = 2
	if len(b) < size {
		return h, size, nil
	}
	h = ws.Header{Fin: b[0]&0x80 != 0, Rsv: b[0] >> 4 & 7, OpCode: ws.OpCode(b[0] & 0x0f), Masked: b[1]&0x80 != 0, Length: int64(b[1] & 0x7f)}
	state := ws.StateClientSide
	if fragmented {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return h, size, fmt.Errorf("%w: %w", engine.ErrProtocol, err)
	}
	least := int64(0)
	switch h.Length {
	case 126:
		if size = 4; len(b) >= size {
			h.Length, least = int64(binary.BigEndian.Uint16(b[2:])), 126
		}
	case 127:
		if size = 10; len(b) >= size {
			h.Length, least = int64(binary.BigEndian.Uint64(b[2:])), 1<<16
		}
	}
	if h.Length < least { // also when the highest bit is set
		return h, size, fmt.Errorf("%w: frame length %d in %d bytes", engine.ErrProtocol, h.Length, size-2)
	}
	return h, size, nil
}

// appendHeader appends the header of a whole message's masked frame and returns
// its mask, which is new for every frame (section 5.3).
func appendHeader(out []byte, op ws.OpCode, length int) ([]byte, [4]byte) {
	const fin, masked = 0x80, 0x80
	out = append(out, fin|byte(op))
	switch {
	case length < 126:
		out = append(out, masked|byte(length))
	case length < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, masked|126), uint16(length))
	default:
		out = binary.BigEndian.AppendUint64(append(out, masked|127), uint64(length))
	}
	var mask [4]byte
	binary.NativeEndian.PutUint32(mask[:], rand.Uint32())
	return append(out, mask[:]...), mask
}

// appendFrame appends a masked frame.
func appendFrame(out []byte, op ws.OpCode, payload []byte) []byte {
	out, mask := appendHeader(out, op, len(payload))
	start := len(out)
	out = append(out, payload...)
	ws.Cipher(out[start:], mask, 0)
	return out
}

// appendClose appends a close frame with a code.
func appendClose(out []byte, code ws.StatusCode) []byte {
	var body [2]byte
	binary.BigEndian.PutUint16(body[:], uint16(code))
	return appendFrame(out, ws.OpClose, body[:])
}

// A fault is an error whose close code is not that of a protocol error.
type fault struct {
	code ws.StatusCode
	error
}

func (f *fault) Unwrap() error { return f.error }

// fail appends the close frame that tells the server of the error (section 7.1.7).
func fail(out []byte, err error) ([]byte, error) {
	if f, ok := errors.AsType[*fault](err); ok {
		return appendClose(out, f.code), f.error
	}
	return appendClose(out, ws.StatusProtocolError), err
}

// sendable says whether a close frame may carry the code (section 7.4 and the
// registry it founds, which has grown to 1014).
//
// Note: the library's rule refuses 1012 to 1014, with which servers tell
// clients to come back later, and lets through what is above 4999.
func sendable(code int) bool {
	switch {
	case code >= 1000 && code <= 1014:
		return code != 1004 && code != 1005 && code != 1006
	default:
		return code >= 3000 && code <= 4999
	}
}
