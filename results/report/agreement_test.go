package report_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/report"
	"pushbench/results/resultstest"
)

// A number of a row, as a format has it.
type stat struct {
	median, max float64
	lo, hi      *float64
	n           int
}

func (s stat) String() string {
	end := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', -1, 64)
	}
	return fmt.Sprint(s.median, "|", end(s.lo), "|", end(s.hi), "|", s.max)
}

// all renders a run in every format that can hold it.
func all(t rapid.TB, run *results.Run) map[string]string {
	out := map[string]string{}
	for _, f := range report.Formats {
		if !f.Single {
			out[f.Name] = render(t, f.Name, run, report.Options{Width: 1 << 20})
		}
	}
	return out
}

func TestAllFormatsTellTheSameNumbers(t *testing.T) { // R9
	rapid.Check(t, func(t *rapid.T) {
		run := resultstest.Tame(t)
		out := all(t, run)
		var d document
		decoder := json.NewDecoder(strings.NewReader(out["json"]))
		decoder.DisallowUnknownFields() // the form is a promise
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		numbers := fromJSON(d)
		agree(t, "csv", numbers, fromCSV(t, out["csv"]))
		agree(t, "ndjson", numbers, fromNDJSON(t, out["ndjson"]))
		below(t, run, d, out["csv"])
		sameElements(t, out["json"], out["ndjson"])
		onPageToo(t, pasted(out["markdown"]), out["html"])
		tablesAgree(t, d, pasted(out["markdown"]), drawn(out["table"]))
		benchmarksAgree(t, run, d, out["benchfmt"])
		judgmentsAgree(t, run, out)
		intervalsAgree(t, run, out["hlog"])
		if !strings.HasSuffix(out["github"], out["markdown"]) {
			t.Fatalf("the job summary is not the Markdown:\n%s", out["github"])
		}
	})
}

func agree(t *rapid.T, format string, want, got map[string]stat) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[key]; !there {
			t.Fatalf("%s has no %s", format, key)
		}
		if got[key].String() != want[key].String() {
			t.Fatalf("%s of %s: %s in JSON, %s in %s", key, format, want[key], got[key], format)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d numbers in %s, %d in JSON", len(got), format, len(want))
	}
}

// rowKey is a metric of a row, or what is told under the name of one.
func rowKey(transport, stack string, axes map[string]string, arm, metric string) string {
	var words []string
	for _, axis := range slices.Sorted(maps.Keys(axes)) {
		words = append(words, axis+"="+axes[axis])
	}
	if arm != "" {
		words = append(words, "arm="+arm)
	}
	return strings.Join([]string{transport, stack, strings.Join(words, " "), metric}, ";")
}

func fromJSON(d document) map[string]stat {
	numbers := map[string]stat{}
	for _, r := range d.Rows {
		for name, m := range r.Metrics {
			numbers[rowKey(r.Transport, r.Stack, r.Axes, r.Arm, name)] = stat{median: m.Median, max: m.Max, lo: m.Lo, hi: m.Hi}
		}
	}
	return numbers
}

// fromCSV leaves out what stands below the rows.
func fromCSV(t *rapid.T, text string) map[string]stat {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(text string) *float64 {
		if text == "" {
			return nil
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return &v
	}
	numbers := map[string]stat{}
	for _, r := range records[1:] {
		if r[4] != "" { // a verdict
			numbers[strings.Join([]string{r[1], r[2], r[3], r[8]}, ";")] = stat{median: *number(r[10]), lo: number(r[11]), hi: number(r[12]), max: *number(r[13])}
		}
	}
	return numbers
}

func fromNDJSON(t *rapid.T, text string) map[string]stat {
	numbers := map[string]stat{}
	for line := range strings.Lines(text) {
		var l struct {
			Type, Transport, Stack, Arm, Metric string
			Axes                                map[string]string
			Median, Max                         float64
			Lo, Hi                              *float64
			N                                   int
			Values                              []float64
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Type != "metric" {
			continue
		}
		numbers[rowKey(l.Transport, l.Stack, l.Axes, l.Arm, l.Metric)] = stat{median: l.Median, max: l.Max, lo: l.Lo, hi: l.Hi}
		sorted := slices.Sorted(slices.Values(l.Values))
		n := len(sorted)
		if n != l.N || n == 0 {
			t.Fatalf("%d values of %d: %s", n, l.N, line)
		}
		if median := (sorted[(n-1)/2] + sorted[n/2]) / 2; math.Abs(median-l.Median) > 1e-9*math.Abs(median) || sorted[n-1] != l.Max {
			t.Fatalf("the median of the values is %v, their largest %v: %s", median, sorted[n-1], line)
		}
	}
	return numbers
}
