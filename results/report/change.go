package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/change"
	"pushbench/results/compare"
)

// ChangeFormats are those of what two runs say of each other.
var ChangeFormats = Menu[*change.Changes]{
	{"table", "aligned columns for a terminal", writeChangeTable, false},
	{"markdown", "tables to paste into an issue", writeChangeMarkdown, false},
	{"csv", "a line for each number, for spreadsheets", writeChangeCSV, false},
	{"json", "for programs", writeChangeJSON, false},
}

func writeChangeTable(w io.Writer, c *change.Changes, o Options) error {
	return writeTerminal(w, changeGrids(c), changeSections(c), o)
}

func writeChangeMarkdown(w io.Writer, c *change.Changes, _ Options) error {
	return writeMarks(w, changeGrids(c), changeSections(c))
}

// outcomes are the words of outcomes in a table. Those of nothing shown are short, so
// that what is shown stands out.
var outcomes = map[change.Outcome]string{
	change.Worse: "worse", change.Better: "better", change.More: "more", change.Less: "less",
	change.None: "~", change.Equal: "=", change.TooFew: "too few", change.OldOnly: "gone", change.NewOnly: "new",
}

// hues are the colours of outcomes.
var hues = map[change.Outcome]string{
	change.Worse:  colors[results.Invalid],
	change.Better: colors[results.Valid],
	change.More:   colors[results.Suspect],
	change.Less:   colors[results.Suspect],
	change.TooFew: colors[results.Suspect],
}

// changeGrids are a table for each row that is compared, with a line for each
// metric, and of two searches one of what they have found.
func changeGrids(c *change.Changes) []grid {
	var all []grid
	if len(c.Capacities) > 0 {
		all = append(all, capacityChanges(c.Capacities))
	}
	cells := c.Cells()
	for _, r := range c.Rows {
		if r.Why != "" {
			continue
		}
		g := grid{verdicts: true, heads: [][2]string{
			{printable(compare.Label(r.Cell, cells)), trialsOf(r)},
			{"old", ""}, {"new", ""}, {"ratio", ""}, {"95 %", "interval"}, {"p", ""}, {"change", ""},
		}}
		for _, m := range r.Metrics {
			g.lines = append(g.lines, changeLine(m))
			g.colors = append(g.colors, hues[m.Outcome()])
		}
		all = append(all, g)
	}
	return all
}

// trialsOf says how many trials a row's numbers are of: "6 and 7 trials".
func trialsOf(r change.Row) string {
	return fmt.Sprintf("%d and %d trials", r.Old.Trials.Valid, r.New.Trials.Valid)
}

// changeLine is a metric in both runs.
func changeLine(m change.Metric) []string {
	name := m.Name
	if m.Unit != "count" && m.Unit != "ratio" {
		name += " " + m.Unit
	}
	ratio, interval, p := absent, absent, absent
	if m.Shift != nil {
		ratio, interval = factor(m.Shift.Ratio), span(m.Shift.Lo, m.Shift.Hi)
		if m.Tested() {
			p = chance(m.Shift.P)
		}
	}
	return []string{printable(name), value(m.Old, m.Name), value(m.New, m.Name), ratio, interval, p, outcomes[m.Outcome()]}
}

// value is a metric's median in one run, as the table of that run shows it.
func value(s *compare.Stat, metric string) string {
	if s == nil {
		return absent
	}
	return cell(compare.Row{Metrics: map[string]compare.Stat{metric: *s}}, metric)
}

// span is an interval of factors.
func span(lo, hi *float64) string {
	if lo == nil || hi == nil {
		return absent
	}
	return factor(lo) + "–" + factor(hi)
}

// factor writes a ratio so that it can be told from one: 1.204, 1.0003, 1+6e-5.
func factor(v *float64) string {
	if v == nil {
		return absent
	}
	switch {
	case *v >= 99.95:
		return strconv.FormatFloat(*v, 'f', 0, 64)
	case *v >= 9.995:
		return strconv.FormatFloat(*v, 'f', 1, 64)
	case *v < 0.0995:
		return strconv.FormatFloat(*v, 'g', 3, 64)
	}
	text := strconv.FormatFloat(*v, 'f', 3, 64)
	if text != "1.000" || *v == 1 {
		return text
	}
	if text = strconv.FormatFloat(*v, 'f', 4, 64); text != "1.0000" {
		return text
	}
	return strings.Replace(fmt.Sprintf("1%+.0e", *v-1), "e-0", "e-", 1)
}

// chance writes a p-value.
func chance(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// capacityChanges is the table of what two searches have found.
func capacityChanges(all []change.Capacity) grid {
	g := grid{verdicts: true, heads: [][2]string{{"capacity", ""},
		{"old", "holds"}, {"old", "interval"}, {"new", "holds"}, {"new", "interval"}, {"ratio", ""}, {"change", ""}}}
	for _, c := range all {
		key := c.Transport
		for _, side := range []*results.Capacity{c.Old, c.New} {
			if side != nil {
				key = c.Transport + " " + side.Key
				if side.Unit != "" {
					key += " " + side.Unit
				}
			}
		}
		line := []string{printable(key)}
		line = append(append(line, holds(c.Old)...), holds(c.New)...)
		g.lines = append(g.lines, append(line, factor(c.Ratio()), outcomes[c.Outcome]))
		g.colors = append(g.colors, hues[c.Outcome])
	}
	return g
}

// holds is what one search has found: its value and the interval of it.
func holds(c *results.Capacity) []string {
	if c == nil || c.Value == nil {
		return []string{absent, absent}
	}
	sign := ""
	if c.AtLeast {
		if sign = "≥ "; c.Down {
			sign = "≤ "
		}
	}
	return []string{sign + number(*c.Value), end(c.Lo) + " to " + end(c.Hi)}
}
