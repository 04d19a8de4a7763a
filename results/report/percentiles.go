package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// marked are the percentiles that a picture names, at their place 1/(1−q).
var marked = []struct {
	x    float64
	name string
}{{1, "least"}, {2, "p50"}, {10, "p90"}, {100, "p99"}, {1e3, "p99.9"}, {1e4, "p99.99"}, {1e5, "p99.999"}, {1e6, "p99.9999"}}

// maxThin are trials of a row that are drawn each for itself.
const maxThin = 12

// percentileFigures draw latency by percentile: a tail that a p99 hides is seen
// where it begins.
func percentileFigures(run *results.Run, rows []compare.Row) (all []page.Figure) {
	for _, s := range stages(run, rows) {
		picture := chart.Lines{
			Title: "Latency by percentile" + s.at,
			X:     chart.Axis{Title: "percentile q, on an axis of 1/(1−q)", Log: true},
			Y:     chart.Axis{Title: "latency, ms"},
		}
		for _, m := range marked {
			picture.X.Ticks = append(picture.X.Ticks, chart.Tick{At: m.x, Name: m.name})
		}
		table := page.Table{Name: "latency by percentile", Heads: [][2]string{{"all trials together", ""}}, Note: "Of all deliveries of the valid trials together, and so not the medians over trials of the other tables."}
		for _, m := range marked[1:] {
			table.Heads = append(table.Heads, [2]string{m.name, "ms"})
		}
		var values []float64
		var words []string
		thin := len(s.rows) <= 6
		for i, r := range s.rows {
			if _, told := r.Metrics["latency_p50"]; !told { // of too few events
				continue
			}
			trials := compare.Valid(run, r.Cell)
			together, err := merged(trials, results.Latency)
			if err != nil { // of ranges that do not go together: no curve of both
				continue
			}
			line := chart.Line{Name: s.names[i], Ink: s.inks[i], Points: byPercentile(together, s.names[i])}
			picture.Lines = append(picture.Lines, line)
			cells := page.Line{{Text: s.names[i]}}
			for _, m := range marked[1:] {
				text := absent
				if v, known := at(together, m.x); known {
					text = number(v)
					values = append(values, v)
				}
				cells = append(cells, page.Cell{Text: text})
			}
			table.Lines = append(table.Lines, cells)
			if v, known := at(together, 100); known {
				words = append(words, s.names[i]+" "+number(v)+" ms at p99")
			}
			if thin && len(trials) > 1 && len(trials) <= maxThin {
				for _, t := range trials {
					picture.Lines = append(picture.Lines, chart.Line{Ink: s.inks[i], Thin: true, Points: byPercentile(t.Histograms[results.Latency], "")})
				}
			}
		}
		picture.Y.Log = wide(values)
		picture.Text = picture.Title + ": " + strings.Join(words, ", ")
		drawn, ok := picture.Draw()
		all = append(all, figure(drawn, ok, "All deliveries of a row's valid trials together, thin lines each trial by itself. A curve ends where 10 deliveries are beyond it."+s.rest, &table)...)
	}
	return all
}

// merged are the trials' histograms of that name as one.
func merged(trials []*results.Trial, name string) (*hdr.Histogram, error) {
	all := hdr.New()
	for _, t := range trials {
		if err := all.Merge(t.Histograms[name]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// at is the latency in ms of which 1/x of all is beyond; false where those are
// fewer than a percentile needs.
func at(h *hdr.Histogram, x float64) (float64, bool) {
	if float64(h.Count())/x < results.MinBeyond*(1-1e-9) {
		return 0, false
	}
	return float64(h.Quantile(1-1/x)) / float64(time.Millisecond), true
}

// byPercentile are the points of a curve; of one with a name they say what they are
// where the axis has a mark.
func byPercentile(h *hdr.Histogram, name string) []chart.Point {
	const perDecade = 8
	var points []chart.Point
	next := 0 // of marked
	add := func(x float64, mark string) bool {
		v, known := at(h, x)
		if !known {
			return false
		}
		p := chart.Point{X: x, Y: v}
		if name != "" && mark != "" && x > 1 {
			p.Note = fmt.Sprintf("%s %s: %s ms", name, mark, number(v))
		}
		points = append(points, p)
		return true
	}
	for k := 0; k <= 6*perDecade; k++ {
		x := math.Pow(10, float64(k)/perDecade)
		for next < len(marked) && marked[next].x <= x*(1+1e-9) {
			if !add(marked[next].x, marked[next].name) {
				return points
			}
			next++
		}
		if len(points) > 0 && points[len(points)-1].X >= x*(1-1e-9) {
			continue // it was a mark
		}
		if !add(x, "") {
			return points
		}
	}
	return points
}
