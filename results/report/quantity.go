package report

import (
	"strconv"
	"strings"
	"time"
)

// sizes are units of bytes.
var sizes = map[string]float64{"B": 1, "kB": 1e3, "KiB": 1 << 10, "MB": 1e6, "MiB": 1 << 20, "GB": 1e9, "GiB": 1 << 30}

// quantity reads a value of an axis as a number in one unit for all of its kind:
// times in s, sizes in B, shares in %, rates per s. It is false for what is none.
func quantity(text string) (v float64, unit string, ok bool) {
	if d, err := time.ParseDuration(text); err == nil {
		if text == "0" { // the one that needs no unit is a count here
			return 0, "", true
		}
		return d.Seconds(), "s", true
	}
	end := strings.LastIndexAny(text, "0123456789.") + 1
	v, err := strconv.ParseFloat(text[:end], 64)
	if err != nil {
		return 0, "", false
	}
	switch unit := text[end:]; unit {
	case "", "%", "/s":
		return v, unit, true
	case "/min":
		return v / 60, "/s", true
	case "/h":
		return v / 3600, "/s", true
	default:
		size, known := sizes[unit]
		return v * size, "B", known
	}
}
