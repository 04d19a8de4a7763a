package compare

import "pushbench/results"

// Excess is by how much a metric of cell a exceeds that of cell b, block by block, in the
// metric's unit: what both had to suffer from in a block cancels out. Only blocks
// in which both trials are valid and have the metric count. The second result is
// false without any.
func Excess(run *results.Run, metric string, a, b results.Cell) (Stat, bool) {
	of, from := byBlock(run, metric, a), byBlock(run, metric, b)
	var differences []float64
	for block, v := range of {
		if w, both := from[block]; both {
			differences = append(differences, v-w)
		}
	}
	return summary(differences)
}
