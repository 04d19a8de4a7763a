package report

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/renderer"

	"pushbench/results"
)

// inMarkdown escapes what a table's cell or a sentence would take for markup: no
// name becomes a link, a picture or a formula. The library does not.
var inMarkdown = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>",
	"|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", `\`, `\\`, "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`)

// writeMarkdown writes the run as GitHub's Markdown reads it.
func writeMarkdown(w io.Writer, run *results.Run, o Options) error {
	rows := rowsOf(run)
	return writeMarks(w, append(grids(run, rows), costGrids(run.Costs)...),
		[][]string{append(findings(run, rows), costNotes(run.Costs)...), demands(run), footnotes(rows), conditions(run, o.File)})
}

// writeMarks writes tables, and then sections of sentences as lists.
func writeMarks(w io.Writer, all []grid, sections [][]string) error {
	var b bytes.Buffer
	if err := drawMarks(&b, all); err != nil {
		return err
	}
	for _, section := range sections {
		if len(section) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		listMarks(&b, section)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// drawMarks draws tables one below the other.
func drawMarks(b *bytes.Buffer, all []grid) error {
	for i, g := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		columns := make([]int, len(g.heads))
		for i := range g.heads {
			columns[i] = i
			// A cell of the head has one line here.
			g.heads[i] = [2]string{inMarkdown.Replace(strings.TrimSpace(g.heads[i][0] + " " + g.heads[i][1]))}
		}
		for _, line := range g.lines {
			for i := range line {
				line[i] = inMarkdown.Replace(line[i])
			}
		}
		if err := g.draw(b, columns, renderer.NewMarkdown(), false); err != nil {
			return err
		}
	}
	return nil
}

// listMarks writes sentences as a list.
func listMarks(b *bytes.Buffer, texts []string) {
	for _, text := range texts {
		b.WriteString("- " + inMarkdown.Replace(text) + "\n")
	}
}
