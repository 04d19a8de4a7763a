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

// messageOracle is a client's message as encoding/json sees it.
type messageOracle struct {
	Due  string          `json:"due"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func FuzzMessageIsTheJSONThatItSays(f *testing.F) {
	for i, data := range jsonValues {
		f.Add(int64(i), "", data)
	}
	f.Add(int64(math.MinInt64), "chat", `"x"`)
	f.Add(int64(math.MaxInt64), "é", `{"a":[]}`)
	f.Fuzz(func(t *testing.T, due int64, typ, data string) {
		data = strings.Trim(data, " \t\r\n")
		if wire.CheckType(typ) != nil || !utf8.ValidString(data) || !json.Valid([]byte(data)) {
			t.Skip()
		}
		b := wire.AppendMessage(nil, &wire.Message{Due: due, Type: typ, Data: []byte(data)})
		var o messageOracle
		if err := strict(b, &o); err != nil || o.Due != strconv.FormatInt(due, 10) || o.Type != typ || string(o.Data) != data {
			t.Errorf("encoding/json reads %+v, %v from %s", o, err, b)
		}
		m, err := wire.ParseMessage(b)
		if err != nil || m.Due != due || m.Type != typ || string(m.Data) != data {
			t.Errorf("ParseMessage(%s) = %+v, %v", b, m, err)
		}
	})
}

func FuzzParseMessageAgreesWithJSON(f *testing.F) { // R11
	for _, b := range []string{
		``, `{`, `{}`, `{"due":"0","data":1}`, `{"due":"0","type":"a","data":"}"}`, `{"due":"0","type":xa","data":1}`,
		`{"due":"0","type":"a\"b","data":1}`, `{"due":"0","data":1}}`, `{"due":"0","data":1,"x":2}`, `{"due":0,"data":1}`,
		`{"due":"9223372036854775808","data":1}`, `{"due":"0","data":`, `{"due":"0","type":"`, `{"due":"0","data":[}`,
	} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.ParseMessage(b)
		if err != nil || wire.CheckType(m.Type) != nil || !utf8.Valid(b) || !json.Valid(m.Data) {
			t.Skip() // publishing refuses these
		}
		var o messageOracle
		if err := strict(b, &o); err != nil {
			t.Fatalf("ParseMessage took %q, encoding/json says %v", b, err)
		}
		due, err := strconv.ParseInt(o.Due, 10, 64)
		if err != nil || due != m.Due || o.Type != m.Type || !bytes.Equal(bytes.TrimSpace(m.Data), o.Data) {
			t.Errorf("ParseMessage(%q) = %+v, encoding/json %+v", b, m, o)
		}
	})
}

func TestSealTellsEveryChangedByte(t *testing.T) { // D9
	for _, text := range []string{"", "a", "the price of one share", strings.Repeat("Ab9-_", 300)} {
		data := append([]byte{'"'}, wire.AppendSeal([]byte(text))...)
		data = append(data, '"')
		if !wire.Sealed(data) {
			t.Fatalf("Sealed(%.60s) is false", data)
		}
		for i, was := range data {
			for _, to := range []byte{was ^ 1, was ^ 0x20, was ^ 0x80, 0, ' ', '#', '0', 'f', 'F', '"'} {
				if to == was {
					continue
				}
				if data[i] = to; wire.Sealed(data) {
					t.Errorf("Sealed does not see byte %d of %.60q changed from %q to %q", i, text, was, to)
				}
			}
			data[i] = was
		}
		for cut := range data {
			if wire.Sealed(data[:cut]) || wire.Sealed(data[cut+1:]) {
				t.Errorf("Sealed does not see that %.60q lacks its end or its beginning", text)
			}
		}
	}
}

func TestLookingAtASealAllocatesNothing(t *testing.T) {
	data := append([]byte{'"'}, wire.AppendSeal(bytes.Repeat([]byte("x"), 1000))...)
	data = append(data, '"')
	if got := testing.AllocsPerRun(100, func() { wire.Sealed(data) }); got != 0 {
		t.Errorf("Sealed allocates %v times, want 0", got)
	}
}
