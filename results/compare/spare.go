package compare

import (
	"slices"

	"pushbench/results"
)

// SparesHelp says whether more blocks, so many at most, may give an interval to cells
// that have none, because trials of theirs are not valid. It looks at nothing but
// verdicts: a run that went on until its numbers please would find what it likes.
func SparesHelp(run *results.Run, spares int) bool {
	valid := map[string]int{}
	spoilt := map[int][]string{} // cells by block
	for i := range run.Trials {
		t := &run.Trials[i]
		if k := key(t.Cell); t.Verdict.State == results.Valid {
			valid[k]++
		} else {
			spoilt[t.Block] = append(spoilt[t.Block], k)
		}
	}
	// A ratio needs both its cells in one block, so blocks count in which all
	// cells are valid that can have an interval at all.
	whole := run.Blocks()
	for _, cells := range spoilt {
		if slices.ContainsFunc(cells, func(k string) bool { return valid[k]+spares >= MinTrials }) {
			whole--
		}
	}
	return whole < MinTrials && whole+spares >= MinTrials
}
