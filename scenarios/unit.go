package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The types of this file read the words that people write, as values of flags
// (Set, String, Type) and of files (text), and write them so that they read
// back as the same value.

// A Rate is how often something happens, per second: "10/s", "3/min", "2/h".
type Rate float64

var rateUnits = []struct {
	name    string
	seconds float64
}{{"/s", 1}, {"/min", 60}, {"/h", 3600}}

// maxRate keeps rates within what a clock of nanoseconds can tell apart.
const maxRate = 1e9

// Set reads a rate; a bare 0 is none.
func (r *Rate) Set(text string) error {
	wrong := fmt.Errorf("%q is not a rate: want one such as 10/s or 3/min", text)
	if text == "0" {
		*r = 0
		return nil
	}
	for _, unit := range rateUnits {
		number, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		value, ok := decimal(number)
		if !ok {
			return wrong
		}
		if value /= unit.seconds; value > maxRate {
			return fmt.Errorf("%q is more than %d/s", text, int(maxRate))
		}
		*r = Rate(value)
		return nil
	}
	return wrong
}

// String is the shortest text that Set reads as this rate.
func (r Rate) String() string {
	shortest := ""
	for _, unit := range rateUnits {
		text := strconv.FormatFloat(float64(r)*unit.seconds, 'f', -1, 64) + unit.name
		var back Rate
		if back.Set(text) == nil && back == r && (shortest == "" || len(text) < len(shortest)) {
			shortest = text
		}
	}
	return shortest
}

// Type names the value in help.
func (r *Rate) Type() string { return "rate" }

// A Size is a number of bytes: "64B", "1KiB", "2kB".
type Size int64

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}

// Set reads a size; a bare number is bytes.
func (s *Size) Set(text string) error {
	wrong := fmt.Errorf("%q is not a size: want one such as 64B, 1KiB or 2kB", text)
	number, bytes := text, int64(1)
	for _, unit := range sizeUnits {
		if cut, found := strings.CutSuffix(text, unit.name); found {
			number, bytes = cut, unit.bytes
			break
		}
	}
	value, ok := decimal(number)
	if !ok {
		return wrong
	}
	value *= float64(bytes)
	if value != math.Trunc(value) || value > 1<<53 {
		return fmt.Errorf("%q is not a whole number of bytes: want one such as 64B, 1KiB or 2kB", text)
	}
	*s = Size(value)
	return nil
}

// String is the size in the largest unit of which it is a whole number.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s != 0 && int64(s)%unit.bytes == 0 {
			return strconv.FormatInt(int64(s)/unit.bytes, 10) + unit.name
		}
	}
	return "0B"
}

// Type names the value in help.
func (s *Size) Type() string { return "size" }

// Sizes are one size, or all from the smallest to the largest: "32B..1KiB".
type Sizes struct{ Min, Max Size }

// Set reads one size or a range.
func (s *Sizes) Set(text string) error {
	low, high, both := strings.Cut(text, "..")
	var read Sizes
	if err := read.Min.Set(low); err != nil {
		return err
	}
	read.Max = read.Min
	if both {
		if err := read.Max.Set(high); err != nil {
			return err
		}
	}
	if read.Max < read.Min {
		return fmt.Errorf("%q goes from the larger to the smaller size", text)
	}
	*s = read
	return nil
}

func (s Sizes) within(most Size) bool { return s.Min >= 0 && s.Min <= s.Max && s.Max <= most }

func (s Sizes) String() string {
	if s.Min == s.Max {
		return s.Min.String()
	}
	return s.Min.String() + ".." + s.Max.String()
}

// Type names the value in help.
func (s *Sizes) Type() string { return "size" }

// A Duration is a length of time as Go writes it: "400ms", "1m30s".
type Duration time.Duration

// Set reads a length of time, not below zero.
func (d *Duration) Set(text string) error {
	value, err := time.ParseDuration(text)
	if err != nil || value < 0 {
		return fmt.Errorf("%q is not a length of time: want one such as 400ms or 1m30s", text)
	}
	*d = Duration(value)
	return nil
}

func (d Duration) String() string { return time.Duration(d).String() }

// Type names the value in help.
func (d *Duration) Type() string { return "duration" }

// Duration is the value as the standard library has it.
func (d Duration) Duration() time.Duration { return time.Duration(d) }

// decimal reads digits with at most one point in them: no sign, no exponent, no
// names of numbers.
func decimal(text string) (float64, bool) {
	if text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

func (r Rate) MarshalText() ([]byte, error)     { return []byte(r.String()), nil }
func (s Size) MarshalText() ([]byte, error)     { return []byte(s.String()), nil }
func (s Sizes) MarshalText() ([]byte, error)    { return []byte(s.String()), nil }
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (r *Rate) UnmarshalText(text []byte) error     { return r.Set(string(text)) }
func (s *Size) UnmarshalText(text []byte) error     { return s.Set(string(text)) }
func (s *Sizes) UnmarshalText(text []byte) error    { return s.Set(string(text)) }
func (d *Duration) UnmarshalText(text []byte) error { return d.Set(string(text)) }
