package compare

import (
	"fmt"
	"maps"
	"slices"

	"pushbench/results"
)

// disturbers are axes of which one value leaves something out that could disturb
// everybody: whether it does is what their scenario asks.
//
// Metric is one that a row has when there are such clients in it.
var disturbers = []struct{ axis, without, name, metric string }{
	{"slow.share", "0%", "slow readers", "slow_stalled"},
	{"slow.speed", "100%", "slow readers", "slow_stalled"},
	{"vanish.share", "0%", "vanished peers", "vanished_stalled"},
	{"leave.share", "0%", "clients that leave", "returned"},
}

// disturbed says of every ranked row that has some of what could disturb it
// whether latency p99 differs from that of the same row without any.
func disturbed(run *results.Run, rows []Row) []Finding {
	var all []Finding
	for _, d := range disturbers {
		for _, with := range rows {
			if value, has := with.Axes[d.axis]; !has || value == d.without || !with.Ranked || with.Arm != "" {
				continue
			}
			if _, some := with.Metrics[d.metric]; !some {
				continue
			}
			cell := with.Cell
			cell.Axes = maps.Clone(with.Axes)
			cell.Axes[d.axis] = d.without
			at := slices.IndexFunc(rows, func(r Row) bool { return key(r.Cell) == key(cell) })
			if at < 0 || !rows[at].Ranked {
				continue
			}
			all = append(all, difference(run, d.name, with, rows[at], rows)...)
		}
	}
	return all
}

// difference words the ratio of a row's latency p99 to that of another, if there
// is one.
func difference(run *results.Run, name string, with, without Row, rows []Row) []Finding {
	m, _ := results.MetricOf("latency_p99")
	ratio, ok := Ratio(run, m.Name, with.Cell, without.Cell)
	if !ok {
		return nil
	}
	a, b := Label(with.Cell, rows), Label(without.Cell, rows)
	var f Finding
	switch {
	case ratio.Lo == nil:
		f = Finding{TooFew, m.Name, fmt.Sprintf("%s: no difference can be shown between %s and %s: intervals need %d blocks with a valid value of both, there are %d", name, a, b, MinTrials, ratio.N)}
	case ratio.Shown():
		f = Finding{Difference, m.Name, fmt.Sprintf("%s: %s of %s is %s that of %s (%s to %s)", name, m.Title, a, times(ratio.Median), b, bound(*ratio.Lo), bound(*ratio.Hi))}
	default:
		f = Finding{NoDifference, m.Name, fmt.Sprintf("%s: no difference shown in %s between %s and %s (%s to %s)", name, m.Title, a, b, bound(*ratio.Lo), bound(*ratio.Hi))}
	}
	return []Finding{f}
}
