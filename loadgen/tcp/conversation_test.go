package tcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

var (
	endpoint = engine.Endpoint{Host: "localhost", Path: "/tcp", Topic: "t7"}
	cursor   = wire.Cursor{Epoch: "E", N: 4}
)

func enveloped(n uint64, kind, data string) string {
	return string(wire.AppendEvent(nil, &wire.Event{N: n, Due: 10, Pub: 20, Wall: 30, Type: kind, Data: []byte(data)}))
}

func told(n uint64, kind, data string) string {
	return fmt.Sprintf("event %d due 10 pub 20 wall 30 type %q: %s", n, kind, data)
}

func toldBare(n uint64, text string) string {
	return fmt.Sprintf("event %d due 0 pub 0 wall 0 type \"\": %s", n, text)
}

// framed is a frame as a server sends it.
func framed(content string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(content)))) + content
}

const notice = `{"from":"5","to":"8","cursor":"E-8"}`

func TestConversationTellsWhatFramesSay(t *testing.T) { // V10 W5
	large, larger := `"`+strings.Repeat("x", 4300)+`"`, `"`+strings.Repeat("y", 9500)+`"` // their memory goes round
	for _, c := range []struct {
		name   string
		raw    bool
		after  wire.Cursor
		stream string
		want   reads.Told
		err    error
	}{
		{"subscribe", false, wire.Cursor{}, framed("hE-4") + framed("e"+enveloped(5, "", `{}`)) + framed("e"+enveloped(6, "a", `1`)),
			reads.Told{"hello E-4", told(5, "", `{}`), told(6, "a", `1`)}, nil},
		{"resume", false, cursor, framed("e"+enveloped(5, "", large)) + framed("e"+enveloped(6, "", larger)) + framed("e"+enveloped(7, "", large)),
			reads.Told{told(5, "", large), told(6, "", larger), told(7, "", large)}, nil},
		{"gap", false, cursor, framed("g"+notice) + framed("e"+enveloped(9, "", `1`)), reads.Told{`gap 5 to 8 at E-8 of ""`, told(9, "", `1`)}, nil},
		{"raw", true, wire.Cursor{}, framed("hE-4") + framed("e") + framed("g"+notice) + framed(`e{"gap":1}`) + framed("eü"),
			reads.Told{"hello E-4", toldBare(5, ""), `gap 5 to 8 at E-8 of ""`, toldBare(9, `{"gap":1}`), toldBare(10, "ü")}, nil},
		{"signs of life", true, cursor, framed("") + framed("") + framed("ea") + framed("") + framed("eb"), reads.Told{toldBare(5, "a"), toldBare(6, "b")}, nil},

		{"refused", false, wire.Cursor{}, "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n", nil, &engine.StatusError{Code: 404}},
		{"told to come back", true, cursor, "HTTP/1.1 503 Later\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n", nil, &engine.StatusError{Code: 503, RetryAfter: 2 * time.Second}},
		{"an answer amid events", true, cursor, framed("ea") + "HTTP/1.1 404 Not Found\r\n\r\n", reads.Told{toldBare(5, "a")}, engine.ErrLimit},
		{"an answer that is none", true, cursor, "HELO\r\n\r\n", nil, engine.ErrProtocol},
		{"event before hello", false, wire.Cursor{}, framed("e" + enveloped(5, "", "1")), nil, engine.ErrProtocol},
		{"gap before hello", false, wire.Cursor{}, framed("g" + notice), nil, engine.ErrProtocol},
		{"hello without cursor", false, wire.Cursor{}, framed("hx"), nil, engine.ErrProtocol},
		{"hello again", false, wire.Cursor{}, framed("hE-4") + framed("hE-4"), reads.Told{"hello E-4"}, engine.ErrProtocol},
		{"no event", false, cursor, framed("e{}"), nil, engine.ErrProtocol},
		{"no gap", false, cursor, framed("g{}"), nil, engine.ErrProtocol},
		{"unknown kind", false, cursor, framed("x"), nil, engine.ErrProtocol},
		{"too long", true, cursor, framed("ea") + "\x00\x80\x10\x01", reads.Told{toldBare(5, "a")}, engine.ErrLimit},
		{"far too long", true, cursor, "\xff\xff\xff\xff", nil, engine.ErrLimit},
	} {
		reads.Each(t, c.stream, func(name string, r reads.Reads) {
			e := endpoint
			e.Raw = c.raw
			half := New(&e)
			half.Open(nil, c.after)
			got, answer, err := r.To(half)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.name, name, diff)
			}
			if len(answer) > 0 {
				t.Errorf("%s, %s: answered %q", c.name, name, answer)
			}
			if refusal, ok := errors.AsType[*engine.StatusError](c.err); ok {
				if got, ok := errors.AsType[*engine.StatusError](err); !ok || *got != *refusal {
					t.Errorf("%s, %s: ends with %v, want %v", c.name, name, err, c.err)
				}
			} else if !errors.Is(err, c.err) {
				t.Errorf("%s, %s: ends with %v, want %v", c.name, name, err, c.err)
			}
		})
	}
}

func TestALongestFrameIsTaken(t *testing.T) { // V4
	e := endpoint
	e.Raw = true
	half := New(&e)
	half.Open(nil, cursor)
	var l reads.Deaf
	stream := []byte(framed("e" + strings.Repeat("x", Limit-1)))
	for len(stream) > 0 {
		n := min(len(stream), 64<<10)
		if _, err := half.Receive(stream[:n], nil, &l); err != nil {
			t.Fatal(err)
		}
		stream = stream[n:]
	}
	if l.Events != 1 {
		t.Errorf("%d events of a frame of %d bytes", l.Events, Limit)
	}
}

