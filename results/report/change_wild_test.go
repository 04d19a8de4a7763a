package report_test

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/change"
	"pushbench/results/report"
	"pushbench/results/resultstest"
	"pushbench/results/threshold"
)

// compares wants every format to hold what two runs say of each other, in a form that
// its readers know.
func compares(t rapid.TB, old, now *results.Run) {
	var names []string
	for _, m := range results.Metrics {
		names = append(names, m.Name)
	}
	c := change.Between(change.Side{File: "\x1b[2J.json", Run: old}, change.Side{File: "=1+1|", Run: now}, names)
	for _, text := range []string{"latency_p99 > +10%", "throughput < -5%", "capacity < -5%"} {
		g, err := threshold.ParseGate(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Judge([]threshold.Gate{g})
	}
	for _, f := range report.ChangeFormats {
		var b bytes.Buffer
		if err := f.Write(&b, c, report.Options{}); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		switch f.Name {
		case "markdown": // whose head is not of the table of a run
			onScreen(t, b.String())
			if found := markup.FindString(b.String()); found != "" {
				t.Fatalf("%q is markup in %s", found, &b)
			}
		case "csv":
			inComparedSheet(t, b.String())
		default:
			forms[f.Name](t, b.String())
		}
	}
	for _, text := range report.Failures(c) {
		onScreen(t, text)
	}
	onScreen(t, report.Mismatches(c, change.Load))
	if tally := c.Tally(); tally.Differ() > tally.Compared {
		t.Fatalf("%+v", tally)
	}
}

// inComparedSheet wants a number or a text that is no formula in each cell.
func inComparedSheet(t rapid.TB, text string) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll() // which wants the same number of fields in each
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, line := range lines {
		for _, cell := range line {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Fatalf("%q is a formula", cell)
			}
		}
	}
}

func TestWhateverTwoFilesHoldIsCompared(t *testing.T) { // R6, R11
	rapid.Check(t, func(t *rapid.T) {
		old := resultstest.Wild(t)
		if rapid.Bool().Draw(t, "itself") {
			compares(t, old, old)
		} else {
			compares(t, old, resultstest.Wild(t))
		}
	})
}
