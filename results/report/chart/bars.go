package chart

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars lie below each other, each made of parts that add up.
type Bars struct {
	Title, Text string
	Axis        Axis // of the length; it is linear
	Bars        []Bar
}

// A Bar is one of them.
type Bar struct {
	Name  string
	Note  string // at its end: the sum, in words
	Parts []Part
}

// A Part is a piece of a bar. What is not above zero is not drawn.
type Part struct {
	Name  string // the same in all bars
	Value float64
	Note  string // told to who points at it
	Guess bool   // an estimate, which must not look like what was measured
}

// rowHeight is what a named line of bars or ranges takes.
const rowHeight = 31

// Draw draws the picture; there is none without a part.
func (b Bars) Draw() (Picture, bool) {
	length := span{some: true} // from zero on
	var names []string
	var keys []Key
	for _, bar := range b.Bars {
		sum := 0.0
		for _, part := range bar.Parts {
			if !(part.Value > 0) || !finite(sum+part.Value) {
				continue
			}
			sum += part.Value
			if !slices.Contains(names, part.Name) {
				keys = append(keys, Key{part.Name, patchOf(partPaint(len(names), part.Guess))})
				names = append(names, part.Name)
			}
		}
		length.take(sum)
	}
	if length.hi == 0 {
		return Picture{}, false
	}
	c, p, area := rows(len(b.Bars), Axis{Title: b.Axis.Title, Ticks: b.Axis.Ticks}, length)
	p.Add(grid{upright: true})
	for i, bar := range b.Bars {
		p.Add(row{c, len(b.Bars) - 1 - i, bar.Name, bar.Note, func(area draw.Canvas, x func(float64) vg.Length, y vg.Length) {
			from := 0.0
			for _, part := range bar.Parts {
				if !(part.Value > 0) || !finite(from+part.Value) {
					continue
				}
				to := from + part.Value
				c.named(part.Note, func() {
					box(area, partPaint(slices.Index(names, part.Name), part.Guess), x(from), y-5, x(to), y+5)
				})
				from = to
			}
		}})
	}
	p.Draw(area)
	return Picture{b.Title, b.Text, c.svg("picture", b.Text), keys}, true
}

// rows are a canvas and a plot for named lines below each other.
func rows(n int, axis Axis, s span) (*canvas, *plot.Plot, draw.Canvas) {
	height := vg.Length(n*rowHeight + 44)
	c := newCanvas(pictureWidth, height)
	p := sheet()
	axis.set(&p.X, s, !axis.Log)
	p.X.Label.Text = axis.Title
	p.Y.Min, p.Y.Max = 0, float64(n)
	p.Y.Tick.Marker = plot.ConstantTicks{}
	return c, p, draw.Crop(draw.New(c), 2, -margin, 0, -2)
}

// A row is a line of a picture with its name above it.
type row struct {
	canvas     *canvas
	place      int // from the bottom
	name, note string
	draw       func(area draw.Canvas, x func(float64) vg.Length, y vg.Length)
}

func (r row) Plot(area draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&area)
	top := y(float64(r.place + 1))
	noteRoom := min(44, len([]rune(r.note)))
	r.canvas.named(r.name, func() {
		area.FillText(style(paintText, textSize, text.XLeft, text.YTop), vg.Point{X: area.Min.X, Y: top - 2}, cut(r.name, 76-noteRoom))
	})
	area.FillText(style(paintText, textSize, text.XRight, text.YTop), vg.Point{X: area.Max.X, Y: top - 2}, cut(r.note, 44))
	r.draw(area, x, top-22)
}
