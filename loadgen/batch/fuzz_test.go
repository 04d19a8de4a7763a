package batch

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

// FuzzConversation tells the same in every split of whatever arrives.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(answer(at(4))), uint64(1), false, true)
	f.Add([]byte(answer(at(6), enveloped(5, "", `"x"`), enveloped(6, "ping", `{}`))), uint64(2), false, false)
	f.Add([]byte(answer(at(6), `"a\n"`, `"\ud83d\ude00"`)), uint64(3), true, false)
	f.Add([]byte(nothing+"HTTP/1.1 503 X\r\nRetry-After: 1\r\n\r\n"), uint64(4), false, false)
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, raw, fresh bool) {
		e := endpoint
		e.Raw = raw
		after := cursor
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

// FuzzRawText comes back as it was published.
func FuzzRawText(f *testing.F) {
	f.Add("a \"quoted\" \\ line\r\n\t\x00é\u2028", "", uint64(1))
	f.Fuzz(func(t *testing.T, first, second string, seed uint64) {
		if !utf8.ValidString(first) || !utf8.ValidString(second) {
			return
		}
		e := endpoint
		e.Raw = true
		c := New(&e)
		c.Open(nil, cursor)
		byLibrary, err := json.Marshal(second)
		if err != nil {
			t.Fatal(err)
		}
		stream := answer(at(6), string(wire.AppendText(nil, []byte(first))), string(byLibrary))
		got, _, err := reads.Random([]byte(stream), seed).To(c)
		if want := (reads.Told{bareEvent(5, first), bareEvent(6, second)}); err != nil || !cmp.Equal(want, got) {
			t.Fatalf("%v (-want +got)\n%s", err, cmp.Diff(want, got))
		}
	})
}

func TestUsualAnswerCostsNoAllocation(t *testing.T) { // G14
	c := New(&plain)
	request := c.Open(make([]byte, 0, 1000), cursor)
	in := []byte(answer(at(5), enveloped(5, "", `{"a":"b"}`), enveloped(6, "", `1`)))
	empty := []byte(nothing)
	var l reads.Deaf
	if n := testing.AllocsPerRun(100, func() {
		for _, in := range [][]byte{in, empty} {
			if _, err := c.Receive(in, nil, &l); err != nil {
				t.Fatal(err)
			}
			c.Ask(request[:0])
		}
	}); n != 0 || l.Events == 0 {
		t.Errorf("%v allocations per question and answer; %d events", n, l.Events)
	}
}

func TestConversationIsSmall(t *testing.T) { // G20
	in := []byte(answer(at(4)))
	size := reads.Footprint(func() engine.Conversation {
		c := New(&endpoint)
		c.Open(nil, wire.Cursor{})
		if _, _, err := reads.Random(in, 1).To(c); err != nil {
			t.Fatal(err)
		}
		return c
	})
	if most := 100; size > most {
		t.Errorf("%d bytes for each conversation, want at most %d", size, most)
	}
}
