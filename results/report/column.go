package report

import (
	"fmt"
	"math"
	"slices"
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

// columns are the answers: they fit a line of 120.
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

// probeColumns are what a search looks at, beside names that have their load in them.
var probeColumns = []column{
	{"p50", "ms", "latency_p50"},
	{"p99", "ms", "latency_p99"},
	{"p99.9", "ms", "latency_p999"},
	{"connect", "p99 ms", "connect_p99"},
	{"events", "per s", "throughput"},
	{"CPU µs", "/event", "server_cpu_per_event"},
	{"RSS KiB", "/client", "server_rss_per_client"},
	{"lost", "events", "lost"},
}

// layers are what an event is at each: data of the application, bytes of sockets,
// segments of TCP. The same by client and minute is what an idle client costs.
var layers = []column{
	{"payload", "B/event", "payload_bytes_per_event"},
	{"down", "B/event", "down_bytes_per_event"},
	{"up", "B/event", "up_bytes_per_event"},
	{"segments", "/event", "segments_per_event"},
	{"down", "B/client min", "down_bytes_per_client_minute"},
	{"up", "B/client min", "up_bytes_per_client_minute"},
	{"segments", "/client min", "segments_per_client_minute"},
	{"sent again", "by anyone", "retransmits_system"},
	{"probes", "by anyone", "loss_probes_system"},
}

// recovery is how clients came back from the faults that a scenario asks for.
var recovery = []column{
	{"50 %", "back ms", "restored_p50"},
	{"95 %", "back ms", "restored_p95"},
	{"100 %", "back ms", "restored_max"},
	{"cut", "clients", "cut"},
	{"never", "back", "unrestored"},
	{"tries", "in all", "reconnect_attempts"},
	{"peak", "/100 ms", "reconnect_peak"},
	{"peak", "/mean", "reconnect_peak_ratio"},
	{"server", "busiest", "server_busiest"},
	{"queue", "peak", "accept_queue_peak"},
	{"full", "times", "accept_queue_overflows"},
}

// resumption is what became of events meanwhile.
var resumption = []column{
	{"gaps", "told", "gaps"},
	{"twice", "received", "duplicated"},
	{"late", "received", "reordered"},
}

// losses are those that were lost, by reason.
var losses = []column{
	{"off the log", "lost", "lost_gap"},
	{"with its epoch", "lost", "lost_epoch"},
	{"disconnected", "lost", "lost_disconnected"},
	{"damaged", "lost", "lost_corrupt"},
	{"vanished", "lost", "lost_vanished"},
}

// A grid is a table as text: a head of two lines and a line for each row, the
// row's name first.
type grid struct {
	heads [][2]string
	lines [][]string
	rows  []compare.Row
	// columns are what follows the name; none where the text is of something else
	// than rows.
	columns []column
	// verdicts says that the last column is a word on each row: of its verdict, or
	// one that has a colour of its own.
	verdicts bool
	colors   []string // of these words; nil: those of the rows' verdicts
}

// newGrid shows the columns of rows, under the name of what they show.
func newGrid(rows []compare.Row, name string, columns []column) grid {
	g := grid{rows: rows, heads: [][2]string{{name, ""}}, columns: columns}
	for _, c := range columns {
		g.heads = append(g.heads, [2]string{c.head, c.unit})
	}
	for _, r := range rows {
		line := []string{printable(compare.Label(r.Cell, rows))}
		for _, c := range columns {
			line = append(line, cell(r, c.metric))
		}
		g.lines = append(g.lines, line)
	}
	return g
}

// judged is the grid with a last column of verdicts.
func (g grid) judged() grid {
	g.verdicts = true
	g.heads = append(g.heads, [2]string{"verdict", "trials"})
	for i, r := range g.rows {
		g.lines[i] = append(g.lines[i], verdict(r))
	}
	return g
}

// grids are a run's tables: what everybody asks for, what clients sent, what the
// scenario asks for, where it was counted how the events went over the wire, and
// where there was a fault how clients came back. Of a search it is what it found,
// and what its probes measured.
func grids(run *results.Run, rows []compare.Row) []grid {
	all := ownGrids(run, rows)
	if beside := compare.Published(run); len(beside) > 0 {
		all = append(all, publishedGrid(run, beside))
	}
	return all
}

// ownGrids are those of what the run itself has measured.
func ownGrids(run *results.Run, rows []compare.Row) []grid {
	if len(run.Capacity) > 0 {
		return []grid{capacityGrid(run.Capacity), newGrid(rows, "probe", probeColumns).judged()}
	}
	all := []grid{newGrid(rows, "transport", columns).judged()}
	if told(rows, uplink) {
		all = append(all, newGrid(rows, "uplink", uplink))
	}
	all = append(all, contrastGrids(run, rows)...)
	all = append(all, aspects(run, rows)...)
	all = append(all, groupGrids(rows)...)
	if slices.ContainsFunc(rows, onWire) {
		all = append(all, newGrid(rows, "on the wire", layers))
	}
	if slices.ContainsFunc(rows, struck) {
		meanwhile := resumption
		if slices.ContainsFunc(rows, lossy) {
			meanwhile = slices.Concat(resumption, losses)
		}
		all = append(all, newGrid(rows, "recovery", recovery), newGrid(rows, "events", meanwhile))
	}
	return all
}

// onWire says whether the row's TCP segments were counted.
func onWire(r compare.Row) bool {
	_, ok := r.Metrics["segments_per_client_minute"]
	return ok
}

// struck says whether a fault has happened to the row's servers.
func struck(r compare.Row) bool {
	_, ok := r.Metrics["cut"]
	return ok
}

// lossy says whether the row has lost anything.
func lossy(r compare.Row) bool { return r.Metrics["lost"].Max > 0 }

// cell is the median of a row's metric. A median hides what happened in few
// trials, so what is lost, and who, shows its maximum too.
func cell(r compare.Row, metric string) string {
	s, ok := r.Metrics[metric]
	if !ok {
		return absent
	}
	text := number(s.Median)
	if (strings.HasPrefix(metric, "lost") || metric == "unrestored") && s.Max > s.Median {
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
