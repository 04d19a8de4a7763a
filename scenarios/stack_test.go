package scenarios_test

import (
	"slices"
	"testing"

	"pushbench/results"
	"pushbench/scenarios"
)

func TestARunMeasuresTheStacksThatAreAskedFor(t *testing.T) {
	for text, want := range map[string][]string{
		"":              {"std"},
		"stack: std\n":  {"std"},
		"stack: lean\n": {"lean"},
		"stack: both\n": {"std", "lean"},
	} {
		s, err := scenarios.Decode("x.yaml", []byte(text+"schedule: {rate: 1/s}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Built(); !slices.Equal(got, want) {
			t.Errorf("%q builds %v, want %v", text, got, want)
		}
	}
}

func TestTheBaselineIsMeasuredBesideWhatIsCompared(t *testing.T) {
	for text, want := range map[string][]string{
		"transports: [sse, ws]\n":                       {"sse", "ws"},
		"transports: [sse, ws]\nbaseline: true\n":       {"sse", "ws", results.Baseline},
		"transports: [" + results.Baseline + ", ws]\n":  {results.Baseline, "ws"},
		"transports: [tcp, ws]\nbaseline: true\n":       {"tcp", "ws"},
		"transports: [sse, ws]\nbaseline: false\n":      {"sse", "ws"},
		"transports: [ws]\nbaseline: true\nseed: 3\n":   {"ws", "tcp"},
		"transports: [poll, ws, sse]\nbaseline: true\n": {"poll", "ws", "sse", "tcp"},
	} {
		s, err := scenarios.Decode("x.yaml", []byte(text+"schedule: {rate: 1/s}\n"))
		if err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(s.Transports)
		if got := s.WithBaseline(); !slices.Equal(got, want) {
			t.Errorf("%q measures %v, want %v", text, got, want)
		}
		if !slices.Equal(s.Transports, before) {
			t.Errorf("%q: asking what is measured has changed what is compared to %v", text, s.Transports)
		}
	}
}
