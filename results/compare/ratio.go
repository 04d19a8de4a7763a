package compare

import (
	"maps"
	"math"

	"pushbench/results"
)

// MinTrials is how many values an exact 95 % interval of a median needs.
const MinTrials = 6

// Ratio is a metric of cell a over that of cell b, block by block: what both had
// to suffer from in a block cancels out. Only blocks in which both trials are
// valid and have the metric count, and of these only those in which it is above
// zero in both: memory can shrink by more than clients take, and no ratio tells
// by how much one is less than that. The second result is false without any.
func Ratio(run *results.Run, metric string, a, b results.Cell) (Stat, bool) {
	over, under := byBlock(run, metric, a), byBlock(run, metric, b)
	var ratios []float64
	for block, v := range over {
		w, both := under[block]
		if !both || !(v > 0 && w > 0) {
			continue
		}
		if ratio := v / w; ratio > 0 && !math.IsInf(ratio, 0) {
			ratios = append(ratios, ratio)
		}
	}
	return summary(ratios)
}

// Shown says that a ratio shows a difference: its interval excludes one.
func (s Stat) Shown() bool {
	return s.Lo != nil && s.Hi != nil && (*s.Lo > 1 || *s.Hi < 1)
}

// same says whether both are one cell, as key does, for many trials.
func same(a, b results.Cell) bool {
	return a.Transport == b.Transport && a.Stack == b.Stack && a.Arm == b.Arm && maps.Equal(a.Axes, b.Axes)
}

// byBlock are the metric's values of the cell's valid trials.
func byBlock(run *results.Run, metric string, c results.Cell) map[int]float64 {
	values := map[int]float64{}
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Verdict.State != results.Valid || !same(t.Cell, c) {
			continue
		}
		if v, ok := t.Metric(metric); ok {
			values[t.Block] = v
		}
	}
	return values
}
