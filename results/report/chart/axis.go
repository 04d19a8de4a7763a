package chart

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// An Axis is one of a picture's two. A linear one begins at zero, unless there are
// values below that.
type Axis struct {
	Title string // what it is of, with the unit
	Log   bool   // equal distances are equal ratios: what is not above zero is not drawn
	Ticks []Tick // marks at these values, instead of at round ones
}

// A Tick is a mark of an axis.
type Tick struct {
	At   float64
	Name string
}

// What can be drawn at all: beyond these a value is one that nobody has measured.
const (
	smallest = 1e-12
	largest  = 1e15
)

// holds says whether the value can be drawn on the axis.
func (a Axis) holds(v float64) bool {
	return math.Abs(v) <= largest && (!a.Log || v >= smallest) // never of a NaN
}

// A span is a range of values, empty until it takes some.
type span struct {
	lo, hi float64
	some   bool
}

func (s *span) take(v float64) {
	if !s.some {
		s.lo, s.hi, s.some = v, v, true
	}
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
}

// set gives the library's axis the range, with some room, and its marks.
func (a Axis) set(to *plot.Axis, s span, room bool) {
	if a.Log {
		to.Scale = plot.LogScale{}
		to.Min, to.Max = s.lo, s.hi
		if room || s.hi < 2*s.lo {
			to.Min, to.Max = roundDown(s.lo/1.001), roundUp(s.hi*1.001)
		}
		to.Tick.Marker = logTicks{}
	} else {
		to.Min, to.Max = min(0, s.lo), max(0, s.hi)
		if room {
			to.Max += (to.Max - to.Min) * 0.04
		}
		if to.Max-to.Min < smallest {
			to.Max = to.Min + 1
		}
		to.Tick.Marker = linearTicks{}
	}
	if a.Ticks != nil {
		var ticks plot.ConstantTicks
		for _, t := range a.Ticks {
			if t.At >= to.Min && t.At <= to.Max {
				ticks = append(ticks, plot.Tick{Value: t.At, Label: t.Name})
			}
		}
		to.Tick.Marker = ticks
	}
}

// linearTicks are the library's, without those that have no name: a grid line for
// each would be a wall.
type linearTicks struct{}

func (linearTicks) Ticks(lo, hi float64) (some []plot.Tick) {
	for _, t := range (plot.DefaultTicks{}).Ticks(lo, hi) {
		if !t.IsMinor() {
			some = append(some, plot.Tick{Value: t.Value, Label: short(t.Value)})
		}
	}
	return some
}

// logTicks are powers of ten, and where there are few of them twice and five times
// each.
type logTicks struct{}

func (logTicks) Ticks(lo, hi float64) (some []plot.Tick) {
	first, last := math.Floor(math.Log10(lo)), math.Ceil(math.Log10(hi))
	steps, every := []float64{1, 2, 5}, 1.0
	if decades := math.Log10(hi / lo); decades > 2.5 {
		steps, every = []float64{1}, math.Ceil(decades/8)
	}
	for power := first; power <= last; power += every {
		for _, step := range steps {
			v := step * math.Pow(10, power)
			if v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				some = append(some, plot.Tick{Value: v, Label: short(v)})
			}
		}
	}
	return some
}

// roundDown is the largest of 1, 2 and 5 times a power of ten that is no larger.
func roundDown(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{5, 2} {
		if step*power <= v {
			return step * power
		}
	}
	return power
}

// roundUp is the smallest of them that is no smaller.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if step*power >= v {
			return step * power
		}
	}
	return 10 * power
}

// short is a round number as the mark of an axis.
func short(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64) // 0.30000000000000004
	if size := math.Abs(v); v == 0 || size >= 1e-4 && size < 1e6 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	text := strconv.FormatFloat(v, 'g', -1, 64)
	return strings.NewReplacer("e+0", "e", "e-0", "e-", "e+", "e").Replace(text)
}
