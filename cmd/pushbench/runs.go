package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/results"
	"pushbench/results/history"
	"pushbench/results/report"
)

func newRuns() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "runs [FOLDER|FILE…]",
		Short: "List the saved runs",
		Long: `Runs lists run files, the newest first: those of results/runs, where 'pushbench
run' saves them, or of the folders and files that are named; of a folder they are
its .json files, and FOLDER/NAME/run.json. It says when each began, how long it
took until its last trial was measured, how many trials are valid, how it ended,
and, where the screen has room, how it was called. A row that is not ranked and a
threshold that was not kept are told with the status.

A file that cannot be read is listed as broken, with the reason below.`,
		Example: `  pushbench runs
  pushbench runs results/published
  pushbench runs --format json | jq -r '.runs[0].file'`,
		RunE: func(c *cobra.Command, args []string) error {
			chosen, err := report.SavedFormats.Named(format)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			var all []history.Run
			for _, name := range args {
				some, err := history.List(name)
				if err != nil {
					return err
				}
				all = append(all, some...)
			}
			if len(args) == 0 {
				// Nobody has named that folder, and the first run makes it.
				if all, err = history.List(results.Folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
			if len(all) == 0 {
				where := results.Folder
				if len(args) > 0 {
					where = strings.Join(args, ", ")
				}
				fmt.Fprintf(c.ErrOrStderr(), "pushbench: note: no runs in %s\n", where)
			}
			history.Newest(all)
			return toFile(c.OutOrStdout(), standard, chosen.Name == "table", func(w io.Writer, o report.Options) error {
				return chosen.Write(w, all, o)
			})
		},
	}
	c.Flags().StringVar(&format, "format", "table", "one of "+strings.Join(report.SavedFormats.Names(), ", "))
	return c
}
