package compare_test

import (
	"testing"

	"pushbench/results"
	"pushbench/results/compare"
)

// Three transports are each spoilt in a block of its own: no block is left of the
// six in which all of three are valid, but two more give each pair its six.
func TestSparesHelpPairsWhoseBlocksAreSpoiltApart(t *testing.T) {
	run := &results.Run{}
	for block := range 6 {
		for i, transport := range []string{"longpoll", "sse", "ws"} {
			trial := results.Trial{Cell: results.Cell{Transport: transport, Stack: "std"}, Block: block}
			trial.Verdict.State = results.Valid
			if block == i {
				trial.Verdict.State = results.Suspect
			}
			run.Trials = append(run.Trials, trial)
		}
	}
	if !compare.SparesHelp(run, 2) {
		t.Error("two more blocks give each pair six, and they are said not to help")
	}
	if compare.SparesHelp(run, 0) {
		t.Error("no more blocks help")
	}
	for i := range run.Trials {
		if run.Trials[i].Transport == "sse" && run.Trials[i].Block > 2 {
			run.Trials[i].Verdict.State = results.Invalid // two are left: beyond help
		}
	}
	if !compare.SparesHelp(run, 2) {
		t.Error("the two others' comparison is given up for the third one's sake")
	}
}
