package chart

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Ranges are values with their intervals below each other.
type Ranges struct {
	Title, Text string
	Axis        Axis
	Ranges      []Range
}

// A Range is one of them.
type Range struct {
	Name   string
	Note   string // the numbers, in words
	Ink    Ink
	Value  float64
	Lo, Hi *float64 // nil where there is no such end
	// Open says that the value is a bound: the true one may lie beyond it, upward with
	// 1 and downward with -1.
	Open int
}

// Draw draws the picture; there is none without a value.
func (r Ranges) Draw() (Picture, bool) {
	var s span
	var some []Range
	for _, one := range r.Ranges {
		if !r.Axis.holds(one.Value) {
			continue
		}
		s.take(one.Value)
		for _, end := range []**float64{&one.Lo, &one.Hi} {
			if *end != nil && !r.Axis.holds(**end) {
				*end = nil
			} else if *end != nil {
				s.take(**end)
			}
		}
		some = append(some, one)
	}
	if len(some) == 0 {
		return Picture{}, false
	}
	axis := r.Axis
	if axis.Log { // room for what is at the ends
		s.lo, s.hi = s.lo/1.08, s.hi*1.08
	}
	c, p, area := rows(len(some), axis, s)
	p.Add(grid{upright: true})
	for i, one := range some {
		p.Add(row{c, len(some) - 1 - i, one.Name, one.Note, func(area draw.Canvas, x func(float64) vg.Length, y vg.Length) {
			c.named(one.Name+": "+one.Note, func() { one.draw(area, x, y) })
		}})
	}
	p.Draw(area)
	return Picture{Title: r.Title, Text: r.Text, SVG: c.svg("picture", r.Text)}, true
}

func (r Range) draw(area draw.Canvas, x func(float64) vg.Length, y vg.Length) {
	look := draw.LineStyle{Color: r.Ink.paint(), Width: 2.4}
	at := x(r.Value)
	for _, end := range []*float64{r.Lo, r.Hi} {
		if end != nil {
			area.StrokeLine2(look, at, y, x(*end), y)
			area.StrokeLine2(draw.LineStyle{Color: r.Ink.paint(), Width: 1.4}, x(*end), y-4, x(*end), y+4)
		}
	}
	if r.Open != 0 {
		to := area.Max.X
		if r.Open < 0 {
			to = area.Min.X
		}
		look.Dashes, look.Width = []vg.Length{2, 3}, 1.4
		area.StrokeLine2(look, at, y, to, y)
	}
	area.DrawGlyphNoClip(r.Ink.glyph(), vg.Point{X: at, Y: y})
}
