package compare

import (
	"maps"
	"slices"

	"pushbench/results"
)

// A Contrast is what a row has over another one that stands for what it is not: its
// transport on another stack, or the baseline.
type Contrast struct {
	Row
	Over results.Cell
	// Ratios are those of metrics, by name, block by block; without those that no block
	// tells.
	Ratios map[string]Stat
}

// Contrasted are the metrics of which a run has contrasts: what an event costs, how
// soon it comes, and what a client takes.
func Contrasted(run *results.Run) []string {
	soon := "latency_p50"
	if first := questionsOf(run)[0].metric; first != "latency_p99" {
		soon = first
	}
	return []string{"server_cpu_per_event", soon, "latency_p99", "server_rss_per_client"}
}

// competes says whether a row is there to be compared with others for its own sake.
func competes(r Row) bool { return r.Arm == "" && r.Transport != results.Baseline }

// Stacks are those by which rows are told apart before they are compared: none when
// there is only one, or only one transport, whose stacks then compete.
func Stacks(rows []Row) []string {
	var names, built []string
	for _, r := range rows {
		if !competes(r) {
			continue
		}
		if !slices.Contains(names, r.Transport) {
			names = append(names, r.Transport)
		}
		if !slices.Contains(built, r.Stack) {
			built = append(built, r.Stack)
		}
	}
	if len(names) < 2 || len(built) < 2 {
		return nil
	}
	slices.SortStableFunc(built, func(a, b string) int { return place(a, stacks) - place(b, stacks) })
	return built
}

// onStack are the rows of that stack.
func onStack(rows []Row, stack string) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Stack != stack })
}

// OverStack contrasts every ranked row with that of the same transport and load on
// the stack that comes first. There are none of a run on one stack, or of a search.
func OverStack(run *results.Run, rows []Row) []Contrast {
	return contrasts(run, rows, func(r, base Row) bool {
		return base.Transport == r.Transport && place(base.Stack, stacks) < place(r.Stack, stacks) && maps.Equal(base.Axes, r.Axes)
	})
}

// OverBaseline contrasts every ranked row with the baseline's at the same load. There
// are none of a run without it, or of a search.
func OverBaseline(run *results.Run, rows []Row) []Contrast {
	return contrasts(run, rows, func(r, base Row) bool {
		return base.Transport == results.Baseline && agree(base.Axes, r.Axes)
	})
}

// contrasts are those of each ranked row with the first one that is its base.
func contrasts(run *results.Run, rows []Row, is func(r, base Row) bool) []Contrast {
	if len(run.Capacity) > 0 {
		return nil
	}
	var all []Contrast
	for _, r := range rows {
		if !r.Ranked || !competes(r) {
			continue
		}
		at := slices.IndexFunc(rows, func(base Row) bool { return base.Ranked && base.Arm == "" && is(r, base) })
		if at < 0 {
			continue
		}
		c := Contrast{Row: r, Over: rows[at].Cell, Ratios: map[string]Stat{}}
		for _, metric := range Contrasted(run) {
			if ratio, told := Ratio(run, metric, r.Cell, c.Over); told {
				c.Ratios[metric] = ratio
			}
		}
		if len(c.Ratios) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// agree says whether both have the same value of each axis that both have: one that
// says nothing to the other is no other load.
func agree(a, b map[string]string) bool {
	for axis, value := range a {
		if other, both := b[axis]; both && other != value {
			return false
		}
	}
	return true
}
