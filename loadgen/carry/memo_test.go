package carry

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"pushbench/servers/wire"
)

// framed is an event as a transport could send it.
func framed(e *wire.Event) []byte {
	return fmt.Appendf(nil, "id: %d\n%s\n\n", e.N, wire.AppendEvent(nil, e))
}

const behind = len("}\n\n")

// What a memo says of bytes is what reading them says, or nothing. The numbers are
// few, so that many events share one, and beyond those that are remembered.
func TestAMemoSaysWhatReadingSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var memo Memo
		number := rapid.SampledFrom([]uint64{1, 2, 3, remembered, remembered + 1, remembered + 2, 2*remembered + 1})
		text := rapid.SampledFrom([]string{`"a"`, `"b"`, `{}`, `[1]`, `"` + string(bytes.Repeat([]byte("x"), longest)) + `"`})
		epoch := rapid.SampledFrom([]string{"", "e", "f"})
		t.Repeat(map[string]func(*rapid.T){
			"read": func(t *rapid.T) {
				e := wire.Event{N: number.Draw(t, "n"), Due: rapid.Int64Range(0, 1).Draw(t, "due"), Type: epoch.Draw(t, "type"), Data: []byte(text.Draw(t, "data"))}
				of, in := epoch.Draw(t, "epoch"), append(framed(&e), "more"...)
				known, size := memo.Knows(e.N, of, in)
				if known == nil {
					memo.Learn(&e, of, in[:len(in)-4], behind)
					clear(in) // it is another read's soon
					return
				}
				if size != len(in)-4 || known.N != e.N || known.Due != e.Due || known.Type != e.Type || !bytes.Equal(known.Data, e.Data) {
					t.Fatalf("%q is known as %+v of %d bytes", in, *known, size)
				}
			},
			"read in part": func(t *rapid.T) {
				e := wire.Event{N: number.Draw(t, "n"), Data: []byte(text.Draw(t, "data"))}
				in := framed(&e)
				if known, _ := memo.Knows(e.N, "", in[:len(in)-1]); known != nil {
					t.Fatalf("part of %q is known as %+v", in, *known)
				}
			},
		})
	})
}

func TestAnEventIsKnownToTheNextWhoIsTold(t *testing.T) {
	var memos Memos
	memo := memos.Take()
	for n := range uint64(remembered) {
		e := wire.Event{N: n + 1, Data: []byte(`1`)}
		memo.Learn(&e, "e", framed(&e), behind)
	}
	for n := range uint64(remembered) {
		e := wire.Event{N: n + 1, Data: []byte(`1`)}
		if known, size := memo.Knows(n+1, "e", framed(&e)); known == nil || size != len(framed(&e)) {
			t.Errorf("event %d is not known", n+1)
		}
		if known, _ := memo.Knows(n+1, "f", framed(&e)); known != nil {
			t.Errorf("event %d is known in another epoch", n+1)
		}
	}
	if known, _ := new(Memo).Knows(0, "", nil); known != nil {
		t.Errorf("nothing is known as %+v", known)
	}
	memo.Event.Data = []byte("read")
	memos.Give(memo)
	if memo := memos.Take(); memo.Event.Data != nil {
		t.Errorf("a memo with %q of another read", memo.Event.Data)
	}
}
