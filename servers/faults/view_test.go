package faults_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pushbench/servers/faults"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// fault is the one of that specification.
func fault(t *testing.T, spec string) *faults.Fault {
	t.Helper()
	f, err := faults.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sealed is the payload of event n.
func sealed(n int) []byte {
	return append(append([]byte{'"'}, wire.AppendSeal(fmt.Appendf(nil, "event %d", n))...), '"')
}

func TestViewsShowWhatTheySay(t *testing.T) { // D11
	for name, want := range map[string]string{
		"drop":      "[1 2 3 4 5 6 8 9 10]",
		"duplicate": "[1 2 3 4 5 6 7 7 8 9 10]",
		"swap":      "[2 1 3 4 5 6 7 8 9 10]",
		"reorder":   "[1 2 3 4 5 6 8 7 9 10]",
		"reorder=4": "[1 2 3 5 4 6 7 9 8 10]",
		"drop=5":    "[1 2 3 4 6 7 8 9]",
		"corrupt":   "[1 2 3 4 5 6 7 8 9 10]",
	} {
		for _, raw := range []bool{false, true} {
			src := source.New(source.Options{Raw: raw, View: fault(t, name).View}, "t")
			honest := source.New(source.Options{Raw: raw}, "t")
			for n := range 10 {
				for _, s := range []*source.Source{src, honest} {
					if _, err := s.Publish("t", wire.Message{Due: 1, Data: sealed(n + 1)}); err != nil {
						t.Fatal(err)
					}
				}
			}
			r := src.Add("t").Since(0, 100, nil)
			var got []uint64
			var damaged int
			for _, e := range r.Entries {
				got = append(got, e.N)
				kept := honest.Add("t").Since(e.N-1, 1, nil).Entries[0]
				if bytes.Equal(e.Data, kept.Data) {
					continue
				}
				damaged++
				var ev wire.Event
				if raw {
					ev.N, ev.Data = e.N, e.Bytes
				} else if err := wire.ParseEvent(&ev, e.Bytes); err != nil {
					t.Errorf("%s makes %q, which is no event: %v", name, e.Bytes, err)
				}
				if ev.N != e.N || !bytes.Equal(ev.Data, e.Data) || wire.Sealed(ev.Data) {
					t.Errorf("%s makes %q of %q: want the same envelope and a broken seal", name, e.Bytes, kept.Bytes)
				}
			}
			if fmt.Sprint(got) != want || r.Cursor != 10 {
				t.Errorf("%s shows %v and then cursor %d, want %s and 10", name, got, r.Cursor, want)
			}
			if wantDamaged := map[string]int{"corrupt": 1}[name]; damaged != wantDamaged {
				t.Errorf("%s changes %d payloads, want %d", name, damaged, wantDamaged)
			}
			again := src.Add("t").Since(0, 100, nil)
			if !slices.EqualFunc(r.Entries, again.Entries, func(a, b *source.Entry) bool { return bytes.Equal(a.Bytes, b.Bytes) }) {
				t.Errorf("%s shows a second reader something else", name)
			}
		}
	}
}

func TestNothingToDamageIsLeftAlone(t *testing.T) {
	view := fault(t, "corrupt").View
	for _, data := range []string{`7`, `""`, `"\n"`, `{}`} {
		e := &source.Entry{Event: wire.Event{N: 7, Data: []byte(data)}}
		e.Bytes = wire.AppendEvent(nil, &e.Event)
		if shown, upto := view.Show([]*source.Entry{e}, nil); shown[0] != e || upto != 7 {
			t.Errorf("of %s it makes %q, cursor %d", data, shown[0].Bytes, upto)
		}
	}
}

// Whoever reads, in readings of whatever size, finds the same order.
func TestReorderedEventsChangePlacesInEveryReading(t *testing.T) { // D11
	src := source.New(source.Options{View: fault(t, "reorder=3").View}, "t")
	topic := src.Add("t")
	one := topic.Subscribe(0) // reads after each event
	var live []uint64
	for n := range 11 {
		if _, err := src.Publish("t", wire.Message{Data: sealed(n + 1)}); err != nil {
			t.Fatal(err)
		}
		for _, e := range one.Next(100, nil).Entries {
			live = append(live, e.N)
		}
	}
	const want = "[1 2 4 3 5 7 6 8 10 9 11]"
	if fmt.Sprint(live) != want {
		t.Errorf("as they come: %v, want %s", live, want)
	}
	for limit := 1; limit <= 12; limit++ {
		var got []uint64
		r := source.Reading{More: true}
		for r.More {
			r = topic.Since(r.Cursor, limit, nil)
			for _, e := range r.Entries {
				got = append(got, e.N)
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%d at a time: %v, want %s", limit, got, want)
		}
	}
}
