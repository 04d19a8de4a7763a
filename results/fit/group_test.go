package fit

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestGroupsExplainWhatTellsThemApart(t *testing.T) {
	for name, c := range map[string]struct {
		groups [][]float64
		want   float64
	}{
		"all of it":        {[][]float64{{1, 1, 1}, {5, 5, 5}}, 1},
		"nothing varies":   {[][]float64{{2, 2}, {2, 2}}, 0},
		"one of each":      {[][]float64{{1}, {2}, {3}}, 0},
		"an empty one":     {[][]float64{{1, 1}, {}, {5, 5}}, 1},
		"nobody is in any": {[][]float64{{}, {}}, 0},
		// Mean 3, total 4+1+1+4 = 10 with three degrees of freedom; within the groups
		// 0.5 + 0.5 with two: 1 − (1/2) / (10/3).
		"most of it": {[][]float64{{1, 2}, {4, 5}}, 0.85},
	} {
		if got := Explained(c.groups); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v explain %v, want %v", name, c.groups, got, c.want)
		}
	}
	// Of chance nothing is explained: its standard deviation is about √(2·9)/1000.
	groups := make([][]float64, 10)
	for i := range groups {
		for range 100 {
			groups[i] = append(groups[i], rand.Float64())
		}
	}
	if got := Explained(groups); math.Abs(got) > 0.03 {
		t.Errorf("groups of chance explain %v", got)
	}
}
