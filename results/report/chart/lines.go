package chart

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines are curves over one axis.
type Lines struct {
	Title, Text string
	X, Y        Axis
	Lines       []Line
	Marks       []Mark
}

// A Line is a curve.
type Line struct {
	Name   string // in the key; one without is not in it
	Ink    Ink
	Dashed bool
	Thin   bool // one of many that a line without says together
	Points []Point
}

// A Point is one of a line's, from left to right.
type Point struct {
	X, Y   float64
	Lo, Hi *float64 // an interval of Y
	// Note is what is told to who points at it. Points without are part of the line
	// and have no shape of their own.
	Note string
}

// A Mark is a line across the picture: at X, or with Level at Y. With To above At
// it is all that is between them.
type Mark struct {
	Name  string
	At    float64
	To    float64
	Level bool
}

// Draw draws the picture; there is none without a line of a point.
func (l Lines) Draw() (Picture, bool) {
	var x, y span
	l.Lines = slices.Clone(l.Lines)
	for i := range l.Lines {
		l.Lines[i].Points = l.drawable(l.Lines[i].Points, &x, &y)
	}
	l.Lines = slices.DeleteFunc(l.Lines, func(one Line) bool { return len(one.Points) == 0 })
	if len(l.Lines) == 0 {
		return Picture{}, false
	}
	for _, m := range l.Marks {
		if m.Level && l.Y.holds(m.At) {
			y.take(m.At)
		}
	}
	c := newCanvas(pictureWidth, lineHeight)
	p := sheet()
	l.X.set(&p.X, x, false)
	l.Y.set(&p.Y, y, true)
	p.X.Label.Text = l.X.Title
	p.Add(grid{}, marks{c, l.Marks, l.X, l.Y})
	for _, thin := range []bool{true, false} { // thick ones above
		for _, one := range l.Lines {
			if one.Thin == thin {
				p.Add(curve{one, c})
			}
		}
	}
	area := draw.New(c)
	area.FillText(style(paintText, textSize, text.XLeft, text.YTop), vg.Point{X: 1, Y: lineHeight - 1}, l.Y.Title)
	p.Draw(draw.Crop(area, 0, -margin, 0, -22))
	return Picture{l.Title, l.Text, c.svg("picture", l.Text), l.keys()}, true
}

// drawable are the points that the axes hold, which take them.
func (l Lines) drawable(points []Point, x, y *span) []Point {
	var some []Point
	for _, p := range points {
		if !l.X.holds(p.X) || !l.Y.holds(p.Y) {
			continue
		}
		x.take(p.X)
		y.take(p.Y)
		if p.Lo == nil || p.Hi == nil || !l.Y.holds(*p.Lo) || !l.Y.holds(*p.Hi) {
			p.Lo, p.Hi = nil, nil
		} else {
			y.take(*p.Lo)
			y.take(*p.Hi)
		}
		some = append(some, p)
	}
	return some
}

func (l Lines) keys() []Key {
	var keys []Key
	for _, one := range l.Lines {
		if one.Name != "" && !slices.ContainsFunc(keys, func(k Key) bool { return k.Name == one.Name }) {
			keys = append(keys, Key{one.Name, sampleOf(one.Ink, one.Dashed)})
		}
	}
	return keys
}

// A curve draws a line.
type curve struct {
	Line
	canvas *canvas
}

func (k curve) Plot(area draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&area)
	at := func(point Point) vg.Point { return vg.Point{X: x(point.X), Y: y(point.Y)} }
	look := draw.LineStyle{Color: k.Ink.paint(), Width: 1.6}
	if k.Dashed {
		look.Dashes = dashes
	}
	if k.Thin {
		look.Color, look.Width = k.Ink.paint()+" thin", 0.6
	}
	var way []vg.Point
	for _, point := range k.Points {
		way = append(way, at(point))
	}
	if len(way) > 1 {
		area.StrokeLines(look, area.ClipLinesXY(bends(way))...)
	}
	interval := draw.LineStyle{Color: k.Ink.paint(), Width: 1}
	for _, point := range k.Points {
		if point.Lo != nil {
			area.StrokeLine2(interval, x(point.X), y(*point.Lo), x(point.X), y(*point.Hi))
		}
		if point.Note != "" || len(way) == 1 {
			k.canvas.named(point.Note, func() { area.DrawGlyphNoClip(k.Ink.glyph(), at(point)) })
		}
	}
}

// bends are the points of a way at which it changes its direction by what can be
// seen: the others only take room.
func bends(way []vg.Point) []vg.Point {
	const seen = 0.15
	kept := way[:1:1]
	for i := 1; i < len(way)-1; i++ {
		from, to := kept[len(kept)-1], way[i+1]
		straight := to.X > from.X
		if straight {
			y := from.Y + (to.Y-from.Y)*(way[i].X-from.X)/(to.X-from.X)
			straight = y-way[i].Y < seen && way[i].Y-y < seen
		}
		if !straight {
			kept = append(kept, way[i])
		}
	}
	return append(kept, way[len(way)-1])
}

// marks draws what lies across the picture.
type marks struct {
	canvas *canvas
	all    []Mark
	x, y   Axis
}

func (m marks) Plot(area draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&area)
	look := draw.LineStyle{Color: paintMark, Width: 1, Dashes: []vg.Length{3, 2}}
	row := 0
	for _, one := range m.all {
		if one.Level {
			if m.y.holds(one.At) {
				at := y(one.At)
				area.StrokeLine2(look, area.Min.X, at, area.Max.X, at)
				area.FillText(style(paintQuiet, smallSize, text.XRight, text.YBottom), vg.Point{X: area.Max.X, Y: at + 3}, cut(one.Name, 60))
			}
			continue
		}
		if !m.x.holds(one.At) || one.At > p.X.Max || max(one.At, one.To) < p.X.Min {
			continue
		}
		left := max(area.Min.X, x(one.At))
		m.canvas.named(one.Name, func() {
			if m.x.holds(one.To) && one.To > one.At {
				box(area, paintMark+" shade", left, area.Min.Y, min(area.Max.X, x(one.To)), area.Max.Y)
			}
			area.StrokeLine2(look, left, area.Min.Y, left, area.Max.Y)
		})
		// Names stand beside their line, where there is room, each below the last.
		side, by := text.XLeft, vg.Length(3)
		if left > (area.Min.X+area.Max.X)/2 {
			side, by = text.XRight, -3
		}
		area.FillText(style(paintQuiet, smallSize, side, text.YTop), vg.Point{X: left + by, Y: area.Max.Y - vg.Length(row%4)*(smallSize+2)}, cut(one.Name, 40))
		row++
	}
}
