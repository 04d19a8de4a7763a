package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

const executed = `{"clients":1000,"topics":"broadcast","schedule":{"kind":"constant","rate":"10/s"},"payload":{"size":"64B"},` +
	`"uplink":{"rate":"0/s"},"duration":"2s","trials":6}`

// sample is a run of all four with numbers of every size, and one row that is not
// ranked, as it comes from a file.
func sample() *results.Run {
	run := &results.Run{
		Schema: 1, Scenario: "quick", Executed: json.RawMessage(executed), Status: results.Complete, Planned: 24,
		Machine: results.Machine{CPU: "A Processor", CPUs: 2, Go: "go1.26.8", ServerCPUs: []int{0}, GeneratorCPUs: []int{1, 2}},
	}
	for block := range 6 {
		for i, transport := range []string{"ws", "sse", "longpoll", "poll"} {
			latency, connect := hdr.New(), hdr.New()
			for k := range 200 {
				latency.RecordN(time.Duration(k*(1+i*i*i*6)*(10+block))*time.Microsecond, 100)
			}
			connect.RecordN(time.Duration(20+i)*time.Millisecond, 1000)
			t := results.Trial{
				Cell: results.Cell{Transport: transport, Stack: "std"}, Block: block, Order: len(run.Trials), Clients: 1000, Measured: 2 * time.Second,
				Events:  results.Accounting{Published: 20, Owed: 20_000, Delivered: 20_000, Intended: 20, InTime: 20},
				Traffic: results.Traffic{Delivered: 20_000, Requests: int64(i) * 7000, DownBytes: int64(i+1) * 3_456_789, UpBytes: int64(i) * 1_234_567},
				Usage: results.Usage{ServerCPU: time.Duration(i+1) * 123_456_789, Wall: 2 * time.Second,
					ServerIdleRSS: 9 << 20, ServerFullRSS: int64(40+9*i) << 20, ServerBusy: 0.2, GeneratorBusy: 0.1},
				Histograms: map[string]*hdr.Histogram{results.Latency: latency, results.Connect: connect},
			}
			t.Traffic.PayloadBytes = 64 * 20_000
			t.Wire = &results.Wire{SegmentsDown: int64(i+1) * 20_100, SegmentsUp: int64(i+1) * 10_200, Everyone: int64(30 * i * block)}
			if transport != "longpoll" { // whose engine cannot ask the kernel
				delay := hdr.New()
				delay.RecordN(time.Duration(20+block)*10*time.Microsecond, 1000)
				t.Histograms[results.GeneratorDelay] = delay
			}
			if transport == "longpoll" && block > 1 {
				t.Usage.GeneratorBusy = 0.93
			}
			if transport == "sse" && block == 2 {
				t.Events.Lost = map[string]int64{results.LostGap: 12}
				t.Events.Delivered -= 12
				t.Usage.ServerBusy = 0.97
			}
			t.Judge(nil)
			run.Trials = append(run.Trials, t)
		}
	}
	text, err := json.Marshal(run)
	if err == nil {
		run, err = results.Read(bytes.NewReader(text))
	}
	if err != nil {
		panic(err)
	}
	return run
}

func render(t rapid.TB, format string, run *results.Run, o report.Options) string {
	t.Helper()
	return rendering(t, report.Formats, format, run, o)
}

