package sse

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

var endpoint = engine.Endpoint{Host: "example.test:80", Path: "/sse", Topic: "a b&c"}

// respond is a response whose body comes in chunks.
func respond(chunks ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n")
	for _, c := range chunks {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(c), c)
	}
	return b.String()
}

// framed is an event as a server sends it.
func framed(n uint64, kind, data string) string {
	e := wire.Event{N: n, Due: 10, Pub: 20, Wall: 30, Type: kind, Data: []byte(data)}
	if kind != "" {
		kind = "event: " + kind + "\n"
	}
	return fmt.Sprintf("id: E-%d\n%sdata: %s\n\n", n, kind, wire.AppendEvent(nil, &e))
}

func event(n uint64, kind, data string) string {
	return fmt.Sprintf("event %d due 10 pub 20 wall 30 type %q: %s", n, kind, data)
}

const end = "0\r\n\r\n"

func TestConversationTellsWhatTheStreamSays(t *testing.T) { // C7 S29
	cursor := wire.Cursor{Epoch: "E", N: 4}
	large, larger := `"`+strings.Repeat("x", 4300)+`"`, `"`+strings.Repeat("y", 4500)+`"` // their memory goes round
	for _, c := range []struct {
		name   string
		raw    bool
		after  wire.Cursor
		stream string
		want   reads.Told
		err    error
	}{
		{"subscribe", false, wire.Cursor{}, respond("retry: 2000\nid: E-4\n\n", framed(5, "", `{"a":1}`), ":\n\n", framed(6, "ping", `"x"`)+framed(7, "", `[]`)) + end,
			reads.Told{"hello E-4", event(5, "", `{"a":1}`), event(6, "ping", `"x"`), event(7, "", `[]`)}, engine.ErrEnded},
		{"resume", false, cursor, respond("retry: 2000\n\n", framed(5, "", `1`)), reads.Told{event(5, "", `1`)}, nil},
		{"position without event", false, cursor, respond("id: E-9\n\n", framed(10, "", `1`)), reads.Told{event(10, "", `1`)}, nil},
		{"position of the event behind it", false, cursor, respond("id: E-5\n\n", framed(5, "", `1`)[len("id: E-5\n"):]), reads.Told{event(5, "", `1`)}, nil},
		{"position that is none, and none needed", false, cursor, respond("id: x\n\n", framed(5, "", `1`)), reads.Told{event(5, "", `1`)}, nil},
		{"chunks cut anywhere", false, cursor, respond("id: E-5\nda", framed(5, "", "1")[len("id: E-5\nda"):]+"id:", " E-6\n"+framed(6, "", "2")[len("id: E-6\n"):]),
			reads.Told{event(5, "", `1`), event(6, "", `2`)}, nil},
		{"large events", false, cursor, respond(framed(5, "", large), framed(6, "", larger)), reads.Told{event(5, "", large), event(6, "", larger)}, nil},
		{"gap", false, cursor, respond("id: E-8\nevent: gap\ndata: {\"from\":\"5\",\"to\":\"8\",\"cursor\":\"E-8\"}\n\n", framed(9, "", `1`)),
			reads.Told{`gap 5 to 8 at E-8 of ""`, event(9, "", `1`)}, nil},
		{"another epoch", false, cursor, respond("id: F-0\nevent: gap\ndata: {\"from\":\"1\",\"to\":\"0\",\"cursor\":\"F-0\",\"epoch\":\"E\"}\n\n", strings.Replace(framed(1, "", `1`), "E", "F", 1)),
			reads.Told{`gap 1 to 0 at F-0 of "E"`, event(1, "", `1`)}, nil},
		{"raw", true, wire.Cursor{}, respond("id: E-4\n\n", "id: E-5\ndata: a\ndata:  b\n\n", "id: E-6\nevent: t\ndata: \n\nid: E-7\ndata: {\n\n"),
			reads.Told{"hello E-4", "event 5 due 0 pub 0 wall 0 type \"\": a\n b", `event 6 due 0 pub 0 wall 0 type "t": `, `event 7 due 0 pub 0 wall 0 type "": {`}, nil},
		{"body without length", false, cursor, "HTTP/1.0 200 OK\r\ncontent-type:TEXT/Event-Stream;\r\n\r\n" + framed(5, "", "1"), reads.Told{event(5, "", "1")}, nil},
		{"body of known length", false, cursor, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(framed(5, "", "1")), framed(5, "", "1")), reads.Told{event(5, "", "1")}, engine.ErrEnded},

		{"event before hello", false, wire.Cursor{}, respond(framed(5, "", `1`)), nil, engine.ErrProtocol},
		{"id that is no cursor", false, wire.Cursor{}, respond("id: x\n\n"), nil, engine.ErrProtocol},
		{"id of another event", false, cursor, respond("id: E-6\n" + framed(5, "", "1")[len("id: E-5\n"):]), nil, engine.ErrProtocol},
		{"event without id", false, cursor, respond(framed(5, "", "1")[len("id: E-5\n"):]), nil, engine.ErrProtocol},
		{"event behind a position that is none", false, cursor, respond("id: x\n\n", framed(5, "", "1")[len("id: E-5\n"):]), nil, engine.ErrProtocol},
		{"event behind a position taken back", false, cursor, respond("id: E-5\n\nid\n\n", framed(5, "", "1")[len("id: E-5\n"):]), nil, engine.ErrProtocol},
		{"type that only the field has", false, cursor, respond("event: x\n" + framed(5, "", "1")), nil, engine.ErrProtocol},
		{"type that only the event has", false, cursor, respond(strings.Replace(framed(5, "x", "1"), "event: x\n", "", 1)), nil, engine.ErrProtocol},
		{"no event", false, cursor, respond("id: E-5\ndata: {}\n\n"), nil, engine.ErrProtocol},
		{"no gap", false, cursor, respond("id: E-5\nevent: gap\ndata: {}\n\n"), nil, engine.ErrProtocol},
		{"gap that ends elsewhere", false, cursor, respond("id: E-9\nevent: gap\ndata: {\"from\":\"5\",\"to\":\"8\",\"cursor\":\"E-8\"}\n\n"), nil, engine.ErrProtocol},
		{"broken chunk", false, cursor, respond(framed(5, "", "1")) + "x", reads.Told{event(5, "", "1")}, engine.ErrProtocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := endpoint
			e.Raw = c.raw
			again := New(&e) // one conversation, opened again in whatever state
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				again.Open(nil, c.after)
				_, _, _ = r[:len(r)/2].To(again)
				again.Open(nil, c.after) // whatever a broken connection left behind
				got, out, err := r.To(again)
				if !cmp.Equal(c.want, got) || !errors.Is(err, c.err) || len(out) > 0 {
					t.Fatalf("%s: %v, answered %q (-want +got)\n%s", name, err, out, cmp.Diff(c.want, got))
				}
			})
		})
	}
}

