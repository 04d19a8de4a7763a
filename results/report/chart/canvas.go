package chart

import (
	"html"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// A canvas takes what plot draws and writes it as SVG: text as text, and classes
// where there would be colours, so that one style sheet has the page in light, in
// dark and on paper.
//
// Note: the library's own SVG canvas writes a style with fixed colours and fonts
// into each element. That would be black on black in the dark, is forbidden by the
// page's policy, and takes three times the room.
type canvas struct {
	width, height vg.Length
	out           strings.Builder
	now           state
	stack         []state
}

var _ vg.CanvasSizer = (*canvas)(nil)

// A state is what Push saves.
type state struct {
	paint  paint
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	turn   matrix
}

// A matrix turns (x, y) into (ax + cy + e, bx + dy + f).
type matrix struct{ a, b, c, d, e, f float64 }

var straight = matrix{a: 1, d: 1}

// after is the other matrix first and then m.
func (m matrix) after(o matrix) matrix {
	return matrix{
		m.a*o.a + m.c*o.b, m.b*o.a + m.d*o.b,
		m.a*o.c + m.c*o.d, m.b*o.c + m.d*o.d,
		m.a*o.e + m.c*o.f + m.e, m.b*o.e + m.d*o.f + m.f,
	}
}

func newCanvas(width, height vg.Length) *canvas {
	c := &canvas{width: width, height: height, now: state{turn: straight}}
	vg.Initialize(c)
	return c
}

// Size is what plot may draw on; y goes up from the lower left corner.
func (c *canvas) Size() (x, y vg.Length) { return c.width, c.height }

func (c *canvas) SetLineWidth(w vg.Length) { c.now.width = w }

func (c *canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.now.dashes, c.now.offset = pattern, offset
}

// SetColor takes a paint; of other colours all are that of text.
func (c *canvas) SetColor(clr color.Color) {
	known, ok := clr.(paint)
	if !ok {
		known = paintText
	}
	c.now.paint = known
}

func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.now.turn = c.now.turn.after(matrix{cos, sin, -sin, cos, 0, 0})
}

func (c *canvas) Translate(by vg.Point) {
	c.now.turn = c.now.turn.after(matrix{1, 0, 0, 1, by.X.Points(), by.Y.Points()})
}

func (c *canvas) Scale(x, y float64) {
	c.now.turn = c.now.turn.after(matrix{a: x, d: y})
}

func (c *canvas) Push() { c.stack = append(c.stack, c.now) }

func (c *canvas) Pop() {
	last := len(c.stack) - 1
	c.now, c.stack = c.stack[last], c.stack[:last]
}

// at is a point in SVG, where y goes down.
func (c *canvas) at(p vg.Point) (x, y float64) {
	px, py := p.X.Points(), p.Y.Points()
	m := c.now.turn
	return m.a*px + m.c*py + m.e, c.height.Points() - (m.b*px + m.d*py + m.f)
}

func (c *canvas) Stroke(path vg.Path) {
	if c.now.width <= 0 {
		return
	}
	c.out.WriteString(`<path class="l ` + string(c.now.paint) + `"`)
	if w := c.now.width.Points(); w != 1 {
		c.out.WriteString(` stroke-width="` + digits(w) + `"`)
	}
	if len(c.now.dashes) > 0 {
		var pattern []string
		for _, d := range c.now.dashes {
			pattern = append(pattern, digits(d.Points()))
		}
		c.out.WriteString(` stroke-dasharray="` + strings.Join(pattern, " ") + `"`)
		if off := c.now.offset.Points(); off != 0 {
			c.out.WriteString(` stroke-dashoffset="` + digits(off) + `"`)
		}
	}
	c.out.WriteString(` d="`)
	c.trace(path)
	c.out.WriteString(`"/>`)
}

func (c *canvas) Fill(path vg.Path) {
	c.out.WriteString(`<path class="f ` + string(c.now.paint) + `" d="`)
	c.trace(path)
	c.out.WriteString(`"/>`)
}

