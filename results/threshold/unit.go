package threshold

import (
	"slices"
	"strings"
)

// A unit is a name for so much of its family's smallest.
type unit struct {
	name string
	size float64
}

var (
	times = []unit{{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}}
	sizes = []unit{{"B", 1}, {"kB", 1e3}, {"KiB", 1 << 10}, {"MB", 1e6}, {"MiB", 1 << 20}, {"GB", 1e9}, {"GiB", 1 << 30}}
	rates = []unit{{"/s", 1}, {"/min", 1. / 60}, {"/h", 1. / 3600}}
	parts = []unit{{"", 1}, {"%", 0.01}}
	bare  = []unit{{"", 1}} // of what is counted
)

// unitsOf are those in which a bound of a metric of that unit can be written.
func unitsOf(metric string) []unit {
	switch {
	case metric == "ratio":
		return parts
	case strings.HasSuffix(metric, "/s"):
		return rates
	}
	for _, family := range [][]unit{times, sizes} {
		for _, u := range family {
			if u.name == metric {
				return family
			}
		}
	}
	return bare
}

// sizeOf is a metric's unit in its family's smallest.
func sizeOf(metric string) float64 {
	for _, u := range unitsOf(metric) {
		if u.name == metric {
			return u.size
		}
	}
	return 1 // a ratio, a count, a rate
}

// allUnits are those of every family.
func allUnits() []unit { return slices.Concat(bare, times, sizes, rates) }

// names lists units for a person who chose a wrong one.
func names(units []unit) (all []string) {
	for _, u := range units {
		if u.name != "" {
			all = append(all, u.name)
		}
	}
	return all
}
