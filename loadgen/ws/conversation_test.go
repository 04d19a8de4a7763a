package ws

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

func enveloped(n uint64, kind, data string) string {
	return string(wire.AppendEvent(nil, &wire.Event{N: n, Due: 10, Pub: 20, Wall: 30, Type: kind, Data: []byte(data)}))
}

func event(n uint64, kind, data string) string {
	return fmt.Sprintf("event %d due 10 pub 20 wall 30 type %q: %s", n, kind, data)
}

func bareEvent(n uint64, text string) string {
	return fmt.Sprintf("event %d due 0 pub 0 wall 0 type \"\": %s", n, text)
}

// frame is a frame from a server, with its first byte given.
func frame(first byte, payload string) string {
	switch n := len(payload); {
	case n < 126:
		return string([]byte{first, byte(n)}) + payload
	case n < 1<<16:
		return string([]byte{first, 126, byte(n >> 8), byte(n)}) + payload
	default:
		return string([]byte{first, 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + payload
	}
}

func text(payload string) string { return frame(0x81, payload) }

// frames opens a conversation and brings it what a server sends behind its
// agreement.
func frames(t *testing.T, c engine.Conversation, after wire.Cursor, r reads.Reads) (reads.Told, []byte, error) {
	t.Helper()
	s := answered(t, c.Open(nil, after), 0)
	if out, err := c.Receive(s.sent(), nil, new(reads.Told)); len(out) > 0 || err != nil {
		t.Fatalf("handshake: answered %q, %v", out, err)
	}
	told, out, err := r.To(c)
	return told, unmask(t, out), err
}

// unmask returns the frames that a client sent as if a server had sent them.
func unmask(t *testing.T, b []byte) (plain []byte) {
	t.Helper()
	for len(b) > 0 {
		if len(b) < 6 || b[1] < 0x80 || b[1] > 0x80+125 {
			t.Fatalf("frame %x", b)
		}
		n := int(b[1] & 0x7f)
		plain = append(plain, b[0], byte(n))
		for i, c := range b[6 : 6+n] {
			plain = append(plain, c^b[2+i%4])
		}
		b = b[6+n:]
	}
	return plain
}

const gap = `{"gap":{"from":"5","to":"8","cursor":"E-8"}}`

func TestConversationTellsWhatMessagesSay(t *testing.T) { // W5 W6 W9 W15
	closing := func(code int, reason string) string {
		return frame(0x88, string([]byte{byte(code >> 8), byte(code)})+reason)
	}
	long := `"` + strings.Repeat("x", 70000) + `"`
	large, larger := `"`+strings.Repeat("x", 4300)+`"`, `"`+strings.Repeat("y", 4500)+`"` // their memory goes round
	for _, c := range []struct {
		name   string
		raw    bool
		after  wire.Cursor
		stream string
		want   reads.Told
		answer string
		err    error
	}{
		{"subscribe", false, wire.Cursor{}, text(`{"hello":"E-4"}`) + text(enveloped(5, "", `{}`)) + text(enveloped(6, "a", `1`)),
			reads.Told{"hello E-4", event(5, "", `{}`), event(6, "a", `1`)}, "", nil},
		{"resume", false, cursor, text(enveloped(5, "", `"`+strings.Repeat("y", 200)+`"`)), reads.Told{event(5, "", `"`+strings.Repeat("y", 200)+`"`)}, "", nil},
		{"gap", false, cursor, text(gap) + text(enveloped(9, "", `1`)), reads.Told{`gap 5 to 8 at E-8 of ""`, event(9, "", `1`)}, "", nil},
		{"raw", true, wire.Cursor{}, text(`{"hello":"E-4"}`) + text("") + text(gap) + text(`{"gap":1}`) + text("ü"),
			reads.Told{"hello E-4", bareEvent(5, ""), `gap 5 to 8 at E-8 of ""`, bareEvent(9, `{"gap":1}`), bareEvent(10, "ü")}, "", nil},
		{"raw resume", true, cursor, text("a"), reads.Told{bareEvent(5, "a")}, "", nil},
		{"fragments around a ping", true, cursor, frame(0x01, "a") + frame(0x89, "hm") + frame(0x00, "") + frame(0x00, "\xc3") + frame(0x8a, "") + frame(0x80, "\xbc") + text("b"),
			reads.Told{bareEvent(5, "aü"), bareEvent(6, "b")}, frame(0x8a, "hm"), nil},
		{"empty fragments", true, cursor, frame(0x01, "") + frame(0x80, "") + text("b"), reads.Told{bareEvent(5, ""), bareEvent(6, "b")}, "", nil},
		{"pings", true, cursor, frame(0x89, "") + frame(0x89, strings.Repeat("p", 125)) + frame(0x8a, "x"), nil, frame(0x8a, "") + frame(0x8a, strings.Repeat("p", 125)), nil},
		{"closed", true, cursor, text("a") + closing(1001, "going away"), reads.Told{bareEvent(5, "a")}, closing(1001, ""), &engine.CloseError{Code: 1001, Reason: "going away"}},
		{"closed, come back later", true, cursor, closing(1013, "too slow") + text("a"), nil, closing(1013, ""), &engine.CloseError{Code: 1013, Reason: "too slow"}},
		{"closed for an own reason", true, cursor, closing(4999, ""), nil, closing(4999, ""), &engine.CloseError{Code: 4999}},
		{"closed without a code", true, cursor, frame(0x88, ""), nil, frame(0x88, ""), &engine.CloseError{Code: 1005}},

		{"closed with half a code", true, cursor, frame(0x88, "x"), nil, closing(1002, ""), engine.ErrProtocol},
		{"closed with 1005", true, cursor, closing(1005, ""), nil, closing(1002, ""), engine.ErrProtocol},
		{"closed with 5000", true, cursor, closing(5000, ""), nil, closing(1002, ""), engine.ErrProtocol},
		{"closed with bad text", true, cursor, closing(1000, "\xff"), nil, closing(1002, ""), engine.ErrProtocol},
		{"event before hello", false, wire.Cursor{}, text(enveloped(5, "", "1")), nil, closing(1008, ""), engine.ErrProtocol},
		{"hello without cursor", false, wire.Cursor{}, text(`{"hello":"x"}`), nil, closing(1008, ""), engine.ErrProtocol},
		{"no event", false, cursor, text("{}"), nil, closing(1008, ""), engine.ErrProtocol},
		{"hello again", false, cursor, text(`{"hello":"E-4"}`), nil, closing(1008, ""), engine.ErrProtocol},
		{"binary message", true, cursor, frame(0x82, "a"), nil, closing(1003, ""), engine.ErrProtocol},
		{"text that is not UTF-8", true, cursor, text("a") + text("\xc3"), reads.Told{bareEvent(5, "a")}, closing(1007, ""), engine.ErrProtocol},
		{"masked frame", true, cursor, "\x81\x81mask" + "a", nil, closing(1002, ""), engine.ErrProtocol},
		{"reserved bit", true, cursor, frame(0xc1, "a"), nil, closing(1002, ""), engine.ErrProtocol},
		{"reserved opcode", true, cursor, frame(0x83, "a"), nil, closing(1002, ""), engine.ErrProtocol},
		{"ping in pieces", true, cursor, frame(0x09, "a"), nil, closing(1002, ""), engine.ErrProtocol},
		{"long ping", true, cursor, frame(0x89, strings.Repeat("p", 126)), nil, closing(1002, ""), engine.ErrProtocol},
		{"stray continuation", true, cursor, frame(0x80, "a"), nil, closing(1002, ""), engine.ErrProtocol},
		{"message within a message", true, cursor, frame(0x01, "a") + text("b"), nil, closing(1002, ""), engine.ErrProtocol},
		{"length in too many bytes", true, cursor, "\x81\x7e\x00\x7d" + strings.Repeat("x", 125), nil, closing(1002, ""), engine.ErrProtocol},
		{"length in far too many bytes", true, cursor, "\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", nil, closing(1002, ""), engine.ErrProtocol},
		{"length with the highest bit", true, cursor, "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x01", nil, closing(1002, ""), engine.ErrProtocol},
		{"message over the limit", true, cursor, "\x81\x7f\x00\x00\x00\x00\x00\x80\x10\x01", nil, closing(1009, ""), engine.ErrLimit},
		{"fragments over the limit", true, cursor, frame(0x01, "x") + "\x80\x7f\x00\x00\x00\x00\x00\x80\x10\x00", nil, closing(1009, ""), engine.ErrLimit},
		{"large messages", false, cursor, text(enveloped(5, "", large)) + text(enveloped(6, "", larger)), reads.Told{event(5, "", large), event(6, "", larger)}, "", nil},
		{"long message", false, cursor, text(enveloped(5, "", long)), reads.Told{event(5, "", long)}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := endpoint
			e.Raw = c.raw
			again := New(&e) // one conversation, opened again in whatever state
			each := reads.Each[string]
			if len(c.stream) > 1e4 {
				each = func(_ *testing.T, s string, f func(string, reads.Reads)) {
					f("whole", reads.Reads{[]byte(s)})
					f("at random", reads.Random([]byte(s), 1))
				}
			}
			each(t, c.stream, func(name string, r reads.Reads) {
				_, _, _ = frames(t, again, c.after, r[:len(r)/2])
				got, answer, err := frames(t, again, c.after, r) // whatever a broken connection left behind
				same := errors.Is(err, c.err)
				if want, ok := errors.AsType[*engine.CloseError](c.err); ok {
					got, ok := errors.AsType[*engine.CloseError](err)
					same = ok && *got == *want
				}
				if !cmp.Equal(c.want, got) || !same || string(answer) != c.answer {
					t.Fatalf("%s: %v, want %v; answered %q, want %q (-want +got)\n%s", name, err, c.err, answer, c.answer, cmp.Diff(c.want, got))
				}
			})
		})
	}
}

func TestThePayloadOfTheLargestSizeArrives(t *testing.T) { // W9
	data := `"` + strings.Repeat("x", 8<<20) + `"` // the largest that a scenario may ask for
	got, _, err := frames(t, New(&endpoint), cursor, reads.Random([]byte(text(enveloped(5, "ping", data))), 1))
	if want := (reads.Told{event(5, "ping", data)}); !slices.Equal(got, want) || err != nil {
		t.Errorf("told %d events, %v; want the one", len(got), err)
	}
}

func TestHandshakeIsAcceptedByAnotherServer(t *testing.T) { // W13
	c := New(&endpoint)
	keys := make(map[string]bool)
	for _, after := range []wire.Cursor{{}, cursor} {
		request := c.Open(nil, after)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			t.Fatal(err)
		}
		key := r.Header.Get("Sec-WebSocket-Key")
		if nonce, err := base64.StdEncoding.DecodeString(key); err != nil || len(nonce) != 16 || keys[key] {
			t.Errorf("key %q, %v", key, err)
		}
		keys[key] = true
		want := ""
		if !after.IsZero() {
			want = after.String()
		}
		if q := r.URL.Query(); r.URL.Path != "/ws" || q.Get("topic") != "a&b" || q.Get("after") != want || r.Host != "example.test:80" || r.Header.Get("Origin") != "http://example.test:80" {
			t.Errorf("request %q", request)
		}
		reads.Each(t, string(answered(t, request, 0).sent())+text(`{"hello":"E-1"}`), func(name string, r reads.Reads) {
			again := *c.(*Conversation) // a copy for each split, for the answer fits only this key
			opening := *again.opening
			again.opening, again.greeted = &opening, false
			told, out, err := r.To(&again)
			if err != nil || len(out) > 0 || !cmp.Equal(reads.Told{"hello E-1"}, told) {
				t.Fatalf("%s: told %q, answered %q, %v", name, told, out, err)
			}
		})
	}
}

