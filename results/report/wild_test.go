package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/report"
	"pushbench/results/resultstest"
)

// forms are what a text must be, whatever it is of, for those who read its format.
var forms = map[string]func(t rapid.TB, text string){
	"table":    onScreen,
	"markdown": inIssue,
	"csv":      inSheet,
	"json": func(t rapid.TB, text string) {
		if !json.Valid([]byte(text)) {
			t.Fatalf("no JSON: %s", text)
		}
	},
	"ndjson": func(t rapid.TB, text string) {
		for line := range strings.Lines(text) {
			var l struct{ Type string }
			if err := json.Unmarshal([]byte(line), &l); err != nil || l.Type == "" {
				t.Fatalf("%v: no line of JSON with a type: %s", err, line)
			}
		}
	},
	"html": onPage,
	"hgrm": func(t rapid.TB, text string) {
		onScreen(t, strings.Replace(text, "Value\tPercentile\tTotalCount\t1/(1-Percentile)", "", 1)) // as plotters want it
	},
	"hlog":     onScreen,
	"benchfmt": func(t rapid.TB, text string) { benchmarks(t, text) },
	"junit":    inCI,
	"github":   inWorkflow,
}

// onScreen wants nothing that drives a terminal.
func onScreen(t rapid.TB, text string) {
	for i, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
			if r == utf8.RuneError && strings.HasPrefix(text[i:], "\ufffd") {
				continue // somebody's own, and a character like others
			}
			t.Fatalf("%q drives the terminal in %q", r, text)
		}
	}
}

// inIssue wants tables of which every line has the same cells, and no markup but
// our own.
func inIssue(t rapid.TB, text string) {
	onScreen(t, text)
	for _, p := range pasted(text) {
		for _, line := range p.lines {
			if len(line) != 1+len(p.heads) {
				t.Fatalf("%d cells under %d heads: %q", len(line), 1+len(p.heads), line)
			}
		}
	}
	if found := markup.FindString(text); found != "" {
		t.Fatalf("%q is markup in %s", found, text)
	}
}

