package chart_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pushbench/results/report/chart"
)

// elements are the names of an SVG's elements; the text must be well-formed.
func elements(t testing.TB, svg string) (names []string, texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	depth := 0
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			names = append(names, token.Name.Local)
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || strings.Contains(a.Name.Local, "href") {
					t.Fatalf("attribute %s", a.Name.Local)
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
	if depth != 0 {
		t.Fatalf("%d elements are open", depth)
	}
	return names, texts
}

func line(name string, ink chart.Ink, ys ...float64) chart.Line {
	l := chart.Line{Name: name, Ink: ink}
	for i, y := range ys {
		l.Points = append(l.Points, chart.Point{X: float64(i + 1), Y: y, Note: fmt.Sprintf("%s %v", name, y)})
	}
	return l
}

func draw(t testing.TB, l chart.Lines) chart.Picture {
	t.Helper()
	p, ok := l.Draw()
	if !ok {
		t.Fatal("nothing was drawn")
	}
	return p
}

func TestACurveIsDrawnWithItsAxesAndKeys(t *testing.T) {
	p := draw(t, chart.Lines{
		Title: "Latency", Text: "latency of two",
		X: chart.Axis{Title: "s"}, Y: chart.Axis{Title: "ms"},
		Lines: []chart.Line{line("ws", 3, 10, 20, 15), line("sse", 2, 12, 18, 40)},
		Marks: []chart.Mark{{Name: "reset", At: 2}, {Name: "limit", At: 50, Level: true}},
	})
	names, texts := elements(t, p.SVG)
	if count := len(slices.DeleteFunc(names, func(n string) bool { return n != "title" })); count != 7 { // six points and a mark
		t.Errorf("%d shapes have a name: %s", count, p.SVG)
	}
	for _, want := range []string{"s", "ms", "0", "3", "reset", "limit", "ws 20"} {
		if !slices.Contains(texts, want) {
			t.Errorf("no text %q among %q", want, texts)
		}
	}
	if !strings.HasPrefix(p.SVG, `<svg class="picture" viewBox="0 0 440 250" role="img" aria-label="latency of two">`) {
		t.Errorf("%.120s", p.SVG)
	}
	if len(p.Keys) != 2 || p.Keys[0].Name != "ws" || !strings.Contains(p.Keys[0].SVG, "i3") {
		t.Errorf("keys %v", p.Keys)
	}
}

// Where a value is, is what a picture says.
func TestValuesStandWhereTheirAxisSays(t *testing.T) {
	heights := func(y chart.Axis, ys ...float64) (at []float64) {
		l := line("a", 0, ys...)
		for i := range l.Points {
			l.Points[i].Note = ""
		}
		svg := draw(t, chart.Lines{Y: y, Lines: []chart.Line{l}}).SVG
		path := regexp.MustCompile(`<path class="l i0" stroke-width="1.6" d="([^"]+)"`).FindStringSubmatch(svg)
		if path == nil {
			t.Fatalf("no curve in %s", svg)
		}
		for _, point := range regexp.MustCompile(`[ML]([0-9.]+) ([0-9.]+)`).FindAllStringSubmatch(path[1], -1) {
			var v float64
			fmt.Sscan(point[2], &v)
			at = append(at, v)
		}
		if len(at) != len(ys) {
			t.Fatalf("%d points of %d in %s", len(at), len(ys), path[1])
		}
		return at
	}
	// Up is less; on a linear axis equal steps are equal, on the other equal ratios.
	linear := heights(chart.Axis{}, 10, 20, 0, 30)
	if a, b := linear[2]-linear[0], linear[0]-linear[1]; math.Abs(a-b) > 0.3 || a < 20 {
		t.Errorf("steps of ten are %v and %v", a, b)
	}
	log := heights(chart.Axis{Log: true}, 10, 100, 5, 1000)
	if a, b := log[0]-log[1], log[1]-log[3]; math.Abs(a-b) > 0.3 || a < 20 {
		t.Errorf("factors of ten are %v and %v", a, b)
	}
}

func TestWhatCannotBeDrawnIsLeftOut(t *testing.T) {
	bad := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64}
	for _, log := range []bool{false, true} {
		l := chart.Lines{X: chart.Axis{Log: log}, Y: chart.Axis{Log: log}}
		for _, v := range append(bad, 0, -1) {
			l.Lines = append(l.Lines, chart.Line{Name: "bad", Points: []chart.Point{{X: v, Y: v}}})
		}
		p, ok := l.Draw()
		if ok == log { // 0 and -1 are fine on a linear axis
			t.Errorf("log %v: drawn %v", log, ok)
		}
		if strings.Contains(p.SVG, "NaN") || strings.Contains(p.SVG, "Inf") {
			t.Error(p.SVG)
		}
		good := line("good", 1, 10, 20)
		good.Points[0].Lo, good.Points[0].Hi = &bad[0], &bad[1]
		l.Lines = append(l.Lines, good)
		if svg := draw(t, l).SVG; strings.Contains(svg, "NaN") || !strings.Contains(svg, "good 20") {
			t.Error(svg)
		}
	}
	if _, ok := (chart.Lines{}).Draw(); ok {
		t.Error("nothing is drawn as something")
	}
	if _, ok := (chart.Bars{Bars: []chart.Bar{{Name: "a", Parts: []chart.Part{{Value: math.NaN()}, {Value: -1}}}}}).Draw(); ok {
		t.Error("a bar of nothing is drawn")
	}
	if _, ok := (chart.Ranges{Ranges: []chart.Range{{Value: math.NaN()}}}).Draw(); ok {
		t.Error("a range without a value is drawn")
	}
}

