package change

import (
	"fmt"
	"math"

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
// the gates. A gate fails a row whose metric is shown to have changed by more than it
// allows: all of the ratio's interval is beyond it. What there is no number for has
// failed, with the reason. Cells that are measured a second time are left out.
//
// Note: it was tried to ask for a difference that is shown and a ratio beyond the
// gate. Of ten runs of one program on a shared host, each compared with each other
// one, "latency_p99 > +10%" stopped 15 of 90 so, 36 by the ratio alone, and one by the
// interval. Who wants a finer gate runs more trials, which narrow the interval.
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
		j.Passed = !j.Shown || !g.Beyond(least(g, *m))
	}
	return j
}

// least is the least change that a metric is shown to have made towards a gate. Where
// there is no ratio, because some values are not above zero, it is all there can be:
// who asks that losses do not rise by a tenth does not want them to begin.
func least(g threshold.Gate, m Metric) float64 {
	switch {
	case m.Shift.Ratio != nil && g.Rising():
		return *m.Shift.Lo
	case m.Shift.Ratio != nil:
		return *m.Shift.Hi
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
	j.Ratio = one.Ratio()
	j.Shown = one.Outcome == Better || one.Outcome == Worse
	if why := c.unfinished(); why != "" {
		j.Why = why
		return j
	}
	j.Lo, j.Hi = spanOf(*one.Old, *one.New)
	near := j.Hi
	if g.Rising() {
		near = j.Lo
	}
	j.Passed = !j.Shown || near == nil || !g.Beyond(*near)
	return j
}

// spanOf are the least and the largest ratio of two capacities, as far as the ends of
// both are known.
func spanOf(old, now results.Capacity) (lo, hi *float64) {
	if old.Down {
		return ratio(now.Hi, old.Lo), ratio(now.Lo, old.Hi)
	}
	return ratio(now.Lo, old.Hi), ratio(now.Hi, old.Lo)
}

// ratio is that of two numbers above zero; nil where there is none.
func ratio(over, under *float64) *float64 {
	if over == nil || under == nil || !(*under > 0) {
		return nil
	}
	r := *over / *under
	if !(r > 0) || math.IsInf(r, 0) {
		return nil
	}
	return &r
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
