package choose

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// count words an amount with three digits that count, and with commas: "1,230".
func count(v float64) string {
	text := digits(v)
	whole, rest, _ := strings.Cut(text, ".")
	if rest != "" {
		rest = "." + rest
	}
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + rest
}

// plural words an amount of something.
func plural(v float64, noun string) string {
	text := count(v)
	if text != "1" {
		noun += "s"
	}
	return text + " " + noun
}

// verb picks the form that goes with so many.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// digits words a number with three digits that count.
func digits(v float64) string {
	if v == 0 {
		return "0"
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow10(places)
	text := strconv.FormatFloat(math.Round(v*scale)/scale, 'f', max(0, places), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// rate words how often something happens, in the unit in which it is no fraction; the
// noun is that of several.
func rate(noun string) func(float64) string {
	one := strings.TrimSuffix(noun, "s")
	return func(perSecond float64) string {
		for _, unit := range []struct {
			of   float64 // s
			name string
		}{{1, "s"}, {60, "min"}, {3600, "h"}} {
			if often := perSecond * unit.of; perSecond > 0 && (often >= 0.0995 || unit.of == 3600) {
				return plural(often, one) + "/" + unit.name
			}
		}
		return "no " + noun
	}
}

// bytes words a number of them, in units of 1,024.
func bytes(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1 << 40, " TiB"}, {1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}} {
		if v >= unit.size {
			return count(v/unit.size) + unit.name
		}
	}
	return count(v) + " B"
}

// seconds words a length of time.
func seconds(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{2 * 86400, " days"}, {2 * 3600, " h"}, {2 * 60, " min"}, {1, " s"}} {
		if v >= unit.size {
			size := unit.size
			if size > 1 {
				size /= 2
			}
			return count(v/size) + unit.name
		}
	}
	return count(v*1e3) + " ms"
}

func lasting(d time.Duration) string { return seconds(d.Seconds()) }
