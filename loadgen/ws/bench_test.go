package ws

import (
	"strings"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// opened is a conversation that a server has agreed to.
func opened(t testing.TB) engine.Conversation {
	c := New(&endpoint)
	if _, err := c.Receive(answered(t, c.Open(nil, cursor), 0).sent(), nil, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// one is an event of 170 bytes.
var one = []byte(text(enveloped(12, "", `"`+strings.Repeat("x", 110)+`"`)))

func TestUsualTrafficCostsNoAllocation(t *testing.T) { // G14
	if raceEnabled {
		t.Skip("the race detector allocates: run without -race")
	}
	c := opened(t)
	var l reads.Deaf
	out := make([]byte, 0, 1000)
	ping := []byte(frame(0x89, "beat"))
	m := wire.Message{Due: 1 << 50, Data: []byte(`"` + strings.Repeat("x", 200) + `"`)}
	if n := testing.AllocsPerRun(100, func() {
		_, err := c.Receive(one, out, &l)
		if err == nil {
			_, err = c.Receive(ping, out, &l)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.(engine.Sayer).Say(out, &m)
	}); n != 0 || l.Events == 0 {
		t.Errorf("%v allocations per event, ping and message; %d events", n, l.Events)
	}
}

func TestConversationIsSmall(t *testing.T) { // G20
	agreement := func(c engine.Conversation) []byte {
		c.Open(nil, cursor)
		return []byte("HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + string(c.(*Conversation).opening.accept[:]) + "\r\n\r\n")
	}
	var l reads.Deaf
	size := reads.Footprint(func() engine.Conversation {
		c := New(&endpoint)
		in := append(agreement(c), one...)
		for _, in := range [][]byte{in[:50], in[50 : len(in)-100], in[len(in)-100:]} {
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
	c := opened(b)
	var l reads.Deaf
	b.ReportAllocs()
	b.SetBytes(int64(len(one)))
	for b.Loop() {
		if _, err := c.Receive(one, nil, &l); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSay(b *testing.B) {
	c := opened(b).(engine.Sayer)
	m := wire.Message{Due: 1 << 50, Data: []byte(`"` + strings.Repeat("x", 120) + `"`)}
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = c.Say(out[:0], &m)
	}
}

// An event of 64 KiB comes in two reads, for its frame is longer than a read.
func BenchmarkLargeEvent(b *testing.B) {
	large := []byte(text(enveloped(12, "", `"`+strings.Repeat("x", 64<<10)+`"`)))
	c := opened(b)
	var l reads.Deaf
	b.ReportAllocs()
	b.SetBytes(int64(len(large)))
	for b.Loop() {
		for _, in := range [][]byte{large[:64<<10], large[64<<10:]} {
			if _, err := c.Receive(in, nil, &l); err != nil {
				b.Fatal(err)
			}
		}
	}
}