// markup is a tag, a link, a picture, code or a formula.
var markup = regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[\\[\\]`$<]|<[a-z/!]|&[a-z]+[^a-z;]")

// inSheet wants lines of equal length, in which no text is a formula.
func inSheet(t rapid.TB, text string) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll() // which wants the same number of fields in each
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, line := range lines {
		for _, cell := range line[:10] {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Fatalf("%q is a formula", cell)
			}
		}
	}
}

// inWorkflow wants annotations first, and nothing behind them that the runner of a
// workflow obeys.
func inWorkflow(t rapid.TB, text string) {
	commands, kinds := true, map[string]int{}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if found := command.FindStringSubmatch(line); commands && found != nil {
			kinds[found[1]]++
			continue
		}
		commands = false
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") || strings.Contains(line, "##[") {
			t.Fatalf("%q is an order", line)
		}
		rest.WriteString(line)
	}
	for kind, n := range kinds {
		if n > 10 {
			t.Fatalf("%d annotations of the kind %s", n, kind)
		}
	}
	onScreen(t, text)
	inIssue(t, rest.String())
}

var command = regexp.MustCompile(`^::(error|warning) title=[^:,]*::[^\r\n]*\n$`)

// renders wants every format to hold the run, in a form that its readers know.
func renders(t rapid.TB, run *results.Run) {
	for _, f := range report.Formats {
		var b bytes.Buffer
		switch err := f.Write(&b, run, report.Options{File: "\x1b[2J.json"}); {
		case err != nil && f.Single && len(report.Tags(run)) > 1 && b.Len() == 0:
		case err != nil:
			t.Fatalf("%s: %v", f.Name, err)
		case forms[f.Name] == nil:
			t.Fatalf("this test does not know the form of %s", f.Name)
		default:
			forms[f.Name](t, b.String())
		}
	}
}

func TestWhateverAFileHoldsIsRendered(t *testing.T) { // R6, R11
	rapid.Check(t, func(t *rapid.T) { renders(t, resultstest.Wild(t)) })
}

func FuzzWildRun(f *testing.F) { // R11
	dice := rand.NewChaCha8([32]byte{})
	for n := range 8 {
		drawn := make([]byte, 256<<n) // a run of eight trials takes a thousand
		dice.Read(drawn)
		f.Add(drawn)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { renders(t, resultstest.Wild(t)) }))
}

func FuzzFile(f *testing.F) { // R11
	// Short ones, of which each change shows.
	const trial = `{"transport":"a|b","stack":"std","axes":{"clients":"10"},"clients":10,"measured_ns":1000000000,"traffic":{"delivered":9},"usage":{"server_cpu_ns":5},"verdict":{"state":"valid"}}`
	for _, members := range []string{
		`"trials":[]`,
		`"scenario":"x","status":"complete","planned":2,"trials":[` + trial + `,` + trial + `]`,
		`"executed":{"clients":10,"value":"latest","axes":{"clients":["10","20"]}},"trials":[` + trial + `]`,
		`"trials":[{"transport":"sse","recovery":{"faults":[{"kind":"reset","back":null,"attempts":[1,2]}]},"fairness":{"share":0.5},"groups":{"slow":{"clients":1}}}]`,
		`"trials":[` + trial + `],"costs":[{"transport":"ws","cpu":[{"name":"base","median":1,"lo":0,"hi":2}],"notes":["n"]}]`,
		`"trials":[],"capacity":[{"transport":"ws","key":"clients","value":5,"lo":5,"ended":"knee","probes":[{"at":5,"axis":"5","held":1}]}]`,
		`"trials":[` + trial + `],"thresholds":[{"expr":"lost == 0","transport":"a|b","stack":"std","value":1,"unit":"count","why":"w"}]`,
		`"machine":{"cpu":"c","warnings":["w"]},"trials":[{"transport":"x","verdict":{"state":"suspect","reasons":[{"code":"c","state":"suspect","text":"t","hint":"h"}]}}]`,
	} {
		f.Add([]byte(`{"schema":1,` + members + `}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := results.Read(bytes.NewReader(text))
		switch {
		case err == nil:
			renders(t, run)
		case !errors.Is(err, results.ErrFile) && !errors.Is(err, results.ErrSchema):
			t.Errorf("an error of another kind: %v", err)
		}
	})
}

// The product of two numbers that are there need not be one.
func TestWhatHasNoEndIsNotShown(t *testing.T) { // R11
	run := sample()
	for i := range run.Trials {
		run.Trials[i].Recovery = &results.Recovery{Faults: []results.Fault{{Kind: "reset", Busiest: 1.7e308}}}
		run.Trials[i].Fairness = &results.Fairness{Share: 1.7e308 * float64(1-2*(run.Trials[i].Block%2))}
	}
	run.Costs = []results.Cost{{Transport: "ws", CPUMisfit: 1.7e308, CPU: []results.Coefficient{{Name: "base", Median: 1.7e308, Lo: new(-1.7e308), Hi: new(1.7e308)}}}}
	renders(t, run)
	for _, name := range []string{"table", "markdown", "csv", "json", "ndjson", "junit"} {
		if text := render(t, name, run, report.Options{}); strings.Contains(text, "Inf") || strings.Contains(text, "NaN") {
			t.Errorf("%s has no number: %s", name, text)
		}
	}
}

// Rendering a thousand trials takes less than two seconds in every format.
func BenchmarkAThousandTrials(b *testing.B) {
	for _, shape := range []struct {
		name         string
		rows, blocks int
	}{{"rows=4", 4, 250}, {"rows=100", 100, 10}} {
		run := resultstest.Sized(shape.rows, shape.blocks)
		for _, f := range report.Formats {
			run := run
			if f.Single {
				run = &results.Run{Schema: 1, Trials: resultstest.Sized(1, 1000).Trials}
			}
			b.Run(shape.name+"/"+f.Name, func(b *testing.B) {
				for b.Loop() {
					if err := f.Write(io.Discard, run, report.Options{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
