package report

import (
	"fmt"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// demands say which thresholds the run has passed, and what of its SLO it keeps.
// A word tells them apart, not a colour.
func demands(run *results.Run) []string {
	if len(run.SLO)+len(run.Thresholds) == 0 {
		return nil
	}
	rows := compare.Rows(run)
	var texts []string
	for _, o := range run.SLO {
		word := "kept"
		if !o.Passed {
			word = "not kept"
		}
		texts = append(texts, "SLO "+word+": "+outcome(o, rows))
	}
	for _, o := range run.Thresholds {
		word := "passed"
		if !o.Passed {
			word = "FAILED"
		}
		texts = append(texts, word+": "+outcome(o, rows))
	}
	return texts
}

// demanded is what was demanded of which row.
func demanded(o results.Judgment, rows []compare.Row) string {
	text := o.Expr
	if o.Transport != "" && len(o.Axes)+len(o.Stack) > 0 {
		text = compare.Label(o.Cell, rows) + ": " + strings.TrimPrefix(o.Expr, o.Transport+":")
	}
	return printable(text)
}

// outcome is what was demanded of which row, and what it is.
func outcome(o results.Judgment, rows []compare.Row) string {
	text := demanded(o, rows)
	if o.Value != nil {
		text += fmt.Sprintf(": %s", number(*o.Value))
		switch {
		case strings.HasPrefix(o.Unit, "/"):
			text += printable(o.Unit)
		case o.Unit != "" && o.Unit != "count" && o.Unit != "ratio":
			text += " " + printable(o.Unit)
		}
	}
	if o.Why != "" {
		text += " (" + printable(o.Why) + ")"
	}
	return text
}
