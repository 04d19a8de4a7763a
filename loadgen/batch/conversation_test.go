package batch

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

var (
	endpoint = engine.Endpoint{Host: "example.test", Path: "/poll", Topic: "a&b"}
	cursor   = wire.Cursor{Epoch: "E", N: 4}
)

// answer is an HTTP response with a batch of events.
func answer(b wire.Batch, events ...string) string {
	list := make([][]byte, len(events))
	for i, e := range events {
		list[i] = []byte(e)
	}
	return respond(200, "", string(wire.AppendBatch(nil, &b, list)))
}

func respond(status int, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", status, fields, len(body), body)
}

func at(n uint64) wire.Batch { return wire.Batch{Cursor: wire.Cursor{Epoch: "E", N: n}} }

func enveloped(n uint64, kind, data string) string {
	return string(wire.AppendEvent(nil, &wire.Event{N: n, Due: 10, Pub: 20, Wall: 30, Type: kind, Data: []byte(data)}))
}

func event(n uint64, kind, data string) string {
	return fmt.Sprintf("event %d due 10 pub 20 wall 30 type %q: %s", n, kind, data)
}

func bareEvent(n uint64, text string) string {
	return fmt.Sprintf("event %d due 0 pub 0 wall 0 type \"\": %s", n, text)
}

const nothing = "HTTP/1.1 204 No Content\r\nETag: \"E-4\"\r\n\r\n"

