package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// capacityFigures draw what a search found: the interval in which each transport's
// limit is.
func capacityFigures(run *results.Run) []page.Figure {
	if len(run.Capacity) == 0 {
		return nil
	}
	first := run.Capacity[0]
	picture := chart.Ranges{Title: "What each holds", Axis: chart.Axis{Title: printable(withComma(first.Key, first.Unit))}}
	var transports, words []string
	for _, c := range run.Capacity {
		transports = append(transports, c.Transport)
	}
	inks := chart.Distinct(transports)
	var values []float64
	for i, c := range run.Capacity {
		if c.Value == nil || c.Key != first.Key {
			continue
		}
		one := chart.Range{Name: printable(c.Name(run.Capacity)), Ink: inks[i], Value: *c.Value, Lo: c.Lo, Hi: c.Hi, Note: number(*c.Value)}
		if c.AtLeast {
			one.Note, one.Open = c.Bound()+" "+one.Note, 1
			if c.Down {
				one.Open = -1
			}
		} else if c.Lo != nil && c.Hi != nil {
			one.Note += fmt.Sprintf(" (%s to %s)", number(*c.Lo), number(*c.Hi))
		}
		picture.Ranges = append(picture.Ranges, one)
		words = append(words, one.Name+" "+one.Note)
		values = append(values, *c.Value)
	}
	picture.Axis.Log = wide(values)
	picture.Text = picture.Title + ", with the interval between what always held and what always failed: " + strings.Join(words, ", ")
	drawn, ok := picture.Draw()
	return figure(drawn, ok, "From what always held to what always failed; dashed where something else than the server ended the search.", nil)
}

// kneeFigures draw what the search looked at: how latency goes up towards the
// limit.
func kneeFigures(run *results.Run, rows []compare.Row) []page.Figure {
	if len(run.Capacity) == 0 {
		return nil
	}
	name, level := sought(run.Capacity[0])
	m, known := results.MetricOf(name)
	if !known {
		return nil
	}
	first := run.Capacity[0]
	picture := chart.Lines{
		Title: printable(fmt.Sprintf("%s by %s", capitalised(m.Title), first.Key)),
		X:     chart.Axis{Title: printable(withComma(first.Key, first.Unit))},
		Y:     chart.Axis{Title: printable(axisTitle(m))},
	}
	if level != nil {
		picture.Marks = append(picture.Marks, *level)
	}
	var transports []string
	for _, c := range run.Capacity {
		transports = append(transports, c.Transport)
	}
	inks := chart.Distinct(transports)
	var xs, ys []float64
	for i, c := range run.Capacity {
		line := chart.Line{Name: printable(c.Name(run.Capacity)), Ink: inks[i]}
		for _, probe := range c.Probes {
			at := slices.IndexFunc(rows, func(r compare.Row) bool {
				return r.Transport == c.Transport && r.Stack == c.Stack && r.Axes[c.Key] == probe.Axis
			})
			if at < 0 {
				continue
			}
			v, measured := metric(rows[at], name)
			if !measured {
				continue
			}
			line.Points = append(line.Points, chart.Point{X: probe.At, Y: v, Note: printable(fmt.Sprintf("%s at %s: %s, held in %d of %d probes",
				c.Name(run.Capacity), number(probe.At), amount(v, m.Unit), probe.Held, probe.Held+probe.Failed))})
			xs, ys = append(xs, probe.At), append(ys, v)
		}
		slices.SortStableFunc(line.Points, func(a, b chart.Point) int { return cmp.Compare(a.X, b.X) })
		picture.Lines = append(picture.Lines, line)
	}
	picture.X.Log, picture.Y.Log = wide(xs), wide(ys)
	picture.Text = picture.Title + " of the probes of each transport"
	drawn, ok := picture.Draw()
	return figure(drawn, ok, "Medians over the probes at a value; where a curve turns up is the knee.", nil)
}

// sought is the metric of the first expression of a search's SLO that is a number
// of a probe, and the level that it must keep, as far as it is written in a unit
// that time has.
func sought(c results.Capacity) (metric string, level *chart.Mark) {
	for _, expression := range c.SLO {
		words := strings.Fields(expression)
		if len(words) < 3 {
			continue
		}
		name := words[0][strings.LastIndexByte(words[0], ':')+1:]
		m, known := results.MetricOf(name)
		if !known || m.Unit == "count" {
			continue
		}
		if bound, err := time.ParseDuration(words[len(words)-1]); err == nil && m.Unit == "ms" {
			level = &chart.Mark{Name: printable("SLO " + expression), At: milliseconds(bound), Level: true}
		}
		return name, level
	}
	return "latency_p99", nil
}

// withComma is a name with its unit behind it.
func withComma(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + ", " + unit
}
