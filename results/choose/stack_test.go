package choose

import (
	"encoding/json"
	"slices"
	"testing"

	"pushbench/results"
	"pushbench/results/resultstest"
)

// besides is the run with every trial on another stack, where it takes next to
// nothing, and with a baseline.
func besides(run *results.Run) *results.Run {
	all := *run
	all.Trials = slices.Clone(run.Trials)
	for _, one := range run.Trials {
		one.Stack = "lean"
		one.Usage.ServerCPU /= 20
		all.Trials = append(all.Trials, one)
		if one.Transport == "ws" {
			one.Transport = results.Baseline
			all.Trials = append(all.Trials, one)
		}
	}
	return &all
}

func TestOtherStacksAndTheBaselineDecideNothing(t *testing.T) {
	run := resultstest.Star(resultstest.Truths(), 6, 0.02, 1)
	var answers []string
	for _, run := range []*results.Run{run, besides(run)} {
		m, err := Learn(run)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(m.Decide(usual(), nil))
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, string(text))
	}
	if answers[0] != answers[1] {
		t.Errorf("beside lean and the baseline the answer is\n%s\nand without\n%s", answers[1], answers[0])
	}
}
