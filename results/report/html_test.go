package report_test

import (
	"bytes"
	"encoding/json"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
	"pushbench/results/resultstest"
)

// told is a page's text without its markup, for who wants to know what it says.
func told(page string) string {
	_, body, _ := strings.Cut(page, "<body>")
	body = regexp.MustCompile(`(?s)<script>.*?</script>`).ReplaceAllString(body, "")
	body = regexp.MustCompile(`<svg[^>]* aria-label="([^"]*)">`).ReplaceAllString(body, "$1 ")
	body = regexp.MustCompile(`<[^>]+>`).ReplaceAllString(body, " ")
	return strings.Join(strings.Fields(html.UnescapeString(body)), " ")
}

// titles are those of the pictures, in order.
func titles(page string) (all []string) {
	for _, m := range regexp.MustCompile(`<figcaption>(.*?)</figcaption>`).FindAllStringSubmatch(page, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	return all
}

func TestThePageAnswersFirst(t *testing.T) { // R7
	page := render(t, "html", sample(), report.Options{File: "run.json"})
	text := told(page)
	order := []string{"Answer", "first in latency p99", "1 of 4 rows cannot be ranked", "What decided", "Latency by percentile", "on the wire", "Method", "Environment", "Warnings", "generator-cpu", "Again"}
	at := 0
	for _, want := range order {
		next := strings.Index(text[at:], want)
		if next < 0 {
			t.Fatalf("no %q behind %q in\n%s", want, text[:at], text[at:])
		}
		at += next
	}
}

// The words of the table are those of the page.
func TestThePageSaysWhatTheTableSays(t *testing.T) { // R9
	for name, run := range map[string]*results.Run{"sample": sample(), "stormy": stormy(), "searched": searched(), "replay": replay(t)} {
		text := told(render(t, "html", run, report.Options{}))
		var list bool
		for line := range strings.Lines(render(t, "markdown", run, report.Options{})) {
			sentence, is := strings.CutPrefix(strings.TrimSpace(line), "- ")
			if !is {
				continue
			}
			list = true
			sentence = strings.NewReplacer(`\_`, "_", `\*`, "*", `\|`, "|", "\\`", "`", "&lt;", "<", `\[`, "[", `\]`, "]", `\~`, "~", `\$`, "$", "&gt;", ">", "&amp;", "&").Replace(sentence)
			sentence = strings.TrimPrefix(sentence, run.Scenario+": ") // the page's title
			if strings.HasPrefix(sentence, "A Processor") {            // which has a line for each fact
				continue
			}
			if !strings.Contains(text, strings.Join(strings.Fields(sentence), " ")) {
				t.Errorf("%s: the page does not say %q", name, sentence)
			}
		}
		if !list {
			t.Errorf("%s: nothing is said", name)
		}
	}
}

// onPage wants the elements and attributes that a page of ours has, and nothing in
// its text that is more than that.
func onPage(t rapid.TB, page string) {
	onScreen(t, page)
	for _, m := range regexp.MustCompile(`<([a-zA-Z!/][^\s>]*)([^>]*)>`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains(ours, strings.TrimPrefix(m[1], "/")) {
			t.Fatalf("the element %q is none of ours", m[0])
		}
		for _, a := range regexp.MustCompile(`\s([a-zA-Z-]+)(="([^"]*)")?`).FindAllStringSubmatch(m[2], -1) {
			if strings.HasPrefix(a[1], "on") || a[1] == "style" || a[1] == "src" || a[1] == "href" && !strings.HasPrefix(a[3], "#") && a[3] != "data:," {
				t.Fatalf("the attribute %q of %q is none of ours", a[0], m[0])
			}
		}
	}
	for text, n := range map[string]int{"<script": 1, "</script": 1, "<style": 1, "</style": 1, "<html": 1, "</html": 1, "ZgotmplZ": 0} {
		if got := strings.Count(page, text); got != n {
			t.Fatalf("%d times %s, want %d", got, text, n)
		}
	}
	if !strings.HasSuffix(page, "</html>\n") {
		t.Fatalf("the page has no end: %s", page[max(0, len(page)-200):])
	}
}

// ours are the elements of a page.
var ours = strings.Fields(`!DOCTYPE html head meta title link style body header h1 p nav a main section h2 h3 ul ol li span small
	div table thead tbody tr th td data figure figcaption svg g path text details summary dl dt dd pre code script`)

func TestThePageHasTheNumbersOfTheOthers(t *testing.T) { // R9
	listed := 0
	rapid.Check(t, func(t *rapid.T) {
		run := resultstest.Tame(t)
		var d document
		if err := json.Unmarshal([]byte(render(t, "json", run, report.Options{})), &d); err != nil {
			t.Fatal(err)
		}
		page := render(t, "html", run, report.Options{})
		if len(d.Rows) == 0 || len(d.Rows) > 40 { // of more nobody finds one
			return
		}
		before, all, found := strings.Cut(page, "<summary>All numbers</summary>")
		if !found {
			t.Fatal("not all numbers are there")
		}
		for _, m := range regexp.MustCompile(`<data value="([^"]+)" data-metric="([^"]+)">`).FindAllStringSubmatch(before, -1) {
			v, _ := strconv.ParseFloat(html.UnescapeString(m[1]), 64)
			of := false
			for _, r := range d.Rows {
				s, has := r.Metrics[m[2]]
				of = of || has && s.Median == v
			}
			if !of {
				t.Fatalf("%s is %v in a table, and of no row", m[2], v)
			}
		}
		values := map[string][]float64{}
		for _, m := range regexp.MustCompile(`<data value="([^"]+)" data-metric="([^"]+)">`).FindAllStringSubmatch(all, -1) {
			v, err := strconv.ParseFloat(html.UnescapeString(m[1]), 64)
			if err != nil {
				t.Fatal(err)
			}
			values[m[2]] = append(values[m[2]], v)
		}
		for _, row := range d.Rows {
			for name, stat := range row.Metrics {
				if len(values[name]) == 0 || values[name][0] != stat.Median {
					t.Fatalf("%s of %s: %v on the page, %v in JSON", name, row.Transport, values[name], stat.Median)
				}
				values[name] = values[name][1:]
				listed++
			}
		}
		for name, left := range values {
			if len(left) > 0 {
				t.Errorf("%s is on the page, but not in JSON", name)
			}
		}
	})
	if listed < 1000 {
		t.Errorf("only %d numbers were compared", listed)
	}
}

// timed gives all trials of a run slices.
func timed(run *results.Run) *results.Run {
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Series.Every = 200 * time.Millisecond
		for k := range 10 {
			one.Series.Slices = append(one.Series.Slices, results.Slice{Delivered: 2000, Timed: 2000, P50: time.Duration(k+1) * time.Millisecond, P99: time.Duration(2*k+3) * time.Millisecond, Due: 2000})
		}
	}
	return run
}

