package wire_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"pushbench/servers/wire"
)

// gapOracle is a gap notice as encoding/json sees it.
type gapOracle struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Cursor string `json:"cursor"`
	Epoch  string `json:"epoch"`
}

func (o gapOracle) is(g wire.Gap) bool {
	from, err1 := strconv.ParseUint(o.From, 10, 64)
	to, err2 := strconv.ParseUint(o.To, 10, 64)
	cursor, err3 := wire.ParseCursor(o.Cursor)
	return err1 == nil && err2 == nil && err3 == nil &&
		g == wire.Gap{From: from, To: to, Cursor: cursor, Epoch: o.Epoch}
}

func FuzzGapIsTheJSONThatItSays(f *testing.F) {
	f.Add(uint64(1), uint64(0), "local", "")
	f.Add(uint64(1)<<53+1, uint64(1)<<63, "e_1", "e_0")
	f.Add(uint64(math.MaxUint64), uint64(math.MaxUint64), strings.Repeat("E", wire.MaxEpoch), strings.Repeat("_", wire.MaxEpoch))
	f.Fuzz(func(t *testing.T, from, to uint64, epoch, lost string) {
		if wire.CheckEpoch(epoch) != nil || lost != "" && wire.CheckEpoch(lost) != nil {
			t.Skip()
		}
		want := wire.Gap{From: from, To: to, Cursor: wire.Cursor{Epoch: epoch, N: to}, Epoch: lost}
		b := wire.AppendGap(nil, want)
		var o gapOracle
		if err := strict(b, &o); err != nil || !o.is(want) {
			t.Errorf("encoding/json reads %+v, %v from %s", o, err, b)
		}
		if got, err := wire.ParseGap(b); err != nil || got != want {
			t.Errorf("ParseGap(%s) = %+v, %v, want %+v", b, got, err, want)
		}
	})
}

func FuzzParseGapAgreesWithJSON(f *testing.F) { // R11
	for _, b := range []string{
		``, `{`, `{"from":"1","to":"2","cursor":"e-2"}`, `{"from":"1","to":"2","cursor":"e-2","epoch":"f"}`,
		`{"from":"1","to":"2","cursor":"e-2","epoch":""}`, `{"from":"1","to":"2","cursor":"e-2","epoch":xf"}`,
		`{"from":"1","to":"2","cursor":xe-2"}`, `{"from":"1","to":"2","cursor":"e-2"}}`, `{"from":"-1","to":"2","cursor":"e-2"}`,
		`{"from":"1","to":"2","cursor":"\u0065-2"}`,
	} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := wire.ParseGap(b)
		if err != nil {
			return
		}
		var o gapOracle
		if err := json.Unmarshal(b, &o); err != nil || !o.is(g) {
			t.Errorf("ParseGap(%q) = %+v, encoding/json %+v, %v", b, g, o, err)
		}
	})
}

func TestTypeThatCouldBreakOutOfItsFieldIsRefused(t *testing.T) { // V5
	for _, typ := range []string{
		"a\nb", "a\rb", "a\r\nb", "a\x00b", "\x7f", "\t", `a"b`, `a\b`, "a\xffb", "gap", "error", "open", "message",
		strings.Repeat("x", 65),
	} {
		if wire.CheckType(typ) == nil {
			t.Errorf("CheckType(%q) lets it pass", typ)
		}
	}
	for _, typ := range []string{"", "ping", "price.up", "é", "a b", "a:b", strings.Repeat("x", 64)} {
		if err := wire.CheckType(typ); err != nil {
			t.Errorf("CheckType(%q) = %v", typ, err)
		}
	}
}
