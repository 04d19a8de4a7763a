package fit

import (
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Explained is how much of the variance of all values their groups explain, beyond
// what groups drawn by chance would (ε²): 1 when each group's values are alike and
// those of others are not, and about zero, or a little less, when groups tell
// nothing. It is zero where nothing varies, and where there are no more values
// than groups.
func Explained(groups [][]float64) float64 {
	all := slices.Concat(groups...)
	if len(all) <= len(groups) {
		return 0
	}
	mean, variance := stat.MeanVariance(all, nil)
	if variance == 0 {
		return 0
	}
	within := variance * float64(len(all)-1)
	for _, group := range groups {
		if len(group) > 0 {
			d := stat.Mean(group, nil) - mean
			within -= float64(len(group)) * d * d
		}
	}
	return 1 - within/float64(len(all)-len(groups))/variance
}
