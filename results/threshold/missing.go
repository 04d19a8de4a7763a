package threshold

import (
	"encoding/json"
	"fmt"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
)

// A plan is what a run was to measure, as far as its record says so.
type plan struct {
	Transports []string            `json:"transports"`
	Trials     int                 `json:"trials"`
	Axes       map[string][]string `json:"axes"`
	ended      bool                // as it was to
}

func planOf(run *results.Run) plan {
	var p plan
	if json.Unmarshal(run.Executed, &p) != nil { // a scenario of another shape says nothing
		p = plan{}
	}
	p.ended = run.Status == results.Complete || run.Status == ""
	return p
}

// missing judges what the expression is about and the run does not have: whole
// transports, or points of its axes.
func (e Expression) missing(p plan, rows []compare.Row) (all []results.Judgment) {
	none := func(transport, why string) {
		all = append(all, results.Judgment{Expr: e.String(), Cell: results.Cell{Transport: transport}, Why: "no data: " + why})
	}
	about := slices.DeleteFunc(slices.Clone(p.Transports), func(name string) bool { return !e.Concerns(name) })
	if e.Transport != "" && len(about) == 0 {
		about = []string{e.Transport}
	}
	for _, name := range about {
		have, want := 0, 1
		for _, row := range rows {
			if row.Transport != name {
				continue
			}
			if have++; have == 1 {
				for key := range row.Axes { // those that it heeds
					want *= max(1, len(p.Axes[key]))
				}
			}
		}
		switch {
		case have == 0:
			none(name, "the run has no trials of "+name)
		case have < want && !p.ended:
			none(name, fmt.Sprintf("the run was not finished, and has %d of %d points of %s", have, want, name))
		}
	}
	if len(about) == 0 && len(rows) == 0 {
		none("", "the run has no trials")
	}
	return all
}

// short says how many trials a row lacks of those that were planned; "" for none.
func (p plan) short(row compare.Row) string {
	if have := row.Trials.Total(); have < p.Trials && !p.ended {
		return fmt.Sprintf("no data: the run was not finished, and has %d of %d trials", have, p.Trials)
	}
	return ""
}