func TestPicturesAreOfWhatTheRunHas(t *testing.T) { // R7
	for name, tt := range map[string]struct {
		run  *results.Run
		want []string
		not  []string
	}{
		"sample":   {sample(), []string{"Latency by percentile", "CPU per event", "Memory per client", "Bytes per event"}, []string{"Latency over time", "Clients that are back", "by clients"}},
		"timed":    {timed(sample()), []string{"Latency over time"}, nil},
		"stormy":   {stormy(), []string{"Clients that are back at kind=jitter", "Attempts to connect again at kind=fixed"}, nil},
		"searched": {searched(), []string{"What each holds", "Latency p99 by clients"}, []string{"Latency by percentile"}},
		"swept":    {swept(), []string{"Latency p99 by clients", "Server CPU per event by clients", "Where two cost the same CPU", "Server CPU by cause"}, nil},
	} {
		page := render(t, "html", tt.run, report.Options{})
		have := strings.Join(titles(page), "\n")
		for _, want := range tt.want {
			if !strings.Contains(have, want) {
				t.Errorf("%s: no picture %q among\n%s", name, want, have)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(have, not) {
				t.Errorf("%s: a picture %q", name, not)
			}
		}
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
			t.Errorf("%s: a number that is none", name)
		}
	}
}

// Who never came back is missing from the curve, and does not stretch it.
func TestTheCurveOfThoseWhoAreBackEndsWhereTheyDo(t *testing.T) { // G19
	run := stormy()
	each(run, func(one *results.Trial) { one.Recovery.Faults[0].Cut = 400 })
	if text, want := told(render(t, "html", run, report.Options{})), "Clients that are back at kind=jitter: poll 25 % after 100 ms"; !strings.Contains(text, want) {
		t.Errorf("it does not say %q:\n%s", want, text)
	}
}

