package tcp

import (
	"math/rand/v2"
	"testing"

	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/source"
)

// FuzzMessages takes the same of what a client says however it is cut, keeps no more
// of it than a message may have, and ends the connection at the same place.
func FuzzMessages(f *testing.F) { // R11 W6
	f.Add([]byte("\x00\x00\x00\x14{\"due\":\"7\",\"data\":1}"), uint64(1))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x14{\"due\":\"7\",\"data\":1}\x00\x00\x00\x02no"), uint64(2))
	f.Add([]byte("\x00\x00\x01\x00{"), uint64(3))
	f.Add([]byte("\xff\xff\xff\xff"), uint64(4))
	const limit = 300
	said := func(t *testing.T, pieces ...string) (events uint64, ended bool) {
		src := source.New(source.Options{Epoch: "E"}, "t0")
		stage := leantest.New(t, src, lean.Mount{Path: "/tcp", Half: NewLean(src, Options{ReadLimit: limit})})
		client := stage.Dial()
		client.Send("GET /tcp?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
		client.Send(pieces...)
		if s, streams := client.Conn().Holder().(*session); streams && len(s.held) > head+limit {
			t.Fatalf("keeps %d bytes of a message", len(s.held))
		}
		topic, err := src.Topic("t0")
		if err != nil {
			t.Fatal(err)
		}
		return topic.Head(), client.Finished()
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		dice := rand.New(rand.NewPCG(seed, 1))
		var pieces []string
		for rest := string(stream); rest != ""; {
			n := 1 + dice.IntN(len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		events, ended := said(t, string(stream))
		if more, over := said(t, pieces...); more != events || over != ended {
			t.Fatalf("whole: %d messages, ended %v; in pieces: %d, %v", events, ended, more, over)
		}
	})
}
