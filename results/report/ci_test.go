package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/report"
)

// gated is a run of which more was demanded than it has kept, and that did not come
// to its end.
func gated() *results.Run {
	run := sample()
	run.Started = time.Date(2026, 11, 21, 10, 20, 30, 456e6, time.FixedZone("", 3600))
	run.Status, run.Planned = results.Interrupted, 30
	run.Command = []string{"pushbench", "run", "quick", "--threshold", "p99 < 50ms"}
	run.Machine.Warnings = []string{"the load was 3.00: 100 % of it was somebody else's"}
	std := func(transport string) results.Cell { return results.Cell{Transport: transport, Stack: "std"} }
	run.Thresholds = []results.Judgment{
		{Expr: "latency_p99 < 50ms", Cell: std("sse"), Value: new(17.2), Unit: "ms", Passed: true},
		{Expr: "latency_p99 < 50ms", Cell: std("poll"), Value: new(401.), Unit: "ms", Why: "the median of 6"},
		{Expr: "longpoll:lost == 0", Cell: std("longpoll"), Why: "no data: the row is not ranked, 2 of 6 trials are valid"},
	}
	run.SLO = []results.Judgment{{Expr: "lost == 0", Cell: std("sse"), Value: new(12.), Unit: "count", Why: "in 1 of 6 trials it does not hold"}}
	return run
}

func TestWhatWasDemandedIsATestCase(t *testing.T) {
	golden(t, "gated.junit", render(t, "junit", gated(), report.Options{File: "run.json"}))
}

// A file without a case is taken for a mistake of whoever made it, so there is one
// always.
func TestEveryRunHasATestCase(t *testing.T) {
	for name, c := range map[string]struct {
		run            *results.Run
		cases, failing int
	}{
		"verdicts":    {sample(), 4, 1},
		"gated":       {gated(), 5, 3},
		"SLO alone":   {sloAlone(), 5, 1},
		"capacities":  {searched(), 3, 0},
		"no trials":   {&results.Run{Status: results.Complete}, 1, 0},
		"interrupted": {&results.Run{Status: results.Interrupted, Planned: 24}, 1, 1},
	} {
		var page suites
		if err := xml.Unmarshal([]byte(render(t, "junit", c.run, report.Options{})), &page); err != nil {
			t.Fatal(err)
		}
		cases, failing := 0, 0
		seen := map[string]bool{}
		for _, s := range page.Suites {
			for _, one := range s.Cases {
				cases++
				if one.Failure != nil || one.Error != nil {
					failing++
				}
				if seen[one.Name] || one.Class == "" {
					t.Errorf("%s: the case %q of %q is there twice, or of no class", name, one.Name, one.Class)
				}
				seen[one.Name] = true
			}
		}
		if cases != c.cases || failing != c.failing {
			t.Errorf("%s: %d cases, of which %d fail; want %d and %d", name, cases, failing, c.cases, c.failing)
		}
	}
}

// sloAlone is a run that nothing was asked of, and that keeps no part of its SLO.
func sloAlone() *results.Run {
	run := sample()
	run.SLO = gated().SLO
	return run
}

// Who has asked for no threshold has not asked for a build to stop.
func TestAnSLOThatIsNotKeptFailsNoBuild(t *testing.T) { // R5
	run := sloAlone()
	var page suites
	if err := xml.Unmarshal([]byte(render(t, "junit", run, report.Options{})), &page); err != nil {
		t.Fatal(err)
	}
	skipped := 0
	for _, s := range page.Suites {
		for _, c := range s.Cases {
			if c.Skipped != nil {
				skipped++
				if !strings.HasPrefix(c.Skipped.Message, "SLO not kept: sse: lost == 0: 12 (in 1") || c.Failure != nil || c.Error != nil {
					t.Errorf("%+v", c)
				}
			}
		}
		if s.Failures > 0 || s.Name == "slo" && (s.Skipped != 1 || s.Errors > 0) {
			t.Errorf("the suite %s: %+v", s.Name, s)
		}
	}
	if skipped != 1 {
		t.Errorf("%d cases are skipped, want the part of the SLO that is not kept", skipped)
	}
}

