package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// A term is a column of a table of costs.
type term struct {
	head  string
	unit  string
	name  string // of the coefficient
	scale float64
}

var (
	cpuTerms = []term{
		{"base", "µs/s", "base", 1},
		{"client", "µs/s", "client", 1},
		{"delivery", "µs", "delivery", 1},
		{"request", "µs", "request", 1},
	}
	// rareTerms are told by runs that vary what few do.
	rareTerms = []term{
		{"connection", "µs", "connection", 1},
		{"message", "µs", "message", 1},
		{"event", "µs", "event", 1},
		{"payload", "µs/KiB", "payload", 1},
		{"write", "µs", "write", 1},
	}
	memoryTerms = []term{
		{"base", "MiB", "base", 1 << 20},
		{"heap", "KiB/client", "heap", 1 << 10},
		{"stacks", "KiB/client", "stacks", 1 << 10},
		{"queued", "KiB/client", "sockets", 1 << 10},
		{"kernel (both ends)", "KiB/client", "kernel", 1 << 10},
		{"resident", "KiB/client", "resident", 1 << 10},
	}
)

// costGrids are the tables of what servers take, as far as it is known.
func costGrids(costs []results.Cost) []grid {
	var all []grid
	if slices.ContainsFunc(costs, func(c results.Cost) bool { return len(c.CPU) > 0 }) {
		terms := slices.Clone(cpuTerms)
		for _, t := range rareTerms {
			if slices.ContainsFunc(costs, func(c results.Cost) bool { return t.cell(c.CPU) != absent }) {
				terms = append(terms, t)
			}
		}
		all = append(all, costGrid(costs, "server CPU", terms, func(c results.Cost) ([]results.Coefficient, float64) { return c.CPU, c.CPUMisfit }))
	}
	if slices.ContainsFunc(costs, func(c results.Cost) bool { return len(c.Memory) > 0 }) {
		all = append(all, costGrid(costs, "server memory", memoryTerms, func(c results.Cost) ([]results.Coefficient, float64) { return c.Memory, c.MemoryMisfit }))
	}
	return all
}

func costGrid(costs []results.Cost, name string, terms []term, of func(results.Cost) ([]results.Coefficient, float64)) grid {
	g := grid{heads: [][2]string{{name, ""}}}
	for _, t := range terms {
		g.heads = append(g.heads, [2]string{t.head, t.unit})
	}
	g.heads = append(g.heads, [2]string{"fits", "within"})
	for i, c := range costs {
		found, misfit := of(c)
		line := []string{costLabels(costs)[i]}
		for _, t := range terms {
			line = append(line, t.cell(found))
		}
		fits := absent
		if len(found) > 0 && !math.IsInf(100*misfit, 0) {
			fits = fmt.Sprintf("%.1f %%", 100*misfit)
		}
		g.lines = append(g.lines, append(line, fits))
	}
	return g
}

// cell is the term's coefficient with its interval.
func (t term) cell(found []results.Coefficient) string {
	at := slices.IndexFunc(found, func(c results.Coefficient) bool { return c.Name == t.name })
	if at < 0 {
		return absent
	}
	c := found[at]
	text := number(c.Median / t.scale)
	if c.Lo != nil && c.Hi != nil {
		text += fmt.Sprintf(" (%s to %s)", number(*c.Lo/t.scale), number(*c.Hi/t.scale))
	}
	return text
}

// costLabels name the servers as rows are named.
func costLabels(costs []results.Cost) []string {
	var rows []compare.Row
	for _, c := range costs {
		rows = append(rows, compare.Row{Cell: results.Cell{Transport: c.Transport, Stack: c.Stack}})
	}
	var labels []string
	for _, r := range rows {
		labels = append(labels, printable(compare.Label(r.Cell, rows)))
	}
	return labels
}

// costNotes say how to read the tables of costs, and what they could not tell.
func costNotes(costs []results.Cost) []string {
	if len(costs) == 0 {
		return nil
	}
	notes := []string{"a server's CPU time in a second is the base and so much for each client, delivery and request of that second, " +
		"its memory the base and so much for each client: medians over blocks with their 95 % intervals, " +
		"and by how much such a sum misses what was measured, at the load where it misses most"}
	var said []string // in the order of the rows
	of := map[string][]string{}
	for i, label := range costLabels(costs) {
		for _, note := range costs[i].Notes {
			if of[note] == nil {
				said = append(said, note)
			}
			of[note] = append(of[note], label)
		}
	}
	for _, note := range said {
		notes = append(notes, printable("costs of "+strings.Join(of[note], ", ")+": "+note))
	}
	return notes
}

// writeCosts adds a line for each coefficient, under the name of a metric.
func writeCosts(out sheet, run *results.Run) {
	for _, c := range run.Costs {
		write := func(metric, unit string, median float64, lo, hi *float64) {
			out.Write([]string{run.Scenario, c.Transport, c.Stack, "", "", "", "", "",
				metric, unit, exact(&median), exact(lo), exact(hi), "", ""})
		}
		for _, one := range c.CPU {
			write("cost_cpu_"+one.Name, one.Unit, one.Median, one.Lo, one.Hi)
		}
		for _, one := range c.Memory {
			write("cost_memory_"+one.Name, one.Unit, one.Median, one.Lo, one.Hi)
		}
		// Where nothing was fitted, nothing misses.
		if len(c.CPU) > 0 {
			write("cost_cpu_misfit", "ratio", c.CPUMisfit, nil, nil)
		}
		if len(c.Memory) > 0 {
			write("cost_memory_misfit", "ratio", c.MemoryMisfit, nil, nil)
		}
	}
}