// What one client has been told is known of the next by its bytes; but those that
// mean something else to it do that.
func TestKnownBytesMeanWhatTheyMeanToEach(t *testing.T) {
	withoutID := framed(6, "", `2`)[len("id: E-6\n"):]
	withRetry := strings.Replace(framed(7, "", `3`), "\n", "\nretry: 40\n", 1)
	stream := respond(framed(5, "", `1`), framed(6, "", `2`), withoutID, withRetry, framed(8, "ping", `4`))
	want := reads.Told{event(5, "", `1`), event(6, "", `2`), event(6, "", `2`), event(7, "", `3`), event(8, "ping", `4`)}
	for range 3 {
		c := New(&endpoint).(*Conversation)
		c.Open(nil, wire.Cursor{Epoch: "E", N: 4})
		got, _, err := (reads.Reads{[]byte(stream)}).To(c)
		if err != nil || !slices.Equal(got, want) || c.Retry() != 40*time.Millisecond {
			t.Errorf("told %q, %v; retry after %v", got, err, c.Retry())
		}
		bare := endpoint
		bare.Raw = true
		raw := New(&bare)
		raw.Open(nil, wire.Cursor{Epoch: "E", N: 6})
		got, _, err = (reads.Reads{[]byte(respond(framed(7, "", `3`), framed(8, "ping", `4`)))}).To(raw)
		if err != nil || len(got) != 2 || !strings.Contains(got[1], `{"n":"8"`) {
			t.Errorf("one without envelopes is told %q, %v", got, err)
		}
	}
}

func TestThePayloadOfTheLargestSizeArrives(t *testing.T) { // S27
	data := `"` + strings.Repeat("x", 8<<20) + `"` // the largest that a scenario may ask for
	c := New(&endpoint)
	c.Open(nil, wire.Cursor{Epoch: "E", N: 4})
	got, _, err := reads.Random([]byte(respond(framed(5, "ping", data))), 1).To(c)
	if want := (reads.Told{event(5, "ping", data)}); !slices.Equal(got, want) || err != nil {
		t.Errorf("told %d events, %v; want the one", len(got), err)
	}
}

func TestRequestIsThatOfABrowser(t *testing.T) { // C1 C12 C16
	for _, c := range []struct {
		id   string
		want []string
	}{{"", nil}, {"E-12", []string{"E-12"}}, {"…ü", []string{"…ü"}}} {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(appendRequest(nil, &endpoint, nil, []byte(c.id)))))
		if err != nil {
			t.Fatal(err)
		}
		got := []any{r.Method, r.Host, r.URL.Path, r.URL.Query().Get("topic"), r.Header}
		header := http.Header{"Accept": {"text/event-stream"}, "Cache-Control": {"no-cache"}}
		if c.want != nil {
			header["Last-Event-Id"] = c.want
		}
		if want := []any{"GET", "example.test:80", "/sse", "a b&c", header}; !cmp.Equal(want, got) {
			t.Errorf("after %q (-want +got)\n%s", c.id, cmp.Diff(want, got))
		}
	}
}