// trace writes the data of a path (SVG 2, section 9.3).
func (c *canvas) trace(path vg.Path) {
	to := func(command string, points ...vg.Point) {
		c.out.WriteString(command)
		for i, p := range points {
			if i > 0 {
				c.out.WriteByte(' ')
			}
			x, y := c.at(p)
			c.out.WriteString(digits(x) + " " + digits(y))
		}
	}
	for _, step := range path {
		switch step.Type {
		case vg.MoveComp:
			to("M", step.Pos)
		case vg.LineComp:
			to("L", step.Pos)
		case vg.CurveComp:
			by := step.Control[:min(len(step.Control), 2)]
			to([]string{"L", "Q", "C"}[len(by)], append(slices.Clone(by), step.Pos)...)
		case vg.ArcComp:
			c.arc(step, to)
		case vg.CloseComp:
			c.out.WriteByte('Z')
		}
	}
}

// arc writes an arc in parts of a third of a circle at most: one of a whole circle
// would end where it begins, and be nothing.
func (c *canvas) arc(step vg.PathComp, to func(string, ...vg.Point)) {
	on := func(angle float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{X: step.Pos.X + step.Radius*vg.Length(cos), Y: step.Pos.Y + step.Radius*vg.Length(sin)}
	}
	whole := max(-2*math.Pi, min(2*math.Pi, step.Angle))
	parts := int(math.Ceil(math.Abs(whole) / (2 * math.Pi / 3)))
	sweep := "0" // anticlockwise, as positive angles go where y goes up
	if whole < 0 {
		sweep = "1"
	}
	radius := digits(step.Radius.Points())
	to("L", on(step.Start))
	for i := range parts {
		to("A"+radius+" "+radius+" 0 0 "+sweep+" ", on(step.Start+whole*float64(i+1)/float64(parts)))
	}
}

// FillString writes the text as text: the font is the style sheet's, which has the
// measures of the one that plot reckons with.
func (c *canvas) FillString(f font.Face, pt vg.Point, text string) {
	x, y := c.at(pt)
	m := c.now.turn
	c.out.WriteString(`<text class="` + string(c.now.paint) + `"`)
	if size := f.Font.Size.Points(); size != textSize {
		c.out.WriteString(` font-size="` + digits(size) + `"`)
	}
	if m.a == 1 && m.b == 0 && m.c == 0 && m.d == 1 {
		c.out.WriteString(` x="` + digits(x) + `" y="` + digits(y) + `">`)
	} else {
		c.out.WriteString(` transform="matrix(` + strings.Join([]string{
			exact(m.a), exact(-m.b), exact(-m.c), exact(m.d), digits(x), digits(y)}, " ") + `)">`)
	}
	c.out.WriteString(escape(text) + `</text>`)
}

// DrawImage draws nothing: no picture of ours has an image in it.
func (c *canvas) DrawImage(vg.Rectangle, image.Image) {}

// named draws something that tells its name to who points at it.
func (c *canvas) named(name string, draw func()) {
	if name == "" {
		draw()
		return
	}
	c.out.WriteString(`<g><title>` + escape(name) + `</title>`)
	draw()
	c.out.WriteString(`</g>`)
}

// svg is what was drawn as an element of a page.
func (c *canvas) svg(class, label string) string {
	size := "0 0 " + digits(c.width.Points()) + " " + digits(c.height.Points())
	about := ` aria-hidden="true"`
	if label != "" {
		about = ` role="img" aria-label="` + escape(label) + `"`
	}
	return `<svg class="` + class + `" viewBox="` + size + `"` + about + `>` + c.out.String() + `</svg>`
}

// digits are a coordinate: tenths are less than anybody sees. What lies far beyond
// the picture is at its far end.
func digits(v float64) string {
	const far = 1e5
	if math.IsNaN(v) {
		v = 0
	}
	v = math.Round(max(-far, min(far, v))*10) / 10
	if v == 0 {
		v = 0 // never -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func exact(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

// escape makes any name text of a page.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
	return html.EscapeString(text)
}
