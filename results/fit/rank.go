package fit

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Ranks is Spearman's ρ between two series of one length: Pearson's correlation of
// their ranks, where equal values share the mean of theirs. It is NaN where one
// of them does not vary.
func Ranks(x, y []float64) float64 { return stat.Correlation(ranks(x), ranks(y), nil) }

// ranks are the places, from 1, of the values in order.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranked := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranked[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return ranked
}
