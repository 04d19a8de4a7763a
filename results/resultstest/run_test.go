package resultstest_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
	"pushbench/results/resultstest"
)

var same = cmp.Comparer(func(a, b *hdr.Histogram) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
})

// reread is the run as its file has it.
func reread(t *rapid.T, run *results.Run) *results.Run {
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	read, err := results.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// What is made up is what a file can hold: it is written, and reads back as itself.
func TestARunThatIsMadeUpIsOneOfAFile(t *testing.T) { // R11
	for kind, draw := range map[string]func(*rapid.T) *results.Run{"tame": resultstest.Tame, "wild": resultstest.Wild} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				run := draw(t)
				run.Trials = run.Trials[:min(len(run.Trials), 4)] // the others have nothing else
				read := reread(t, run)
				twice := reread(t, read)
				if diff := cmp.Diff(read, twice, same); diff != "" {
					t.Fatal(diff)
				}
			})
		})
	}
}

// Tests of what is shown need runs that have it.
func TestTameRunsHaveRankedRowsWithNumbers(t *testing.T) {
	ranked, metrics := 0, map[string]bool{}
	for seed := range 100 {
		for _, r := range compare.Rows(rapid.Custom(resultstest.Tame).Example(seed)) {
			if r.Ranked {
				ranked++
			}
			for name := range r.Metrics {
				metrics[name] = true
			}
		}
	}
	if ranked == 0 {
		t.Error("no row is ranked")
	}
	for _, m := range results.Metrics {
		if !metrics[m.Name] {
			t.Errorf("no run has %s", m.Name)
		}
	}
}
