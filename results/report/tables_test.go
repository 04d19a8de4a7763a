package report_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"pushbench/results"
)

// stated says once more which metric each column is, by the table's name and the
// column's head. Who adds a column says it here, too.
var stated = map[string]map[string]string{
	"transport": {"p50 ms": "latency_p50", "p99 ms": "latency_p99", "p99.9 ms": "latency_p999", "connect p99 ms": "connect_p99", "events per s": "throughput",
		"requests /event": "requests_per_event", "down B /event": "down_bytes_per_event", "up B /event": "up_bytes_per_event", "CPU µs /event": "server_cpu_per_event",
		"RSS KiB /client": "server_rss_per_client", "lost events": "lost", "verdict trials": ""},
	"probe": {"p50 ms": "latency_p50", "p99 ms": "latency_p99", "p99.9 ms": "latency_p999", "connect p99 ms": "connect_p99", "events per s": "throughput",
		"CPU µs /event": "server_cpu_per_event", "RSS KiB /client": "server_rss_per_client", "lost events": "lost", "verdict trials": ""},
	"uplink": {"messages per s": "uplink_throughput", "p50 ms": "uplink_p50", "p99 ms": "uplink_p99", "requests /message": "uplink_requests_per_message",
		"up B /message": "uplink_up_bytes_per_message", "down B /message": "uplink_down_bytes_per_message", "connections for it alone": "uplink_connections",
		"CPU µs /message or event": "server_cpu_per_message"},
	"staleness": {"mean ms": "staleness_mean", "p50 ms": "staleness_p50", "p90 ms": "staleness_p90", "p99 ms": "staleness_p99", "max ms": "staleness_max"},
	"fairness": {"spread p50 ms": "spread_p50", "last tenth ÷ first": "position_effect", "explained by place": "position_share",
		"slowest ÷ fastest": "client_spread"},
	"to everyone": {"fan-out p50 ms": "fanout_p50", "fan-out p99 ms": "fanout_p99", "slowest ms": "latency_max", "events per s": "throughput"},
	"on the wire": {"payload B/event": "payload_bytes_per_event", "down B/event": "down_bytes_per_event", "up B/event": "up_bytes_per_event",
		"segments /event": "segments_per_event", "down B/client min": "down_bytes_per_client_minute", "up B/client min": "up_bytes_per_client_minute",
		"segments /client min": "segments_per_client_minute", "sent again by anyone": "retransmits_system", "probes by anyone": "loss_probes_system"},
	"recovery": {"50 % back ms": "restored_p50", "95 % back ms": "restored_p95", "100 % back ms": "restored_max", "cut clients": "cut", "never back": "unrestored",
		"tries in all": "reconnect_attempts", "peak /100 ms": "reconnect_peak", "peak /mean": "reconnect_peak_ratio", "server busiest": "server_busiest",
		"queue peak": "accept_queue_peak", "full times": "accept_queue_overflows"},
	"events": {"gaps told": "gaps", "twice received": "duplicated", "late received": "reordered", "off the log lost": "lost_gap", "with its epoch lost": "lost_epoch",
		"disconnected lost": "lost_disconnected", "damaged lost": "lost_corrupt", "vanished lost": "lost_vanished"},
	"slow readers": {"slow clients": "slow_stalled", "found clients": "slow_found", "half found ms": "found_slow_p50", "all found ms": "found_slow_max",
		"skipped events": "slow_skipped", "ended connections": "connections_ended", "their p99 ms": "latency_slow_p99", "lost by the others": "lost_by_others",
		"heap grown KiB": "server_heap_growth", "sockets grown KiB": "server_sockets_growth"},
	"vanished peers": {"vanished clients": "vanished_stalled", "found clients": "vanished_found", "half found ms": "found_vanished_p50",
		"all found ms": "found_vanished_max", "lost by the others": "lost_by_others", "CPU µs /client s": "server_cpu_per_client_second",
		"down B/client min": "down_bytes_per_client_minute", "up B/client min": "up_bytes_per_client_minute", "sockets grown KiB": "server_sockets_growth"},
	"coming and going": {"returns of clients": "returned", "connections per s": "connections_per_second", "behind returns": "returned_behind",
		"caught up returns": "caught_up", "50 % caught up ms": "catchup_p50", "95 % caught up ms": "catchup_p95", "100 % caught up ms": "catchup_max",
		"CPU µs /client s": "server_cpu_per_client_second"},
}

