package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"pushbench/results"
)

// plain draws nothing but a line under the head: numbers need no boxes.
var plain = tw.Rendition{
	Borders: tw.BorderNone,
	Symbols: tw.NewSymbols(tw.StyleLight),
	Settings: tw.Settings{
		Lines:      tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off, ShowHeaderLine: tw.On, ShowFooterLine: tw.Off},
		Separators: tw.Separators{ShowHeader: tw.On, ShowFooter: tw.Off, BetweenRows: tw.Off, BetweenColumns: tw.Off},
	},
}

// writeTable writes the run for a terminal: the tables, then the findings, the
// footnotes and what was run.
func writeTable(w io.Writer, run *results.Run, o Options) error {
	rows := rowsOf(run)
	var notes []string
	for _, text := range footnotes(rows) {
		notes = append(notes, "* "+text)
	}
	return writeTerminal(w, append(grids(run, rows), costGrids(run.Costs)...),
		[][]string{append(findings(run, rows), costNotes(run.Costs)...), demands(run), notes, conditions(run, o.File)}, o)
}

// writeTerminal writes tables and then sections of sentences.
func writeTerminal(w io.Writer, all []grid, sections [][]string, o Options) error {
	var b bytes.Buffer
	if err := drawParts(&b, all, o); err != nil {
		return err
	}
	for _, section := range sections {
		if len(section) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, text := range section {
			wrap(&b, text, o.width())
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// drawParts draws tables one below the other, in parts when the screen is narrower.
func drawParts(b *bytes.Buffer, all []grid, o Options) error {
	for i, g := range all {
		for k, part := range g.parts(o.width()) {
			if i+k > 0 {
				b.WriteByte('\n')
			}
			var drawn bytes.Buffer
			if err := g.draw(&drawn, part, renderer.NewBlueprint(plain), o.Color); err != nil {
				return err
			}
			for line := range bytes.Lines(drawn.Bytes()) {
				b.Write(append(bytes.TrimRight(line, " \n"), '\n'))
			}
		}
	}
	return nil
}

// parts are the columns of each table that fits the width: the row's name and as
// many others as there is room for.
func (g grid) parts(width int) [][]int {
	name := g.columnWidth(0)
	var parts [][]int
	room := 0
	for i := 1; i < len(g.heads); i++ {
		need := g.columnWidth(i)
		if need > room || len(parts) == 0 {
			parts = append(parts, []int{0})
			room = width - name
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], i)
		room -= need
	}
	return parts
}

// columnWidth is a column's width with the space around it.
func (g grid) columnWidth(i int) int {
	width := max(twwidth.Width(g.heads[i][0]), twwidth.Width(g.heads[i][1]))
	for _, line := range g.lines {
		width = max(width, twwidth.Width(line[i]))
	}
	return width + 2
}

// verdict says whether the column is that of the verdicts.
func (g grid) verdict(column int) bool { return g.verdicts && column == len(g.heads)-1 }

// draw renders some of the columns.
func (g grid) draw(w io.Writer, part []int, r tw.Renderer, color bool) error {
	var heads []string
	var align tw.Alignment
	for _, i := range part {
		heads = append(heads, strings.TrimRight(g.heads[i][0]+"\n"+g.heads[i][1], "\n"))
		if i == 0 || g.verdict(i) {
			align = append(align, tw.AlignLeft)
		} else {
			align = append(align, tw.AlignRight)
		}
	}
	// Note: the header's automatic format would turn p99 into P 99, and wrapping
	// would break what is too long instead of showing it.
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(r),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	)
	table.Header(heads)
	for n, line := range g.lines {
		var cells []string
		for _, i := range part {
			text := line[i]
			if hue := g.color(n, i); color && hue != "" {
				text = hue + text + reset
			}
			cells = append(cells, text)
		}
		if err := table.Append(cells); err != nil {
			return fmt.Errorf("build table: %w", err)
		}
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("draw table: %w", err)
	}
	return nil
}

// color is that of a row's word; "" of every other cell.
func (g grid) color(row, column int) string {
	switch {
	case !g.verdict(column):
		return ""
	case g.colors != nil:
		return g.colors[row]
	}
	return colors[g.rows[row].Verdict]
}

// Colours of verdicts on a terminal.
var colors = map[results.State]string{
	results.Valid:   "\x1b[32m",
	results.Suspect: "\x1b[33m",
	results.Invalid: "\x1b[31m",
}

const reset = "\x1b[0m"

// wrap writes the text in lines of at most that width, later ones indented.
func wrap(b *bytes.Buffer, text string, width int) {
	used := 0
	for i, word := range strings.Fields(text) {
		switch n := twwidth.Width(word); {
		case i == 0:
			used = n
		case used+1+n > width:
			b.WriteString("\n  ")
			used = 2 + n
		default:
			b.WriteByte(' ')
			used += 1 + n
		}
		b.WriteString(word)
	}
	b.WriteByte('\n')
}
