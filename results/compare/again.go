package compare

import (
	"fmt"

	"pushbench/results"
)

// again says of every cell that was measured twice how far it differs from
// itself: nothing smaller could be told from noise by this run. A difference
// that is shown is worse, for there is none.
func again(run *results.Run, rows []Row) []Finding {
	var all []Finding
	for _, second := range rows {
		first, both := twin(second, rows)
		if !both || !first.Ranked || !second.Ranked {
			continue
		}
		name := Label(first.Cell, rows)
		for _, q := range asked(run, []Row{first, second}) {
			ratio, _ := Ratio(run, q.metric, second.Cell, first.Cell)
			if ratio.Lo == nil {
				all = append(all, Finding{TooFew, "", fmt.Sprintf("A/A: nothing can be told of %s against itself: intervals need %d blocks in which both are valid, there are %d", name, MinTrials, ratio.N)})
				break
			}
			if q.noisy {
				all = append(all, resolution(q.metric, name, ratio))
			}
		}
	}
	return all
}

// twin is the row that the second one of a pair repeats.
func twin(second Row, rows []Row) (Row, bool) {
	if second.Arm == "" {
		return Row{}, false
	}
	cell := second.Cell
	cell.Arm = ""
	for _, r := range rows {
		if key(r.Cell) == key(cell) {
			return r, true
		}
	}
	return Row{}, false
}

// resolution words what a cell's ratio to itself says about the run.
func resolution(metric, name string, ratio Stat) Finding {
	m, _ := results.MetricOf(metric)
	text := fmt.Sprintf("A/A: %s against itself in %s: %s to %s: ", name, m.Title, bound(*ratio.Lo), bound(*ratio.Hi))
	least := smallest(max(*ratio.Hi, 1 / *ratio.Lo))
	if ratio.Shown() {
		return Finding{Phantom, metric, text + "THIS SET-UP SHOWS A DIFFERENCE WHERE THERE IS NONE: believe none below " + least +
			"; chance does this in one comparison of twenty: run it again"}
	}
	return Finding{Resolution, metric, text + "a difference below " + least + " could not be seen here"}
}

// smallest words a ratio above one as a difference.
func smallest(ratio float64) string {
	if ratio < 1.2 {
		return fmt.Sprintf("%.1f %%", 100*(ratio-1))
	}
	return fmt.Sprintf("%.1f×", ratio)
}
