package change

import (
	"fmt"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/threshold"
)

// A Judgment is whether a gate was passed by a row of two runs.
type Judgment struct {
	Gate         threshold.Gate
	results.Cell          // the row; with nothing but the transport, or not even that, where there is none
	Ratio        *float64 // new over old; nil where there is none
	Lo, Hi       *float64 // its interval
	Shown        bool     // the difference is
	Equal        bool     // the same number in every trial of both
	Passed       bool
	Why          string // it has failed for want of data
}

// Judge says of every row that a gate is about whether it passes, in the order of
// the gates. A gate fails a row whose metric is shown to differ, and by more than it
// allows in the ratio. What there is no number for has failed, with the reason.
// Cells that are measured a second time are left out.
//
// Note: both are asked for because either alone stops the wrong builds. Of ten runs
// of one program, compared in all pairs, the ratio of latency p99 was beyond +10 % in
// 14 of 180 rows, and also shown in 2 of them. A difference alone is shown of a tenth
// of a per cent where a metric is that steady.
func (c *Changes) Judge(gates []threshold.Gate) {
	for _, g := range gates {
		from := len(c.Judgments)
		if g.Metric == threshold.Capacity {
			for _, one := range c.Capacities {
				if g.Concerns(one.Transport) {
					c.Judgments = append(c.Judgments, c.capacity(g, one))
				}
			}
		} else {
			for _, r := range c.Rows {
				if g.Concerns(r.Transport) && r.Arm == "" {
					c.Judgments = append(c.Judgments, c.row(g, r))
				}
			}
		}
		if len(c.Judgments) == from {
			c.Judgments = append(c.Judgments, Judgment{Gate: g, Cell: results.Cell{Transport: g.Transport}, Why: c.nothing(g)})
		}
	}
}

// nothing says why there is not a single row for a gate.
func (c *Changes) nothing(g threshold.Gate) string {
	switch {
	case g.Metric == threshold.Capacity && len(c.Capacities) == 0:
		return "no data: these runs have searched no capacity"
	case g.Metric != threshold.Capacity && len(c.Capacities) > 0:
		return "no data: of two searches only capacity is compared"
	case g.Transport != "":
		return "no data: neither run has " + g.Transport
	}
	return "no data: the runs have no trials"
}

// unfinished says that one of the runs cannot pass anything; "" when both can.
func (c *Changes) unfinished() string {
	for _, side := range []struct {
		name string
		run  *results.Run
	}{{"old", c.Old.Run}, {"new", c.New.Run}} {
		if !ended(side.run) {
			return fmt.Sprintf("no data: the %s run was not finished", side.name)
		}
	}
	return ""
}

// row judges one row.
func (c *Changes) row(g threshold.Gate, r Row) Judgment {
	j := Judgment{Gate: g, Cell: r.Cell}
	if r.Why != "" {
		j.Why = "no data: " + r.Why
		return j
	}
	var m *Metric
	for i := range r.Metrics {
		if r.Metrics[i].Name == g.Metric {
			m = &r.Metrics[i]
		}
	}
	switch {
	case m == nil:
		j.Why = "no data: neither run tells it"
		return j
	case m.Shift == nil:
		j.Why = "no data: it is told " + string(m.Outcome())
		return j
	}
	j.Ratio, j.Lo, j.Hi, j.Shown = m.Shift.Ratio, m.Shift.Lo, m.Shift.Hi, m.Tested() && m.Shift.Shown()
	j.Equal = m.Outcome() == Equal
	missing := max(r.Old.Trials.Valid-m.Old.N, r.New.Trials.Valid-m.New.N)
	switch why := c.unfinished(); {
	case why != "":
		j.Why = why
	case missing > 0:
		j.Why = fmt.Sprintf("no data in %d of a run's valid trials", missing)
	case j.Equal:
		j.Passed = !g.Beyond(1)
	case m.Outcome() == TooFew:
		j.Why = fmt.Sprintf("no data: %d and %d trials could show no difference, however large", m.Old.N, m.New.N)
	default:
		j.Passed = !j.Shown || !g.Beyond(factor(*m))
	}
	return j
}

// factor is by how much a metric has changed that is shown to differ. Where there is
// no ratio, because some values are not above zero, it is all of it: who asks that
// losses do not rise by a tenth does not want them to begin.
func factor(m Metric) float64 {
	switch {
	case m.Shift.Ratio != nil:
		return *m.Shift.Ratio
	case m.Shift.Direction > 0:
		return most
	}
	return 0
}

// most is a factor beyond every gate's.
const most = 1e300

// capacity judges what two searches have found.
func (c *Changes) capacity(g threshold.Gate, one Capacity) Judgment {
	j := Judgment{Gate: g, Cell: results.Cell{Transport: one.Transport, Stack: one.Stack}}
	switch {
	case one.Old == nil || one.New == nil:
		j.Why = "no data: it was searched " + string(one.Outcome)
		return j
	case one.Outcome == TooFew:
		j.Why = "no data: a search has found none"
		return j
	case one.Old.Hi == nil && one.New.Hi == nil:
		j.Why = "no data: neither search has come to the server's own limit"
		return j
	}
	if ratio := *one.New.Value / *one.Old.Value; ratio > 0 {
		j.Ratio = &ratio
	}
	j.Shown = one.Outcome == Better || one.Outcome == Worse
	if why := c.unfinished(); why != "" {
		j.Why = why
		return j
	}
	j.Passed = !j.Shown || j.Ratio != nil && !g.Beyond(*j.Ratio)
	return j
}

// Failed are the judgments that no gate has passed.
func (c *Changes) Failed() (failed []Judgment) {
	for _, j := range c.Judgments {
		if !j.Passed {
			failed = append(failed, j)
		}
	}
	return failed
}

// Cells are the rows of both runs, for their labels.
func (c *Changes) Cells() []compare.Row {
	var all []compare.Row
	for _, r := range c.Rows {
		all = append(all, compare.Row{Cell: r.Cell})
	}
	return all
}
