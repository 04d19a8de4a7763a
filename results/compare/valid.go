package compare

import "pushbench/results"

// Valid are the cell's valid trials, in the order of the run.
func Valid(run *results.Run, c results.Cell) []*results.Trial {
	var valid []*results.Trial
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Verdict.State == results.Valid && key(t.Cell) == key(c) {
			valid = append(valid, t)
		}
	}
	return valid
}