// junit is what readers of such files want of each element: its attributes, and its
// children in their order, as the schemas of Ant and Jenkins have them.
var junit = map[string]struct{ attributes, children []string }{
	"testsuites": {nil, []string{"testsuite"}},
	"testsuite": {[]string{"errors", "failures", "hostname", "id", "name", "package", "skipped", "tests", "time", "timestamp"},
		[]string{"properties", "testcase", "system-out", "system-err"}},
	"properties": {nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil},
	"testcase":   {[]string{"classname", "name", "time"}, []string{"skipped", "failure", "error"}},
	"skipped":    {[]string{"message"}, nil},
	"failure":    {[]string{"message", "type"}, nil},
	"error":      {[]string{"message", "type"}, nil},
	"system-out": {},
	"system-err": {},
}

// values are those of attributes that are not any text.
var values = map[string]*regexp.Regexp{
	"timestamp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`),
	"time":      regexp.MustCompile(`^\d+\.\d{3}$`),
	"tests":     regexp.MustCompile(`^\d+$`),
	"failures":  regexp.MustCompile(`^\d+$`),
	"errors":    regexp.MustCompile(`^\d+$`),
	"skipped":   regexp.MustCompile(`^\d+$`),
	"id":        regexp.MustCompile(`^\d+$`),
	"classname": regexp.MustCompile(`\S`),
	"hostname":  regexp.MustCompile(`\S`),
	"package":   regexp.MustCompile(`\S`),
}

// inCI wants the form that readers of JUnit files want.
func inCI(t rapid.TB, text string) {
	onScreen(t, text)
	type element struct {
		name     string
		children []string
	}
	open := []element{{}}
	for in := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := in.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			var attributes []string
			for _, a := range token.Attr {
				attributes = append(attributes, a.Name.Local)
				if form := values[a.Name.Local]; form != nil && !form.MatchString(a.Value) {
					t.Fatalf("%s of %s is %q", a.Name.Local, name, a.Value)
				}
			}
			slices.Sort(attributes)
			if want, known := junit[name]; !known || !slices.Equal(attributes, want.attributes) {
				t.Fatalf("%s has %q, want %q", name, attributes, want.attributes)
			}
			above := &open[len(open)-1]
			above.children = append(above.children, name)
			open = append(open, element{name: name})
		case xml.EndElement:
			done := open[len(open)-1]
			open = open[:len(open)-1]
			order := junit[done.name].children
			for i, child := range done.children {
				at := slices.Index(order, child)
				if at < 0 || i > 0 && slices.Index(order, done.children[i-1]) > at {
					t.Fatalf("%s has %q, want %q", done.name, done.children, order)
				}
			}
			if done.name == "testsuite" && len(slices.Compact(done.children)) != len(order) {
				t.Fatalf("%s lacks some of %q", done.name, order)
			}
			if done.name == "testcase" && len(done.children) > 1 {
				t.Fatalf("a case ends as %q", done.children)
			}
		}
	}
}

func TestJUnitHasTheFormThatItsReadersWant(t *testing.T) {
	for _, run := range []*results.Run{sample(), gated(), searched(), {Status: results.Failed}, {Scenario: " \n", Status: results.Complete}} {
		inCI(t, render(t, "junit", run, report.Options{File: "run.json"}))
	}
}

func TestGitHubIsToldWhatToLookAt(t *testing.T) {
	golden(t, "gated.github", render(t, "github", gated(), report.Options{File: "run.json"}))
}

func TestASummaryOfItsOwnLeavesAnnotationsAlone(t *testing.T) {
	both := render(t, "github", gated(), report.Options{})
	var summary bytes.Buffer
	alone := render(t, "github", gated(), report.Options{Summary: &summary})
	if !strings.HasPrefix(alone, "::error title=") || strings.Contains(alone, "\n\n") || strings.Contains(alone, "|") {
		t.Errorf("annotations:\n%s", alone)
	}
	if alone+"\n"+summary.String() != both || !strings.HasPrefix(summary.String(), "## pushbench: quick\n") {
		t.Errorf("together they are not what is written in one:\n%s", summary.String())
	}
}

