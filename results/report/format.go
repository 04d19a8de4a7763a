// Package report renders a run: for a terminal, for an issue, for a spreadsheet
// and for programs. All of them show the same numbers.
package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"pushbench/results"
)

// A Format is one way to render a T.
type Format[T any] struct {
	Name        string
	Description string
	Write       func(io.Writer, T, Options) error
	Single      bool // of runs: it holds one row, and Write refuses a run of more
}

// A Menu is the formats that there are of a T.
type Menu[T any] []Format[T]

// Names are the formats' names.
func (m Menu[T]) Names() []string {
	var names []string
	for _, f := range m {
		names = append(names, f.Name)
	}
	return names
}

// Named returns the format of that name. Its error lists those that there are.
func (m Menu[T]) Named(name string) (Format[T], error) {
	for _, f := range m {
		if f.Name == name {
			return f, nil
		}
	}
	return Format[T]{}, fmt.Errorf("unknown format %q (have %s)", name, strings.Join(m.Names(), ", "))
}

// Formats are those of a run.
var Formats = Menu[*results.Run]{
	{"table", "aligned columns for a terminal", writeTable, false},
	{"markdown", "a table to paste into an issue", writeMarkdown, false},
	{"csv", "a line for each transport and metric, for spreadsheets", writeCSV, false},
	{"json", "medians and intervals, for programs", writeJSON, false},
	{"ndjson", "a JSON object for each row and metric, with the value of every trial, for data tools", writeNDJSON, false},
	{"html", "a page in one file, with pictures", writeHTML, false},
	{"hlog", "an interval of latencies for each trial, for HDR histogram tools", writeHlog, false},
	{"hgrm", "the latencies' distribution of one row, for HDR histogram plotters", writeHgrm, true},
	{"benchfmt", "a Go benchmark line for each trial, for benchstat", writeBenchfmt, false},
	{"junit", "thresholds as test cases, for CI servers", writeJUnit, false},
	{"github", "annotations and a job summary, for GitHub Actions", writeGitHub, false},
}

// Options are what a run's own data does not say.
type Options struct {
	File string // where the run is saved; "" when it is not
	// Width is how many columns the reader's screen has. Zero means 120.
	Width int
	Color bool // verdicts of the table in colour
	// Summary is where the format github puts its summary, so that its annotations
	// alone go to the log. Nil means behind them.
	Summary io.Writer
}

func (o Options) width() int { return cmp.Or(o.Width, 120) }
