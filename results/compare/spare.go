package compare

import (
	"pushbench/results"
)

// SparesHelp says whether more blocks, so many at most, may give an interval to two
// cells that have none between them, because trials of theirs are not valid. It looks
// at nothing but verdicts: a run that went on until its numbers please would find what
// it likes.
func SparesHelp(run *results.Run, spares int) bool {
	valid := map[string]map[int]bool{} // of each cell, the blocks in which it is
	for i := range run.Trials {
		t := &run.Trials[i]
		k := key(t.Cell)
		if valid[k] == nil {
			valid[k] = map[int]bool{}
		}
		if t.Verdict.State == results.Valid {
			valid[k][t.Block] = true
		}
	}
	for a := range valid {
		for b := range valid { // and of a cell with itself, whose median has one, too
			both := 0 // blocks: a ratio needs both its cells in one
			for block := range valid[a] {
				if valid[b][block] {
					both++
				}
			}
			if both < MinTrials && both+spares >= MinTrials {
				return true
			}
		}
	}
	return false
}