func TestConversationTellsWhatAnAnswerSays(t *testing.T) { // L3 P1
	more := at(6)
	more.More = true
	gap := at(9)
	gap.Gap = &wire.Gap{From: 5, To: 8, Cursor: wire.Cursor{Epoch: "E", N: 8}}
	other := wire.Batch{Cursor: wire.Cursor{Epoch: "F", N: 2}, Gap: &wire.Gap{From: 1, To: 2, Cursor: wire.Cursor{Epoch: "F", N: 2}, Epoch: "E"}}
	const events = `{"cursor":"E-5","more":false,"events":[`
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n27\r\n" + events + "\r\n1;x\r\n]\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n"
	large, larger := `"`+strings.Repeat("x", 4300)+`"`, `"`+strings.Repeat("y", 4500)+`"` // their memory goes round
	for _, c := range []struct {
		name   string
		raw    bool
		after  wire.Cursor
		stream string
		want   reads.Told
		asking engine.Asking
		next   string // the cursor that is asked after then
		err    error
	}{
		{"hello", false, wire.Cursor{}, answer(at(4)), reads.Told{"hello E-4"}, engine.Idle, "E-4", nil},
		{"nothing new", false, cursor, nothing, nil, engine.Idle, "E-4", nil},
		{"not modified", false, cursor, "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", nil, engine.Idle, "E-4", nil},
		{"interim response first", false, cursor, "HTTP/1.1 102 Processing\r\n\r\n" + nothing, nil, engine.Idle, "E-4", nil},
		{"events", false, cursor, answer(at(6), enveloped(5, "", `"x]}"`), enveloped(6, "ping", `{"a":[1]}`)), reads.Told{event(5, "", `"x]}"`), event(6, "ping", `{"a":[1]}`)}, engine.Idle, "E-6", nil},
		{"more", false, cursor, answer(more, enveloped(5, "", `1`), enveloped(6, "", `2`)), reads.Told{event(5, "", `1`), event(6, "", `2`)}, engine.Eager, "E-6", nil},
		{"large events", false, cursor, answer(at(6), enveloped(5, "", large), enveloped(6, "", larger)), reads.Told{event(5, "", large), event(6, "", larger)}, engine.Idle, "E-6", nil},
		{"gap", false, cursor, answer(gap, enveloped(9, "", `1`)), reads.Told{`gap 5 to 8 at E-8 of ""`, event(9, "", `1`)}, engine.Idle, "E-9", nil},
		{"another epoch", false, cursor, answer(other), reads.Told{`gap 1 to 2 at F-2 of "E"`}, engine.Idle, "F-2", nil},
		{"chunked", false, cursor, chunked, nil, engine.Idle, "E-5", nil},
		{"last on its connection", false, cursor, respond(200, "Connection: close\r\n", events+enveloped(5, "", "1")+"]}"), reads.Told{event(5, "", "1")}, engine.Idle, "E-5", engine.ErrEnded},
		{"raw", true, cursor, answer(at(7), `"a\n\"b\""`, `"ü"`, `""`), reads.Told{bareEvent(5, "a\n\"b\""), bareEvent(6, "ü"), bareEvent(7, "")}, engine.Idle, "E-7", nil},
		{"raw hello", true, wire.Cursor{}, answer(at(0)), reads.Told{"hello E-0"}, engine.Idle, "E-0", nil},

		{"nothing where a cursor was asked for", false, wire.Cursor{}, nothing, nil, engine.Idle, "", engine.ErrProtocol},
		{"events before the hello", false, wire.Cursor{}, answer(at(5), enveloped(5, "", "1")), nil, engine.Idle, "", engine.ErrProtocol},
		{"no batch", false, cursor, respond(200, "", `{"events":[]}`), nil, engine.Idle, "", engine.ErrProtocol},
		{"empty body", false, cursor, respond(200, "", ""), nil, engine.Idle, "", engine.ErrProtocol},
		{"broken event", false, cursor, respond(200, "", events+enveloped(5, "", "1")+`,{}]}`), reads.Told{event(5, "", "1")}, engine.Idle, "", engine.ErrProtocol},
		{"text in place of an event", false, cursor, answer(at(5), `"a"`), nil, engine.Idle, "", engine.ErrProtocol},
		{"event in place of text", true, cursor, answer(at(5), enveloped(5, "", "1")), nil, engine.Idle, "", engine.ErrProtocol},
		{"more text than numbers", true, cursor, answer(at(1), `"a"`, `"b"`), nil, engine.Idle, "", engine.ErrProtocol},
		{"no length", false, cursor, "HTTP/1.1 200 OK\r\n\r\n", nil, engine.Waiting, "", engine.ErrProtocol},
		{"answer twice", false, cursor, nothing + nothing, nil, engine.Idle, "", engine.ErrProtocol},
		{"beginning of a second answer", false, cursor, nothing + "HTTP/1", nil, engine.Idle, "", engine.ErrProtocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := endpoint
			e.Raw = c.raw
			again := New(&e) // one conversation, opened again in whatever state
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				again.Open(nil, c.after)
				_, _, _ = r[:len(r)/2].To(again)
				again.Open(nil, c.after) // whatever a broken connection left behind
				if again.Asking() != engine.Waiting {
					t.Fatalf("asking after Open = %d", again.Asking())
				}
				got, out, err := r.To(again)
				if !cmp.Equal(c.want, got) || !errors.Is(err, c.err) || again.Asking() != c.asking || len(out) > 0 {
					t.Fatalf("%s: %v, asking %d, answered %q (-want +got)\n%s", name, err, again.Asking(), out, cmp.Diff(c.want, got))
				}
				if next := asked(t, again.Ask(nil)); c.next != "" && next != c.next {
					t.Fatalf("%s: next asked after %q, want %q", name, next, c.next)
				}
			})
		})
	}
}

func TestThePayloadOfTheLargestSizeArrives(t *testing.T) { // P1
	data := `"` + strings.Repeat("x", 8<<20) + `"` // the largest that a scenario may ask for
	c := New(&endpoint)
	c.Open(nil, cursor)
	got, _, err := reads.Random([]byte(answer(at(5), enveloped(5, "ping", data))), 1).To(c)
	if want := (reads.Told{event(5, "ping", data)}); !slices.Equal(got, want) || err != nil {
		t.Errorf("told %d events, %v; want the one", len(got), err)
	}
}

