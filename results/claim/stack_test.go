package claim_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pushbench/results"
	"pushbench/results/claim"
)

func TestOtherStacksAndTheBaselineTellNothingOfAClaim(t *testing.T) {
	for _, c := range claim.Claims {
		rows, known := loads[c.Name]
		if !known {
			continue
		}
		run, other := measured(6, rows[0]...), measured(6, rows[1]...) // which tells the opposite
		alone, err := json.Marshal(judge(t, c.Name, run))
		if err != nil {
			t.Fatal(err)
		}
		both := *run
		both.Trials = slices.Clone(run.Trials)
		for _, one := range other.Trials {
			one.Stack = "lean"
			both.Trials = append(both.Trials, one)
			if one.Transport == "ws" {
				one.Transport = results.Baseline
				both.Trials = append(both.Trials, one)
			}
		}
		if beside, err := json.Marshal(judge(t, c.Name, &both)); err != nil || string(beside) != string(alone) {
			t.Errorf("%s: beside other stacks it is %s, and without %s (%v)", c.Name, beside, alone, err)
		}
	}
}