// GitHub shows ten annotations of a kind, and no summary above a mebibyte.
func TestWhatGitHubWouldDropIsSaid(t *testing.T) {
	run := gated()
	for i := range 30 {
		run.Thresholds = append(run.Thresholds, results.Judgment{Expr: fmt.Sprintf("lost < %d", -i)})
		run.Machine.Warnings = append(run.Machine.Warnings, strings.Repeat("busy ", 20_000))
	}
	var summary bytes.Buffer
	lines := strings.Split(strings.TrimSpace(render(t, "github", run, report.Options{Summary: &summary})), "\n")
	last := map[string]string{}
	count := map[string]int{}
	for _, line := range lines {
		kind, _, _ := strings.Cut(line, " ")
		last[kind] = line
		count[kind]++
	}
	want := map[string]string{
		// unfinished, 32 thresholds, a row that is not ranked
		"::error":   "::error title=and more::25 more are in the job summary",
		"::warning": "::warning title=and more::",
	}
	for kind, text := range want {
		if count[kind] != 10 || !strings.HasPrefix(last[kind], text) {
			t.Errorf("%d times %s, the last %.100q, want 10 and %q", count[kind], kind, last[kind], text)
		}
	}
	if n := summary.Len(); n > 1<<20 || n < 1<<19 || !strings.HasSuffix(summary.String(), "`pushbench report` shows all of it.\n") {
		t.Errorf("a summary of %d bytes that ends in %q", n, summary.String()[max(0, n-80):])
	}
}

func TestALineOfNDJSONSaysWhatItIs(t *testing.T) { // R2
	run := gated()
	run.Costs = []results.Cost{{Transport: "ws", Stack: "std", CPU: []results.Coefficient{{Name: "base", Unit: "µs/s", Median: 5}}}}
	run.Capacity = searched().Capacity[:1]
	types := map[string]int{}
	for line := range strings.Lines(render(t, "ndjson", run, report.Options{})) {
		var l struct {
			Type, Scenario string
			Started        time.Time
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Scenario != "quick" || !l.Started.Equal(run.Started) {
			t.Errorf("of which run is %s", line)
		}
		types[l.Type]++
	}
	metrics := types["metric"]
	delete(types, "metric")
	reasons := types["reason"]
	delete(types, "reason")
	if diff := cmp.Diff(map[string]int{"run": 1, "cost": 1, "capacity": 1, "threshold": 3, "slo": 1}, types); diff != "" || metrics < 100 || reasons < 4 {
		t.Errorf("%d metrics, %d reasons, and (-want +got):\n%s", metrics, reasons, diff)
	}
	if first, _, _ := strings.Cut(render(t, "ndjson", run, report.Options{}), "\n"); !strings.HasPrefix(first, `{"type":"run","scenario":"quick","started":"2026-11-21T10:20:30.456+01:00","schema":1,"status":"interrupted"`) {
		t.Errorf("the first line is %s", first)
	}
}

func TestNamesAreTheSameInAllFormatsForPrograms(t *testing.T) { // R6
	for _, name := range []string{"a|b", "two\nlines", "東京", "\x1b[31m", "<b>", `back\slash`, "::error::", "##[x]"} {
		run := sample()
		for i := range run.Trials {
			run.Trials[i].Transport = name
		}
		var d document
		if err := json.Unmarshal([]byte(render(t, "json", run, report.Options{})), &d); err != nil || d.Rows[0].Transport != name {
			t.Errorf("%q in JSON: %v", name, err)
		}
		lines := strings.Split(render(t, "ndjson", run, report.Options{}), "\n")
		var l struct{ Transport string }
		if err := json.Unmarshal([]byte(lines[1]), &l); err != nil || l.Transport != name {
			t.Errorf("%q in NDJSON: %v", name, err)
		}
		tables := pasted(render(t, "markdown", run, report.Options{}))
		shown := drawn(render(t, "table", run, report.Options{Width: 1000}))
		if want := shown[0][0][0]; tables[0].lines[0][0] != want {
			t.Errorf("%q is %q in Markdown, and %q on a terminal", name, tables[0].lines[0][0], want)
		}
	}
}
