package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/results"
	"pushbench/results/report"
	"pushbench/results/threshold"
)

func newReport() *cobra.Command {
	var out, row string
	var formats, transports, thresholds []string
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Print a saved run in another format",
		Long: `Report renders a run file, of which "-" is one from standard input. The numbers are
the same in all formats:

` + formatLines() + `

Of these, hlog, hgrm and benchfmt are given the valid trials of the rows that are
ranked. A line of ndjson says by its type what it is: run, metric, reason, cost,
capacity, threshold, slo, published, over. In junit a run without thresholds has its
rows as test cases, which pass when they are ranked; what of the SLO is not kept is
skipped there, which stops no build. With github, annotations go to standard output,
and the summary to the file that GITHUB_STEP_SUMMARY names, or behind them without
one.

Several formats are made at once by --format NAME=FILE, separated by commas or
repeated; one of them may go without a FILE to --out.

With --threshold the run is judged by these expressions instead of its own, as
'pushbench run --help' explains them, and report exits with 99 when one fails.

A row's TAG is its name in an interval log: the transport, and what else it
differs in, as in sse-clients=100. A wrong one lists those that there are.`,
		Example: `  pushbench report results/runs/2026-11-21T10-20-30-quick.json
  pushbench report run.json --format csv -o run.csv
  pushbench report run.json --format table --format json=run-rows.json,junit=run.xml
  pushbench report run.json --format hgrm --row sse -o sse.hgrm
  pushbench report run.json --threshold 'sse:p99 < 50ms'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("report takes one run file")
			}
			return nil
		},
		ValidArgsFunction: completeRun(1),
		RunE: func(c *cobra.Command, args []string) error {
			all, err := outputsOf(formats, out)
			if err != nil {
				return err
			}
			demanded, err := expressions("--threshold", thresholds)
			if err != nil {
				return err
			}
			run, file, err := saved(c, args[0])
			if err != nil {
				return err
			}
			if err := all.prepare(file); err != nil {
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
			if err := all.write(c.OutOrStdout(), run, file); err != nil {
				return &exitError{exitFailed, errors.Join(err, failed)} // which comes before a threshold
			}
			return failed
		},
	}
	c.Flags().StringSliceVar(&formats, "format", []string{"table"}, "what to make of it, each `NAME[=FILE]` (may be repeated): "+formatNames())
	c.Flags().StringSliceVarP(&transports, "transports", "t", nil, "only these `names` (default: all of the run)")
	c.Flags().StringVar(&row, "row", "", "only the row of this `tag` (default: all)")
	c.Flags().StringArrayVar(&thresholds, "threshold", nil, "what the run must keep, as an `expression` (may be repeated): exit 99 if not")
	c.Flags().StringVarP(&out, "out", "o", "-", "`file` for the format that names none; - is standard output")
	return c
}

// saved is the run of a file, and the file's name, which is empty of what comes
// from standard input. With names it has only these histograms; see results.Read.
func saved(c *cobra.Command, name string, histograms ...string) (run *results.Run, file string, err error) {
	if name != standard {
		run, err = results.Load(name, histograms...)
		return run, name, err
	}
	if run, err = results.Read(c.InOrStdin(), histograms...); err != nil {
		return nil, "", fmt.Errorf("read run from standard input: %w", err)
	}
	return run, "", nil
}

// formatLines are the formats with what they are for.
func formatLines() string {
	var lines []string
	for _, f := range report.Formats {
		lines = append(lines, fmt.Sprintf("  %-9s %s", f.Name, f.Description))
	}
	return strings.Join(lines, "\n")
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
