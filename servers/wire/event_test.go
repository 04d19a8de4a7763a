package wire_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pushbench/servers/wire"
)

// envelope is an event as encoding/json sees it: the oracle of this package.
type envelope struct {
	N    string          `json:"n"`
	Due  string          `json:"due"`
	Pub  string          `json:"pub"`
	Wall string          `json:"wall"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// asEvent is the event that the oracle read, or false where a member is not a
// number that fits.
func (o envelope) asEvent() (wire.Event, bool) {
	n, err1 := strconv.ParseUint(o.N, 10, 64)
	due, err2 := strconv.ParseInt(o.Due, 10, 64)
	pub, err3 := strconv.ParseInt(o.Pub, 10, 64)
	wall, err4 := strconv.ParseInt(o.Wall, 10, 64)
	ok := err1 == nil && err2 == nil && err3 == nil && err4 == nil
	return wire.Event{N: n, Due: due, Pub: pub, Wall: wall, Type: o.Type, Data: o.Data}, ok
}

func sameEvent(a, b wire.Event) bool {
	return a.N == b.N && a.Due == b.Due && a.Pub == b.Pub && a.Wall == b.Wall &&
		a.Type == b.Type && bytes.Equal(a.Data, b.Data)
}

// jsonValues are data of every kind that JSON has, and what makes its ends hard
// to find.
var jsonValues = []string{
	`0`, `-1.5e300`, `true`, `null`, `""`, `"a"`, `"\""`, `"\\"`, `"\\\""`, `"\u0022}"`, `{}`, `[]`, `[[],{}]`,
	`{"a":{"b":[1,2,{"c":"}]"}]}}`, `{"\\":"\"}"}`, `[1,"]",{"}":"["}]`, `"é\u2028 😀"`, `{"n":"1","due":"2"}`, `{ "a" : [ 1 , 2 ] }`,
}

func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func FuzzEventIsTheJSONThatItSays(f *testing.F) {
	for i, data := range jsonValues {
		f.Add(uint64(i+1), int64(i), int64(-i), int64(math.MaxInt64), "", data)
	}
	f.Add(uint64(1)<<53+1, int64(math.MinInt64), int64(math.MaxInt64), int64(0), "price.up", `1`)
	f.Add(uint64(math.MaxUint64), int64(-1), int64(1)<<53+1, int64(1), "é", `"x"`)
	f.Fuzz(func(t *testing.T, n uint64, due, pub, wall int64, typ, data string) {
		data = strings.Trim(data, " \t\r\n") // as publishing does
		if n == 0 || wire.CheckType(typ) != nil || !utf8.ValidString(data) || !json.Valid([]byte(data)) {
			t.Skip()
		}
		want := wire.Event{N: n, Due: due, Pub: pub, Wall: wall, Type: typ, Data: []byte(data)}
		b := wire.AppendEvent([]byte("before"), &want)
		b, ok := bytes.CutPrefix(b, []byte("before"))
		if !ok {
			t.Fatal("AppendEvent overwrote what it was to append to")
		}
		var o envelope
		if err := strict(b, &o); err != nil {
			t.Fatalf("encoding/json refuses %s: %v", b, err)
		}
		if got, ok := o.asEvent(); !ok || !sameEvent(got, want) {
			t.Errorf("encoding/json reads %+v from %s, want %+v", got, b, want)
		}
		var got wire.Event
		if err := wire.ParseEvent(&got, b); err != nil || !sameEvent(got, want) {
			t.Errorf("ParseEvent(%s) = %+v, %v, want %+v", b, got, err, want)
		}
		for cut := range len(b) {
			if err := wire.ParseEvent(&got, b[:cut]); err == nil {
				t.Errorf("ParseEvent took %s, the beginning of an event", b[:cut])
			}
		}
	})
}

func FuzzParseEventAgreesWithJSON(f *testing.F) {
	for _, data := range jsonValues {
		f.Add([]byte(`{"n":"1","due":"2","pub":"-3","wall":"4","data":` + data + `}`))
	}
	for _, b := range []string{
		``, `{`, `{"n":"0","due":"2","pub":"3","wall":"4","data":1}`, `{"n":"1"}`,
		`{"n":"18446744073709551616","due":"2","pub":"3","wall":"4","data":1}`,
		`{"n":"1","due":"9223372036854775808","pub":"3","wall":"4","data":1}`,
		`{"n":"1","due":"--2","pub":"3","wall":"4","data":1}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","type":"a","data":1}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","type":"a\"","data":1}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","type":a","data":1}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","data":}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","data":1}}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","data":1,2}`,
		`{"n":"1","due":"2","pub":"3","wall":"4","data":"\"}`,
	} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var got wire.Event
		if wire.ParseEvent(&got, b) != nil || wire.CheckType(got.Type) != nil || !utf8.Valid(b) || !json.Valid(got.Data) {
			t.Skip() // what a publisher lets pass is what has to agree
		}
		var o envelope
		if err := strict(b, &o); err != nil {
			t.Fatalf("ParseEvent took %q, encoding/json says %v", b, err)
		}
		want, ok := o.asEvent()
		want.Data, got.Data = bytes.TrimSpace(want.Data), bytes.TrimSpace(got.Data)
		if !ok || !sameEvent(got, want) {
			t.Errorf("ParseEvent(%q) = %+v, encoding/json %+v", b, got, want)
		}
	})
}

