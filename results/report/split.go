package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// A share is a part of what a row takes: a number that it may not have.
type share struct {
	name  string
	of    func(compare.Row) (float64, bool)
	guess bool
}

// plainly is the share that a metric is.
func plainly(name, metric string) share {
	return share{name: name, of: func(r compare.Row) (float64, bool) { s, ok := r.Metrics[metric]; return s.Median, ok }}
}

// cpuFigures draw what an event takes of both processes.
func cpuFigures(run *results.Run, rows []compare.Row) []page.Figure {
	return split(run, rows, "CPU per event", "µs", []share{
		plainly("server", "server_cpu_per_event"),
		plainly("load generator", "generator_cpu_per_event"),
	}, "User and system time of each process. The generator's is no cost of the transport: it says what a client of ours takes.")
}

// memoryFigures draw what a client takes of the server's memory, and of the kernel's.
func memoryFigures(run *results.Run, rows []compare.Row) []page.Figure {
	return split(run, rows, "Memory per client", "KiB", []share{
		plainly("heap", "server_heap_per_client"),
		plainly("stacks", "server_stacks_per_client"),
		{name: "else of the process", of: func(r compare.Row) (float64, bool) {
			rss, ok := metric(r, "server_rss_per_client")
			heap, hasHeap := metric(r, "server_heap_per_client")
			stacks, hasStacks := metric(r, "server_stacks_per_client")
			return rss - heap - stacks, ok && hasHeap && hasStacks
		}},
		{name: "resident", of: func(r compare.Row) (float64, bool) { // where its parts were not told
			rss, ok := metric(r, "server_rss_per_client")
			_, hasHeap := r.Metrics["server_heap_per_client"]
			return rss, ok && !hasHeap
		}},
		plainly("kernel, both ends", "kernel_per_client"),
	}, "Growth from no client to all of them, for each. The process' parts add up to its resident memory; the kernel's is of server and clients together, and of the whole system.")
}

// segmentHeaders are what TCP and IP take at least of a segment: 20 B each (RFC
// 9293, section 3.1; RFC 791, section 3.1), and 12 more with timestamps.
const segmentHeaders = 40

// byteFigures draw what an event is on the wire.
func byteFigures(run *results.Run, rows []compare.Row) []page.Figure {
	return split(run, rows, "Bytes per event", "B", []share{
		plainly("payload", "payload_bytes_per_event"),
		{name: "framing and headers down", of: func(r compare.Row) (float64, bool) {
			down, ok := metric(r, "down_bytes_per_event")
			payload, known := metric(r, "payload_bytes_per_event")
			return down - payload, ok && known
		}},
		plainly("up", "up_bytes_per_event"),
		{name: "TCP and IP, estimated", guess: true, of: func(r compare.Row) (float64, bool) {
			segments, ok := metric(r, "segments_per_event")
			return segments * segmentHeaders, ok
		}},
	}, fmt.Sprintf("What sockets carried was counted. TCP and IP are an estimate: segments were counted, each has %d B of headers at least, and 52 with timestamps.", segmentHeaders))
}

// split draws bars of what rows take, in parts.
func split(run *results.Run, rows []compare.Row, title, unit string, shares []share, note string) (all []page.Figure) {
	for _, s := range stages(run, rows) {
		picture := chart.Bars{Title: title + s.at, Axis: chart.Axis{Title: unit}}
		table := page.Table{Name: title, Heads: [][2]string{{"medians", ""}}}
		var used []share // the columns
		for _, one := range shares {
			if slices.ContainsFunc(s.rows, func(r compare.Row) bool { _, ok := one.of(r); return ok }) {
				used = append(used, one)
				table.Heads = append(table.Heads, [2]string{one.name, unit})
			}
		}
		var words []string
		for i, r := range s.rows {
			bar := chart.Bar{Name: s.names[i]}
			line := page.Line{{Text: s.names[i]}}
			sum := 0.0
			for _, one := range used {
				v, ok := one.of(r)
				if !ok {
					line = append(line, page.Cell{Text: absent})
					continue
				}
				line = append(line, page.Cell{Text: number(v)})
				bar.Parts = append(bar.Parts, chart.Part{Name: one.name, Value: v, Guess: one.guess, Note: fmt.Sprintf("%s, %s: %s %s", s.names[i], one.name, number(v), unit)})
				sum += max(0, v)
			}
			if len(bar.Parts) == 0 {
				continue
			}
			bar.Note = number(sum) + " " + unit
			words = append(words, s.names[i]+" "+bar.Note)
			picture.Bars = append(picture.Bars, bar)
			table.Lines = append(table.Lines, line)
		}
		picture.Text = picture.Title + ": " + strings.Join(words, ", ")
		drawn, ok := picture.Draw()
		all = append(all, figure(drawn, ok, note+s.rest, &table)...)
	}
	return all
}
