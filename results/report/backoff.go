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
// trials order them; whether two differ is not claimed. Those that cannot be placed
// are named with the reason: under the worst of them somebody never came back.
func backoffs(rows []compare.Row) []string {
	var texts []string
	all := slices.DeleteFunc(slices.Clone(rows), func(r compare.Row) bool { return r.Axes[policy] == "" })
	rows = slices.Clone(all)
	for len(rows) > 0 {
		of := besides(rows[0], all)
		group := slices.Clone(rows)
		group = slices.DeleteFunc(group, func(r compare.Row) bool { return besides(r, all) != of })
		rows = slices.DeleteFunc(rows, func(r compare.Row) bool { return besides(r, all) == of })
		if len(group) < 2 || !slices.ContainsFunc(group, struck) {
			continue
		}
		var others []string
		placed := slices.DeleteFunc(slices.Clone(group), func(r compare.Row) bool {
			why := unplaced(r)
			if why != "" {
				others = append(others, r.Axes[policy]+" ("+why+")")
			}
			return why != ""
		})
		slices.SortStableFunc(placed, func(a, b compare.Row) int {
			return cmp.Compare(a.Metrics["restored_max"].Median, b.Metrics["restored_max"].Median)
		})
		var words []string
		for _, r := range placed {
			words = append(words, fmt.Sprintf("%s (%s ms, %s tries, %s in the fullest 100 ms)", r.Axes[policy],
				cell(r, "restored_max"), cell(r, "reconnect_attempts"), cell(r, "reconnect_peak")))
		}
		text := fmt.Sprintf("back-off for %s, by the time until the last client was back: %s", of, cmp.Or(strings.Join(words, ", "), "none can be told"))
		if len(others) > 0 {
			text += "; without a place: " + strings.Join(others, ", ")
		}
		texts = append(texts, text)
	}
	return texts
}

// unplaced says why there is no time until the last client was back.
func unplaced(r compare.Row) string {
	_, back := r.Metrics["restored_max"]
	never := r.Metrics["unrestored"].Max
	switch {
	case !r.Ranked:
		return "not ranked: " + verdict(r)
	case back:
		return ""
	case never > 0:
		return "up to " + number(never) + " clients never came back"
	}
	return "in some trial nobody was cut"
}

// besides names what a row, one of these, shares with those of other back-offs.
func besides(r compare.Row, all []compare.Row) string {
	words := []string{r.Transport}
	if slices.ContainsFunc(all, func(other compare.Row) bool { return other.Stack != r.Stack }) {
		words[0] += "/" + r.Stack
	}
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
