package scenarios_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/scenarios"
)

// value is what flags need: pflag.Value, stated here.
type value interface {
	Set(string) error
	String() string
	Type() string
}

var (
	_ value = (*scenarios.Rate)(nil)
	_ value = (*scenarios.Size)(nil)
	_ value = (*scenarios.Sizes)(nil)
	_ value = (*scenarios.Duration)(nil)
)

func TestUnitsReadWhatPeopleWrite(t *testing.T) {
	for _, c := range []struct {
		into value
		text string
		want any
	}{
		{new(scenarios.Rate), "10/s", scenarios.Rate(10)},
		{new(scenarios.Rate), "0.1/s", scenarios.Rate(0.1)},
		{new(scenarios.Rate), "3/min", scenarios.Rate(0.05)},
		{new(scenarios.Rate), "36/h", scenarios.Rate(0.01)},
		{new(scenarios.Rate), "0", scenarios.Rate(0)},
		{new(scenarios.Size), "64B", scenarios.Size(64)},
		{new(scenarios.Size), "64", scenarios.Size(64)},
		{new(scenarios.Size), "1KiB", scenarios.Size(1024)},
		{new(scenarios.Size), "2kB", scenarios.Size(2000)},
		{new(scenarios.Size), "1.5KiB", scenarios.Size(1536)},
		{new(scenarios.Sizes), "32B..1KiB", scenarios.Sizes{Min: 32, Max: 1024}},
		{new(scenarios.Sizes), "0B", scenarios.Sizes{}},
		{new(scenarios.Duration), "1m30s", scenarios.Duration(90 * time.Second)},
	} {
		if err := c.into.Set(c.text); err != nil {
			t.Errorf("Set(%q) = %v", c.text, err)
			continue
		}
		switch got := c.into.(type) {
		case *scenarios.Rate:
			check(t, c.text, *got, c.want)
		case *scenarios.Size:
			check(t, c.text, *got, c.want)
		case *scenarios.Sizes:
			check(t, c.text, *got, c.want)
		case *scenarios.Duration:
			check(t, c.text, *got, c.want)
		}
	}
}

func check(t *testing.T, text string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%q is read as %v, want %v", text, got, want)
	}
}

func TestUnitsRefuseWhatIsNone(t *testing.T) { // R1
	for _, c := range []struct {
		into value
		bad  []string
	}{
		{new(scenarios.Rate), []string{"", "10", "-1/s", "10/x", "/s", "NaN/s", "Inf/s", "1e3/s", "0x1/s", "10 /s", "10000000000/s", "1.2.3/s"}},
		{new(scenarios.Size), []string{"", "B", "-1B", "64X", "0.5B", "1e3B", "NaNB", "9999999999GiB", "64 B"}},
		{new(scenarios.Sizes), []string{"", "..", "1B..", "..1B", "2B..1B", "1B..2B..3B"}},
		{new(scenarios.Duration), []string{"", "5", "-1s", "1d", "s"}},
	} {
		for _, text := range c.bad {
			before := c.into.String()
			if err := c.into.Set(text); err == nil {
				t.Errorf("%T reads %q as %s", c.into, text, c.into)
			}
			if c.into.String() != before {
				t.Errorf("%T is %s after refusing %q, was %s", c.into, c.into, text, before)
			}
		}
	}
}

func TestARateIsWrittenAsPeopleWriteIt(t *testing.T) {
	for _, text := range []string{"10/s", "0.1/s", "4/min", "7/h", "0/s", "1000000/s"} {
		var r scenarios.Rate
		if err := r.Set(text); err != nil || r.String() != text {
			t.Errorf("%q is written as %q (%v)", text, r, err)
		}
	}
}

func TestUnitsReadBackAsThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := scenarios.Rate(rapid.Float64Range(0, 1e9).Draw(t, "rate"))
		if n := rapid.IntRange(0, 100000).Draw(t, "n"); rapid.Bool().Draw(t, "simple") {
			rate = scenarios.Rate(float64(n) / 60)
		}
		var r scenarios.Rate
		if err := r.Set(rate.String()); err != nil || r != rate {
			t.Fatalf("%b is written as %q and read as %b: %v", float64(rate), rate, float64(r), err)
		}
		size := scenarios.Size(rapid.Int64Range(0, 1<<53).Draw(t, "size"))
		var s scenarios.Size
		if err := s.Set(size.String()); err != nil || s != size {
			t.Fatalf("%d is written as %q and read as %d: %v", int64(size), size, int64(s), err)
		}
		sizes := scenarios.Sizes{Min: size / 2, Max: size}
		var z scenarios.Sizes
		if err := z.Set(sizes.String()); err != nil || z != sizes {
			t.Fatalf("%q is read as %q: %v", sizes, z, err)
		}
		length := scenarios.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "duration"))
		var d scenarios.Duration
		if err := d.Set(length.String()); err != nil || d != length {
			t.Fatalf("%q is read as %q: %v", length, d, err)
		}
	})
}

func TestAScenarioIsTheSameAfterJSON(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Measured = "" // of no run
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back := new(scenarios.Scenario)
		if err := json.Unmarshal(text, back); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(*back), fmt.Sprint(*s); got != want {
			t.Errorf("%s is %s after JSON, was %s", name, got, want)
		}
	}
}

func TestABurstOfClientsComesWithoutEnd(t *testing.T) {
	for kind, want := range map[string]float64{"ramp": 300, "burst": math.Inf(1)} {
		if got := (scenarios.Connect{Kind: kind, Rate: 300}).PerSecond(); got != want {
			t.Errorf("%s: %v clients a second, want %v", kind, got, want)
		}
	}
}
