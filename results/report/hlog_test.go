package report_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

// exported is a run for other tools: latencies spread evenly, in two humps, and
// with a long tail, and a transport that is not ranked.
func exported() *results.Run {
	run := &results.Run{
		Schema: 1, Scenario: "ticker", Status: results.Complete, Planned: 24, Seed: 7,
		Started: time.Date(2026, 11, 21, 10, 20, 30, 456e6, time.UTC),
		Machine: results.Machine{OS: "linux/amd64", CPU: "A Processor", CPUs: 2, Go: "go1.26.8", Version: "v0.3.0"},
	}
	shapes := []struct {
		transport string
		latency   func(share float64) float64 // ms
	}{
		{"poll", func(share float64) float64 { return 1000 * share }},
		{"longpoll", func(share float64) float64 { return 3 }},
		{"sse", func(share float64) float64 {
			if share > 0.7 {
				return 40 + 5*share
			}
			return 2 + share
		}},
		{"ws", func(share float64) float64 { return 0.05 - 300*math.Log(1-share) }},
	}
	for block := range 6 {
		for i := range shapes {
			s := shapes[(i+block)%len(shapes)]
			latency := hdr.New()
			for k := range 2000 {
				latency.Record(time.Duration((1 + 0.03*float64(block)) * s.latency(float64(k)/2000) * float64(time.Millisecond)))
			}
			t := results.Trial{
				Cell: results.Cell{Transport: s.transport, Stack: "std"}, Block: block, Order: len(run.Trials), Clients: 100,
				Started: run.Started.Add(time.Duration(len(run.Trials)) * 2345 * time.Millisecond), Measured: 1999 * time.Millisecond,
				Events:     results.Accounting{Published: 20, Owed: 2000, Delivered: 2000, Intended: 20, InTime: 20},
				Traffic:    results.Traffic{Delivered: 2000, DownBytes: int64(170*2000 + 100*block)},
				Usage:      results.Usage{ServerCPU: time.Duration(20+block) * time.Millisecond, Wall: 2 * time.Second},
				Histograms: map[string]*hdr.Histogram{results.Latency: latency},
				Verdict:    results.Verdict{State: results.Valid},
			}
			if s.transport == "sse" && block == 1 || s.transport == "longpoll" && block > 1 {
				t.Verdict = results.Verdict{State: results.Invalid, Reasons: []results.Reason{{Code: "failed", State: results.Invalid, Text: "it failed"}}}
			}
			run.Trials = append(run.Trials, t)
		}
	}
	return run
}

// testdata/readers holds what tools that are not ours read from exported.hlog:
//
//   - log.txt: the histogram of every line as hdr-histogram-js 3.0.1 on Node.js and
//     as HdrHistogram 2.1.11 for Java tell it, by a loop around nextIntervalHistogram
//     of each that prints: reader, tag, start in ms, count, the values at 50, 90, 99
//     and 99.9 per cent and the largest, in ns;
//   - TRANSPORT.hgrm: the percentiles that Java's HistogramLogProcessor writes with
//     -i exported.hlog -tag TRANSPORT -outputValueUnitRatio 1000000 -o TRANSPORT.
func TestOtherReadersReadTheSameFromALog(t *testing.T) { // G12
	run := exported()
	golden(t, "exported.hlog", render(t, "hlog", run, report.Options{}))

	var kept []*results.Trial
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Verdict.State == results.Valid && trial.Transport != "longpoll" {
			kept = append(kept, trial)
		}
	}
	text, err := os.ReadFile(filepath.Join("testdata", "readers", "log.txt"))
	if err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var reader, tag string
		var start, count int64
		var p50, p90, p99, p999, largest time.Duration
		if _, err := fmt.Sscan(line, &reader, &tag, &start, &count, &p50, &p90, &p99, &p999, &largest); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if next[reader] == len(kept) {
			t.Fatalf("%s read more than %d intervals", reader, len(kept))
		}
		trial := kept[next[reader]]
		next[reader]++
		h := trial.Histograms[results.Latency]
		if tag != trial.Transport || start != trial.Started.UnixMilli() || count != h.Count() {
			t.Errorf("%s read %q at %d with %d values, want %s at %d with %d", reader, tag, start, count, trial.Transport, trial.Started.UnixMilli(), h.Count())
		}
		for q, got := range map[float64]time.Duration{0.5: p50, 0.9: p90, 0.99: p99, 0.999: p999, 1: largest} {
			// A reader knows a value's bucket only, whose end may be beyond the largest value.
			if want := h.Quantile(q); min(got, h.Max()) != want {
				t.Errorf("%s read %v at quantile %v of %s in block %d, want %v", reader, got, q, tag, trial.Block, want)
			}
		}
	}
	if len(kept) != 17 || next["java"] != len(kept) || next["js"] != len(kept) {
		t.Errorf("read %v of %d intervals", next, len(kept))
	}
}

// points are the lines of a distribution: value, quantile and count.
func points(text string) [][3]float64 {
	var all [][3]float64
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if strings.HasPrefix(line, "#") || len(fields) < 3 || fields[0] == "Value" {
			continue
		}
		var p [3]float64
		for i := range p {
			p[i], _ = strconv.ParseFloat(fields[i], 64)
		}
		all = append(all, p)
	}
	return all
}

