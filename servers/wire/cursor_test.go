package wire_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"pushbench/servers/wire"
)

func TestCursorKeepsEveryNumberExactly(t *testing.T) { // D7
	for _, n := range []uint64{
		0, 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64 - 1, math.MaxUint64,
	} {
		want := wire.Cursor{Epoch: "e_1", N: n}
		if got, want := want.String(), fmt.Sprintf("e_1-%d", n); got != want {
			t.Errorf("String() = %s, want %s", got, want)
		}
		if got, err := wire.ParseCursor(want.String()); err != nil || got != want {
			t.Errorf("ParseCursor(%s) = %v, %v", want, got, err)
		}
		if got, err := wire.ParseCursor(want.Append(nil)); err != nil || got != want {
			t.Errorf("ParseCursor of the bytes %s = %v, %v", want, got, err)
		}
	}
}

// Digits are read eight at a time where so many bytes follow, and else one by one.
func TestNumbersOfEveryLengthAreReadAsStrconvDoes(t *testing.T) { // D7
	dice := rand.New(rand.NewPCG(1, 2))
	for length := 1; length <= 22; length++ {
		for _, first := range "0123456789" {
			digits := []byte{byte(first)}
			for len(digits) < length {
				digits = append(digits, '0'+byte(dice.IntN(10)))
			}
			want, refused := strconv.ParseUint(string(digits), 10, 64)
			got, err := wire.ParseCursor("e-" + string(digits))
			if got.N != want && refused == nil || (err == nil) != (refused == nil) {
				t.Errorf("cursor %s is read as %d, %v; want %d, %v", digits, got.N, err, want, refused)
			}
			var e wire.Event
			err = wire.ParseEvent(&e, fmt.Appendf(nil, `{"n":"1","due":"%s","pub":"-%[1]s","wall":"1","data":1}`, digits))
			if fits := refused == nil && want <= math.MaxInt64; (err == nil) != fits || fits && (e.Due != int64(want) || e.Pub != -int64(want)) {
				t.Errorf("instant %s is read as %d and %d, %v", digits, e.Due, e.Pub, err)
			}
			for i := range digits {
				for _, other := range []byte{'0' - 1, '9' + 1, 0, ' ', '-', 'a', 0x80 | '1', 0xff} {
					spoiled := append([]byte(nil), digits...)
					spoiled[i] = other
					if c, err := wire.ParseCursor("e-" + string(spoiled)); err == nil && other != '-' {
						t.Errorf("cursor %q is read as %v", spoiled, c)
					}
				}
			}
		}
	}
}

// Thousands of clients hold a cursor of one epoch.
func TestCursorsOfOneEpochShareItsName(t *testing.T) {
	var all []wire.Cursor
	for n := range 3 {
		c, err := wire.ParseCursor(fmt.Appendf(nil, "shared-%d", n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, c := range all[1:] {
		if unsafe.StringData(c.Epoch) != unsafe.StringData(all[0].Epoch) {
			t.Errorf("%v has an epoch of its own", c)
		}
	}
	again := []byte("shared-9")
	if n := testing.AllocsPerRun(100, func() { wire.ParseCursor(again) }); n != 0 {
		t.Errorf("%v allocations to read one of them again", n)
	}
	if c, err := wire.ParseCursor("no epoch-1"); err == nil {
		t.Errorf("an impossible epoch gives %v", c)
	}
	if c, err := wire.ParseCursor("other-1"); err != nil || c.Epoch != "other" || all[0].Epoch != "shared" {
		t.Errorf("another epoch gives %v, %v beside %v", c, err, all[0])
	}
}

func TestNumbersReachJavaScriptAsStrings(t *testing.T) { // D7
	b := wire.AppendEvent(nil, &wire.Event{N: 1<<53 + 1, Due: 1<<53 + 1, Pub: 1<<53 + 1, Wall: 1<<53 + 1, Data: []byte("1")})
	var members map[string]any // as JSON.parse reads it: every number is a float64
	if err := json.Unmarshal(b, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"n", "due", "pub", "wall"} {
		if got, want := members[name], any("9007199254740993"); got != want {
			t.Errorf("member %s is %v, want the string %v", name, got, want)
		}
	}
}

func TestWhatIsNotACursorIsRefused(t *testing.T) { // L6, V10
	for _, s := range []string{
		"", "-", "e", "e-", "-1", "e-x", "e--1", "e-+1", "e- 1", "e-1 ", " e-1", "e.f-1", "é-1", "e\n-1", "e-1\n",
		"e-18446744073709551616", "e-99999999999999999999", "e-000000000000000000001",
		strings.Repeat("e", wire.MaxEpoch+1) + "-1", strings.Repeat("9", 5000), "e-" + strings.Repeat("1", 5000),
	} {
		c := wire.Cursor{Epoch: "kept", N: 7}
		if err := wire.ReadCursor(&c, s); err != wire.ErrCursor {
			t.Errorf("ReadCursor(%.40q) = %v, want %v", s, err, wire.ErrCursor)
		}
		if (c != wire.Cursor{Epoch: "kept", N: 7}) {
			t.Errorf("ReadCursor(%.40q) changed the cursor to %v", s, c)
		}
		if c, err := wire.ParseCursor(s); err != wire.ErrCursor || !c.IsZero() {
			t.Errorf("ParseCursor(%.40q) = %v, %v, want %v", s, c, err, wire.ErrCursor)
		}
	}
}

func TestCursorOfTheLongestEpochFits(t *testing.T) {
	c := wire.Cursor{Epoch: strings.Repeat("Z", wire.MaxEpoch), N: math.MaxUint64}
	if got := len(c.String()); got != wire.MaxCursor {
		t.Errorf("the longest cursor has %d bytes, want MaxCursor, %d", got, wire.MaxCursor)
	}
	if got, err := wire.ParseCursor(c.String()); err != nil || got != c {
		t.Errorf("ParseCursor of the longest cursor = %v, %v", got, err)
	}
}

func FuzzCursorReadIsCursorWritten(f *testing.F) { // R11
	for _, s := range []string{"local-0", "e_1-18446744073709551615", "e-01", "a-b-3", "--", "", "e-1\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := wire.ParseCursor(s)
		if err != nil {
			return
		}
		if err := wire.CheckEpoch(c.Epoch); err != nil {
			t.Errorf("ParseCursor(%q) has an impossible epoch: %v", s, err)
		}
		if again, err := wire.ParseCursor(c.String()); err != nil || again != c {
			t.Errorf("ParseCursor(%q) = %v, which is read as %v, %v", s, c, again, err)
		}
	})
}
