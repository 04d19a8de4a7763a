package compare

import "pushbench/results"

// Helped says whether more blocks, so many at most, may give an interval to cells
// that have none, because trials of theirs are not valid. It looks at nothing but
// verdicts: a run that went on until its numbers please would find what it likes.
func Helped(run *results.Run, blocks int) bool {
	valid := map[string]int{}
	spoilt := map[int][]string{} // cells by block
	for i := range run.Trials {
		t := &run.Trials[i]
		if k := key(t.Cell); t.Verdict.State == results.Valid {
			valid[k]++
		} else {
			valid[k] += 0
			spoilt[t.Block] = append(spoilt[t.Block], k)
		}
	}
	done := 0
	for i := range run.Trials {
		done = max(done, run.Trials[i].Block+1)
	}
	// A ratio needs both its cells in one block, so blocks count in which all
	// cells are valid that can have an interval at all.
	whole := done
	for _, cells := range spoilt {
		for _, k := range cells {
			if valid[k]+blocks >= MinTrials {
				whole--
				break
			}
		}
	}
	return whole < MinTrials && whole+blocks >= MinTrials
}
