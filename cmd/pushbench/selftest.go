package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/loadgen/selftest"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/results/report"
)

// selftestFlags are what `selftest` can be told.
type selftestFlags struct {
	transports []string
	only       []string
	thorough   bool
	format     string
	quiet      bool
}

func newSelftest() *cobra.Command {
	var f selftestFlags
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Try the suite on servers whose faults are known",
		Long: `Selftest runs servers that misbehave on purpose, and honest ones, through the same
campaign as 'run', and compares every counter and quantile of each trial with
what arithmetic says that it must be. Each fault has to be found where it belongs
and nowhere else. It takes less than two minutes; a miss exits with 1.

A number that a busy machine can spoil is measured again, twice at most and while
the two minutes last; the table says so. One that is wrong still, in a trial that
the machine was in the way of, leaves its check undecided, which exits with 106.
With one CPU there is nothing to tell server and clients apart: it needs two.`,
		Example: `  pushbench selftest
  pushbench selftest --only drop,delay -t sse,ws
  pushbench selftest --thorough --only delay    # 1,000 clients, p99.9`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.selftest(c) },
	}
	flags := c.Flags()
	flags.StringSliceVarP(&f.transports, "transports", "t", transportNames(), "transports to try")
	flags.StringSliceVar(&f.only, "only", nil, "faults, or what their names begin with: "+strings.Join(selftest.Names(), ", "))
	flags.BoolVar(&f.thorough, "thorough", false, "enough clients and time for p99.9 of the delays; takes longer")
	flags.StringVar(&f.format, "format", "table", "what to print at the end: "+strings.Join(report.ChecksFormats.Names(), ", "))
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no status while it runs")
	return c
}

func interrupted(test *results.SelfTest) error {
	if test == nil {
		return errors.New("interrupted before the first check")
	}
	return fmt.Errorf("interrupted after %d of %d checks", len(test.Checks), test.Planned)
}

func (f selftestFlags) selftest(c *cobra.Command) error {
	format, err := report.ChecksFormats.Named(f.format)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	picked, err := pick(f.transports)
	if err != nil {
		return err
	}
	drive, err := engineOf(defaultEngine)
	if err != nil {
		return err
	}
	executable, err := target.Executable()
	if err != nil {
		return err
	}
	status := newStatus(c.ErrOrStderr(), f.quiet)
	options := selftest.Options{
		Only: f.only, Thorough: f.thorough, Executable: executable, Engine: drive, Report: status.report,
	}
	for _, t := range picked {
		options.Transports = append(options.Transports, t.measured())
	}
	test, err := selftest.Run(c.Context(), options)
	status.end()
	if errors.Is(err, selftest.ErrUnknown) {
		return usage("--only: %w", err)
	}
	if test != nil && len(test.Checks) > 0 {
		if failed := format.Write(c.OutOrStdout(), test, report.Options{}); failed != nil {
			return errors.Join(err, fmt.Errorf("print checks: %w", failed))
		}
	}
	switch {
	case c.Context().Err() != nil:
		return &exitError{exitInterrupted, interrupted(test)}
	case err != nil:
		return err
	}
	missed, undecided := test.Count(results.Miss), test.Count(results.Undecided)
	switch {
	case missed > 0:
		return fmt.Errorf("%d of %d checks missed: the numbers of this build, on this machine, cannot be trusted", missed, len(test.Checks))
	case undecided > 0:
		return &exitError{exitUntrusted, fmt.Errorf("%d of %d checks undecided: the machine was in the way, try again when it is quiet", undecided, len(test.Checks))}
	}
	return nil
}
