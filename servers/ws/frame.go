package ws

import (
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// prepare makes the entry's frame, which all connections share.
func prepare(e *source.Entry) *websocket.PreparedMessage {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, e.Bytes)
	if err != nil {
		panic("ws: a text frame that cannot be made: " + err.Error())
	}
	return message
}

// appendHello appends the first message to a client without a cursor.
func appendHello(dst []byte, c wire.Cursor) []byte {
	dst = append(dst, `{"hello":"`...)
	dst = c.Append(dst)
	return append(dst, `"}`...)
}

// appendGap appends the notice as a message.
func appendGap(dst []byte, g *wire.Gap) []byte {
	dst = append(dst, `{"gap":`...)
	dst = wire.AppendGap(dst, *g)
	return append(dst, '}')
}

// A closing is why this side ends a connection, as its close frame says it
// (RFC 6455, section 7.4.1).
type closing struct {
	code   int
	reason string
}

func (c *closing) Error() string { return c.reason }

var (
	errShutdown = &closing{websocket.CloseGoingAway, "server is shutting down"}
	errSlow     = &closing{websocket.CloseTryAgainLater, "too slow"}
	errNoPong   = &closing{websocket.ClosePolicyViolation, "no pong"}
	errBinary   = &closing{websocket.CloseUnsupportedData, "messages are text"}
	errUTF8     = &closing{websocket.CloseInvalidFramePayloadData, "text is not UTF-8"}
)

// maxReason is how long the reason in a close frame can be: a control frame has
// 125 bytes, two of them for the code (RFC 6455, section 5.5).
const maxReason = 123

// frame is the payload of the close frame.
func (c *closing) frame() []byte {
	reason := c.reason
	if len(reason) > maxReason {
		end := maxReason
		for !utf8.RuneStart(reason[end]) {
			end--
		}
		reason = reason[:end]
	}
	return websocket.FormatCloseMessage(c.code, reason)
}
