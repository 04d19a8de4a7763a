package compare

import (
	"slices"

	"pushbench/results"
)

// Trials are the cell's, in the order of the run.
func Trials(run *results.Run, c results.Cell) []*results.Trial {
	var all []*results.Trial
	for i := range run.Trials {
		if t := &run.Trials[i]; same(t.Cell, c) {
			all = append(all, t)
		}
	}
	return all
}

// Valid are the cell's valid trials, in the order of the run.
func Valid(run *results.Run, c results.Cell) []*results.Trial {
	return slices.DeleteFunc(Trials(run, c), func(t *results.Trial) bool { return t.Verdict.State != results.Valid })
}

// Used are the trials that the row's metrics are of.
func (r Row) Used(run *results.Run) []*results.Trial {
	if r.Ranked {
		return Valid(run, r.Cell)
	}
	return Trials(run, r.Cell)
}

// Counted are the trials of each of the run's cells by their verdict, in the order in
// which the cells appear.
func Counted(run *results.Run) []Counts {
	var all []Counts
	index := map[string]int{}
	for i := range run.Trials {
		t := &run.Trials[i]
		at, seen := index[key(t.Cell)]
		if !seen {
			at = len(all)
			index[key(t.Cell)] = at
			all = append(all, Counts{})
		}
		all[at].Count(t.Verdict.State)
	}
	return all
}
