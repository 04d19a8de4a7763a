package main

import (
	"testing"

	"pushbench/results"
)

// The signal may come before there is anything to tell of.
func TestAnInterruptedSelfTestSaysHowFarItCame(t *testing.T) {
	for _, tt := range []struct {
		test *results.SelfTest
		want string
	}{
		{nil, "interrupted before the first check"},
		{&results.SelfTest{Planned: 9, Checks: make([]results.Check, 2)}, "interrupted after 2 of 9 checks"},
	} {
		if got := interrupted(tt.test).Error(); got != tt.want {
			t.Errorf("it says %q, want %q", got, tt.want)
		}
	}
}
