package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/scenarios"
)

// runFlags are what `run` can be told beside the scenario's own numbers.
type runFlags struct {
	out    string
	format string
	engine string
	quiet  bool
}

func newRun() *cobra.Command {
	var f runFlags
	numbers := newOverrides()
	c := &cobra.Command{
		Use:   "run [NAME|FILE]",
		Short: "Measure the transports under a scenario",
		Long: `Run executes a scenario, "quick" unless another is named: every transport once
in each block, in random order, each time with a fresh server in a process of
its own. It saves after every trial and prints a table at the end.

A NAME is one that 'pushbench scenarios' lists; a FILE is YAML of the same kind.
Every number of a scenario can be overridden.`,
		Example: `  pushbench run
  pushbench run quick -c 10000 -r 1/s
  pushbench run my-product.yaml --format markdown -o my-product.json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("run takes one scenario, got %s", strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.Names(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			name := "quick"
			if len(args) == 1 {
				name = args[0]
			}
			scenario, err := load(name)
			if err != nil {
				return err
			}
			if len(scenario.Transports) > 0 {
				if _, err := pick(scenario.Transports); err != nil {
					return &exitError{exitScenario, fmt.Errorf("%s: transports: %w", name, err)}
				}
			}
			if err := numbers.apply(c.Flags(), scenario); err != nil {
				return err
			}
			return f.run(c, scenario)
		},
	}
	flags := c.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "the run `file` (default: results/runs/TIME-NAME.json)")
	flags.StringVar(&f.format, "format", "table", "what to print at the end: "+formatNames())
	flags.StringVar(&f.engine, "engine", defaultEngine, "what drives the clients: loop (Linux) or goroutine")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no status while it runs")
	numbers.register(flags)
	return c
}

// load finds a scenario by name or reads it from a file: whatever looks like a
// path is one.
func load(name string) (*scenarios.Scenario, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		s, err := scenarios.Read(name)
		if err != nil {
			return nil, &exitError{exitScenario, err}
		}
		return s, nil
	}
	s, err := scenarios.Load(name)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return s, nil
}

func (f runFlags) run(c *cobra.Command, s *scenarios.Scenario) error {
	format, err := formatOf(f.format)
	if err != nil {
		return err
	}
	picked, err := pick(s.Transports)
	if err != nil {
		return err
	}
	drive, err := engineOf(f.engine)
	if err != nil {
		return err
	}
	run, err := describe(s)
	if err != nil {
		return err
	}
	file := f.out
	if file == "-" {
		return usage("--out names the run file: use --format for what goes to standard output")
	}
	if file == "" {
		if file, err = results.DefaultPath(run.Started, s.Name); err != nil {
			return err
		}
	}
	if err := results.Prepare(file); err != nil {
		return err
	}
	executable, err := target.Executable()
	if err != nil {
		return err
	}
	for _, remark := range s.Remarks() {
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: note: %s\n", remark)
	}
	status := newStatus(c.ErrOrStderr(), f.quiet)
	options := campaign.Options{
		Scenario:   s,
		Executable: executable,
		Engine:     drive,
		Save:       func(r *results.Run) error { return results.Save(file, r) },
		Report:     status.report,
	}
	for _, t := range picked {
		options.Transports = append(options.Transports, t.measured())
	}
	running, err := campaign.New(options, run)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "pushbench: interrupted: accounting for what is under way (again to stop at once)")
	})
	err = running.Run(c.Context())
	stop()
	status.end()
	return f.conclude(c, run, file, format, err)
}

// conclude renders what there is and turns how it ended into an exit code.
func (f runFlags) conclude(c *cobra.Command, run *results.Run, file string, format renderer, err error) error {
	if len(run.Trials) > 0 {
		if failed := format.render(c.OutOrStdout(), run, file); failed != nil {
			err = errors.Join(err, fmt.Errorf("print results: %w", failed))
		}
	}
	switch {
	case errors.Is(err, campaign.ErrSave):
		return err
	case c.Context().Err() != nil:
		return &exitError{exitInterrupted, fmt.Errorf("interrupted in trial %d of %d: what there is stands in %s", len(run.Trials), run.Planned, file)}
	case err != nil:
		return err
	}
	for _, row := range compare.Rows(run) {
		if !row.Ranked {
			return &exitError{exitUntrusted, fmt.Errorf("%s: too few valid trials to be trusted: see the reasons above", row.Transport)}
		}
	}
	return nil
}

// describe begins the run's record: everything that a reader needs to repeat it.
func describe(s *scenarios.Scenario) (*results.Run, error) {
	executed, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("record scenario: %w", err)
	}
	machine, err := results.Inspect()
	if err != nil {
		return nil, err
	}
	return &results.Run{
		Schema:   results.Schema,
		Scenario: s.Name,
		Executed: executed,
		Seed:     s.Seed,
		Command:  append([]string{"pushbench"}, os.Args[1:]...),
		Started:  time.Now(),
		Status:   results.Running,
		Machine:  machine,
	}, nil
}

func engineOf(name string) (func(engine.Options) (engine.Engine, error), error) {
	switch name {
	case "loop":
		return engine.NewLoop, nil
	case "goroutine":
		return func(o engine.Options) (engine.Engine, error) { return engine.NewGoroutine(o), nil }, nil
	}
	return nil, usage("unknown engine %q (have loop, goroutine)", name)
}
