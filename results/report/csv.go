package report

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// writeCSV writes a line for each row and metric: a new metric is a new line,
// never another column. Costs, capacities, what others have published and
// ratios to other stacks and the baseline follow in the same columns. What cannot be shown has no line; an interval that does not
// exist is empty.
func writeCSV(w io.Writer, run *results.Run, _ Options) error {
	out := sheet{csv.NewWriter(w), textColumns}
	out.Write([]string{"scenario", "transport", "stack", "axes", "verdict", "valid", "suspect", "invalid",
		"metric", "unit", "median", "lo", "hi", "max", "n"})
	for _, r := range compare.Rows(run) {
		for _, m := range results.Metrics {
			s, ok := r.Metrics[m.Name]
			if !ok {
				continue
			}
			out.Write([]string{run.Scenario, r.Transport, r.Stack, axesIn(r.Cell), string(r.Verdict),
				strconv.Itoa(r.Trials.Valid), strconv.Itoa(r.Trials.Suspect), strconv.Itoa(r.Trials.Invalid),
				m.Name, m.Unit, exact(&s.Median), exact(s.Lo), exact(s.Hi), exact(&s.Max), strconv.Itoa(s.N)})
		}
	}
	writeCosts(out, run)
	writeCapacity(out, run)
	writePublished(out, run)
	writeContrasts(out, run)
	out.Flush()
	return out.Error() // the first of all writes
}

// A sheet is lines for a spreadsheet.
type sheet struct {
	*csv.Writer
	texts int // columns before the first number
}

// textColumns are those of a run's sheet. Of them only names and units come from a
// file as they are; the counts among them are our own.
const textColumns = 10

// Write writes a line in which no text is a formula: a spreadsheet that opens a
// file from elsewhere would run one that begins like it. An apostrophe in front
// says that it is a text.
func (s sheet) Write(line []string) error {
	for i, cell := range line[:s.texts] {
		if cell != "" && strings.Contains("=+-@\t\r", cell[:1]) {
			line[i] = "'" + cell
		}
	}
	return s.Writer.Write(line)
}

// axesIn is what tells the cell from others of its transport, in one field.
func axesIn(c results.Cell) string {
	var axes []string
	for _, axis := range slices.Sorted(maps.Keys(c.Axes)) {
		axes = append(axes, axis+"="+c.Axes[axis])
	}
	if c.Arm != "" { // tells rows apart as an axis does
		axes = append(axes, "arm="+c.Arm)
	}
	return strings.Join(axes, " ")
}

// exact is the shortest text that reads back as the same number.
func exact(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}
