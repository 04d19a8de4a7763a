package report

import (
	"fmt"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// pictures are those that the run has data for: none is drawn of what was not
// measured.
func pictures(run *results.Run, rows []compare.Row) []page.Part {
	var all page.Gallery
	for _, draw := range []func(*results.Run, []compare.Row) []page.Figure{
		percentileFigures, timelineFigures, sweepFigures, kneeFigures, costFigures, cpuFigures, memoryFigures, byteFigures,
		breakEvenFigures, recoveryFigures,
	} {
		all = append(all, draw(run, rows)...)
	}
	if len(all) == 0 {
		return nil
	}
	return []page.Part{all}
}

// A stage is a load as pictures show it.
type stage struct {
	at    string // behind a title: " at clients=100 on lean"; "" when it is the only one
	rows  []compare.Row
	names []string
	inks  []chart.Ink
	rest  string // which other loads are not shown, as a sentence; "" for none
}

const (
	maxStages = 3  // loads of which there are pictures
	maxDrawn  = 12 // rows in a picture
)

// stages are the loads of which there are pictures, with their ranked rows. Of
// many it is the first and the last, since the others lie between them. A search
// has none: its rows are probes.
func stages(run *results.Run, rows []compare.Row) []stage {
	if len(run.Capacity) > 0 {
		return nil
	}
	loads := compare.Loads(rows)
	rest := ""
	if n := len(loads); n > maxStages {
		loads = []compare.Load{loads[0], loads[n-1]}
		rest = fmt.Sprintf(" The %d loads between the first and the last are in the tables.", n-2)
	}
	var all []stage
	stacks := compare.Stacks(rows)
	for _, l := range loads {
		s := stage{rest: rest}
		if l.At != "" {
			s.at = " at " + printable(l.At)
		}
		if len(stacks) == 0 {
			all = s.with(l.Rows, all)
		}
		// Each stack by itself: nobody tells twice as many curves apart.
		for _, stack := range stacks {
			own := s
			own.at += " on " + printable(stack)
			all = own.with(slices.DeleteFunc(slices.Clone(l.Rows), func(r compare.Row) bool { return r.Stack != stack }), all)
		}
	}
	return all
}

// with adds the stage with those of the rows that are ranked, if there are any.
func (s stage) with(rows []compare.Row, all []stage) []stage {
	var transports []string
	for _, r := range rows {
		if !r.Ranked || len(s.rows) == maxDrawn {
			continue
		}
		s.rows = append(s.rows, r)
		s.names = append(s.names, printable(compare.Label(r.Cell, rows)))
		transports = append(transports, r.Transport)
	}
	if s.inks = chart.Distinct(transports); len(s.rows) == 0 {
		return all
	}
	return append(all, s)
}

// medianOf is that of some numbers; false without any.
func medianOf(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2, true
}

// metric is a row's median of that name.
func metric(r compare.Row, name string) (float64, bool) {
	s, ok := r.Metrics[name]
	return s.Median, ok
}

// figure is a picture as a part of a page, if there is one.
func figure(drawn chart.Picture, ok bool, note string, table *page.Table) []page.Figure {
	if !ok {
		return nil
	}
	return []page.Figure{{Picture: drawn, Note: note, Table: table}}
}
