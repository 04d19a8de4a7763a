package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/change"
	"pushbench/results/report"
	"pushbench/results/threshold"
)

// compared are the sample run and the same after a change: ws got slower and takes less
// CPU, sse loses events in one trial, longpoll is not ranked, poll is gone and pigeon new.
func compared(t testing.TB) *change.Changes {
	t.Helper()
	old, now := sample(), sample()
	for i := range now.Trials {
		one := &now.Trials[i]
		switch one.Transport {
		case "ws":
			one.Usage.ServerCPU = one.Usage.ServerCPU * time.Duration(80+one.Block) / 100
			one.Usage.ServerFullRSS -= int64(one.Block) << 16
			one.Histograms[results.Latency].RecordN(time.Duration(30+one.Block)*time.Millisecond, 2000)
		case "sse":
			one.Traffic.DownBytes += 17_000
		case "poll":
			one.Transport = "pigeon"
		}
	}
	old.Started = time.Date(2026, 11, 21, 10, 20, 30, 0, time.UTC)
	now.Started = old.Started.Add(2 * time.Hour)
	now.Machine.Kernel, now.Machine.Binary = "6.19", "0123456789abcdef"
	changes := change.Between(change.Side{File: "old.json", Run: old}, change.Side{File: "new.json", Run: now}, change.Usual(now))
	var gates []threshold.Gate
	for _, text := range []string{"ws:latency_p99 > +10%", "server_cpu_per_event > +10%", "pigeon:lost > 0%"} {
		g, err := threshold.ParseGate(text)
		if err != nil {
			t.Fatal(err)
		}
		gates = append(gates, g)
	}
	changes.Judge(gates)
	return changes
}

func renderChange(t testing.TB, format string, c *change.Changes, o report.Options) string {
	t.Helper()
	return rendering(t, report.ChangeFormats, format, c, o)
}

func TestEachFormatOfAComparisonIsAsInItsGoldenFile(t *testing.T) { // R6
	for _, f := range report.ChangeFormats {
		golden(t, "compared."+f.Name, renderChange(t, f.Name, compared(t), report.Options{}))
	}
}

func TestTheTableOfAComparisonFitsAScreenOf80(t *testing.T) { // R6
	for _, width := range []int{120, 80} {
		got := renderChange(t, "table", compared(t), report.Options{Width: width})
		for line := range strings.Lines(got) {
			if n := twwidth.Width(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns on a screen of %d: %q", n, width, line)
			}
		}
		if tables := strings.Count(got, "───\n"); tables != 2 {
			t.Errorf("%d tables at width %d, want one for each row that is compared:\n%s", tables, width, got)
		}
	}
}

func TestColourOfAComparisonSaysNothingThatWordsDoNot(t *testing.T) {
	plain := renderChange(t, "table", compared(t), report.Options{})
	colored := renderChange(t, "table", compared(t), report.Options{Color: true})
	stripped := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(colored, "")
	if stripped == colored || strings.Contains(plain, "\x1b") {
		t.Error("colours are not where they were asked for")
	}
	trim := func(s string) string { return regexp.MustCompile(` +\n`).ReplaceAllString(s, "\n") }
	if diff := cmp.Diff(trim(plain), trim(stripped)); diff != "" {
		t.Errorf("with colour (-without +with):\n%s", diff)
	}
}

func TestHostileNamesOfTwoRunsStayOnTheirLine(t *testing.T) { // R6, X10
	c := compared(t)
	hostile := "\x1b[31mred|\n<b>"
	c.Old.File, c.New.Scenario = hostile, hostile
	c.Mismatches = append(c.Mismatches, change.Mismatch{Kind: change.Load, Key: hostile, Old: hostile})
	for i := range c.Rows {
		if c.Rows[i].Transport == "ws" {
			c.Rows[i].Transport = hostile
		}
	}
	table := renderChange(t, "table", c, report.Options{Width: 500})
	if strings.Contains(table, "\x1b") || strings.Contains(table, "red|\n") {
		t.Errorf("table:\n%q", table)
	}
	marks := renderChange(t, "markdown", c, report.Options{})
	if strings.Contains(marks, "<b>") || strings.Contains(marks, "\x1b") || strings.Contains(marks, "red|") && !strings.Contains(marks, `red\|`) {
		t.Errorf("markdown:\n%q", marks)
	}
	if text := report.Mismatches(c, change.Load); strings.ContainsAny(text, "\x1b\n") {
		t.Errorf("mismatches %q", text)
	}
}

