package uplink

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

var (
	endpoint = engine.Endpoint{Host: "example.test", Path: "/publish", Topic: "room1"}
	greeting = wire.Message{Due: 42, Data: []byte(`{"text":"hé"}`)}
)

func TestMessageIsPosted(t *testing.T) {
	s := New(&endpoint)
	s.Open()
	for _, m := range []wire.Message{greeting, {Due: -1, Type: "ping", Data: []byte(`"` + string(bytes.Repeat([]byte("x"), 1e5)) + `"`)}} {
		if !s.Ready() {
			t.Fatal("not idle before saying")
		}
		in := bufio.NewReader(bytes.NewReader(s.Say(nil, &m)))
		if s.Ready() {
			t.Error("idle before the answer")
		}
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r.Body)
		if want := wire.AppendMessage(nil, &m); err != nil || !bytes.Equal(got, want) {
			t.Errorf("body %.99q, %v, want %.99q", got, err, want)
		}
		if r.Method != "POST" || r.Host != "example.test" || r.URL.Path != "/publish" || r.URL.Query().Get("topic") != "room1" || in.Buffered() > 0 {
			t.Errorf("request %+v", r)
		}
		if done, err := s.Receive([]byte("HTTP/1.1 204 No Content\r\n\r\n")); !done || err != nil {
			t.Errorf("answered: %t, %v", done, err)
		}
	}
}

func TestAnswersAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		done         bool
		want         error
	}{
		{"nothing yet", "HTTP/1.1 100 Continue\r\n\r\n", false, nil},
		{"half", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd", false, nil},
		{"taken", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", true, nil},
		{"taken later", "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true, nil},
		{"taken, but the last", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", true, engine.ErrEnded},
		{"taken without length", "HTTP/1.1 200 OK\r\n\r\n", true, engine.ErrEnded},
		{"refused", "HTTP/1.1 429 Slow Down\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n", false, &engine.StatusError{Code: 429, RetryAfter: 2 * time.Second}},
		{"elsewhere", "HTTP/1.1 307 X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", false, &engine.StatusError{Code: 307}},
		{"answered twice", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", true, engine.ErrProtocol},
		{"no answer", "SSH-2.0", false, engine.ErrProtocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(&endpoint) // one sender, opened again in whatever state
			reads.Each(t, c.stream, func(name string, r reads.Reads) {
				s.Open()
				s.Say(nil, &greeting)
				_ = r[:len(r)/2].Bring(func(in []byte) error { _, err := s.Receive(in); return err })
				s.Open() // whatever a broken connection left behind
				s.Say(nil, &greeting)
				done := false
				err := r.Bring(func(in []byte) error {
					complete, err := s.Receive(in)
					done = done || complete
					return err
				})
				same := errors.Is(err, c.want)
				if want, ok := errors.AsType[*engine.StatusError](c.want); ok {
					got, ok := errors.AsType[*engine.StatusError](err)
					same = ok && *got == *want
				}
				if !same || done != c.done || err == nil && s.Ready() != done {
					t.Fatalf("%s: done %t, %v, want %t, %v", name, done, err, c.done, c.want)
				}
			})
		})
	}
}

func TestAnswerToNothingIsAnError(t *testing.T) {
	for _, stream := range []string{"H", "HTTP/1.1 204 No Content\r\n\r\n"} {
		s := New(&endpoint)
		s.Open()
		if _, err := s.Receive([]byte(stream)); !errors.Is(err, engine.ErrProtocol) {
			t.Errorf("%q: %v", stream, err)
		}
	}
}

func TestSendingCostsNoAllocation(t *testing.T) { // G14
	s := New(&endpoint)
	s.Open()
	out := make([]byte, 0, 1000)
	in := []byte("HTTP/1.1 204 No Content\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n\r\n")
	if n := testing.AllocsPerRun(100, func() {
		s.Say(out, &greeting)
		if done, err := s.Receive(in); !done || err != nil {
			t.Fatal(done, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per message", n)
	}
}

// FuzzReceive says the same in every split of whatever arrives.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("HTTP/1.1 204 No Content\r\n\r\n"), uint64(1))
	f.Add([]byte("HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 500 X\r\n\r\n"), uint64(2))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"), uint64(3))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		s := New(&endpoint)
		answer := func(r reads.Reads) (done bool, err error) {
			s.Open()
			s.Say(nil, &greeting)
			err = r.Bring(func(in []byte) error {
				complete, err := s.Receive(in)
				done = done || complete
				return err
			})
			return done, err
		}
		done, err := answer(reads.Reads{stream})
		splitDone, splitErr := answer(reads.Random(stream, seed))
		if done != splitDone || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %t, %v, split: %t, %v", done, err, splitDone, splitErr)
		}
	})
}

func BenchmarkSayAndBeAnswered(b *testing.B) {
	s := New(&endpoint)
	s.Open()
	m := wire.Message{Due: 1 << 50, Data: bytes.Repeat([]byte("1"), 120)}
	in := []byte("HTTP/1.1 204 No Content\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n\r\n")
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = s.Say(out[:0], &m)
		if _, err := s.Receive(in); err != nil {
			b.Fatal(err)
		}
	}
}
