package ws

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"
)

// Opcodes of frames (RFC 6455, section 11.8).
const (
	continuation = 0x0
	opText       = 0x1
	opBinary     = 0x2
	opClose      = 0x8
	opPing       = 0x9
	opPong       = 0xA
)

// Bits of a frame's first two bytes (section 5.2).
const (
	finalBit = 0x80
	maskBit  = 0x80
)

// maxControl is the largest payload of a control frame (section 5.5).
const maxControl = 125

// A header is what a frame of a client begins with.
type header struct {
	opcode byte
	final  bool
	size   int // of the header itself
	length int64
	mask   [4]byte
}

// What is wrong with frames, beside their first two bytes.
var (
	// errLength is of a length that has its first bit set, which none has, or that
	// makes the message's too large to be counted. It is answered by the end of the
	// connection alone, as gorilla does.
	errLength = &closing{websocket.CloseProtocolError, "bad length"}
	errTooBig = &closing{code: websocket.CloseMessageTooBig}
	errReason = &closing{websocket.CloseProtocolError, "invalid utf8 payload in close frame"}
)

// readHeader reads the header that b begins with. Its size is zero while there is
// not enough of it. What is wrong with the first two bytes is told at once, and all
// of it, in gorilla's words; open says whether a message has begun and not ended.
func readHeader(b []byte, open bool) (h header, why *closing) {
	if len(b) < 2 {
		return h, nil
	}
	h.opcode, h.final, h.length = b[0]&0x0f, b[0]&finalBit != 0, int64(b[1]&0x7f)
	if why := h.check(b[0], b[1], open); why != nil {
		return h, why
	}
	size := 2
	switch h.length {
	case 126:
		if size += 2; len(b) < size {
			return h, nil
		}
		h.length = int64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if size += 8; len(b) < size {
			return h, nil
		}
		if h.length = int64(binary.BigEndian.Uint64(b[2:])); h.length < 0 {
			return h, errLength
		}
	}
	if len(b) < size+len(h.mask) {
		return h, nil
	}
	h.size = size + copy(h.mask[:], b[size:])
	return h, nil
}

// check says what is wrong with the first two bytes.
func (h *header) check(first, second byte, open bool) *closing {
	control := h.opcode >= opClose
	var wrong []string
	for _, c := range []struct {
		is   bool
		what string
	}{
		{first&0x40 != 0, "RSV1 set"},
		{first&0x20 != 0, "RSV2 set"},
		{first&0x10 != 0, "RSV3 set"},
		{control && h.opcode <= opPong && h.length > maxControl, "len > 125 for control"},
		{control && h.opcode <= opPong && !h.final, "FIN not set on control"},
		{open && (h.opcode == opText || h.opcode == opBinary), "data before FIN"},
		{!open && h.opcode == continuation, "continuation after FIN"},
		{h.opcode > opPong || h.opcode > opBinary && !control, "bad opcode " + strconv.Itoa(int(h.opcode))},
		{second&maskBit == 0, "bad MASK"},
	} {
		if c.is {
			wrong = append(wrong, c.what)
		}
	}
	if wrong == nil {
		return nil
	}
	return &closing{websocket.CloseProtocolError, strings.Join(wrong, ", ")}
}

// unmask takes the mask off the payload, in place (section 5.3).
func unmask(payload []byte, mask [4]byte) {
	word := uint64(binary.LittleEndian.Uint32(mask[:]))
	word |= word << 32
	for ; len(payload) >= 8; payload = payload[8:] {
		binary.LittleEndian.PutUint64(payload, binary.LittleEndian.Uint64(payload)^word)
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
}

// appendFrame appends a frame as a server sends it: whole, and without a mask.
func appendFrame(dst []byte, opcode byte, payload []byte) []byte {
	dst = append(dst, finalBit|opcode)
	switch n := len(payload); {
	case n <= maxControl:
		dst = append(dst, byte(n))
	case n <= 0xffff:
		dst = append(dst, 126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	default:
		dst = append(dst, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, payload...)
}

// received says whether a client may give that code in a close frame (section
// 7.4, and the registry that it refers to).
func received(code int) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1013 || code >= 3000 && code <= 4999
}
