package ws

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// texts is what a raw conversation told from number five on, without the numbers.
func texts(t *testing.T, told reads.Told) (all []string) {
	for i, line := range told {
		text, ok := strings.CutPrefix(line, bareEvent(uint64(5+i), ""))
		if !ok {
			t.Fatalf("told %q as event %d", line, 5+i)
		}
		all = append(all, text)
	}
	return all
}

// FuzzFrames understands no frame otherwise than gorilla does, and where it
// stops earlier, it has a reason that gorilla leaves to applications.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(text("a")+frame(0x01, "b")+frame(0x89, "c")+frame(0x80, "d")+text("")), uint64(1))
	f.Add([]byte(text(strings.Repeat("x", 126))+frame(0x88, "\x03\xe8bye")), uint64(2))
	f.Add([]byte(text("\xff")+"\x81\x7e\x00\x01x"), uint64(3))
	f.Add([]byte("\xc1\x00"), uint64(4))
	f.Add([]byte("\x82\x01x\x81\x80mask"), uint64(5))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		if bytes.Contains(stream, []byte(`{"gap":`)) {
			return
		}
		e := endpoint
		e.Raw = true
		c := New(&e)
		whole, _, err := frames(t, c, cursor, reads.Reads{stream})
		split, _, splitErr := frames(t, c, cursor, reads.Random(stream, seed))
		if !cmp.Equal(whole, split) || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, split: %v (-whole +split)\n%s", err, splitErr, cmp.Diff(whole, split))
		}

		var want []string
		var end error
		for other := reader(t, stream); end == nil; {
			var b []byte
			var kind int
			if kind, b, end = other.ReadMessage(); end == nil && (kind != websocket.TextMessage || !utf8.Valid(b)) {
				end = errors.ErrUnsupported
			}
			if end == nil {
				want = append(want, string(b))
			}
		}
		got := texts(t, whole)
		if len(got) > len(want) || !slices.Equal(want[:len(got)], got) {
			t.Fatalf("%v, gorilla: %v (-gorilla +got)\n%s", err, end, cmp.Diff(want, got))
		}
		if err == nil && (len(got) < len(want) || !errors.Is(end, io.EOF) && !websocket.IsCloseError(end, websocket.CloseAbnormalClosure)) {
			t.Fatalf("no error after %q, gorilla: %v after %q", got, end, want)
		}
		closed, ok := errors.AsType[*engine.CloseError](err)
		if other, otherOK := errors.AsType[*websocket.CloseError](end); ok && (!otherOK || other.Code != closed.Code || other.Text != closed.Reason) {
			t.Fatalf("closed by %v, gorilla: %v", closed, end)
		}
	})
}

// FuzzMessages come from gorilla's server as they were sent, in frames and reads
// of any size.
func FuzzMessages(f *testing.F) {
	f.Add("hello", uint32(3), uint16(0), uint64(1))
	f.Add("ü", uint32(66000), uint16(200), uint64(2))
	f.Add("", uint32(0), uint16(1), uint64(3))
	f.Fuzz(func(t *testing.T, word string, size uint32, frame uint16, seed uint64) {
		if !utf8.ValidString(word) || strings.HasPrefix(word, `{"gap":`) {
			return
		}
		long := strings.Repeat(word, 1+int(size%100_000)/max(1, len(word)))
		e := endpoint
		e.Raw = true
		c := New(&e)
		s := answered(t, c.Open(nil, cursor), int(frame%5000)) // zero: 4 KiB
		want := []string{word, long, word}
		for i, text := range want {
			w, err := s.NextWriter(websocket.TextMessage)
			if err != nil {
				t.Fatal(err)
			}
			for part := range strings.SplitAfterSeq(text, "l") {
				if _, err := io.WriteString(w, part); err != nil {
					t.Fatal(err)
				}
				if i == 1 && seed%2 == 0 {
					_ = s.WriteControl(websocket.PingMessage, []byte("between frames"), time.Time{})
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		told, _, err := reads.Random(s.sent(), seed).To(c)
		if got := texts(t, told); err != nil || !cmp.Equal(want, got) {
			t.Fatalf("%v (-want +got)\n%s", err, cmp.Diff(want, got))
		}
	})
}

// FuzzSay is read by gorilla's server as it was said.
func FuzzSay(f *testing.F) {
	f.Add(int64(-5), `{"a":"ü"}`, uint32(1))
	f.Add(int64(1<<62), `"x"`, uint32(70000))
	f.Fuzz(func(t *testing.T, due int64, data string, size uint32) {
		c := New(&endpoint)
		s := answered(t, c.Open(nil, wire.Cursor{}), 0)
		m := wire.Message{Due: due, Data: bytes.Repeat([]byte(data), 1+int(size%100_000)/max(1, len(data)))}
		s.tape.unread.Write(c.(engine.Sayer).Say(nil, &m))
		kind, got, err := s.ReadMessage()
		if want := wire.AppendMessage(nil, &m); err != nil || kind != websocket.TextMessage || !bytes.Equal(want, got) {
			t.Fatalf("type %d, %v: %.99q, want %.99q", kind, err, got, want)
		}
	})
}

// FuzzHandshake agrees in every split alike or not at all.
func FuzzHandshake(f *testing.F) {
	c := New(&endpoint)
	f.Add([]byte("Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"+text(`{"hello":"E-1"}`)), uint64(1))
	f.Add([]byte("upgrade:x,WebSocket\r\nConnection: close, upgrade\r\nSec-WebSocket-Protocol:\r\n\r\n"), uint64(2))
	f.Fuzz(func(t *testing.T, rest []byte, seed uint64) {
		c.Open(nil, wire.Cursor{})
		opening := *c.(*Conversation).opening
		stream := append([]byte("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "+string(opening.accept[:])+"\r\n"), rest...)
		whole, _, err := reads.Reads{stream}.To(c)
		c.Open(nil, wire.Cursor{})
		c.(*Conversation).opening.accept = opening.accept
		split, _, splitErr := reads.Random(stream, seed).To(c)
		if !cmp.Equal(whole, split) || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, split: %v (-whole +split)\n%s", err, splitErr, cmp.Diff(whole, split))
		}
	})
}
