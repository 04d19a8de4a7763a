package threshold

import (
	"slices"

	"pushbench/results"
)

// Capacity stands in the place of a metric: what a search has found.
const Capacity = "capacity"

// Fits says whether the bound is written in a unit of what is searched; the error
// is a *UnitError.
func (e Expression) Fits(searched string) error {
	units := unitsOf(searched)
	if e.Number == 0 && e.Unit == "" || slices.ContainsFunc(units, func(u unit) bool { return u.name == e.Unit }) {
		return nil
	}
	return &UnitError{e.Metric, e.Unit, names(units)}
}

// capacities judges what a search has found. A lower bound can say that a
// capacity is large, and never that it is small; of a search that goes down it is
// the other way round.
func (e Expression) capacities(run *results.Run) []results.Judgment {
	var all []results.Judgment
	for _, c := range run.Capacity {
		if !e.Concerns(c.Transport) {
			continue
		}
		j := results.Judgment{Expr: e.String(), Cell: results.Cell{Transport: c.Transport, Stack: c.Stack}, Value: c.Value, Unit: c.Unit}
		beyond := e.Op == ">" || e.Op == ">="
		if c.Down {
			beyond = e.Op == "<" || e.Op == "<="
		}
		wrong := e.Fits(c.Unit)
		switch {
		case wrong != nil:
			j.Why = "no data: " + wrong.Error()
		case c.Ended == "":
			j.Why = "no data: the search was not finished"
		case c.Value == nil && c.AtLeast:
			j.Why = "no data: " + c.Why
		case c.Value == nil:
			j.Why = "nothing held: " + c.Why
		case c.AtLeast && !beyond:
			j.Why = "no data: it is " + c.Bound() + " that"
		case e.Op.holds(*c.Value, e.in(c.Unit)):
			j.Passed = true
		case c.AtLeast:
			j.Why = "no data: it is " + c.Bound() + " that, and the " + c.Broke + " ended the search"
		default:
			j.Why = c.Broke + " broke first"
		}
		all = append(all, j)
	}
	if len(all) == 0 {
		why := "no data: the run has searched no capacity"
		if e.Transport != "" && len(run.Capacity) > 0 {
			why += " of " + e.Transport
		}
		all = append(all, results.Judgment{Expr: e.String(), Cell: results.Cell{Transport: e.Transport}, Why: why})
	}
	return all
}