func TestHandshakesThatDisagree(t *testing.T) { // W1 W2
	for _, c := range []struct {
		name     string
		from, to string
		want     error
	}{
		{"agreement", "", "", nil},
		{"another case", "Upgrade: websocket", "upgrade: WebSocket", nil},
		{"more tokens", "Connection: Upgrade", "Connection: keep-alive, upgrade", nil},
		{"no upgrade", "Upgrade: websocket\r\n", "", engine.ErrProtocol},
		{"another protocol", "Upgrade: websocket", "Upgrade: h2c", engine.ErrProtocol},
		{"no connection", "Connection: Upgrade\r\n", "", engine.ErrProtocol},
		{"wrong accept", "Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x", engine.ErrProtocol},
		{"no accept", "Sec-WebSocket-Accept", "X", engine.ErrProtocol},
		{"extension not offered", "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", engine.ErrProtocol},
		{"protocol not offered", "\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", engine.ErrProtocol},
		{"busy", "101 Switching Protocols", "503 Busy\r\nRetry-After: 4\r\nContent-Length: 0", &engine.StatusError{Code: 503, RetryAfter: 4 * time.Second}},
		{"elsewhere", "101 Switching Protocols", "302 Found\r\nLocation: /other\r\nContent-Length: 0", &engine.StatusError{Code: 302}},
		{"plain page", "101 Switching Protocols", "200 OK", &engine.StatusError{Code: 200}},
		{"no HTTP", "HTTP", "http", engine.ErrProtocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			conversation := New(&endpoint)
			response := string(answered(t, conversation.Open(nil, wire.Cursor{}), 0).sent())
			_, _, err := reads.Reads{[]byte(strings.Replace(response, c.from, c.to, 1))}.To(conversation)
			same := errors.Is(err, c.want)
			if want, ok := errors.AsType[*engine.StatusError](c.want); ok {
				got, ok := errors.AsType[*engine.StatusError](err)
				same = ok && *got == *want
			}
			if !same {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestFramesHaveTheBytesOfTheStandard(t *testing.T) { // W16
	for _, c := range []struct{ payload, server, client int }{
		{0, 2, 6}, {125, 2, 6}, {126, 4, 8}, {65535, 4, 8}, {65536, 10, 14},
	} {
		payload := strings.Repeat("x", c.payload)
		e := endpoint
		e.Raw = true
		conversation := New(&e)
		s := answered(t, conversation.Open(nil, cursor), 1<<17)
		if _, err := conversation.Receive(s.sent(), nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.WriteMessage(websocket.TextMessage, []byte(payload)); err != nil {
			t.Fatal(err)
		}
		down := s.sent()
		told, _, err := reads.Reads{down}.To(conversation)
		if err != nil || !cmp.Equal(reads.Told{bareEvent(5, payload)}, told) || len(down)-c.payload != c.server {
			t.Errorf("payload of %d bytes: framing of %d, want %d; %v", c.payload, len(down)-c.payload, c.server, err)
		}
		up := appendFrame(nil, 1, []byte(payload))
		s.tape.unread.Write(up)
		kind, got, err := s.ReadMessage()
		if err != nil || kind != websocket.TextMessage || string(got) != payload || len(up)-c.payload != c.client {
			t.Errorf("payload of %d bytes sent: framing of %d, want %d; type %d, %v", c.payload, len(up)-c.payload, c.client, kind, err)
		}
	}
}

func TestMessagesAreSaidInMaskedFrames(t *testing.T) {
	c := New(&endpoint)
	s := answered(t, c.Open(nil, cursor), 0)
	masks := make(map[string]bool)
	for i := range 50 {
		m := wire.Message{Due: int64(i), Type: "say", Data: []byte(`"` + strings.Repeat("y", i*i*30) + `"`)}
		sent := c.(engine.Sayer).Say(nil, &m)
		s.tape.unread.Write(sent)
		if _, got, err := s.ReadMessage(); err != nil || !bytes.Equal(got, wire.AppendMessage(nil, &m)) {
			t.Fatalf("message %d: %.99q, %v", i, got, err)
		}
		masks[string(sent[len(sent)-len(m.Data)-1:][:1])] = true
	}
	if len(masks) < 10 { // the same byte under fifty masks
		t.Errorf("%d different bytes", len(masks))
	}
}

func TestPongsAndClosesAreTakenByAnotherServer(t *testing.T) { // W6 W9
	e := endpoint
	e.Raw = true
	c := New(&e)
	s := answered(t, c.Open(nil, cursor), 0)
	var ponged string
	s.SetPongHandler(func(data string) error { ponged = data; return nil })
	_ = s.WriteControl(websocket.PingMessage, []byte("are you there"), time.Time{})
	_ = s.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "bye"), time.Time{})
	_, out, err := reads.Reads{s.sent()}.To(c)
	if closed, ok := errors.AsType[*engine.CloseError](err); !ok || *closed != (engine.CloseError{Code: 1001, Reason: "bye"}) {
		t.Errorf("ended by %v", err)
	}
	s.tape.unread.Write(out)
	if _, _, err := s.ReadMessage(); !websocket.IsCloseError(err, 1001) || ponged != "are you there" {
		t.Errorf("server got pong %q and %v", ponged, err)
	}
}
