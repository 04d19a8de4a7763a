package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/choose"
	"pushbench/results/report"
	"pushbench/scenarios"
)

// measuredRun is the run that the answers below are predicted from.
const measuredRun = "../../results/published/choose/run.json"

// Five products, and what is answered: whoever doubts an answer can follow it line
// by line.
func TestAProductIsAnsweredWithItsReasons(t *testing.T) {
	profiles, err := filepath.Glob("testdata/choose/*.yaml")
	if err != nil || len(profiles) < 5 {
		t.Fatalf("%d profiles: %v", len(profiles), err)
	}
	for _, profile := range profiles {
		name := strings.TrimSuffix(filepath.Base(profile), ".yaml")
		t.Run(name, func(t *testing.T) {
			for _, format := range []string{"table", "json"} {
				var out, errs bytes.Buffer
				if code := run(t.Context(), []string{"choose", profile, "--run", measuredRun, "--format", format}, nil, &out, &errs); code != 0 {
					t.Fatalf("exit code %d: %s", code, &errs)
				}
				golden := filepath.Join("testdata", "choose", name+"."+format)
				if *update {
					if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if want := readFile(t, golden); !bytes.Equal(out.Bytes(), want) {
					t.Errorf("%s is answered with\n%s\nwant (-update accepts it)\n%s", name, &out, want)
				}
			}
		})
	}
}

// A run is read with the histograms that are looked at, and no others: what is left
// out must change nothing.
func TestAnAnswerIsTheSameFromTheHistogramsThatItNeeds(t *testing.T) {
	var answers [2][]byte
	for i, histograms := range [][]string{nil, choose.Histograms} {
		run, err := results.Load(measuredRun, histograms...)
		if err != nil {
			t.Fatal(err)
		}
		if few := len(run.Trials[0].Histograms) == len(choose.Histograms); few != (i == 1) {
			t.Fatalf("with %q a trial has %d histograms", histograms, len(run.Trials[0].Histograms))
		}
		model, err := choose.Learn(run)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"stock-ticker", "support-chat", "mobile-notifications", "live-scores", "admin-dashboard"} {
			profile, err := scenarios.ReadProfile("testdata/choose/" + file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(model.Decide(asked(profile), nil))
			if err != nil {
				t.Fatal(err)
			}
			answers[i] = append(answers[i], text...)
		}
	}
	if !bytes.Equal(answers[0], answers[1]) {
		t.Errorf("with all histograms the answers are\n%s\nand without\n%s", answers[0], answers[1])
	}
}

// From a saved run to an answer in less than a tenth of a second.
func BenchmarkChoose(b *testing.B) {
	profile, err := scenarios.ReadProfile("testdata/choose/stock-ticker.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		run, err := results.Load(measuredRun, choose.Histograms...)
		if err != nil {
			b.Fatal(err)
		}
		model, err := choose.Learn(run)
		if err != nil {
			b.Fatal(err)
		}
		if err := report.AnswerFormats[0].Write(new(bytes.Buffer), model.Decide(asked(profile), nil), report.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
