package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pushbench/servers/wire"
)

// answerOracle is a batch as encoding/json sees it.
type answerOracle struct {
	Cursor string            `json:"cursor"`
	More   bool              `json:"more"`
	Gap    *gapOracle        `json:"gap"`
	Events []json.RawMessage `json:"events"`
}

func FuzzBatchIsTheJSONThatItSays(f *testing.F) {
	f.Add("local", uint64(0), false, false, "", false, `1`, `"x"`)
	f.Add("e_1", uint64(1)<<53+1, true, true, "", false, `{"a":"]}"}`, `[]`)
	f.Add("e_2", ^uint64(0), true, true, "e_1", false, `"\\"`, `{"\"":"]}"}`)
	f.Add("e_3", uint64(7), false, false, "", true, "a\r\n\x00\"\\", "]},{\x7fé\u2028\xff")
	f.Fuzz(func(t *testing.T, epoch string, n uint64, more, gap bool, lost string, raw bool, first, second string) {
		if wire.CheckEpoch(epoch) != nil || lost != "" && wire.CheckEpoch(lost) != nil {
			t.Skip()
		}
		b := wire.Batch{Cursor: wire.Cursor{Epoch: epoch, N: n}, More: more}
		if gap {
			b.Gap = &wire.Gap{From: 1, To: n / 2, Cursor: wire.Cursor{Epoch: epoch, N: n / 2}, Epoch: lost}
		}
		var events [][]byte
		for i, text := range []string{first, second} {
			if raw {
				events = append(events, wire.AppendText(nil, []byte(text)))
				continue
			}
			text = strings.Trim(text, " \t\r\n")
			if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
				t.Skip()
			}
			events = append(events, wire.AppendEvent(nil, &wire.Event{N: uint64(i) + 1, Data: []byte(text)}))
		}
		body := wire.AppendBatch(nil, &b, events)

		var o answerOracle
		if err := strict(body, &o); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", body, err)
		}
		if o.Cursor != b.Cursor.String() || o.More != more || (o.Gap != nil) != gap || len(o.Events) != len(events) {
			t.Errorf("encoding/json reads %+v from %q", o, body)
		}
		if gap && !o.Gap.is(*b.Gap) {
			t.Errorf("encoding/json reads gap %+v from %q", *o.Gap, body)
		}

		var got wire.Batch
		rest, err := wire.CutBatch(&got, body)
		if err != nil {
			t.Fatalf("CutBatch(%q) = %v", body, err)
		}
		if got.Cursor != b.Cursor || got.More != more || (got.Gap != nil) != gap || gap && *got.Gap != *b.Gap {
			t.Errorf("CutBatch(%q) gives %+v, want %+v", body, got, b)
		}
		for i, event := range events {
			var e, want wire.Event
			if rest, err = wire.CutNext(&e, rest); err != nil {
				t.Fatalf("CutNext %d of %q = %v", i, body, err)
			}
			if want.Data = event; !raw {
				if err := wire.ParseEvent(&want, event); err != nil {
					t.Fatal(err)
				}
			}
			if !sameEvent(e, want) {
				t.Errorf("CutNext %d of %q = %+v, want %+v", i, body, e, want)
			}
		}
		if len(rest) != 0 {
			t.Errorf("%q is left of %q after its events", rest, body)
		}
	})
}

func FuzzCutBatchEndsOnAnything(f *testing.F) { // R11
	for _, b := range []string{
		``, `{"cursor":"e-1","more":false,"events":[]}`, `{"cursor":"e-1","more":true,"events":["a","b"]}`,
		`{"cursor":"e-1","more":true,"events":["a",]}`, `{"cursor":"e-1","more":true,"events":[,]}`,
		`{"cursor":"e-2","more":false,"gap":{"from":"1","to":"2","cursor":"e-2"},"events":[]}`,
		`{"cursor":"e-2","more":false,"gap":{"from":"1","to":"2","cursor":"e-2","epoch":"f"},"events":["]}"]}`,
		`{"cursor":"","more":false,"events":[]}`, `{"cursor":"e-1","more":maybe,"events":[]}`, `{"cursor":"e-1`,
		`{"cursor":"e-1","more":false,"events":[}`, `{"cursor":"e-1","more":false,"events":["a]}`,
	} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var b wire.Batch
		rest, err := wire.CutBatch(&b, body)
		count := 0
		for err == nil && len(rest) > 0 {
			before := len(rest)
			var e wire.Event
			rest, err = wire.CutNext(&e, rest)
			if count++; len(rest) >= before {
				t.Fatalf("CutNext left %d of %d bytes", len(rest), before)
			}
		}
		if err != nil || !json.Valid(body) {
			t.Skip()
		}
		var o answerOracle
		if err := json.Unmarshal(body, &o); err != nil {
			t.Fatalf("CutBatch and CutNext took %q, encoding/json says %v", body, err)
		}
		if len(o.Events) != count {
			t.Errorf("CutNext found %d events in %q, encoding/json %d", count, body, len(o.Events))
		}
	})
}

func TestCutBatchRefusesWhatIsNotABatch(t *testing.T) {
	for _, body := range []string{
		``, `{}`, `[]`, `{"cursor":"e","more":false,"events":[]}`, `{"cursor":"e-1","more":1,"events":[]}`,
		`{"cursor":"e-1","more":false,"events":[]`, `{"cursor":"e-1","more":false}`, `{"cursor":"e-1","more":false,"events":[`,
		`{"cursor":"e-1","more":false,"gap":{},"events":[]}`, `{"cursor":"e-1","more":false,"events":[]} `,
	} {
		var b wire.Batch
		if _, err := wire.CutBatch(&b, []byte(body)); err != wire.ErrBatch {
			t.Errorf("CutBatch(%s) = %v, want %v", body, err, wire.ErrBatch)
		}
	}
}

func FuzzTextIsTheStringThatJSONReads(f *testing.F) { // V4, S30
	for _, s := range []string{"", "a", "\r\n\t\x00\x1f\x7f", `"\`, "é\u2028\u2029😀", "\xff\xc3", "a\xe2\x82", ":\n\ndata: x", "</script>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b := wire.AppendText(nil, text)
		oracle, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		var got, want string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", b, err)
		}
		if err := json.Unmarshal(oracle, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("AppendText(%q) says %q, encoding/json %q", text, got, want)
		}
		if bytes.ContainsAny(b, "\r\n") || !utf8.Valid(b) {
			t.Errorf("AppendText(%q) = %q: a line break or no UTF-8", text, b)
		}
	})
}
