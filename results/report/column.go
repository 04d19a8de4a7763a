package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// absent stands for what cannot be shown.
const absent = "–"

// A column of the table shows one metric of every row.
type column struct {
	head   string // "p99" …
	unit   string // … "ms"
	metric string
}

var columns = []column{
	{"p50", "ms", "latency_p50"},
	{"p99", "ms", "latency_p99"},
	{"p99.9", "ms", "latency_p999"},
	{"connect", "p99 ms", "connect_p99"},
	{"events", "per s", "throughput"},
	{"requests", "/event", "requests_per_event"},
	{"down B", "/event", "down_bytes_per_event"},
	{"up B", "/event", "up_bytes_per_event"},
	{"CPU µs", "/event", "server_cpu_per_event"},
	{"RSS KiB", "/client", "server_rss_per_client"},
	{"lost", "events", "lost"},
}

// A grid is a run's table as text: a head of two lines, a line for each row, the
// row's name first and its verdict last.
type grid struct {
	heads [][2]string
	lines [][]string
	rows  []compare.Row
}

func newGrid(run *results.Run) grid {
	g := grid{rows: compare.Rows(run)}
	g.heads = append(g.heads, [2]string{"transport", ""})
	for _, c := range columns {
		g.heads = append(g.heads, [2]string{c.head, c.unit})
	}
	g.heads = append(g.heads, [2]string{"verdict", "trials"})
	for _, r := range g.rows {
		line := []string{printable(compare.Label(r.Cell, g.rows))}
		for _, c := range columns {
			line = append(line, cell(r, c.metric))
		}
		g.lines = append(g.lines, append(line, verdict(r)))
	}
	return g
}

// cell is the median of a row's metric. A median hides what happened in few
// trials, so a loss shows its maximum too.
func cell(r compare.Row, metric string) string {
	s, ok := r.Metrics[metric]
	if !ok {
		return absent
	}
	text := number(s.Median)
	if metric == "lost" && s.Max > s.Median {
		text += " (≤" + number(s.Max) + ")"
	}
	return text
}

// verdict is a row's verdict with how many of its trials are valid, and a star
// for what the footnotes explain.
func verdict(r compare.Row) string {
	text := fmt.Sprintf("%s %d/%d", r.Verdict, r.Trials.Valid, r.Trials.Total())
	if len(r.Reasons) > 0 {
		text += "*"
	}
	return text
}

// number writes at least three digits that count, and no more than a median of a
// few trials deserves.
func number(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case size >= 0.9995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case size >= 0.0995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// printable keeps a name on one line and its bytes from driving the terminal.
func printable(name string) string {
	quoted := strconv.QuoteToGraphic(name)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
