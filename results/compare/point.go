package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
)

// A Load is the rows of one point of the axes.
type Load struct {
	At   string            // the point's name
	Axes map[string]string // what of the axes all rows of the run have in common
	Rows []Row
}

// Loads are rows by what of the axes all of them have in common: rows of other
// loads do not compete. An axis that not every transport heeds is no load: what
// differs in it competes.
func Loads(rows []Row) []Load {
	common := axesOf(rows)
	common = slices.DeleteFunc(common, func(axis string) bool {
		return slices.ContainsFunc(rows, func(r Row) bool { _, has := r.Axes[axis]; return !has })
	})
	var all []Load
	index := map[string]int{}
	for _, r := range rows {
		at := map[string]string{}
		for _, axis := range common {
			at[axis] = r.Axes[axis]
		}
		k := fmt.Sprintf("%q", at)
		if _, seen := index[k]; !seen {
			index[k] = len(all)
			all = append(all, Load{At: strings.Join(words(at, common), " "), Axes: at})
		}
		load := &all[index[k]]
		load.Rows = append(load.Rows, r)
	}
	return all
}

// points are the ranked rows of each load, stack by stack, that has any: transports
// compete on one stack. What is measured a second time does not, and neither does the
// baseline.
func points(run *results.Run, rows []Row) []*comparison {
	var all []*comparison
	apart := Stacks(rows)
	loads := 0
	for _, l := range Loads(rows) {
		ranked := slices.DeleteFunc(l.Rows, func(r Row) bool { return !r.Ranked || !competes(r) })
		if len(ranked) > 0 {
			loads++
		}
		for _, stack := range apart {
			if own := onStack(ranked, stack); len(own) > 0 {
				all = append(all, &comparison{run: run, rows: own, at: l.At, stack: stack})
			}
		}
		if len(apart) == 0 && len(ranked) > 0 {
			all = append(all, &comparison{run: run, rows: ranked, at: l.At})
		}
	}
	if loads == 1 {
		for _, p := range all {
			p.at = ""
		}
	}
	return all
}

// where names a comparison's load and stack, as far as there are others.
func (c *comparison) where() string {
	switch {
	case c.stack == "":
		return c.at
	case c.at == "":
		return "on " + c.stack
	}
	return c.at + " on " + c.stack
}

// axesOf are the rows' axes in alphabetical order.
func axesOf(rows []Row) []string {
	axes := map[string]bool{}
	for _, r := range rows {
		for axis := range r.Axes {
			axes[axis] = true
		}
	}
	return slices.Sorted(maps.Keys(axes))
}

// words are a point's values behind the shortest names that tell its axes apart:
// "rate=10/s" where no other axis ends in rate.
func words(point map[string]string, all []string) []string {
	var texts []string
	for _, axis := range all {
		value, has := point[axis]
		if !has {
			continue
		}
		name := last(axis)
		if slices.ContainsFunc(all, func(other string) bool { return other != axis && last(other) == name }) {
			name = axis
		}
		texts = append(texts, name+"="+value)
	}
	return texts
}

func last(axis string) string { return axis[strings.LastIndexByte(axis, '.')+1:] }

// scale is the order of the axes' values in the scenario as executed: 2 comes
// before 10 there, and 250ms before 1s. A search has found them as it went.
type scale map[string][]string

func scaleOf(run *results.Run) scale {
	var s struct {
		Axes scale `json:"axes"`
	}
	// A scenario of another shape leaves the order of the alphabet.
	if json.Unmarshal(run.Executed, &s) != nil {
		s.Axes = nil
	}
	if len(run.Capacity) > 0 {
		return scale{run.Capacity[0].Key: tried(run.Capacity)}
	}
	return s.Axes
}

// tried are the values of a search, from the easiest to the hardest.
func tried(all []results.Capacity) []string {
	var probes []results.Probe
	down := false
	for _, c := range all {
		probes = append(probes, c.Probes...)
		down = down || c.Down
	}
	slices.SortStableFunc(probes, func(a, b results.Probe) int {
		if down {
			a, b = b, a
		}
		return cmp.Compare(a.At, b.At)
	})
	var values []string
	for _, p := range probes {
		values = append(values, p.Axis)
	}
	return slices.Compact(values)
}

// compare orders two cells by their axes.
func (s scale) compare(a, b results.Cell) int {
	for _, axis := range slices.Sorted(maps.Keys(a.Axes)) {
		values := s[axis]
		x, y := slices.Index(values, a.Axes[axis]), slices.Index(values, b.Axes[axis])
		if x != y && x >= 0 && y >= 0 {
			return x - y
		}
	}
	return 0
}
