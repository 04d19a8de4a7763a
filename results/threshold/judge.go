package threshold

import (
	"fmt"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
)

// Concerns says whether the expression is about the transport.
func (e Expression) Concerns(transport string) bool {
	return e.Transport == "" || e.Transport == transport
}

// Trial is the expression's metric in a single trial and whether it holds there.
// What the trial cannot tell, told being false, never holds. A verdict has no
// value.
func (e Expression) Trial(t *results.Trial) (value float64, told, holds bool) {
	if e.Metric == Verdict {
		return 0, true, t.Verdict.State == results.Valid
	}
	if e.Percentile() && t.Events.Published < results.MinEvents {
		return 0, false, false
	}
	value, told = t.Metric(e.Metric)
	return value, told, told && e.Pending(t) == 0 && e.Op.holds(value, e.Bound())
}

// Pending is how many events were still in flight after the trial, where the
// expression is about losses: nobody knows whether those have arrived, so it does
// not hold, however few are known to be lost.
func (e Expression) Pending(t *results.Trial) int64 {
	if e.Metric == "lost" || e.Metric == "lost_by_others" {
		return t.Events.InFlight
	}
	return 0
}

// Judge says of every row that an expression is about whether it meets it. What
// there is no number for has failed, with the reason: a metric that is absent, a
// row that is not ranked, a transport that the run does not have, and what is
// missing of a run that did not come to its end.
//
// A metric is judged by its median over the row's valid trials, each of which must
// tell it: one that cannot may be the one in which somebody never came back. A
// count is judged by every trial, whatever its verdict: the median of six hides
// the one in which an event was lost. Cells that are measured a second time are left out.
func Judge(run *results.Run, demands []Expression) []results.Judgment {
	rows := slices.DeleteFunc(compare.Rows(run), func(r compare.Row) bool { return r.Arm != "" })
	planned := planOf(run)
	var all []results.Judgment
	for _, e := range demands {
		if e.Metric == Capacity {
			all = append(all, e.capacities(run)...)
			continue
		}
		for _, row := range rows {
			if !e.Concerns(row.Transport) {
				continue
			}
			j := e.row(run, row)
			if short := planned.short(row); j.Passed && short != "" {
				j.Passed, j.Why = false, short
			}
			all = append(all, j)
		}
		all = append(all, e.missing(planned, rows)...)
	}
	return all
}

// row judges one row.
func (e Expression) row(run *results.Run, row compare.Row) results.Judgment {
	m, _ := results.MetricOf(e.Metric)
	o := results.Judgment{Expr: e.String(), Cell: row.Cell, Unit: m.Unit}
	switch {
	case e.Metric == Verdict:
		if o.Passed = row.Ranked; !o.Passed {
			o.Why = row.Validity()
		}
	case !row.Ranked:
		o.Why = "no data: the row is not ranked, " + row.Validity()
	case m.Unit == "count":
		e.every(&o, m, compare.Trials(run, row.Cell))
	default:
		stat, told := row.Metrics[m.Name]
		if !told {
			o.Why = "no data: no valid trial tells it"
			if m.Reached {
				o.Why = "no data: in some valid trial so many never got there"
			}
			if m.Events {
				o.Why = fmt.Sprintf("no data: a percentile needs %d distinct events in the row and %d samples beyond it in a trial", results.MinEvents, results.MinBeyond)
			}
			return o
		}
		o.Value = &stat.Median
		if stat.N < row.Trials.Valid {
			o.Why = untold(row.Trials.Valid-stat.N, row.Trials.Valid)
			return o
		}
		if o.Passed = e.Op.holds(stat.Median, e.Bound()); !o.Passed {
			o.Why = fmt.Sprintf("the median of %d", stat.N)
			if stat.N == 1 {
				o.Why = "of one trial"
			}
		}
	}
	return o
}

// untold is why a row fails of which only some trials have a number.
func untold(without, of int) string {
	return fmt.Sprintf("no data in %d of %d valid trials", without, of)
}

// every judges a count by all trials: its value is that of the first which does
// not meet the bound, or the first one's.
func (e Expression) every(o *results.Judgment, m results.Metric, all []*results.Trial) {
	var failed, valid, without int
	var pending int64 // in the first trial that does not hold
	for _, t := range all {
		value, told := m.Of(t)
		if t.Verdict.State == results.Valid {
			valid++
			if !told {
				without++
			}
		}
		if !told {
			continue
		}
		waits := e.Pending(t)
		holds := waits == 0 && e.Op.holds(value, e.Bound())
		if !holds && failed == 0 {
			pending = waits
		}
		if o.Value == nil || !holds && failed == 0 {
			o.Value = &value
		}
		if !holds {
			failed++
		}
	}
	switch {
	case o.Value == nil:
		o.Why = "no data: no trial tells it"
	case failed > 0:
		o.Why = fmt.Sprintf("in %d of %d trials it does not hold", failed, len(all))
		if pending > 0 {
			o.Why += fmt.Sprintf(": %d events were still in flight after one, and nobody knows of those", pending)
		}
	case without > 0:
		o.Why = untold(without, valid)
	default:
		o.Passed = true
	}
}

// Failed are the outcomes that did not pass.
func Failed(all []results.Judgment) []results.Judgment {
	return slices.DeleteFunc(slices.Clone(all), func(o results.Judgment) bool { return o.Passed })
}
