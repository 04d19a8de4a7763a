package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"pushbench/results"
	"pushbench/results/report"
	"pushbench/results/threshold"
)

func newReport() *cobra.Command {
	var format, out, row string
	var transports, thresholds []string
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Print a saved run in another format",
		Long: `Report renders a run file: a table for the terminal, Markdown to paste, CSV or
JSON for other programs. The numbers are the same in all of them.

Other tools read latencies from an interval log (hlog: a line for each trial,
tagged with its row), plot a distribution (hgrm: of one row, so choose it where
there are several) and compare runs (benchfmt: benchstat OLD NEW). They are given
the valid trials of the rows that are ranked.

With --threshold the run is judged by these expressions instead of its own, as
'pushbench run --help' explains them, and report exits with 99 when one fails.

A row's TAG is its name in an interval log: the transport, and what else it
differs in, as in sse-clients=100. A wrong one lists those that there are.`,
		Example: `  pushbench report results/runs/2026-11-21T10-20-30-quick.json
  pushbench report run.json --format csv -o run.csv
  pushbench report run.json --format hgrm --row sse -o sse.hgrm
  pushbench report run.json --threshold 'sse:p99 < 50ms'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("report takes one run file")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			chosen, err := formatOf(format)
			if err != nil {
				return err
			}
			demanded, err := expressions("--threshold", thresholds)
			if err != nil {
				return err
			}
			run, err := results.Load(args[0])
			if err != nil {
				return err
			}
			// Before anything is left out: what a run lacks is told from all of it.
			if c.Flags().Changed("threshold") {
				if err := fitting(run, demanded); err != nil {
					return err
				}
				run.Thresholds = threshold.Judge(run, demanded)
			}
			if c.Flags().Changed("transports") {
				if err := narrow(run, transports); err != nil {
					return err
				}
			}
			if c.Flags().Changed("row") {
				if err := report.Only(run, row); err != nil {
					return &exitError{exitUsage, err}
				}
			}
			var failed error
			if c.Flags().Changed("threshold") {
				hidden(run, demanded)
				failed = unmet(run)
			}
			if out == "-" {
				return errors.Join(chosen.render(c.OutOrStdout(), run, args[0]), failed)
			}
			var page bytes.Buffer
			if err := chosen.render(&page, run, args[0]); err != nil {
				return err
			}
			return errors.Join(writeFile(out, page.Bytes()), failed)
		},
	}
	c.Flags().StringVar(&format, "format", "table", "one of "+formatNames())
	c.Flags().StringSliceVarP(&transports, "transports", "t", nil, "only these `names` (default: all of the run)")
	c.Flags().StringVar(&row, "row", "", "only the row of this `tag` (default: all)")
	c.Flags().StringArrayVar(&thresholds, "threshold", nil, "what the run must keep, as an `expression` (may be repeated): exit 99 if not")
	c.Flags().StringVarP(&out, "out", "o", "-", "`file` to write; - is standard output")
	return c
}

// narrow leaves the run only what is of these transports.
func narrow(run *results.Run, transports []string) error {
	var have []string
	for _, t := range run.Trials {
		if !slices.Contains(have, t.Transport) {
			have = append(have, t.Transport)
		}
	}
	slices.Sort(have)
	if len(transports) == 0 {
		return usage("no transport named (the run has %s)", strings.Join(have, ", "))
	}
	for _, name := range transports {
		if !slices.Contains(have, name) {
			return usage("no transport %q in the run (it has %s)", name, strings.Join(have, ", "))
		}
	}
	run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool { return !slices.Contains(transports, t.Transport) })
	elsewhere := func(o results.Judgment) bool { return o.Transport != "" && !slices.Contains(transports, o.Transport) }
	run.Thresholds, run.SLO = slices.DeleteFunc(run.Thresholds, elsewhere), slices.DeleteFunc(run.SLO, elsewhere)
	run.Capacity = slices.DeleteFunc(run.Capacity, func(c results.Capacity) bool { return !slices.Contains(transports, c.Transport) })
	run.Costs = slices.DeleteFunc(run.Costs, func(cost results.Cost) bool { return !slices.Contains(transports, cost.Transport) })
	return nil
}

// writeFile writes a rendering; a folder that does not exist is not made, since
// it is most likely a slip of the fingers.
func writeFile(name string, b []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, b, 0o644) // a pipe or a device cannot be replaced
	}
	err := results.Replace(name, b)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: make the folder first", err)
	}
	return err
}

// A renderer prints a run in one format.
type renderer struct {
	single bool // it can hold one row only
	render func(w io.Writer, run *results.Run, file string) error
}

func formatOf(name string) (renderer, error) {
	f, err := report.FormatOf(name)
	if err != nil {
		return renderer{}, &exitError{exitUsage, err}
	}
	return renderer{f.Single, func(w io.Writer, run *results.Run, file string) error {
		return f.Write(w, run, report.Options{File: file, Width: width(w)})
	}}, nil
}

func formatNames() string { return strings.Join(report.Names(), ", ") }

// width is that of the terminal; zero when w is none.
func width(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			return columns
		}
	}
	return 0
}
