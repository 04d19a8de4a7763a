package results_test

import (
	"testing"

	"pushbench/results"
)

// A machine that was in the way excuses what is late, and not what is not there.
func TestWhatTheMachineCannotHaveDoneIsAMiss(t *testing.T) { // D11
	for _, tt := range []struct {
		name   string
		answer results.Answer
		want   results.Outcome
	}{
		{"right", results.Answer{Lo: 10, Hi: 12, Have: 11, Timed: true}, results.Found},
		{"a few too many", results.Answer{Lo: 10, Hi: 12, Have: 14, Timed: true}, results.Undecided},
		{"twice as many", results.Answer{Lo: 10, Hi: 12, Have: 24, Timed: true}, results.Miss},
		{"none", results.Answer{Lo: 10, Hi: 12, Timed: true}, results.Miss},
		{"late", results.Answer{Unit: "ms", Lo: 10, Hi: 12, Have: 50, Timed: true}, results.Undecided},
		{"never measured", results.Answer{Unit: "ms", Lo: 0.1, Hi: 12, Timed: true}, results.Miss},
		{"a verdict that chance can spoil", results.Answer{Lo: 1, Hi: 1, Timed: true}, results.Undecided},
		{"one that was not to be", results.Answer{Have: 1, Timed: true}, results.Undecided},
		{"a count", results.Answer{Lo: 10, Hi: 10, Have: 9}, results.Miss},
	} {
		check := results.Check{Answers: []results.Answer{tt.answer}, Disturbed: []string{"steal"}}
		if got := check.Outcome(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