func TestResponsesThatAreNoStream(t *testing.T) { // C2 C4 C5 C16
	status := func(code int, fields string) string {
		return fmt.Sprintf("HTTP/1.1 %d X\r\n%sContent-Length: 5\r\n\r\nnever", code, fields)
	}
	refused := func(code int, after time.Duration) error {
		return &engine.StatusError{Code: code, RetryAfter: after}
	}
	for _, c := range []struct {
		response string
		want     error
		final    bool
	}{
		{status(204, ""), engine.ErrStop, true},
		{status(205, ""), refused(205, 0), true},
		{status(210, ""), refused(210, 0), true},
		{status(299, ""), refused(299, 0), true},
		{status(304, "Location: /x\r\n"), refused(304, 0), true},
		{status(404, ""), refused(404, 0), true},
		{status(410, ""), refused(410, 0), true},
		{status(429, "retry-after: 7\r\n"), refused(429, 7*time.Second), false},
		{status(503, "Retry-After: 1\r\n"), refused(503, time.Second), false},
		{status(200, "Content-Type: text/html\r\n"), engine.ErrProtocol, true},
		{status(200, "Content-Type: text/x-bogus\r\n"), engine.ErrProtocol, true},
		{status(200, "Content-Type: text/event-streams\r\n"), engine.ErrProtocol, true},
		{status(200, ""), engine.ErrProtocol, true},
		{status(200, "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"), engine.ErrProtocol, true},
	} {
		reads.Each(t, c.response, func(name string, r reads.Reads) {
			conversation := New(&endpoint)
			conversation.Open(nil, wire.Cursor{})
			told, _, err := r.To(conversation)
			same := errors.Is(err, c.want)
			if want, ok := errors.AsType[*engine.StatusError](c.want); ok {
				got, ok := errors.AsType[*engine.StatusError](err)
				same = ok && *got == *want
			}
			if !same || engine.Final(err) != c.final || len(told) > 0 {
				t.Fatalf("%q %s: %v (final %t), want %v; told %q", c.response, name, err, engine.Final(err), c.want, told)
			}
		})
	}
}

func TestContentTypeMayHaveParameters(t *testing.T) { // C3
	for _, value := range []string{"text/event-stream", "text/event-stream;", "TEXT/event-Stream ; charset=latin-1", "text/event-stream;charset=utf-8"} {
		c := New(&endpoint)
		c.Open(nil, wire.Cursor{})
		told, _, err := reads.Reads{[]byte("HTTP/1.1 200 OK\r\nContent-Type: " + value + "\r\n\r\nid:E-0\r\r")}.To(c)
		if err != nil || !cmp.Equal(reads.Told{"hello E-0"}, told) {
			t.Errorf("%q: told %q, %v", value, told, err)
		}
	}
}

func TestEveryReconnectSendsTheCursorGiven(t *testing.T) { // C9 C10
	c := New(&endpoint)
	for _, n := range []uint64{0, 7, 7, 9} { // 7 again: that connection brought no event
		after := wire.Cursor{Epoch: "E", N: n}
		sent := c.Open(nil, after)
		if want := fmt.Sprintf("\r\nLast-Event-ID: E-%d\r\n", n); strings.Count(string(sent), want) != 1 {
			t.Errorf("request %q lacks %q", sent, want)
		}
		if _, _, err := (reads.Reads{[]byte(respond(framed(n+1, "", "1"), "id: E-99\ndata:"))}).To(c); err != nil {
			t.Fatal(err)
		}
	}
	if sent := c.Open(nil, wire.Cursor{}); strings.Contains(string(sent), "Last-Event-ID") {
		t.Errorf("request without a cursor: %q", sent)
	}
}

func TestResetIDIsNotSent(t *testing.T) { // C11
	got, err := parse(new(Parser), reads.Reads{[]byte("id:1\ndata:a\n\nid\ndata:b\n\n")})
	if err != nil {
		t.Fatal(err)
	}
	if sent := string(appendRequest(nil, &endpoint, nil, []byte(got.ID))); strings.Contains(sent, "Last-Event-ID") {
		t.Errorf("request %q", sent)
	}
}

func TestRetryOutlivesConnections(t *testing.T) { // S23 S24
	c := New(&endpoint).(*Conversation)
	c.Open(nil, wire.Cursor{})
	if got := c.Retry(); got != 0 {
		t.Errorf("Retry before any = %v", got)
	}
	if _, _, err := (reads.Reads{[]byte(respond("retry: 1500\n"))}).To(c); err != nil {
		t.Fatal(err)
	}
	c.Open(nil, wire.Cursor{})
	if got, want := c.Retry(), 1500*time.Millisecond; got != want {
		t.Errorf("Retry = %v, want %v", got, want)
	}
}
