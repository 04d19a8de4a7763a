package sse

import (
	"bytes"
	"strings"
	"testing"

	gosse "github.com/tmaxmax/go-sse"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func entry(n uint64, kind, text string) *source.Entry {
	return &source.Entry{Event: wire.Event{N: n, Type: kind}, Bytes: []byte(text)}
}

func TestBlockHasOneFieldPerLine(t *testing.T) { // V4
	for _, c := range []struct{ kind, text, want string }{
		{"", "", "id: E-7\ndata: \n\n"},
		{"", " leading space", "id: E-7\ndata:  leading space\n\n"},
		{"", ": colon", "id: E-7\ndata: : colon\n\n"},
		{"", "a\nb", "id: E-7\ndata: a\ndata: b\n\n"},
		{"", "a\rb", "id: E-7\ndata: a\ndata: b\n\n"},
		{"", "a\r\nb", "id: E-7\ndata: a\ndata: b\n\n"},
		{"", "a\r\rb\n\r\n", "id: E-7\ndata: a\ndata: \ndata: b\ndata: \ndata: \n\n"},
		{"", "\n\nid: 9\nevent: gap", "id: E-7\ndata: \ndata: \ndata: id: 9\ndata: event: gap\n\n"},
		{"tick", `{"n":"7"}`, "id: E-7\nevent: tick\ndata: {\"n\":\"7\"}\n\n"},
	} {
		if got := string(appendEvent(nil, "E", entry(7, c.kind, c.text))); got != c.want {
			t.Errorf("%q of type %q is %q, want %q", c.text, c.kind, got, c.want)
		}
	}
}

func FuzzPayloadRoundTrips(f *testing.F) { // V4
	for _, text := range []string{"", " ", ":", "a", "\n", "\r", "\r\n", "\n\n", "\r\r", "x\r\n\r\ny", "data: x\n\nid: 9\n", "\ufeff", "é\u2028\u0085"} {
		f.Add(text)
	}
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\x00") || len(text) > 32<<10 {
			t.Skip() // what the other parser makes of these is its own affair
		}
		stream := appendEvent(nil, "E", entry(7, "first", text))
		stream = appendEvent(stream, "E", entry(8, "", "end"))
		var got []gosse.Event
		for ev, err := range gosse.Read(bytes.NewReader(stream), nil) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ev)
		}
		want := []gosse.Event{
			{LastEventID: "E-7", Type: "first", Data: lines.Replace(text)},
			{LastEventID: "E-8", Data: "end"},
		}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%q arrives as %+v, want %+v", text, got, want)
		}
	})
}

func TestGapIsAnEventWithTheCursorAfterIt(t *testing.T) { // V10
	g := &wire.Gap{From: 3, To: 9, Cursor: wire.Cursor{Epoch: "E", N: 9}}
	want := "id: E-9\nevent: gap\ndata: {\"from\":\"3\",\"to\":\"9\",\"cursor\":\"E-9\"}\n\n"
	if got := string(appendGap(nil, g)); got != want {
		t.Errorf("gap is %q, want %q", got, want)
	}
}
