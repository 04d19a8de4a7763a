package report_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/report"
)

// priced is a run with costs: with intervals, without, and with terms that were
// not told.
func priced() *results.Run {
	one := func(name, unit string, median, half float64) results.Coefficient {
		c := results.Coefficient{Name: name, Unit: unit, Median: median}
		if half > 0 {
			lo, hi := median-half, median+half
			c.Lo, c.Hi = &lo, &hi
		}
		return c
	}
	run := exported()
	run.Costs = []results.Cost{
		{
			Transport: "poll", Stack: "std", CPUMisfit: 0.0612, MemoryMisfit: 0.011,
			CPU:    []results.Coefficient{one("base", "µs/s", 912.3, 40), one("client", "µs/s", 0.41, 0.6), one("delivery", "µs", 1.52, 0.2)},
			Memory: []results.Coefficient{one("base", "B", 9<<20, 1<<18), one("heap", "B", 3210, 100), one("stacks", "B", 4096, 1), one("sockets", "B", 0, 0), one("kernel", "B", 5120, 0), one("resident", "B", 8123, 321)},
			Notes:  []string{"requests go with the other terms at these loads, and what they take is in those"},
		},
		{Transport: "sse", Stack: "std", CPU: []results.Coefficient{one("base", "µs/s", 712, 0), one("delivery", "µs", 9.12, 0)}, CPUMisfit: 0.002},
	}
	return run
}

// section is a table's lines, without its head.
func section(text, head string) [][]string {
	var lines [][]string
	for line := range strings.Lines(text[strings.Index(text, head):]) {
		if fields := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), -1); len(fields) > 1 {
			lines = append(lines, fields)
		} else if len(lines) > 2 {
			break
		}
	}
	return lines[2:]
}

func TestCostsAreShownWithTheirIntervals(t *testing.T) {
	run := priced()
	table := render(t, "table", run, report.Options{Width: 200})
	want := [][]string{
		{"poll", "912 (872 to 952)", "0.410 (-0.190 to 1.01)", "1.52 (1.32 to 1.72)", "–", "6.1 %"},
		{"sse", "712", "–", "9.12", "–", "0.2 %"},
	}
	if diff := cmp.Diff(want, section(table, "server CPU  ")); diff != "" {
		t.Errorf("CPU (-want +got): %s\n%s", diff, table)
	}
	want = [][]string{
		{"poll", "9 (8.75 to 9.25)", "3.13 (3.04 to 3.23)", "4 (4.00 to 4.00)", "0", "5", "7.93 (7.62 to 8.25)", "1.1 %"},
		{"sse", "–", "–", "–", "–", "–", "–", "–"},
	}
	if diff := cmp.Diff(want, section(table, "server memory  ")); diff != "" {
		t.Errorf("memory (-want +got): %s\n%s", diff, table)
	}
	markdown := render(t, "markdown", run, report.Options{})
	for _, text := range []string{table, markdown} {
		flat := strings.Join(strings.Fields(text), " ")
		if strings.Count(flat, "costs of poll: requests go with") != 1 || strings.Count(flat, "in a second is the base") != 1 {
			t.Errorf("notes are missing in\n%s", text)
		}
	}
	if !regexp.MustCompile(`\| poll +\| +912 \(872 to 952\) \|`).MatchString(markdown) {
		t.Errorf("no costs in\n%s", markdown)
	}
	for _, format := range []string{"table", "markdown", "csv", "json"} {
		if plain := render(t, format, exported(), report.Options{}); strings.Contains(plain, "cost") || strings.Contains(plain, "server CPU  ") {
			t.Errorf("%s of a run without costs:\n%s", format, plain)
		}
	}
}

func TestServersOfSeveralStacksAreToldApart(t *testing.T) {
	run := priced()
	run.Costs[1].Transport, run.Costs[1].Stack = "poll", "lean"
	lines := section(render(t, "table", run, report.Options{}), "server CPU  ")
	if lines[0][0] != "poll/std" || lines[1][0] != "poll/lean" {
		t.Errorf("%q and %q", lines[0][0], lines[1][0])
	}
}

func TestAllFormatsShowTheSameCosts(t *testing.T) { // R9
	run := priced()
	rapid.Check(t, func(t *rapid.T) {
		all := []*float64{&run.Costs[0].CPUMisfit, &run.Costs[0].MemoryMisfit}
		for _, of := range [][]results.Coefficient{run.Costs[0].CPU, run.Costs[0].Memory, run.Costs[1].CPU} {
			for i := range of {
				all = append(all, &of[i].Median)
			}
		}
		for _, v := range all {
			*v = rapid.Float64Range(0, 1e7).Draw(t, "amount")
		}
		out := map[string]string{}
		for _, name := range []string{"table", "csv", "json"} {
			f, err := report.Formats.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := f.Write(&b, run, report.Options{Width: 200}); err != nil {
				t.Fatal(err)
			}
			out[name] = b.String()
		}
		var d struct{ Costs []results.Cost }
		if err := json.Unmarshal([]byte(out["json"]), &d); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(run.Costs, d.Costs); diff != "" {
			t.Fatalf("JSON: %s", diff)
		}
		records, err := csv.NewReader(strings.NewReader(out["csv"])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		lines := map[string][]string{}
		for _, r := range records {
			if strings.HasPrefix(r[8], "cost_") {
				lines[r[1]+" "+r[8]] = r
			}
		}
		shown := section(out["table"], "server CPU  ")
		for i, c := range run.Costs {
			for name, of := range map[string][]results.Coefficient{"cpu": c.CPU, "memory": c.Memory} {
				for _, one := range of {
					r := lines[c.Transport+" cost_"+name+"_"+one.Name]
					if r == nil {
						t.Fatalf("no %s %s of %s in the CSV", name, one.Name, c.Transport)
					}
					median, _ := strconv.ParseFloat(r[10], 64)
					if median != one.Median || r[9] != one.Unit || (r[11] == "") != (one.Lo == nil) || (r[12] == "") != (one.Hi == nil) {
						t.Fatalf("%v in the CSV, want %+v", r, one)
					}
				}
			}
			column := map[string]int{"base": 1, "client": 2, "delivery": 3, "request": 4}
			for _, one := range c.CPU {
				text, _, _ := strings.Cut(shown[i][column[one.Name]], " ")
				if v, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(v-one.Median) > 0.005*one.Median {
					t.Fatalf("%s of %s is %q in the table, want %v", one.Name, c.Transport, text, one.Median)
				}
			}
		}
		if want := 9 + 2 + 2 + 1; len(lines) != want {
			t.Fatalf("%d lines in the CSV, want %d: misfits only of what was fitted", len(lines), want)
		}
	})
}

// What is the same of several servers is said once.
func TestWhatCostsHaveInCommonIsSaidOnce(t *testing.T) {
	run := priced()
	const note = "requests go with the other terms at these loads, and what they take is in those"
	run.Costs[1].Notes = []string{note, "something of its own"}
	text := render(t, "table", run, report.Options{Width: 400})
	if n := strings.Count(text, note); n != 1 {
		t.Errorf("said %d times", n)
	}
	for _, want := range []string{"costs of poll, sse: " + note, "costs of sse: something of its own"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}