// Axes are read in one unit, and only those that are of numbers are drawn.
func TestCurvesAreOverWhatIsANumber(t *testing.T) {
	over := func(axis string, values ...string) string {
		names, _ := json.Marshal(values)
		run := wanting(`"axes":{"` + axis + `":` + string(names) + `}`)
		var trials []results.Trial
		for _, v := range values {
			for _, one := range run.Trials {
				one.Axes = map[string]string{axis: v}
				trials = append(trials, one)
			}
		}
		run.Trials = trials
		return told(render(t, "html", run, report.Options{}))
	}
	for _, tt := range []struct {
		axis   string
		values []string
		want   string // the axis' title; "" when there is no curve
	}{
		{"payload.size", []string{"64B", "4KiB", "1MiB"}, "Latency p99 by size from 64 to 1048576 B"},
		{"payload.size", []string{"64B", "2KiB", "4KiB"}, "Latency p99 by size from 64 to 4096 B"},
		{"poll.interval", []string{"250ms", "1s", "1m0s"}, "Latency p99 by interval from 0.250 to 60 s"},
		{"schedule.rate", []string{"60/min", "10/s"}, "Latency p99 by rate from 1 to 10 /s"},
		{"slow.share", []string{"0%", "10%", "50%"}, "Latency p99 by share from 0 to 50 %"},
		{"slow.policy", []string{"skip", "disconnect"}, ""},
		{"rotate", []string{"false", "true"}, ""},
		{"mixed", []string{"10", "1s", "fast"}, ""},
		{"unlike", []string{"10B", "1s", "7"}, ""},
		{"single", []string{"10"}, ""},
	} {
		page := over(tt.axis, tt.values...)
		if tt.want != "" && !strings.Contains(page, tt.want) || tt.want == "" && strings.Contains(page, "Latency p99 by ") {
			t.Errorf("%s over %q: want %q in\n%s", tt.axis, tt.values, tt.want, page)
		}
	}
}

func TestHostileRunsArePagesOfText(t *testing.T) { // R7
	evil := `<img src=x onerror=alert(1)>"'</script></style>` + "\x1b[31m\u202e"
	run := timed(sample())
	run.Scenario, run.Repeat, run.Command, run.Engine = evil, evil, []string{evil}, evil
	run.Machine = results.Machine{CPU: evil, OS: evil, Kernel: evil, Go: evil, Version: evil, Binary: evil, Limits: map[string]string{evil: evil}, Libraries: map[string]string{evil: evil}, Warnings: []string{evil}}
	executed, _ := json.Marshal(map[string]any{"clients": 5, "title": evil, "question": evil, "value": evil, "topics": "broadcast", "axes": map[string][]string{evil: {evil}},
		"published": []results.Publication{{Source: evil, Differs: evil, Derived: evil, Metric: evil, Unit: evil, Figures: []results.Figure{{Transport: evil, Over: evil, At: map[string]string{evil: evil}, Value: 1}}}}})
	run.Executed = executed
	run.Thresholds = []results.Judgment{{Expr: evil, Why: evil}}
	run.SLO = []results.Judgment{{Expr: evil, Why: evil}}
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Transport += evil
		one.Stack, one.Axes = evil, map[string]string{evil: evil}
		one.Verdict.Reasons = append(one.Verdict.Reasons, results.Reason{Code: evil, State: results.Suspect, Text: evil, Hint: evil})
	}
	page := render(t, "html", run, report.Options{File: evil})
	if strings.Contains(page, "<img") || strings.ContainsAny(page, "\x1b\u202e") || strings.Count(page, "<script") != 1 || strings.Count(page, "</script") != 1 || strings.Count(page, "</style") != 1 {
		t.Error("a name is more than text")
	}
	if !strings.Contains(told(page), `<img src=x onerror=alert(1)>`) {
		t.Error("the name is not shown")
	}
}

