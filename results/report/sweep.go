package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// sweepFigures draw how a row's numbers go with an axis that is one of numbers.
func sweepFigures(run *results.Run, rows []compare.Row) (all []page.Figure) {
	if len(run.Capacity) > 0 {
		return nil
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r compare.Row) bool { return !r.Ranked })
	for _, axis := range sweptAxes(rows) {
		groups := apart(rows, axis)
		rest := ""
		if n := len(groups); n > maxStages-1 {
			groups = []facet{groups[0], groups[n-1]}
			rest = fmt.Sprintf(" %d others are in the tables.", n-2)
		}
		for _, g := range groups {
			for _, name := range sweptMetrics(run, g.rows) {
				all = append(all, sweep(axis, name, g, rest)...)
			}
		}
	}
	return all
}

// sweptAxes are axes of numbers, those with three values and more; where none has
// as many, the longest of them.
func sweptAxes(rows []compare.Row) []string {
	values := map[string]map[float64]bool{}
	units := map[string]map[string]bool{}
	words := map[string]bool{}
	for _, r := range rows {
		for axis, text := range r.Axes {
			v, unit, ok := quantity(text)
			if !ok {
				words[axis] = true
				continue
			}
			if values[axis] == nil {
				values[axis], units[axis] = map[float64]bool{}, map[string]bool{}
			}
			values[axis][v], units[axis][unit] = true, true
		}
	}
	axes := slices.Sorted(maps.Keys(values))
	axes = slices.DeleteFunc(axes, func(axis string) bool {
		return words[axis] || len(values[axis]) < 2 || len(units[axis]) > 1
	})
	long := slices.DeleteFunc(slices.Clone(axes), func(axis string) bool { return len(values[axis]) < 3 })
	if len(long) > 0 || len(axes) == 0 {
		return long
	}
	return []string{slices.MaxFunc(axes, func(a, b string) int { return cmp.Compare(len(values[a]), len(values[b])) })}
}

// A facet is rows that differ in an axis and in what not all transports heed.
type facet struct {
	at   string
	rows []compare.Row
}

// apart are the rows by what they have in common beside that axis.
func apart(rows []compare.Row, axis string) []facet {
	without := slices.Clone(rows)
	for i := range without {
		without[i].Axes = maps.Clone(without[i].Axes)
		delete(without[i].Axes, axis)
	}
	loads := compare.Loads(without)
	all := make([]facet, len(loads))
	for k, load := range loads {
		all[k].at = load.At
		for i := range rows {
			in := true
			for key, value := range load.Axes {
				in = in && without[i].Axes[key] == value
			}
			if in {
				all[k].rows = append(all[k].rows, rows[i])
			}
		}
	}
	return all
}

// sweptMetrics are what is drawn: how soon, at what price, and where that is the
// question how soon the last one has it.
func sweptMetrics(run *results.Run, rows []compare.Row) []string {
	first := []string{"latency_p99", "latency_p50"}
	if aboutOf(run).Value == "latest" {
		first = []string{"staleness_mean"}
	}
	var names []string
	for _, name := range first {
		if told(rows, []column{{metric: name}}) {
			names = append(names, name)
			break
		}
	}
	if l, ok := loadOf(run); ok && l.fans() && told(rows, fanout[:1]) {
		names = append(names, "fanout_p50")
	}
	if told(rows, []column{{metric: "server_cpu_per_event"}}) {
		names = append(names, "server_cpu_per_event")
	}
	return names
}

// sweep draws one metric over one axis.
func sweep(axis, name string, g facet, rest string) []page.Figure {
	m, _ := results.MetricOf(name)
	short := axis[strings.LastIndexByte(axis, '.')+1:]
	picture := chart.Lines{Title: printable(fmt.Sprintf("%s by %s", capitalised(m.Title), short)), Y: chart.Axis{Title: printable(axisTitle(m))}}
	if g.at != "" {
		picture.Title += printable(" at " + g.at)
	}
	// Lines are what differs in nothing but the axis.
	type line struct {
		cell   results.Cell
		points []chart.Point
	}
	var lines []line
	var xs, ys []float64
	unit := ""
	for _, r := range g.rows {
		cell := r.Cell
		cell.Axes = maps.Clone(r.Axes)
		delete(cell.Axes, axis)
		at := slices.IndexFunc(lines, func(l line) bool {
			return l.cell.Transport == cell.Transport && l.cell.Stack == cell.Stack && l.cell.Arm == cell.Arm && maps.Equal(l.cell.Axes, cell.Axes)
		})
		if at < 0 {
			at = len(lines)
			lines = append(lines, line{cell: cell})
		}
		s, known := r.Metrics[name]
		if !known {
			continue
		}
		x, u, has := quantity(r.Axes[axis])
		if !has {
			// It does not heed the axis: the same all along.
			lines[at].points = append(lines[at].points, chart.Point{Y: s.Median, Note: withInterval(s, m.Unit)})
			continue
		}
		unit = u
		xs, ys = append(xs, x), append(ys, s.Median)
		lines[at].points = append(lines[at].points, chart.Point{X: x, Y: s.Median, Lo: s.Lo, Hi: s.Hi, Note: withInterval(s, m.Unit) + " at " + short + "=" + r.Axes[axis]})
	}
	if len(xs) < 2 {
		return nil
	}
	var cells []compare.Row
	var transports []string
	for _, l := range lines {
		cells = append(cells, compare.Row{Cell: l.cell})
		transports = append(transports, l.cell.Transport)
	}
	inks := chart.Distinct(transports)
	level := false
	for i, l := range lines {
		label := printable(compare.Label(l.cell, cells))
		drawn := chart.Line{Name: label, Ink: inks[i]}
		if len(l.points) == 1 && l.points[0].X == 0 && l.points[0].Lo == nil && len(xs) > 1 && !heeds(g.rows, l.cell, axis) {
			p := l.points[0]
			level = true
			drawn.Dashed = true
			drawn.Points = []chart.Point{{X: slices.Min(xs), Y: p.Y}, {X: slices.Max(xs), Y: p.Y}}
		} else {
			drawn.Points = l.points
			slices.SortStableFunc(drawn.Points, func(a, b chart.Point) int { return cmp.Compare(a.X, b.X) })
		}
		for k := range drawn.Points {
			if note := &drawn.Points[k].Note; *note != "" {
				*note = printable(label + ": " + *note)
			}
		}
		picture.Lines = append(picture.Lines, drawn)
	}
	picture.X = chart.Axis{Title: printable(axis), Log: slices.Min(xs) > 0 && slices.Max(xs) >= 8*slices.Min(xs)}
	if unit != "" {
		picture.X.Title += ", " + unit
	}
	picture.Y.Log = wide(ys)
	picture.Text = fmt.Sprintf("%s from %s to %s %s", picture.Title, number(slices.Min(xs)), number(slices.Max(xs)), unit)
	note := "Medians over valid trials; upright lines are 95 % intervals."
	if level {
		note += " Dashed: does not depend on " + printable(short) + "."
	}
	drawn, ok := picture.Draw()
	return figure(drawn, ok, note+rest, nil)
}

// heeds says whether any row of the cell has the axis.
func heeds(rows []compare.Row, c results.Cell, axis string) bool {
	return slices.ContainsFunc(rows, func(r compare.Row) bool {
		_, has := r.Axes[axis]
		return has && r.Transport == c.Transport && r.Stack == c.Stack
	})
}
