package sse

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/launchdarkly/eventsource"
	gosse "github.com/tmaxmax/go-sse"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// FuzzParser reads any bytes as the standard says, in every split alike. Byte by
// byte, no block is ever whole in a read, so the short way and the long one agree.
func FuzzParser(f *testing.F) {
	for _, c := range streams {
		f.Add([]byte(c.stream), uint64(1))
	}
	f.Add([]byte("id: E-1\ndata: {}\n\nid: E-2\nevent: a\ndata: \xff\n\nid: \x00\ndata: a\r\n\n"), uint64(2))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		want, blocks := reference(stream, 0)
		bytewise := make(reads.Reads, len(stream))
		for i := range stream {
			bytewise[i] = stream[i : i+1]
		}
		for name, r := range map[string]reads.Reads{"whole": {stream}, "split": reads.Random(stream, seed), "byte by byte": bytewise} {
			got, err := parse(new(Parser), r)
			if err != nil || !cmp.Equal(want, got) {
				t.Fatalf("%s: %v (-reference +got)\n%s", name, err, cmp.Diff(want, got))
			}
		}
		var p Parser
		var m Message
		ended := 0
		for in := stream; ; ended++ {
			outcome, rest, err := p.Next(in, &m)
			if outcome == More || err != nil {
				break
			}
			in = rest
		}
		if ended != blocks {
			t.Fatalf("%d blocks ended, want %d", ended, blocks)
		}
	})
}

// FuzzLimit finds the same end in every split, and never reads past a limit.
func FuzzLimit(f *testing.F) {
	f.Add([]byte("data: 12345678\n\nid: 1\ndata: 1234567890\n\n"), uint8(14), uint64(1))
	f.Add([]byte("data:1234\ndata:5678\ndata:90\n\n"), uint8(10), uint64(1))
	f.Fuzz(func(t *testing.T, stream []byte, limit uint8, seed uint64) {
		if limit == 0 {
			return
		}
		p := Parser{Limit: int32(limit)}
		whole, err := parse(&p, reads.Reads{stream})
		p = Parser{Limit: int32(limit)}
		split, splitErr := parse(&p, reads.Random(stream, seed))
		if !cmp.Equal(whole, split) || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, split: %v (-whole +split)\n%s", err, splitErr, cmp.Diff(whole, split))
		}
		if err != nil && !errors.Is(err, engine.ErrLimit) {
			t.Fatal(err)
		}
		for _, m := range whole.Messages {
			if len(m) > 4*int(limit)*len("\uFFFD")+len("message||") {
				t.Fatalf("message of %d bytes with limit %d", len(m), limit)
			}
		}
	})
}

// FuzzEncodedMessages come back as they were, from this parser and from two
// libraries. Where those depart from the standard they are not asked: blocks
// without data, blocks without end, byte order marks, text that is not UTF-8,
// ids that reset.
func FuzzEncodedMessages(f *testing.F) { // S30
	f.Add("1", "", "hello\nworld", uint8(0), uint64(1))
	f.Add("E-2", "ping", " :\n\n\ndata: x", uint8(1), uint64(2))
	f.Add("ü", "a:b", "", uint8(2), uint64(3))
	f.Add("3", "", "a\r\nb\rc", uint8(3), uint64(3))
	f.Fuzz(func(t *testing.T, id, kind, data string, style uint8, seed uint64) {
		if id == "" || strings.ContainsAny(id+kind, "\r\n\x00") || !utf8.ValidString(id) || !utf8.ValidString(kind) || !utf8.ValidString(data) {
			return
		}
		newline := []string{"\n", "\r\n", "\r"}[style%3]
		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data)
		var b strings.Builder
		for range 3 {
			b.WriteString("id: " + id + newline)
			if kind != "" {
				b.WriteString("event: " + kind + newline)
			}
			for line := range strings.SplitSeq(lines, "\n") {
				b.WriteString("data: " + line + newline)
			}
			b.WriteString(newline + ": beat" + newline + newline)
		}
		name := kind
		if name == "" {
			name = "message"
		}
		message := told(name, id, lines)
		want := reading{Messages: []string{message, message, message}, ID: id}
		got, err := parse(new(Parser), reads.Random([]byte(b.String()), seed))
		if err != nil || !cmp.Equal(want, got) {
			t.Fatalf("%v (-want +got)\n%s", err, cmp.Diff(want, got))
		}
		if len(data) > 10000 {
			return // beyond the library's limit
		}
		var others []string
		for e, err := range gosse.Read(strings.NewReader(b.String()), nil) {
			if err != nil {
				t.Fatalf("go-sse: %v", err)
			}
			if e.Type == "" {
				e.Type = "message"
			}
			others = append(others, told(e.Type, e.LastEventID, e.Data))
		}
		if !cmp.Equal(want.Messages, others) {
			t.Fatalf("go-sse (-want +got)\n%s", cmp.Diff(want.Messages, others))
		}
		others = nil
		for decoder := eventsource.NewDecoder(strings.NewReader(b.String())); ; {
			e, err := decoder.Decode()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("eventsource: %v", err)
			}
			kind := e.Event()
			if kind == "" {
				kind = "message"
			}
			others = append(others, told(kind, e.Id(), e.Data()))
		}
		if !cmp.Equal(want.Messages, others) {
			t.Fatalf("eventsource (-want +got)\n%s", cmp.Diff(want.Messages, others))
		}
	})
}

// FuzzConversation tells the same in every split of whatever arrives.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(respond("retry: 5\nid: E-4\n\n", framed(5, "", `{"a":1}`), framed(6, "ping", `"x"`))+end), uint64(1), false, true)
	f.Add([]byte(respond("id: E-8\nevent: gap\ndata: {\"from\":\"5\",\"to\":\"8\",\"cursor\":\"E-8\"}\n\n")), uint64(2), false, false)
	f.Add([]byte("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: E-5\ndata: a\n\n"), uint64(3), true, false)
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, raw, fresh bool) {
		e := endpoint
		e.Raw = raw
		after := wire.Cursor{Epoch: "E", N: 4}
		if fresh {
			after = wire.Cursor{}
		}
		c := New(&e)
		c.Open(nil, after)
		whole, _, err := reads.Reads{stream}.To(c)
		c.Open(nil, after)
		split, _, splitErr := reads.Random(stream, seed).To(c)
		if !cmp.Equal(whole, split) || (err == nil) != (splitErr == nil) {
			t.Fatalf("whole: %v, split: %v (-whole +split)\n%s", err, splitErr, cmp.Diff(whole, split))
		}
	})
}