func TestADistributionIsTheOneThatOtherToolsWrite(t *testing.T) { // G12
	for _, transport := range []string{"poll", "sse", "ws"} {
		run := exported()
		var only []results.Trial
		for _, trial := range run.Trials {
			if trial.Transport == transport {
				only = append(only, trial)
			}
		}
		run.Trials = only
		got := points(render(t, "hgrm", run, report.Options{}))
		text, err := os.ReadFile(filepath.Join("testdata", "readers", transport+".hgrm"))
		if err != nil {
			t.Fatal(err)
		}
		want := points(string(text))
		if len(got) != len(want) || len(got) < 50 {
			t.Fatalf("%s: %d points, want %d", transport, len(got), len(want))
		}
		for i := range got {
			if got[i][0] != want[i][0] || math.Abs(got[i][1]-want[i][1]) > 0.5e-6*1.001 || got[i][2] != want[i][2] {
				t.Errorf("%s: point %d is %v, want %v", transport, i, got[i], want[i])
			}
		}
	}
}

// Plotters pass over whatever begins with # or has not four fields.
func TestADistributionSaysOfWhatItIs(t *testing.T) {
	golden(t, "exported.hgrm", render(t, "hgrm", fit(t, "hgrm", exported()), report.Options{}))
}

// A plotter would draw one curve through all of them.
func TestDistributionsOfSeveralRowsAreRefused(t *testing.T) {
	f, err := report.Formats.Named("hgrm")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = f.Write(&b, exported(), report.Options{})
	if err == nil || !strings.Contains(err.Error(), "--row (the run has poll, longpoll, sse, ws)") || b.Len() > 0 {
		t.Errorf("%v after %d bytes", err, b.Len())
	}
}

func TestARowIsChosenByItsTag(t *testing.T) {
	run := exported()
	for i := range run.Trials {
		run.Trials[i].Axes = map[string]string{"schedule.rate": fmt.Sprint(1+run.Trials[i].Block%2) + "/s"}
	}
	run.Costs = []results.Cost{{Transport: "sse"}}
	if err := report.Only(run, "sse"); err == nil || !strings.Contains(err.Error(), `no row "sse" in the run (it has poll-schedule.rate=1%2Fs,`) {
		t.Errorf("%v", err)
	}
	if err := report.Only(run, "sse-schedule.rate=2%2Fs"); err != nil {
		t.Fatal(err)
	}
	for _, trial := range run.Trials {
		if trial.Transport != "sse" || trial.Block%2 != 1 {
			t.Errorf("%s of block %d is left", trial.Transport, trial.Block)
		}
	}
	if len(run.Trials) != 3 || run.Costs != nil {
		t.Errorf("%d trials and costs %v", len(run.Trials), run.Costs)
	}
}

func TestWhatAHistogramCannotHoldIsSaid(t *testing.T) { // G12
	run := exported()
	for i := range run.Trials {
		if run.Trials[i].Transport == "ws" {
			run.Trials[i].Histograms[results.Latency].Record(-1)
			run.Trials[i].Histograms[results.Latency].RecordN(2*time.Hour, 2)
		}
	}
	for _, format := range []string{"hlog", "hgrm"} {
		text := render(t, format, fit(t, format, run), report.Options{})
		want := "#ws: not in it are 6 latencies below zero and 12 above 1h0m0s\n"
		if strings.Count(text, want) != 1 || strings.Count(text, "not in it") != 1 {
			t.Errorf("%s does not say %q:\n%.800s", format, want, text)
		}
	}
}

// A tag is one field of a line, whatever a cell is called, and tells the cells
// apart.
func TestTagsTellCellsApart(t *testing.T) {
	run := exported()
	cells := []results.Cell{
		{Transport: "sse", Stack: "std", Axes: map[string]string{"schedule.rate": "10/s", "clients": "100"}},
		{Transport: "sse", Stack: "lean", Axes: map[string]string{"schedule.rate": "10/s", "clients": "100"}},
		{Transport: "sse", Stack: "std", Axes: map[string]string{"schedule.rate": "10/s", "clients": "100"}, Arm: results.Again},
		{Transport: "sse", Stack: "std", Axes: map[string]string{"schedule.rate": "1/s", "clients": "100"}},
		{Transport: "a, b\n#", Stack: "std"},
	}
	want := []string{
		"sse-std-clients=100-schedule.rate=10%2Fs",
		"sse-lean-clients=100-schedule.rate=10%2Fs",
		"sse-std-clients=100-schedule.rate=10%2Fs-again",
		"sse-std-clients=100-schedule.rate=1%2Fs",
		"a%2C%20b%0A%23-std",
	}
	run.Trials = run.Trials[:len(cells)]
	for i, c := range cells {
		run.Trials[i].Cell, run.Trials[i].Verdict = c, results.Verdict{State: results.Valid}
	}
	if rows := compare.Rows(run); len(rows) != len(cells) {
		t.Fatalf("%d rows", len(rows))
	}
	var got []string
	for line := range bytes.Lines([]byte(render(t, "hlog", run, report.Options{}))) {
		if tag, ok := strings.CutPrefix(string(line), "Tag="); ok {
			got = append(got, tag[:strings.Index(tag, ",")])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrialsWithoutLatencyAreNoIntervals(t *testing.T) {
	run := exported()
	for i := range run.Trials {
		run.Trials[i].Untimed, run.Trials[i].Histograms = true, nil
	}
	if text := render(t, "hlog", run, report.Options{}); strings.Contains(text, "Tag=") {
		t.Errorf("intervals of nothing:\n%s", text)
	}
	if text := render(t, "hgrm", fit(t, "hgrm", run), report.Options{}); len(points(text)) != 0 {
		t.Errorf("a distribution of nothing:\n%s", text)
	}
}
