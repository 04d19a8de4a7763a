package ws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestHandshakeIsRefused(t *testing.T) { // W1
	src, _ := raw(0)
	address, _ := start(t, New(src, Options{}))
	without := func(line string) string { return strings.Replace(upgrade, line, "", 1) }
	for _, c := range []struct {
		name, line, header string
		status             int
	}{
		{"no upgrade", "GET /?topic=t0 HTTP/1.1", "Host: localhost\r\n", 400},
		{"no Upgrade header", "GET /?topic=t0 HTTP/1.1", without("Upgrade: websocket\r\n"), 400},
		{"version 8", "GET /?topic=t0 HTTP/1.1", strings.Replace(upgrade, "13", "8", 1), 400},
		{"no key", "GET /?topic=t0 HTTP/1.1", without("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"), 400},
		{"short key", "GET /?topic=t0 HTTP/1.1", strings.Replace(upgrade, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAA", 1), 400},
		{"POST", "POST /?topic=t0 HTTP/1.1", upgrade, 405},
		{"HEAD", "HEAD /?topic=t0 HTTP/1.1", upgrade, 405},
		{"HTTP/1.0", "GET /?topic=t0 HTTP/1.0", upgrade, 426},
		{"unknown topic", "GET /?topic=t1 HTTP/1.1", upgrade, 404},
		{"bad cursor", "GET /?topic=t0&after=12 HTTP/1.1", upgrade, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, response := handshake(t, dial(t, address), c.line+"\r\n"+c.header)
			if response.StatusCode != c.status {
				t.Errorf("status %d, want %d", response.StatusCode, c.status)
			}
			if got := response.Header.Get("Sec-WebSocket-Version"); strings.HasPrefix(c.name, "version") && got != "13" {
				t.Errorf("supported version %q, want 13", got)
			}
		})
	}
	if n := src.Subscribers(); n != 0 {
		t.Errorf("%d subscribers, want 0", n)
	}
}

func TestConnectionIsReusableAfterARefusal(t *testing.T) { // W1
	src, _ := raw(0)
	address, _ := start(t, New(src, Options{}))
	conn := dial(t, address)
	_, response := handshake(t, conn, "GET /?topic=t0 HTTP/1.1\r\nHost: localhost\r\n")
	if response.StatusCode != http.StatusBadRequest {
		t.Fatalf("status %d, want 400", response.StatusCode)
	}
	open(t, conn, "/?topic=t0").want(text, hello)
}

func TestSubprotocolIsNotEchoed(t *testing.T) { // W2
	src, _ := raw(0)
	address, _ := start(t, New(src, Options{}))
	_, response := handshake(t, dial(t, address), "GET /?topic=t0 HTTP/1.1\r\n"+upgrade+
		"Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n")
	for _, name := range []string{"Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"} {
		if got := response.Header.Get(name); got != "" || response.StatusCode != 101 {
			t.Errorf("%d with %s %q, want 101 with none", response.StatusCode, name, got)
		}
	}
}

func TestOnlyKnownOriginsConnect(t *testing.T) { // X2
	src, _ := raw(0)
	h := New(src, Options{Origins: []string{"https://friend.example"}})
	for _, c := range []struct {
		origin string
		want   bool
	}{
		{"", true},
		{"http://here.example:8080", true},
		{"http://HERE.example:8080", true},
		{"https://friend.example", true},
		{"https://Friend.Example", true},
		{"http://friend.example", false},
		{"https://friend.example:444", false},
		{"https://friend.example.evil.example", false},
		{"https://evilfriend.example", false},
		{"http://here.example", false},
		{"http://here.example:80", false},
		{"http://here.example:8080.evil.example", false},
		{"http://evil.example/here.example:8080", false},
		{"http://here.example:8080@evil.example", false},
		{"null", false},
		{"//", false},
	} {
		r := httptest.NewRequest("GET", "/?topic=t0", nil)
		r.Host = "here.example:8080"
		r.Header.Set("Origin", c.origin)
		if got := h.welcome(r); got != c.want {
			t.Errorf("origin %q: %t, want %t", c.origin, got, c.want)
		}
	}
	address, _ := start(t, h)
	_, response := handshake(t, dial(t, address), "GET /?topic=t0 HTTP/1.1\r\n"+upgrade+"Origin: http://evil.example\r\n")
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", response.StatusCode)
	}
}

// wrapped hides everything that a ResponseWriter can do, but for the way to it.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestWrapperWithUnwrapIsUpgraded(t *testing.T) {
	src, _ := raw(0)
	h := New(src, Options{})
	address, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(wrapped{w}, r)
	}))
	open(t, dial(t, address), "/?topic=t0").want(text, hello)
}

func TestCursorDecidesWhereTheConnectionStarts(t *testing.T) { // W15
	src, topic := raw(4)
	publish(t, topic, numbers(10)...)
	address, _ := start(t, New(src, Options{}))
	gap := func(from int, rest string) string {
		return fmt.Sprintf(`{"gap":{"from":"%d","to":"6","cursor":"local-6"%s}}`, from, rest)
	}
	for _, c := range []struct {
		name, after string
		want        []string
	}{
		{"none", "", []string{`{"hello":"local-10"}`}},
		{"in the log", "local-8", []string{"9", "10"}},
		{"at the head", "local-10", nil},
		{"too old", "local-2", []string{gap(3, ""), "7", "8", "9", "10"}},
		{"from the future", "local-11", []string{gap(1, `,"epoch":"local"`), "7", "8", "9", "10"}},
		{"of another epoch", "other-9", []string{gap(1, `,"epoch":"other"`), "7", "8", "9", "10"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := open(t, dial(t, address), "/?topic=t0&after="+c.after)
			for _, message := range c.want {
				conn.want(text, message)
			}
			conn.send(masked(final|websocket.PingMessage, "last"))
			conn.want(final|websocket.PongMessage, "last")
		})
	}
}

func TestFrameOverheadIsTheStandards(t *testing.T) { // W16
	src, topic := raw(0)
	address, _ := start(t, New(src, Options{}))
	c := open(t, dial(t, address), "/?topic=t0")
	c.want(text, hello)
	for size, overhead := range map[int]int{0: 2, 1: 2, 125: 2, 126: 4, 65535: 4, 65536: 10, 1 << 20: 10} {
		publish(t, topic, strings.Repeat("x", size))
		header, payload, err := c.frame()
		if err != nil {
			t.Fatal(err)
		}
		if len(header) != overhead || len(payload) != size || header[0] != text {
			t.Errorf("%d bytes take a frame %#x of %d + %d, want %#x of %d + %d", size, header[0], len(header), len(payload), text, overhead, size)
		}
	}
}
