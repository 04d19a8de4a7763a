package results

import (
	"fmt"
	"slices"
	"strings"
)

// lopsided is the most connections that a process of the server has, over the mean of
// all; zero where there are not several.
func lopsided(conns []int64) float64 {
	var sum int64
	for _, n := range conns {
		sum += n
	}
	if sum == 0 {
		return 0
	}
	return float64(slices.Max(conns)) * float64(len(conns)) / float64(sum)
}

// listed are counts in words.
func listed(counts []int64) string {
	var words []string
	for _, n := range counts {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, ", ")
}
