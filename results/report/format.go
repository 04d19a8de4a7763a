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

// A Format is one way to render a run.
type Format struct {
	Name        string
	Description string
	Write       func(io.Writer, *results.Run, Options) error
	Single      bool // it holds one row, and Write refuses a run of more
}

// Formats are all there are.
var Formats = []Format{
	{"table", "aligned columns for a terminal", writeTable, false},
	{"markdown", "a table to paste into an issue", writeMarkdown, false},
	{"csv", "a line for each transport and metric, for spreadsheets", writeCSV, false},
	{"json", "medians and intervals, for programs", writeJSON, false},
	{"ndjson", "a JSON object for each row and metric, with the value of every trial, for data tools", writeNDJSON, false},
	{"html", "a page in one file, with pictures", writeHTML, false},
	{"hlog", "an interval of latencies for each trial, for HDR histogram tools", writeHlog, false},
	{"hgrm", "the latencies' distribution of one row, for HDR histogram plotters", writeHgrm, true},
	{"benchfmt", "a Go benchmark line for each trial, for benchstat", writeBenchfmt, false},
	{"junit", "thresholds and SLO as test cases, for CI servers", writeJUnit, false},
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

// Names are the formats' names.
func Names() []string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// FormatOf returns the format of that name.
func FormatOf(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format %q (have %s)", name, strings.Join(Names(), ", "))
}
