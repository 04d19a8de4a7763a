package report

import (
	"cmp"
	"fmt"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
)

// A footnote is a reason that rows share.
type footnote struct {
	compare.Reason          // of the first of them
	rows           []string // each with how many of its trials have it, where that changes
	counts, first  string   // of the last row, and the first one's name
}

// weights are what a reason makes of a trial, the worst first.
var weights = []struct {
	state results.State
	word  string
}{{results.Invalid, "invalid"}, {results.Suspect, "suspect"}, {results.Valid, "note"}}

// weight is the place of the footnote's state among weights.
func (n *footnote) weight() int {
	for i, w := range weights {
		if w.state == n.State {
			return i
		}
	}
	return 0 // of a newer program: nothing better can be said of it
}

// footnotes say why verdicts are what they are, what disqualifies trials first:
// "invalid: generator-cpu in 2 of 6 trials of poll, ws, 1 of 6 of sse". What rows
// have for the same reason is told once, with the numbers of the first.
func footnotes(rows []compare.Row) []string {
	var texts []string
	for _, n := range noted(rows) {
		texts = append(texts, n.text())
	}
	return texts
}

// noted are the rows' reasons, each with all that have it.
func noted(rows []compare.Row) []*footnote {
	var notes []*footnote
	for _, r := range rows {
		name := compare.Label(r.Cell, rows)
		for _, reason := range r.Reasons {
			counts := fmt.Sprintf("%d of %d", reason.Trials, r.Trials.Total())
			same := func(n *footnote) bool {
				return n.Code == reason.Code && n.State == reason.State && n.Hint == reason.Hint
			}
			at := slices.IndexFunc(notes, same)
			if at < 0 {
				notes = append(notes, &footnote{reason, []string{counts + " trials of " + name}, counts, name})
				continue
			}
			n, row := notes[at], name
			if n.counts != counts {
				n.counts, row = counts, counts+" of "+name
			}
			n.rows = append(n.rows, row)
		}
	}
	slices.SortStableFunc(notes, func(a, b *footnote) int { return cmp.Compare(a.weight(), b.weight()) })
	return notes
}

// text is the footnote as it is shown.
func (n *footnote) text() string {
	text := weights[n.weight()].word + ": " + n.Code + " in " + named(n.rows)
	if len(n.rows) > 1 {
		text += "; " + n.first
	}
	text += ": " + n.Text
	if n.Hint != "" {
		text += "; " + n.Hint
	}
	return printable(text)
}
