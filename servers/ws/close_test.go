package ws

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

func TestCloseOfTheClientIsEchoed(t *testing.T) { // W9
	src, _ := raw(0)
	address, closed := start(t, New(src, Options{}))
	for name, c := range map[string]struct{ sent, want string }{
		"with code":            {"\x03\xe8", "\x03\xe8"},
		"with code and reason": {"\x03\xe8bye", "\x03\xe8"},
		"going away":           {"\x03\xe9", "\x03\xe9"},
		"of an application":    {"\x0f\xa0", "\x0f\xa0"},
		"without code":         {"", ""}, // 1005 stands for this and is never sent
	} {
		t.Run(name, func(t *testing.T) {
			conn := open(t, dial(t, address), "/?topic=t0")
			conn.want(text, hello)
			conn.send(masked(final|websocket.CloseMessage, c.sent))
			conn.want(final|websocket.CloseMessage, c.want)
			conn.wantEnd()
			<-closed
			if n := src.Subscribers(); n != 0 {
				t.Errorf("%d subscribers, want 0", n)
			}
		})
	}
}

func TestReasonFitsAControlFrame(t *testing.T) { // W9
	for _, reason := range []string{"", strings.Repeat("x", 123), strings.Repeat("x", 124), strings.Repeat("€", 50), strings.Repeat("x", 5000)} {
		frame := (&closing{websocket.ClosePolicyViolation, reason}).frame()
		said := string(frame[2:])
		if len(frame) > 125 || !utf8.ValidString(said) || !strings.HasPrefix(reason, said) || len(said) < min(len(reason), 120) {
			t.Errorf("reason of %d bytes becomes %q", len(reason), said)
		}
	}
}

func TestMisuseIsClosedWithItsCode(t *testing.T) { // W3, W4, W5
	src, topic := raw(0)
	address, closed := start(t, New(src, Options{ReadLimit: 1000}))
	const protocol = websocket.CloseProtocolError
	for _, c := range []struct {
		name, sent string
		code       int
		reason     string // "*": gorilla's words
	}{
		{"message over the limit", masked(text, strings.Repeat("x", 1001)), websocket.CloseMessageTooBig, ""},
		{"fragments over the limit", masked(websocket.TextMessage, strings.Repeat("x", 600)) + masked(final, strings.Repeat("x", 600)), websocket.CloseMessageTooBig, ""},
		{"length of a mebibyte", string([]byte{text, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4}) + strings.Repeat("x", 100<<10), websocket.CloseMessageTooBig, ""},
		{"length with the top bit", string([]byte{text, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}), 0, ""},
		{"no mask", "\x81\x02hi", protocol, "*"},
		{"reserved bit", masked(0xc1, "hi"), protocol, "*"},
		{"reserved opcode", masked(0x83, "hi"), protocol, "*"},
		{"oversized ping", masked(final|websocket.PingMessage, strings.Repeat("x", 126)), protocol, "*"},
		{"fragmented ping", masked(websocket.PingMessage, "hi"), protocol, "*"},
		{"stray continuation", masked(final, "hi"), protocol, "*"},
		{"close code 1005", masked(final|websocket.CloseMessage, "\x03\xed"), protocol, "*"},
		{"close code 1006", masked(final|websocket.CloseMessage, "\x03\xee"), protocol, "*"},
		{"invalid UTF-8", masked(text, "{\"due\":\"1\",\"data\":\"\xff\"}"), websocket.CloseInvalidFramePayloadData, "text is not UTF-8"},
		{"binary", masked(0x82, `{"due":"1","data":1}`), websocket.CloseUnsupportedData, "messages are text"},
		{"not a message", masked(text, "hi"), websocket.ClosePolicyViolation, `not a message of the form {"due":"…","data":…}`},
		{"reserved type", masked(text, `{"due":"1","type":"gap","data":1}`), websocket.ClosePolicyViolation, `payload cannot be published: event type "gap" is reserved`},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := open(t, dial(t, address), "/?topic=t0")
			conn.want(text, hello)
			conn.send(c.sent)
			if c.code != 0 {
				header, payload, err := conn.frame()
				if err != nil {
					t.Fatal(err)
				}
				code, reason := int(payload[0])<<8|int(payload[1]), string(payload[2:])
				if header[0] != final|websocket.CloseMessage || code != c.code || c.reason != "*" && reason != c.reason {
					t.Errorf("frame %#x with code %d and reason %q, want a close frame with %d %q", header[0], code, reason, c.code, c.reason)
				}
			}
			conn.send(masked(final|websocket.CloseMessage, "\x03\xe8"))
			conn.wantEnd()
			conn.Close()
			<-closed
		})
	}
	if n := src.Subscribers(); n != 0 {
		t.Errorf("%d subscribers, want 0", n)
	}
	if n := topic.Head(); n != 0 {
		t.Errorf("%d events published, want 0", n)
	}
}

func TestShutdownClosesEveryConnection(t *testing.T) { // W10, F1
	src, topic := raw(0)
	h := New(src, Options{})
	address, _ := start(t, h)
	var clients []*websocket.Conn
	for range 5 {
		c, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/?topic=t0", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
	}
	silent := open(t, dial(t, address), "/?topic=t0") // never answers the close frame
	publish(t, topic, "x")
	ended := make(chan error, len(clients))
	for _, c := range clients {
		go func() {
			for {
				if _, _, err := c.ReadMessage(); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	shutdown(t, h)
	for range clients {
		err := <-ended
		if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != websocket.CloseGoingAway || closed.Text != "server is shutting down" {
			t.Errorf("client ended with %v, want close 1001", err)
		}
	}
	silent.wantClose(websocket.CloseGoingAway, "server is shutting down")
	silent.wantEnd()
	if n := src.Subscribers(); n != 0 {
		t.Errorf("%d subscribers, want 0", n)
	}
	_, response := handshake(t, dial(t, address), "GET /?topic=t0 HTTP/1.1\r\n"+upgrade)
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("after Shutdown: %d, want 503 with Retry-After", response.StatusCode)
	}
	shutdown(t, h) // again
}
