package report

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/page"
)

// writeHTML writes the run as a page: what it answers first, then what that rests
// on, and last how to have it again. Words and numbers are those of the table.
func writeHTML(w io.Writer, run *results.Run, o Options) error {
	rows := rowsOf(run)
	tables := append(ownGrids(run, rows), costGrids(run.Costs)...)
	p := page.Page{Title: titleOf(run), Lead: leadOf(run)}
	add := func(title string, parts []page.Part) {
		if len(parts) > 0 {
			p.Sections = append(p.Sections, page.Section{Title: title, Parts: parts})
		}
	}
	add("Answer", opening(run, rows, tables[0]))
	add("Published", publishedParts(run))
	add("Pictures", pictures(run, rows))
	add("Tables", moreTables(run, rows, tables[1:]))
	add("Method", method(run))
	add("Environment", environment(run))
	add("Warnings", warnings(run, rows))
	add("Again", again(run, o))
	return p.Write(w)
}

// about is what a scenario says of itself.
type about struct {
	Title    string `json:"title"`
	Question string `json:"question"`
	Value    string `json:"value"`
}

func aboutOf(run *results.Run) (a about) {
	// A scenario of another shape says nothing.
	if json.Unmarshal(run.Executed, &a) != nil {
		return about{}
	}
	return a
}

func titleOf(run *results.Run) string {
	title := run.Scenario
	if more := aboutOf(run).Title; more != "" {
		title += ": " + more
	}
	return printable(title)
}

func leadOf(run *results.Run) string {
	// Of the line that says what was run the page's title is the beginning.
	lead := strings.TrimPrefix(what(run), run.Scenario+": ")
	if question := aboutOf(run).Question; question != "" {
		lead = question + " Asked of " + lead + "."
	}
	return printable(lead)
}

// table is the grid as a part of a page: with the intervals, which a terminal has
// no room for.
func (g grid) table() page.Table {
	t := page.Table{Name: printable(g.heads[0][0]), Heads: g.heads}
	for n, texts := range g.lines {
		var line page.Line
		for i, text := range texts {
			c := page.Cell{Text: text}
			if g.verdict(i) {
				c.Tone = page.ToneOf(g.rows[n].Verdict)
			} else if i > 0 && i <= len(g.columns) {
				metric := g.columns[i-1].metric
				if s, known := g.rows[n].Metrics[metric]; known {
					c.Metric, c.Exact, c.Note = metric, exact(&s.Median), interval(s)
				}
			}
			line = append(line, c)
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

// interval is that of a statistic, where it says more than the median.
func interval(s compare.Stat) string {
	if s.Lo != nil && s.Hi != nil && number(*s.Lo) == number(*s.Hi) {
		return ""
	}
	return s.Range(number)
}

// moreTables are all but the first, and the numbers that no table shows.
func moreTables(run *results.Run, rows []compare.Row, tables []grid) []page.Part {
	var parts []page.Part
	for _, g := range tables {
		parts = append(parts, g.table())
	}
	if notes := costNotes(run.Costs); len(notes) > 0 {
		parts = append(parts, page.Sentences(page.Quiet, notes))
	}
	if len(rows) > 0 && len(rows) <= maxListed {
		parts = append(parts, page.Fold{Title: "All numbers", Parts: allNumbers(rows)})
	}
	return parts
}

// maxListed are rows of which all numbers are listed side by side: of more nobody
// finds one, and programs read other formats.
const maxListed = 40

// maxBeside are rows whose numbers stand beside each other: more have no room on
// paper.
const maxBeside = 6

// allNumbers are a line for each metric, by its name in the other formats, and a
// column for each row.
func allNumbers(rows []compare.Row) (tables []page.Part) {
	name := namesOf(rows)
	for some := range slices.Chunk(rows, maxBeside) {
		t := page.Table{Name: "all numbers", Heads: [][2]string{{"metric", ""}, {"unit", ""}}}
		for _, r := range some {
			t.Heads = append(t.Heads, [2]string{name(r.Cell), strconv.Itoa(r.Trials.Valid) + " of " + strconv.Itoa(r.Trials.Total()) + " valid"})
		}
		for _, m := range results.Metrics {
			line := page.Cells(m.Name, m.Unit)
			told := false
			for _, r := range some {
				c := page.Cell{Text: absent}
				if s, known := r.Metrics[m.Name]; known {
					c = page.Cell{Text: number(s.Median), Note: interval(s), Metric: m.Name, Exact: exact(&s.Median)}
					told = true
				}
				line = append(line, c)
			}
			if told {
				t.Lines = append(t.Lines, line)
			}
		}
		tables = append(tables, t)
	}
	return tables
}

// amount is a metric's value with its unit, where that is worth a word.
func amount(v float64, unit string) string {
	if unit == "count" || unit == "ratio" {
		return number(v)
	}
	return withUnit(number(v), unit)
}

// rounded is a sum of medians without the digits that none of them has.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return v
}