func TestRequestsAreFrames(t *testing.T) { // D6 W15
	half := New(&endpoint)
	if got, want := string(half.Open([]byte("x"), wire.Cursor{})), "xGET /tcp?topic=t7 HTTP/1.1\r\nHost: localhost\r\n\r\n"; got != want {
		t.Errorf("subscribes with %q, want %q", got, want)
	}
	if got, want := string(half.Open(nil, cursor)), "GET /tcp?topic=t7&after=E-4 HTTP/1.1\r\nHost: localhost\r\n\r\n"; got != want {
		t.Errorf("resumes with %q, want %q", got, want)
	}
	m := wire.Message{Due: 12, Type: "a", Data: []byte(`{}`)}
	if got, want := string(half.(engine.Sayer).Say([]byte("x"), &m)), "x"+framed(`{"due":"12","type":"a","data":{}}`); got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}

func TestNothingIsSaidBeforeTheServerHasAgreed(t *testing.T) { // W1
	for _, c := range []struct {
		name   string
		after  wire.Cursor
		answer string
		want   bool
	}{
		{"hello", wire.Cursor{}, framed("hE-4"), true},
		{"half a hello", wire.Cursor{}, framed("hE-4")[:6], false},
		{"a sign of life for a cursor", cursor, framed(""), true},
		{"a gap for a cursor", cursor, framed("g" + notice), true},
		{"a sign of life before the hello", wire.Cursor{}, framed(""), false},
		{"nothing", cursor, "", false},
		{"the beginning of a refusal", cursor, "HTTP/1.1 404", false},
	} {
		half := New(&endpoint)
		half.Open(nil, wire.Cursor{})
		if _, err := half.Receive([]byte(framed("hE-1")), nil, new(reads.Told)); err != nil || !half.(engine.Sayer).Ready() {
			t.Fatalf("ready on the first connection: %v, %v", half.(engine.Sayer).Ready(), err)
		}
		half.Open(nil, c.after)
		if half.(engine.Sayer).Ready() {
			t.Errorf("%s: ready on a new connection, before anything has come", c.name)
		}
		if _, err := half.Receive([]byte(c.answer), nil, new(reads.Told)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := half.(engine.Sayer).Ready(); got != c.want {
			t.Errorf("%s: ready is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestANewConnectionForgetsWhatTheLastOneLeft(t *testing.T) { // C8
	half := New(&endpoint)
	half.Open(nil, cursor)
	var first reads.Told
	if _, err := half.Receive([]byte(framed("e" + enveloped(5, "", "1"))[:20]), nil, &first); err != nil || len(first) > 0 {
		t.Fatalf("told %q of half a frame: %v", first, err)
	}
	half.Open(nil, cursor)
	got, _, err := reads.Reads{[]byte(framed("e" + enveloped(5, "", "1")))}.To(half)
	if diff := cmp.Diff(reads.Told{told(5, "", "1")}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// one is an event of 170 bytes.
var one = []byte(framed("e" + enveloped(12, "", `"`+strings.Repeat("x", 110)+`"`)))

func TestUsualTrafficCostsNoAllocation(t *testing.T) { // G14
	half := New(&endpoint)
	half.Open(nil, cursor)
	var l reads.Deaf
	out := make([]byte, 0, 1000)
	beat := []byte(framed(""))
	m := wire.Message{Due: 1 << 50, Data: []byte(`"` + strings.Repeat("x", 200) + `"`)}
	if n := testing.AllocsPerRun(100, func() {
		_, err := half.Receive(one, out, &l)
		if err == nil {
			_, err = half.Receive(beat, out, &l)
		}
		if err != nil {
			t.Fatal(err)
		}
		half.(engine.Sayer).Say(out, &m)
	}); n != 0 || l.Events == 0 {
		t.Errorf("%v allocations per event, sign of life and message; %d events", n, l.Events)
	}
}

func TestConversationIsSmall(t *testing.T) { // G20
	var l reads.Deaf
	size := reads.Footprint(func() engine.Conversation {
		half := New(&endpoint)
		half.Open(nil, cursor)
		if _, err := half.Receive(one, nil, &l); err != nil {
			t.Fatal(err)
		}
		return half
	})
	if size > 320 {
		t.Errorf("%d bytes a conversation", size)
	}
}

func BenchmarkReceive(b *testing.B) {
	half := New(&endpoint)
	half.Open(nil, cursor)
	var l reads.Deaf
	b.ReportAllocs()
	b.SetBytes(int64(len(one)))
	for b.Loop() {
		if _, err := half.Receive(one, nil, &l); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzFrames understands the same however a stream is cut, and keeps no more of it
// than the frame that it is in.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(framed("ea")+framed("")+framed("e")), uint64(1))
	f.Add([]byte(framed("g"+notice)+framed("eb")), uint64(2))
	f.Add([]byte("\x00\x00\x00\x05e"), uint64(3))
	f.Add([]byte("\x7f\xff\xff\xff"), uint64(4))
	f.Add([]byte("HTTP/1.1 404 Not Found\r\n\r\n"), uint64(5))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		e := endpoint
		e.Raw = true
		half := New(&e).(*Conversation)
		half.Open(nil, cursor)
		whole, _, err := reads.Reads{stream}.To(half)
		if len(half.held) > len(stream) || cap(half.held) > 2*announced+len(stream) {
			t.Fatalf("keeps %d bytes, in memory for %d, of %d", len(half.held), cap(half.held), len(stream))
		}
		half.Open(nil, cursor)
		split, _, splitErr := reads.Random(stream, seed).To(half)
		if diff := cmp.Diff(whole, split); diff != "" || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, split: %v (-whole +split)\n%s", err, splitErr, diff)
		}
	})
}