func TestParseEventRefusesWhatIsNotAnEvent(t *testing.T) {
	for _, b := range []string{
		``, `{}`, `{"n":"0","due":"1","pub":"1","wall":"1","data":1}`,
		`{"n":"-1","due":"1","pub":"1","wall":"1","data":1}`,
		`{"n":1,"due":"1","pub":"1","wall":"1","data":1}`,
		`{"n":"1","due":"1","pub":"1","wall":"1","data":}`,
		`{"n":"1","due":"1","pub":"1","wall":"1","data":1} `,
		`{"n":"1","due":"1","pub":"1","wall":"1"}`,
		`{"due":"1","n":"1","pub":"1","wall":"1","data":1}`,
		`{"n":"18446744073709551616","due":"1","pub":"1","wall":"1","data":1}`,
		`{"n":"1","due":"9223372036854775808","pub":"1","wall":"1","data":1}`,
		`{"n":"1","due":"-9223372036854775809","pub":"1","wall":"1","data":1}`,
	} {
		var e wire.Event
		if err := wire.ParseEvent(&e, []byte(b)); err != wire.ErrEvent {
			t.Errorf("ParseEvent(%s) = %v, want %v", b, err, wire.ErrEvent)
		}
	}
}

func TestReadingEventsAllocatesNothing(t *testing.T) {
	e := wire.Event{N: 12, Due: 1 << 60, Pub: 1 << 60, Wall: 1 << 60, Type: "tick", Data: []byte(`{"a":["b"]}`)}
	one := wire.AppendEvent(nil, &e)
	body := wire.AppendBatch(nil, &wire.Batch{Cursor: wire.Cursor{Epoch: "local", N: 13}}, [][]byte{one, one})

	var into wire.Event
	if got := testing.AllocsPerRun(100, func() {
		if err := wire.ParseEvent(&into, one); err != nil {
			t.Fatal(err)
		}
	}); got != 0 {
		t.Errorf("ParseEvent allocates %v times, want 0", got)
	}
	var batch wire.Batch
	if got := testing.AllocsPerRun(100, func() {
		rest, err := wire.CutBatch(&batch, body)
		for len(rest) > 0 && err == nil {
			rest, err = wire.CutNext(&into, rest)
		}
		if err != nil {
			t.Fatal(err)
		}
	}); got != 0 {
		t.Errorf("CutBatch and CutNext allocate %v times, want 0", got)
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	e := wire.Event{N: 12, Due: 1 << 60, Pub: 1 << 60, Wall: 1 << 60, Data: []byte(`"` + strings.Repeat("x", 100) + `"`)}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = wire.AppendEvent(buf[:0], &e)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkParseEvent(b *testing.B) {
	e := wire.Event{N: 12, Due: 1 << 60, Pub: 1 << 60, Wall: 1 << 60, Data: []byte(`"` + strings.Repeat("x", 100) + `"`)}
	buf := wire.AppendEvent(nil, &e)
	b.ReportAllocs()
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if err := wire.ParseEvent(&e, buf); err != nil {
			b.Fatal(err)
		}
	}
}