func TestBarsAddUp(t *testing.T) {
	p, ok := chart.Bars{Axis: chart.Axis{Title: "B"}, Bars: []chart.Bar{
		{Name: "sse", Note: "30 B", Parts: []chart.Part{{Name: "payload", Value: 10}, {Name: "framing", Value: 20}}},
		{Name: "ws", Note: "12 B", Parts: []chart.Part{{Name: "payload", Value: 10}, {Name: "framing", Value: 2}, {Name: "guessed", Value: 5, Guess: true}}},
	}}.Draw()
	if !ok {
		t.Fatal("nothing was drawn")
	}
	_, texts := elements(t, p.SVG)
	for _, want := range []string{"sse", "30 B", "ws", "12 B", "B"} {
		if !slices.Contains(texts, want) {
			t.Errorf("no %q in %q", want, texts)
		}
	}
	var lefts, rights []float64
	for _, m := range regexp.MustCompile(`class="f p[0-9][^"]*" d="M([0-9.]+) [0-9.]+L([0-9.]+) `).FindAllStringSubmatch(p.SVG, -1) {
		var a, b float64
		fmt.Sscan(m[1], &a)
		fmt.Sscan(m[2], &b)
		lefts, rights = append(lefts, a), append(rights, b)
	}
	if len(lefts) != 5 || lefts[1] != rights[0] || lefts[3] != rights[2] || lefts[0] != lefts[2] {
		t.Fatalf("parts from %v to %v", lefts, rights)
	}
	if unit := (rights[0] - lefts[0]) / 10; math.Abs((rights[1]-lefts[1])/20-unit) > 0.02 || math.Abs((rights[3]-lefts[3])/2-unit) > 0.1 {
		t.Errorf("parts from %v to %v are not in proportion", lefts, rights)
	}
	if len(p.Keys) != 3 || !strings.Contains(p.SVG, "guess") {
		t.Errorf("keys %v", p.Keys)
	}
}

func TestRangesHaveTheirEnds(t *testing.T) {
	lo, hi := 5.0, 20.0
	p, ok := chart.Ranges{Axis: chart.Axis{Log: true}, Ranges: []chart.Range{
		{Name: "ws", Note: "10 (5 to 20)", Value: 10, Lo: &lo, Hi: &hi},
		{Name: "poll", Note: "at least 500", Value: 500, Open: 1},
	}}.Draw()
	if !ok {
		t.Fatal("nothing was drawn")
	}
	if n := strings.Count(p.SVG, `stroke-width="2.4"`); n != 2 {
		t.Errorf("%d halves of an interval: %s", n, p.SVG)
	}
	if n := strings.Count(p.SVG, `stroke-dasharray="2 3"`); n != 1 {
		t.Errorf("%d open ends: %s", n, p.SVG)
	}
}

