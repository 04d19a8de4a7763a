package sse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// one is an event of 170 bytes as it arrives most often: alone in a read.
func one(c engine.Conversation, kind string) []byte {
	c.Open(nil, wire.Cursor{Epoch: "E", N: 11})
	if _, err := c.Receive([]byte(respond()), nil, nil); err != nil {
		panic(err)
	}
	block := framed(12, kind, `"`+strings.Repeat("x", 80)+`"`)
	return fmt.Appendf(nil, "%x\r\n%s\r\n", len(block), block)
}

func TestUsualEventCostsNoAllocation(t *testing.T) { // G14
	for _, kind := range []string{"", "ping"} {
		c := New(&endpoint)
		in := one(c, kind)
		var l reads.Deaf
		if n := testing.AllocsPerRun(100, func() {
			if _, err := c.Receive(in, nil, &l); err != nil {
				t.Fatal(err)
			}
		}); n != 0 || l.Events == 0 {
			t.Errorf("%v allocations per event of type %q; %d events", n, kind, l.Events)
		}
	}
}

func TestConversationIsSmall(t *testing.T) { // G20
	in := []byte(respond("retry: 2000\nid: E-12345\n\n", framed(12346, "", `"`+strings.Repeat("x", 9000)+`"`)))
	var l reads.Deaf
	size := reads.Footprint(func() engine.Conversation {
		c := New(&endpoint)
		c.Open(nil, wire.Cursor{})
		for _, in := range [][]byte{in[:9], in[9:200], in[200:500], in[500:]} {
			if _, err := c.Receive(in, nil, &l); err != nil {
				t.Fatal(err)
			}
		}
		return c
	})
	if most := 100; size > most || l.Events == 0 {
		t.Errorf("%d bytes for each conversation, want at most %d", size, most)
	}
}

func BenchmarkEventPerRead(b *testing.B) {
	c := New(&endpoint)
	in := one(c, "")
	var l reads.Deaf
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := c.Receive(in, nil, &l); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUsualBlock(b *testing.B) {
	in := []byte(framed(12, "", `"`+strings.Repeat("x", 80)+`"`))
	var p Parser
	var m Message
	b.ReportAllocs()
	for b.Loop() {
		if outcome, _, _ := p.Next(in, &m); outcome != Dispatch {
			b.Fatal("no message")
		}
	}
}

// BenchmarkParse shows that the time per byte does not grow with the length of
// what is read (S31): each pair differs in length by ten.
func BenchmarkParse(b *testing.B) {
	for _, stream := range []struct{ name, line string }{{"lines", "data: xxxxxxxxxxxxxxxx\n\n"}, {"CR", "data: xxxxxxxxxxxxxxxx\r\r"}, {"event", ""}} {
		for _, size := range []int{100_000, 1_000_000} {
			in := []byte(strings.Repeat(stream.line, size/max(1, len(stream.line))))
			if stream.line == "" {
				in = append(append([]byte("data: "), bytes.Repeat([]byte("x"), size)...), "\n\n"...)
			}
			for _, read := range []int{1, size * 2} {
				b.Run(fmt.Sprintf("%s/size=%d/read=%d", stream.name, size, read), func(b *testing.B) {
					b.SetBytes(int64(len(in)))
					for b.Loop() {
						var p Parser
						var m Message
						for rest := in; len(rest) > 0; {
							n := min(read, len(rest))
							for piece := rest[:n]; ; {
								outcome, left, err := p.Next(piece, &m)
								if err != nil {
									b.Fatal(err)
								}
								if outcome == More {
									break
								}
								piece = left
							}
							rest = rest[n:]
						}
					}
				})
			}
		}
	}
}