// asked is the cursor of a request.
func asked(t *testing.T, request []byte) string {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "GET" || r.Host != "example.test" || r.URL.Path != "/poll" || r.URL.Query().Get("topic") != "a&b" || r.Close {
		t.Errorf("request %q", request)
	}
	return r.URL.Query().Get("after")
}

func TestAnsweringFollowsAsking(t *testing.T) { // L11
	c := New(&endpoint)
	if got := asked(t, c.Open(nil, wire.Cursor{})); got != "" {
		t.Errorf("first asked after %q", got)
	}
	for n := range uint64(5) {
		told, _, err := reads.Random([]byte(answer(at(n))), n).To(c)
		if err != nil || (n == 0) != (len(told) == 1) {
			t.Fatalf("answer %d: told %q, %v", n, told, err)
		}
		if got, want := asked(t, c.Ask(nil)), at(n).Cursor.String(); got != want || c.Asking() != engine.Waiting {
			t.Errorf("question %d after %q, want %q; asking %d", n, got, want, c.Asking())
		}
	}
}

func TestRefusalsCarryStatusAndDelay(t *testing.T) { // P6 L12 L13
	for _, want := range []engine.StatusError{{Code: 400}, {Code: 404}, {Code: 429, RetryAfter: 3 * time.Second}, {Code: 503, RetryAfter: time.Second}, {Code: 504}, {Code: 302}, {Code: 101}} {
		fields := ""
		if want.RetryAfter > 0 {
			fields = fmt.Sprintf("Retry-After: %d\r\n", int(want.RetryAfter.Seconds()))
		}
		reads.Each(t, respond(want.Code, fields, "why"), func(name string, r reads.Reads) {
			c := New(&endpoint)
			c.Open(nil, cursor)
			_, _, err := r.To(c)
			if got, ok := errors.AsType[*engine.StatusError](err); !ok || *got != want {
				t.Fatalf("%s: %v, want %+v", name, err, want)
			}
		})
	}
}

func TestAnswersOverTheLimitAreRefused(t *testing.T) {
	c := New(&endpoint)
	c.Open(nil, cursor)
	piece := bytes.Repeat([]byte("x"), 1<<20)
	_, err := c.Receive([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n"), nil, new(reads.Deaf))
	sent := 0
	for ; err == nil && sent <= 2*Limit; sent += len(piece) {
		_, err = c.Receive(piece, nil, new(reads.Deaf))
	}
	if !errors.Is(err, engine.ErrLimit) || sent != Limit+len(piece) {
		t.Errorf("%v after %d bytes", err, sent)
	}
}

func TestNothingIsHeldBetweenAnswers(t *testing.T) {
	c := New(&endpoint)
	c.Open(nil, cursor)
	if _, _, err := reads.Random([]byte(answer(at(5), enveloped(5, "", "1"))), 3).To(c); err != nil || c.held != nil {
		t.Errorf("%v; held %q", err, c.held)
	}
}

// plain has a topic as most are, with nothing to escape.
var plain = engine.Endpoint{Host: "example.test", Path: "/poll", Topic: "news"}

func BenchmarkAnswerOfOneEvent(b *testing.B) {
	c := New(&plain)
	request := c.Open(nil, cursor)
	in := []byte(answer(at(5), enveloped(5, "", `"`+string(bytes.Repeat([]byte("x"), 100))+`"`)))
	var l reads.Deaf
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := c.Receive(in, nil, &l); err != nil {
			b.Fatal(err)
		}
		request = c.Ask(request[:0])
	}
}

func BenchmarkAnswerOfNothing(b *testing.B) {
	c := New(&plain)
	request := c.Open(nil, cursor)
	in := []byte(nothing)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Receive(in, nil, nil); err != nil {
			b.Fatal(err)
		}
		request = c.Ask(request[:0])
	}
}