// What JSON, CSV and the table say of a number is the same.
func TestNumbersOfAComparisonAgreeInAllFormats(t *testing.T) { // R9
	rapid.Check(t, func(t *rapid.T) {
		old, now := sample(), sample()
		scale := rapid.Float64Range(0.2, 5).Draw(t, "scale")
		noise := rapid.SliceOfN(rapid.Float64Range(0.9, 1.1), len(now.Trials), len(now.Trials)).Draw(t, "noise")
		for i := range now.Trials {
			u := &now.Trials[i].Usage
			u.ServerCPU = time.Duration(float64(u.ServerCPU) * scale * noise[i])
		}
		c := change.Between(change.Side{Run: old}, change.Side{Run: now}, []string{"server_cpu_per_event"})
		var b bytes.Buffer
		if f, _ := report.ChangeFormats.Named("json"); f.Write(&b, c, report.Options{}) != nil {
			t.Fatal("no JSON")
		}
		var document struct {
			Rows []struct {
				Transport string
				Metrics   map[string]struct {
					Old, New         struct{ Median float64 }
					Ratio, Lo, Hi, P *float64
					Change           string
				}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if f, _ := report.ChangeFormats.Named("csv"); f.Write(&b, c, report.Options{}) != nil {
			t.Fatal("no CSV")
		}
		lines, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if f, _ := report.ChangeFormats.Named("table"); f.Write(&b, c, report.Options{}) != nil {
			t.Fatal("no table")
		}
		table := strings.Split(b.String(), "\n")
		seen := 0
		for _, row := range document.Rows {
			m, ok := row.Metrics["server_cpu_per_event"]
			if !ok {
				continue
			}
			seen++
			for _, line := range lines[1:] {
				if line[0] != row.Transport || line[3] == "" {
					continue
				}
				for column, want := range map[int]*float64{5: &m.Old.Median, 9: &m.New.Median, 13: m.Ratio, 14: m.Lo, 15: m.Hi, 16: m.P} {
					if got, _ := strconv.ParseFloat(line[column], 64); want == nil && line[column] != "" || want != nil && got != *want {
						t.Fatalf("%s in CSV: %v, in JSON %v", lines[0][column], line[column], want)
					}
				}
				if line[17] != m.Change {
					t.Fatalf("%q in CSV, %q in JSON", line[17], m.Change)
				}
			}
			for i, line := range table {
				if !strings.HasPrefix(strings.TrimSpace(line), row.Transport+" ") {
					continue
				}
				for _, below := range table[i:] {
					fields := strings.Fields(below)
					if len(fields) < 6 || fields[0] != "server_cpu_per_event" {
						continue
					}
					shown, _ := strconv.ParseFloat(fields[4], 64)
					if m.Ratio == nil || math.Abs(shown / *m.Ratio - 1) > 0.005 {
						t.Fatalf("the table says %s, JSON %v", below, m.Ratio)
					}
					break
				}
			}
		}
		if seen < 3 {
			t.Fatalf("%d rows in %s", seen, b.String())
		}
	})
}

func TestAComparisonInJSONIsWhatItWasPromisedToBe(t *testing.T) { // R2
	var d map[string]json.RawMessage
	if err := json.Unmarshal([]byte(renderChange(t, "json", compared(t), report.Options{})), &d); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"schema", "old", "new", "mismatches", "compared", "differ", "differ_by_chance", "rows", "gates"} {
		if _, ok := d[member]; !ok {
			t.Errorf("no member %q", member)
		}
	}
	empty := change.Between(change.Side{Run: &results.Run{}}, change.Side{Run: &results.Run{}}, nil)
	for _, f := range report.ChangeFormats {
		if text := renderChange(t, f.Name, empty, report.Options{}); strings.Contains(text, "null") && f.Name == "json" && !strings.Contains(text, `"rows": []`) {
			t.Errorf("of nothing, %s is %s", f.Name, text)
		}
	}
}

func TestTwoSearchesAreComparedInWhatTheyHaveFound(t *testing.T) {
	search := func(value, lo, hi float64) change.Side {
		c := results.Capacity{Transport: "ws", Stack: "std", Key: "clients", Value: &value, Lo: &lo, Hi: &hi, Ended: results.EndedKnee}
		down := results.Capacity{Transport: "poll", Stack: "std", Key: "clients", Ended: results.EndedTop, AtLeast: true, Value: &value, Lo: &lo}
		return change.Side{Run: &results.Run{Status: results.Complete, Capacity: []results.Capacity{down, c}}}
	}
	c := change.Between(search(1000, 900, 1100), search(2000, 1800, 2200), nil)
	got := renderChange(t, "table", c, report.Options{})
	for _, want := range []string{
		`poll clients +≥ 1000 +900 to – +≥ 2000 +1800 to – +2\.000 +~`,
		`ws clients +1000 +900 to 1100 +2000 +1800 to 2200 +2\.000 +better`,
	} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if text := renderChange(t, "csv", c, report.Options{}); !strings.Contains(text, "ws,std,,capacity_clients,,1000,900,1100,0,2000,1800,2200,0,,,,,better") {
		t.Errorf("CSV:\n%s", text)
	}
}

func TestRatiosNearOneCanBeToldFromIt(t *testing.T) {
	old, now := sample(), sample()
	for i := range now.Trials {
		now.Trials[i].Traffic.DownBytes += 40
	}
	c := change.Between(change.Side{Run: old}, change.Side{Run: now}, []string{"down_bytes_per_event"})
	got := renderChange(t, "table", c, report.Options{})
	if !regexp.MustCompile(`1\+1e-5 +1\+1e-5–1\+1e-5`).MatchString(got) || !strings.Contains(got, "worse") {
		t.Errorf("a ratio above one is shown as one:\n%s", got)
	}
	if strings.Contains(got, fmt.Sprintf("%g", math.Inf(1))) {
		t.Errorf("infinite:\n%s", got)
	}
}