// fit leaves the run what the format can hold.
func fit(t testing.TB, format string, run *results.Run) *results.Run {
	t.Helper()
	if format == "hgrm" {
		if err := report.Only(run, "ws"); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

func TestEachFormatIsAsInItsGoldenFile(t *testing.T) { // R6
	for _, f := range report.Formats {
		if f.Name == "html" { // which is looked at, and tested by what it says
			continue
		}
		got := render(t, f.Name, fit(t, f.Name, sample()), report.Options{File: "results/runs/2026-11-21T10-20-30-quick.json"})
		golden(t, "sample."+f.Name, got)
	}
}

func TestTheTableIsNoWiderThanTheScreen(t *testing.T) { // R6
	for _, width := range []int{0, 120, 80, 60} {
		limit := width
		if width == 0 {
			limit = 120
		}
		got := render(t, "table", sample(), report.Options{File: "run.json", Width: width})
		for line := range strings.Lines(got) {
			if n := twwidth.Width(strings.TrimRight(line, "\n")); n > limit {
				t.Errorf("%d columns on a screen of %d: %q", n, limit, line)
			}
		}
		for _, head := range []string{"p50", "p99", "p99.9", "verdict"} {
			if !regexp.MustCompile(`(^|\s)` + regexp.QuoteMeta(head) + `(\s|$)`).MatchString(got) {
				t.Errorf("no %q at width %d:\n%s", head, width, got)
			}
		}
	}
}

func TestColourChangesNoColumn(t *testing.T) {
	plain := render(t, "table", sample(), report.Options{})
	colored := render(t, "table", sample(), report.Options{Color: true})
	stripped := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(colored, "")
	if stripped == colored {
		t.Error("no colour")
	}
	trim := func(s string) string { return regexp.MustCompile(` +\n`).ReplaceAllString(s, "\n") }
	if diff := cmp.Diff(trim(plain), trim(stripped)); diff != "" {
		t.Errorf("with colour (-without +with):\n%s", diff)
	}
}

func TestHostileNamesStayInTheirCell(t *testing.T) { // R6
	for _, name := range []string{"a|b", "two\nlines", "東京サーバ", "p99", "\x1b[31mred", strings.Repeat("long", 50), "<b>", "tab\there", `back\slash`} {
		run := sample()
		for i := range run.Trials {
			if run.Trials[i].Transport == "ws" {
				run.Trials[i].Transport = name
			}
		}
		table := render(t, "table", run, report.Options{Width: 500})
		if strings.ContainsAny(table, "\x1b\t") {
			t.Errorf("%q drives the terminal", name)
		}
		lines := strings.Split(table, "\n")
		if want := twwidth.Width(strings.TrimRight(lines[2], "\n")); want < 100 {
			t.Fatalf("no rule under the head: %q", lines[2])
		}
		// Every row ends its verdict at the same column as the others.
		var ends []int
		for _, line := range lines[3:7] {
			at := strings.Index(line, "valid ")
			if at < 0 {
				at = strings.Index(line, "invalid ")
			}
			if at < 0 {
				t.Fatalf("%q: a row without verdict: %q", name, line)
			}
			ends = append(ends, twwidth.Width(strings.TrimSuffix(line[:at], "in")))
		}
		if slices.Min(ends) != slices.Max(ends) {
			t.Errorf("%q: verdicts at columns %v:\n%s", name, ends, table)
		}

		var rows []string
		for line := range strings.Lines(render(t, "markdown", run, report.Options{})) {
			if strings.HasPrefix(line, "|") {
				rows = append(rows, line)
			}
		}
		if len(rows) != 12 { // of both tables: head, rule, four transports
			t.Fatalf("%q: %d lines in the Markdown table:\n%s", name, len(rows), strings.Join(rows, ""))
		}
		for i, row := range rows {
			bars := strings.Count(row, "|") - strings.Count(row, `\|`)
			if want := []int{14, 11}[i/6]; bars != want {
				t.Errorf("%q: %d bars in %q, want %d", name, bars, row, want)
			}
		}
		records, err := csv.NewReader(strings.NewReader(render(t, "csv", run, report.Options{}))).ReadAll()
		if err != nil || !slices.ContainsFunc(records, func(r []string) bool { return r[1] == name }) {
			t.Errorf("%q is not in the CSV (%v)", name, err)
		}
	}
}

// document is the promised form, stated once more.
type document struct {
	Schema   int
	Scenario string
	Rows     []struct {
		Transport, Stack string
		Axes             map[string]string
		Arm              string
		Verdict          string
		Trials           struct{ Valid, Suspect, Invalid int }
		Reasons          []struct {
			Code, State, Text, Hint string
			Trials                  int
		}
		Metrics map[string]struct {
			Median, Max float64
			Lo, Hi      *float64
		}
	}
	Costs           []results.Cost
	Capacity        []results.Capacity
	Thresholds, SLO []results.Judgment
	Over            []contrast
	Published       []figure
}

// A contrast is a row over another, as JSON has it.
type contrast struct {
	Transport, Stack string
	Axes             map[string]string
	Over             struct{ Transport, Stack string }
	Ratios           map[string]struct {
		Median, Max float64
		Lo, Hi      *float64
	}
}

// figure is what was published, beside ours.
type figure struct {
	Source, Differs, Derived, Metric, Unit, Transport, Over, Why string
	At                                                           map[string]string
	Publication                                                  int
	Value                                                        float64
	Ours, Ratio                                                  *struct {
		Median, Max float64
		Lo, Hi      *float64
	}
}

func TestARunWithoutTrialsRenders(t *testing.T) {
	for _, f := range report.Formats {
		run := &results.Run{Schema: 1, Scenario: "quick", Status: results.Interrupted, Planned: 24}
		got := render(t, f.Name, run, report.Options{})
		if f.Name == "table" && !strings.Contains(got, "interrupted after 0 of 24 trials") {
			t.Errorf("%s", got)
		}
		if f.Name == "json" && !strings.Contains(got, `"rows": []`) {
			t.Errorf("%s", got)
		}
	}
}

// A full disk.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAWriteThatFailsIsAnError(t *testing.T) { // R3
	for _, f := range report.Formats {
		if err := f.Write(full{}, fit(t, f.Name, sample()), report.Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s on a full disk: %v", f.Name, err)
		}
	}
}

func TestAnUnknownFormatListsTheRightOnes(t *testing.T) { // R1
	_, err := report.Formats.Named("xml")
	if err == nil || !strings.HasPrefix(err.Error(), `unknown format "xml" (have table, markdown, csv, json`) {
		t.Errorf("%v", err)
	}
	for _, name := range report.Formats.Names() {
		if _, err := report.Formats.Named(name); err != nil {
			t.Errorf("%s is listed, but %v", name, err)
		}
	}
}
