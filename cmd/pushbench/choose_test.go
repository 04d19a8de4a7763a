package main

import (
	"bytes"
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

func TestAnInterviewFillsInAProfile(t *testing.T) {
	p := scenarios.DefaultProfile()
	var out bytes.Buffer
	// Clients, rate (wrong once), burst, audience, size, value, staleness, p99 …
	answers := "200000\noften\n2/s\n\n\n200B\nlatest\n1s\n250ms\n\n0.1/s\n\ny\n\nmaybe\nno\n\n\n"
	if err := interview(strings.NewReader(answers), &out, p); err != nil {
		t.Fatal(err)
	}
	if p.Clients != 200_000 || p.Rate != 2 || p.Value != scenarios.Latest || p.P99.String() != "250ms" || p.Uplink.Rate != 0.1 || !p.Browsers || p.BufferingProxy || p.Burst != 1 {
		t.Errorf("the answers make %+v", p)
	}
	for _, want := range []string{`clients at the same time [10000]: `, `"often" is not a rate`, `"maybe": want yes or no`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("asked without %q:\n%s", want, &out)
		}
	}
	if err := interview(strings.NewReader("5\n"), &out, p); err == nil || !strings.Contains(err.Error(), "the answers ended") {
		t.Errorf("answers that end: %v", err)
	}
}

// From a saved run to an answer in less than a tenth of a second.
func BenchmarkChoose(b *testing.B) {
	profile, err := scenarios.ReadProfile("testdata/choose/stock-ticker.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		run, err := results.Load(measuredRun)
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
