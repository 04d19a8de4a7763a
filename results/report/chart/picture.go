// Package chart draws pictures of numbers as SVG: curves, stacked bars and
// intervals. It is the one place that knows the plotting library. What cannot be
// drawn (no number, one that is not finite, on a logarithmic axis one that is not
// above zero) is left out; nothing is made up in its place.
package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Picture is drawn.
type Picture struct {
	Title string
	Text  string // what it shows, for who cannot see it
	SVG   string // an element for a page that has the classes' style sheet
	Keys  []Key  // which series is which; none where the picture says it itself
}

// A Key says which line or part has which look.
type Key struct {
	Name string
	SVG  string // a sample
}

// Pictures are drawn to a width and scaled to the column: so narrow that text can
// still be read on a telephone, and is not huge on a screen.
const (
	pictureWidth = 440
	lineHeight   = 250
	textSize     = 11
	smallSize    = 10
	margin       = 10 // right of everything
)

// face is measured for the layout; pages show one of the same measures.
func face(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

func style(p paint, size vg.Length, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: p, Font: face(size), XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler}
}

// sheet is a plot with nothing in it but axes in our paints.
func sheet() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = paintAxis, paintAxis
		axis.Tick.Label.Color, axis.Tick.Label.Font = paintQuiet, face(smallSize)
		axis.Label.TextStyle.Color, axis.Label.TextStyle.Font = paintText, face(textSize)
		axis.Label.Padding = 2
		axis.Padding = 3
		axis.Tick.Length = 3
	}
	p.Y.Width, p.Y.Tick.Length = 0, 0 // its grid says where it is
	return p
}

// A grid is lines across the picture at an axis' marks.
type grid struct{ upright bool }

func (g grid) Plot(area draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&area)
	look := draw.LineStyle{Color: paintGrid, Width: 0.7}
	if g.upright {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if at := x(t.Value); area.ContainsX(at) {
				area.StrokeLine2(look, at, area.Min.Y, at, area.Max.Y)
			}
		}
		return
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if at := y(t.Value); area.ContainsY(at) {
			area.StrokeLine2(look, area.Min.X, at, area.Max.X, at)
		}
	}
}

// shapes are those of the inks' points.
var shapes = [Inks]draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{},
	draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{},
}

func (k Ink) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: k.paint(), Radius: 3.2, Shape: shapes[k.index()]}
}

// A diamond is the one shape that the library lacks.
type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, look draw.GlyphStyle, at vg.Point) {
	r := look.Radius * 1.2
	c.FillPolygon(look.Color, []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}})
}

// dashes of a line that stands beside a solid one of its ink.
var dashes = []vg.Length{5, 3}

// sampleOf is what the key of a line shows.
func sampleOf(k Ink, dashed bool) string {
	c := newCanvas(28, 12)
	area := draw.New(c)
	look := draw.LineStyle{Color: k.paint(), Width: 1.8}
	if dashed {
		look.Dashes = dashes
	}
	area.StrokeLine2(look, 1, 6, 27, 6)
	area.DrawGlyphNoClip(k.glyph(), vg.Point{X: 14, Y: 6})
	return c.svg("key", "")
}

// patchOf is what the key of a bar's part shows.
func patchOf(p paint) string {
	c := newCanvas(14, 12)
	area := draw.New(c)
	box(area, p, 1, 1, 13, 11)
	return c.svg("key patch", "")
}

// box fills a rectangle.
func box(area draw.Canvas, p paint, left, bottom, right, top vg.Length) {
	area.FillPolygon(p, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
}

// cut shortens a name to what has room beside the number of its line.
func cut(name string, room int) string {
	letters := []rune(name)
	if len(letters) <= room {
		return name
	}
	return string(letters[:room-1]) + "…"
}

// finite says whether the value is a number that anybody can have measured.
func finite(v float64) bool { return math.Abs(v) <= largest }