// A drawn table, or a pasted one, as cells.
type table struct {
	name  string
	heads []string // without the first, which is the name
	lines [][]string
}

// pasted reads the tables of Markdown, as who renders it does.
func pasted(text string) (all []table) {
	var open *table
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			open = nil
			continue
		}
		var cells []string
		cell := ""
		line = strings.TrimSpace(line)[1:]
		for i := 0; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
				cell += line[i : i+1]
			case '|':
				cells = append(cells, strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "<br>", "\n").Replace(strings.TrimSpace(cell)))
				cell = ""
			default:
				cell += line[i : i+1]
			}
		}
		switch {
		case open == nil:
			all = append(all, table{name: cells[0], heads: cells[1:]})
			open = &all[len(all)-1]
		case strings.HasPrefix(cells[0], ":--"):
		default:
			open.lines = append(open.lines, cells)
		}
	}
	return all
}

var gap = regexp.MustCompile(` {2,}`)

// drawn reads the lines below the rules of a terminal's tables.
func drawn(text string) (all [][][]string) {
	below := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "───"):
			all, below = append(all, nil), true
		case line == "":
			below = false
		case below:
			all[len(all)-1] = append(all[len(all)-1], gap.Split(line, -1))
		}
	}
	return all
}

// near says whether a text shows a number, as exactly as tables do.
func near(text string, want float64) bool {
	got, err := strconv.ParseFloat(text, 64)
	return err == nil && math.Abs(got-want) <= 0.0051*math.Abs(want)
}

// tablesAgree compares the terminal's cells with Markdown's, and those with JSON.
func tablesAgree(t *rapid.T, d document, pasted []table, drawn [][][]string) {
	pasted = slices.DeleteFunc(pasted, func(p table) bool { return len(p.lines) == 0 }) // which a terminal does not show
	if len(pasted) != len(drawn) {
		t.Fatalf("%d tables in Markdown, %d on a terminal", len(pasted), len(drawn))
	}
	for i, p := range pasted {
		if !slices.EqualFunc(p.lines, drawn[i], slices.Equal[[]string]) {
			t.Fatalf("%s: Markdown has %q, a terminal %q", p.name, p.lines, drawn[i])
		}
		switch p.name {
		case "capacity":
			capacitiesAgree(t, d.Capacity, p)
			continue
		case "published":
			publishedAgree(t, d.Published, p)
			continue
		case "server CPU", "server memory":
			costsAgree(t, d.Costs, p)
			continue
		case "lean ÷ std":
			contrastsAgree(t, d, p, func(c contrast) bool { return c.Over.Transport != results.Baseline })
			continue
		case "÷ " + results.Baseline:
			contrastsAgree(t, d, p, func(c contrast) bool { return c.Over.Transport == results.Baseline })
			continue
		}
		columns, known := stated[p.name]
		if !known {
			t.Fatalf("the table %q is not stated in this test", p.name)
		}
		if len(p.lines) != len(d.Rows) {
			t.Fatalf("%s: %d rows, %d in JSON", p.name, len(p.lines), len(d.Rows))
		}
		for k, line := range p.lines {
			for c, head := range p.heads {
				metric, known := columns[head]
				if !known {
					t.Fatalf("the column %q of the table %q is not stated in this test", head, p.name)
				}
				text := line[1+c]
				if metric == "" {
					if want := fmt.Sprintf("%s %d/", d.Rows[k].Verdict, d.Rows[k].Trials.Valid); !strings.HasPrefix(text, want) {
						t.Fatalf("%s: verdict %q, want %q", line[0], text, want)
					}
					continue
				}
				m, told := d.Rows[k].Metrics[metric]
				median, most, has := strings.Cut(strings.TrimSuffix(text, ")"), " (≤")
				if told != (text != "–") || told && !near(median, m.Median) || has && !near(most, m.Max) {
					t.Fatalf("%s of %s: %q in the table, %+v in JSON", head, line[0], text, m)
				}
			}
		}
	}
}