func TestOddRunsArePagesToo(t *testing.T) { // R7
	for name, change := range map[string]func(*results.Run){
		"nothing":          func(r *results.Run) { *r = results.Run{} },
		"no trials":        func(r *results.Run) { r.Trials, r.Status = nil, results.Interrupted },
		"one trial":        func(r *results.Run) { r.Trials = r.Trials[:1] },
		"interrupted":      func(r *results.Run) { r.Trials, r.Status = r.Trials[:5], results.Interrupted },
		"nothing executed": func(r *results.Run) { r.Executed = nil },
		"none valid":       func(r *results.Run) { each(r, func(t *results.Trial) { t.Verdict.State = results.Invalid }) },
		"no histograms":    func(r *results.Run) { each(r, func(t *results.Trial) { t.Histograms = nil }) },
		"nil histograms":   func(r *results.Run) { each(r, func(t *results.Trial) { t.Histograms[results.Latency] = nil }) },
		"huge":             func(r *results.Run) { each(r, huge) },
		"nothing happened": func(r *results.Run) {
			each(r, func(t *results.Trial) {
				*t = results.Trial{Cell: t.Cell, Block: t.Block, Verdict: results.Verdict{State: results.Valid}}
			})
		},
		"faults of nothing": func(r *results.Run) {
			each(r, func(t *results.Trial) { t.Recovery = &results.Recovery{Faults: []results.Fault{{}, {At: -1, Cut: 3}}} })
		},
		"slices of nothing": func(r *results.Run) {
			each(r, func(t *results.Trial) {
				t.Series = results.Series{Every: math.MaxInt64, Slices: make([]results.Slice, 30)}
			})
		},
		"a search of nothing": func(r *results.Run) {
			r.Capacity = []results.Capacity{{Transport: "ws", Key: "clients"}, {Transport: "sse", Key: "clients", Ended: results.EndedTop, Value: new(math.Inf(1)), Probes: []results.Probe{{At: math.NaN()}}}}
		},
		"costs of nothing": func(r *results.Run) {
			r.Costs = []results.Cost{{Transport: "ws", Stack: "std"}, {Transport: "sse", Stack: "std", CPU: []results.Coefficient{{Name: "client", Median: math.MaxFloat64}}}}
		},
	} {
		run := sample()
		change(run)
		page := render(t, "html", run, report.Options{})
		if !strings.Contains(page, "<h2>Answer</h2>") || !strings.HasSuffix(page, "</html>\n") || strings.Contains(page, "NaN") {
			t.Errorf("%s: %s", name, page[strings.Index(page, "<body>"):])
		}
	}
}

func each(run *results.Run, change func(*results.Trial)) {
	for i := range run.Trials {
		change(&run.Trials[i])
	}
}

func huge(t *results.Trial) {
	t.Traffic.DownBytes, t.Traffic.UpBytes, t.Traffic.PayloadBytes = math.MaxInt64, math.MinInt64, math.MaxInt64
	t.Usage.ServerCPU, t.Usage.GeneratorCPU = math.MaxInt64, math.MaxInt64
	t.Usage.ServerFullRSS, t.Usage.ServerIdleRSS = math.MaxInt64, math.MinInt64
	t.Clients = 1
	h := hdr.New()
	h.RecordN(math.MaxInt64, math.MaxInt32)
	h.RecordN(math.MinInt64, 3)
	t.Histograms = map[string]*hdr.Histogram{results.Latency: h}
	t.Verdict = results.Verdict{State: results.Valid}
}

// A run of the usual size is a page that can be sent.
func TestAPageIsSmall(t *testing.T) {
	run := timed(sample())
	for block := 6; block < 10; block++ {
		for _, one := range run.Trials[:4] {
			one.Block = block
			run.Trials = append(run.Trials, one)
		}
	}
	if n := len(render(t, "html", run, report.Options{})); n > 400<<10 {
		t.Errorf("%d KiB", n>>10)
	}
}

// Whatever a file says, its page is one, and what it says is text.
func FuzzPage(f *testing.F) { // R7, R11
	for _, run := range []*results.Run{timed(sample()), stormy(), searched(), swept(), {Schema: 1, Scenario: "<b>", Trials: []results.Trial{}}} {
		if len(run.Trials) > 4 { // what is interesting is made small first, which takes its time
			run.Trials = run.Trials[:4]
		}
		text, err := json.Marshal(run)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	format, err := report.Formats.Named("html")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := results.Read(bytes.NewReader(text))
		if err != nil || len(run.Trials) > 200 {
			return
		}
		var b bytes.Buffer
		if err := format.Write(&b, run, report.Options{}); err != nil {
			t.Fatal(err)
		}
		onPage(t, b.String())
	})
}

func BenchmarkPageOfAThousandTrials(b *testing.B) {
	run := timed(sample())
	first := run.Trials
	for block := range 250 - 6 {
		for _, one := range first[:4] {
			one.Block = 6 + block
			run.Trials = append(run.Trials, one)
		}
	}
	for b.Loop() {
		render(b, "html", run, report.Options{})
	}
}

// Published pages are what report makes of the runs beside them: make published.
func TestPublishedRunsArePages(t *testing.T) {
	files, err := filepath.Glob("../published/*/run.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, file := range files {
		run, err := results.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		page := render(t, "html", run, report.Options{File: filepath.Clean("results/report/" + file)})
		if len(titles(page)) < 4 || len(page) > 1<<20 {
			t.Errorf("%s: %d pictures in %d KiB", file, len(titles(page)), len(page)>>10)
		}
		kept := filepath.Join(filepath.Dir(file), "page.html")
		if text, err := os.ReadFile(kept); err != nil || string(text) != page {
			t.Errorf("%s is not what report makes of its run (%v): make published", kept, err)
		}
	}
}