func TestHostileNamesAreText(t *testing.T) { // R7
	evil := "</text><script>alert(1)</script>\"' onload=x \x1b[31m\x00\xff‮"
	l := chart.Lines{Title: evil, Text: evil, X: chart.Axis{Title: evil, Ticks: []chart.Tick{{At: 1, Name: evil}}}, Y: chart.Axis{Title: evil},
		Lines: []chart.Line{line(evil, 0, 1, 2, 3)}, Marks: []chart.Mark{{Name: evil, At: 1}, {Name: evil, At: 2, Level: true}}}
	b := chart.Bars{Title: evil, Text: evil, Axis: chart.Axis{Title: evil}, Bars: []chart.Bar{{Name: evil, Note: evil, Parts: []chart.Part{{Name: evil, Value: 1, Note: evil}}}}}
	r := chart.Ranges{Title: evil, Text: evil, Axis: chart.Axis{Title: evil}, Ranges: []chart.Range{{Name: evil, Note: evil, Value: 1}}}
	for _, drawing := range []interface{ Draw() (chart.Picture, bool) }{l, b, r} {
		p, ok := drawing.Draw()
		if !ok {
			t.Fatalf("%T: nothing was drawn", drawing)
		}
		names, _ := elements(t, p.SVG)
		if slices.Contains(names, "script") || strings.ContainsAny(p.SVG, "\x1b\x00") {
			t.Errorf("%T: %s", drawing, p.SVG)
		}
	}
}

func TestInksTellRowsApart(t *testing.T) {
	inks := chart.Distinct([]string{"poll", "poll", "sse", "ws", "pigeon", "sse"})
	if inks[0] != chart.InkOf("poll") || inks[2] != chart.InkOf("sse") || inks[3] != chart.InkOf("ws") {
		t.Errorf("%v", inks)
	}
	slices.Sort(inks)
	if len(slices.Compact(inks)) != 6 {
		t.Errorf("%v", inks)
	}
	if ink := chart.InkOf("pigeon"); ink < 4 || ink >= chart.Inks {
		t.Errorf("a fifth transport has the ink %d of one of the four", ink)
	}
	if n := len(chart.Distinct(make([]string, 20))); n != 20 {
		t.Errorf("%d inks of 20", n)
	}
}

// Whatever numbers there are, a picture is well-formed and ends within itself.
func FuzzLines(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, true, false)
	f.Add(math.NaN(), math.Inf(1), 1e308, -1e308, true, true)
	f.Add(1e-320, 1e-12, 1e15, 1e15+1, false, true)
	f.Add(0.0, 0.0, 0.0, 0.0, false, false)
	f.Add(1e15, 1e15, 999999999999999.9, 1e15, true, false)
	f.Fuzz(func(t *testing.T, a, b, c, d float64, logX, logY bool) {
		p, ok := chart.Lines{X: chart.Axis{Log: logX}, Y: chart.Axis{Log: logY},
			Lines: []chart.Line{{Name: "one", Points: []chart.Point{{X: a, Y: b, Lo: &c, Hi: &d, Note: "n"}, {X: c, Y: d}, {X: d, Y: a}}}},
			Marks: []chart.Mark{{Name: "m", At: b, To: c}, {Name: "l", At: d, Level: true}},
		}.Draw()
		if ok {
			elements(t, p.SVG)
			if len(p.SVG) > 40_000 {
				t.Errorf("%d bytes", len(p.SVG))
			}
		}
		if p, ok := (chart.Bars{Bars: []chart.Bar{{Parts: []chart.Part{{Value: a}, {Value: b}, {Value: c}}}, {Parts: []chart.Part{{Value: d}}}}}).Draw(); ok {
			elements(t, p.SVG)
		}
		if p, ok := (chart.Ranges{Axis: chart.Axis{Log: logX}, Ranges: []chart.Range{{Value: a, Lo: &b, Hi: &c}, {Value: d, Open: 1}}}).Draw(); ok {
			elements(t, p.SVG)
		}
	})
}