// contrastsAgree compares the ratios of those contrasts with JSON's.
func contrastsAgree(t *rapid.T, d document, p table, is func(contrast) bool) {
	all := slices.DeleteFunc(slices.Clone(d.Over), func(c contrast) bool { return !is(c) })
	if len(all) != len(p.lines) {
		t.Fatalf("%s: %d rows, %d in JSON", p.name, len(p.lines), len(all))
	}
	metrics := map[string]string{"CPU /event": "server_cpu_per_event", "p50 latency": "latency_p50", "p99 latency": "latency_p99", "mean staleness": "staleness_mean",
		"RSS /client": "server_rss_per_client"}
	for i, line := range p.lines {
		if !strings.HasPrefix(line[0], all[i].Transport) {
			t.Fatalf("%s: a row %q, in JSON that of %s", p.name, line[0], all[i].Transport)
		}
		for k, head := range p.heads {
			metric, known := metrics[head]
			if !known {
				t.Fatalf("the column %q of the table %q is not stated in this test", head, p.name)
			}
			s, told := all[i].Ratios[metric]
			ends := strings.FieldsFunc(line[1+k], func(r rune) bool { return strings.ContainsRune(" ()to", r) })
			if told != (line[1+k] != "–") || told && !near(ends[0], s.Median) || told && s.Lo != nil && !(near(ends[1], *s.Lo) && near(ends[2], *s.Hi)) {
				t.Fatalf("%s of %s: %q in the table, %+v in JSON", head, line[0], line[1+k], s)
			}
		}
	}
}

func capacitiesAgree(t *rapid.T, capacities []results.Capacity, p table) {
	for i, c := range capacities {
		for at, want := range map[int]*float64{1: c.Value, 2: c.Lo, 3: c.Hi} {
			text := strings.TrimLeft(p.lines[i][at], "≥≤ ")
			if (want == nil) != (text == "–") || want != nil && !near(text, *want) {
				t.Fatalf("capacity of %s: %q, want %v", c.Transport, p.lines[i], want)
			}
		}
	}
	if len(p.lines) != len(capacities) {
		t.Fatalf("%d capacities, %d in JSON", len(p.lines), len(capacities))
	}
}

func publishedAgree(t *rapid.T, figures []figure, p table) {
	if len(p.lines) != len(figures) {
		t.Fatalf("%d published figures, %d in JSON", len(p.lines), len(figures))
	}
	for i, f := range figures {
		line, by := p.lines[i], fmt.Sprintf("[%d]", f.Publication)
		if f.Derived != "" {
			by += " derived"
		}
		if line[1] != by || line[2] != f.Unit || !near(line[3], f.Value) || (f.Ours != nil) != (line[4] != "–") {
			t.Fatalf("%q, want %+v", line, f)
		}
		if f.Ours == nil {
			continue
		}
		lo, hi, some := strings.Cut(line[5], " to ")
		if !near(line[4], f.Ours.Median) || !near(line[6], f.Ratio.Median) || some != (f.Ours.Lo != nil) || some && (!near(lo, *f.Ours.Lo) || !near(hi, *f.Ours.Hi)) {
			t.Fatalf("%q, want %+v and %+v", line, f.Ours, f.Ratio)
		}
	}
}

func costsAgree(t *rapid.T, costs []results.Cost, p table) {
	for i, c := range costs {
		found := c.CPU
		if p.name == "server memory" {
			found = c.Memory
		}
		for k, head := range p.heads {
			word, unit, _ := strings.Cut(head, " ")
			at := slices.IndexFunc(found, func(one results.Coefficient) bool { return one.Name == word })
			if at < 0 {
				continue
			}
			scale := 1.
			switch {
			case strings.HasPrefix(unit, "KiB"):
				scale = 1 << 10
			case strings.HasPrefix(unit, "MiB"):
				scale = 1 << 20
			}
			ends := strings.FieldsFunc(p.lines[i][1+k], func(r rune) bool { return strings.ContainsRune(" ()to", r) })
			if len(ends) != 3 || !near(ends[0], found[at].Median/scale) || !near(ends[1], *found[at].Lo/scale) || !near(ends[2], *found[at].Hi/scale) {
				t.Fatalf("%s of %s: %q, want %+v", head, c.Transport, p.lines[i][1+k], found[at])
			}
		}
	}
}
