package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results/compare"
)

// policy is the axis whose values are ranked by how clients come back.
const policy = "backoff.kind"

// backoffs rank the back-offs of a run by the time until the last client was back,
// a sentence for each group of rows that differ in nothing else. Medians of a few
// trials order them; whether two differ is not claimed.
func backoffs(rows []compare.Row) []string {
	var texts []string
	for len(rows) > 0 {
		of := besides(rows[0])
		group := slices.Clone(rows)
		group = slices.DeleteFunc(group, func(r compare.Row) bool { return besides(r) != of })
		rows = slices.DeleteFunc(slices.Clone(rows), func(r compare.Row) bool { return besides(r) == of })
		group = slices.DeleteFunc(group, func(r compare.Row) bool {
			_, back := r.Metrics["restored_max"]
			return !back || !r.Ranked || r.Axes[policy] == ""
		})
		if len(group) < 2 {
			continue
		}
		slices.SortStableFunc(group, func(a, b compare.Row) int {
			return cmp.Compare(a.Metrics["restored_max"].Median, b.Metrics["restored_max"].Median)
		})
		var words []string
		for _, r := range group {
			words = append(words, fmt.Sprintf("%s (%s ms, %s tries, %s in the fullest 100 ms)", r.Axes[policy],
				cell(r, "restored_max"), cell(r, "reconnect_attempts"), cell(r, "reconnect_peak")))
		}
		texts = append(texts, fmt.Sprintf("back-off for %s, by the time until the last client was back: %s", of, strings.Join(words, ", ")))
	}
	return texts
}

// besides names what a row shares with those of other back-offs.
func besides(r compare.Row) string {
	words := []string{r.Transport}
	for _, key := range slices.Sorted(maps.Keys(r.Axes)) {
		if key != policy {
			words = append(words, key+"="+r.Axes[key])
		}
	}
	if r.Arm != "" {
		words = append(words, "("+r.Arm+")")
	}
	return strings.Join(words, " ")
}
