package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report"
	"pushbench/results/threshold"
	"pushbench/scenarios"
)

// runFlags are what `run` can be told beside the scenario's own numbers.
type runFlags struct {
	out     string
	formats []string
	engine  string
	quiet   bool

	again   string  // the transport to compare with itself; "" for none
	until   percent // width of the leading ratio's interval; zero for a fixed number of blocks
	maxTime scenarios.Duration
}

func newRun() *cobra.Command {
	f := runFlags{maxTime: scenarios.Duration(10 * time.Minute)}
	numbers := newOverrides()
	var demanded demands
	c := &cobra.Command{
		Use:   "run [NAME|FILE]",
		Short: "Measure the transports under a scenario",
		Long: `Run executes a scenario, "quick" unless another is named: every transport once
in each block, in random order, each time with a fresh server in a process of
its own. It saves after every trial and prints a table at the end.

A NAME is one that 'pushbench scenarios' lists; a FILE is YAML of the same kind.
Flags take the place of its usual numbers; for others write a FILE. One that is
a saved run (.json) is repeated: the scenario as it was executed, with its seed,
engine and options.

With --stack both every transport runs on two servers: one of the stack std, which
is net/http and gorilla as most teams would use them, and one of the stack lean, an
event loop that shows what the protocol can do (Linux). With --baseline there is one
row more, tcp, of frames straight on TCP, and a table of how far the others are from
it; it is on the stack lean, whatever the others are on.

With --aa one transport runs twice in each block: how far it differs from itself
is the smallest difference that this machine could show. A transport is named as
in --aa=ws; --aa=off repeats a run file without.

With --until there are as many blocks as it takes to know the leading ratio well
enough. That is six at least, because fewer have no interval; but a block that
would most likely end after --max-time is not begun, unless it is the first, and
when none of the transports can be ranked after six the run ends. After each
block it looks at the interval's width, never at which side of 1 it lies:
stopping when a difference shows would find one where there is none. But who
stops at the first narrow interval is sometimes lucky, so it is a little less
sure than its 95 %. --until=off repeats a run file with a fixed number of blocks.

An expression is [TRANSPORT:]METRIC OP VALUE[UNIT], as in 'sse:latency_p99 < 50ms',
'lost == 0' or 'server_cpu_per_event <= 20us', or 'verdict valid'. METRIC is a
name of --format json; p50, p99 and p99.9 stand for those of latency. A row meets
it by its median over valid trials, a count by every trial. A --threshold that a
row does not meet, or that has nothing to judge, ends the run with 99. --slo says
what is a finding only, and what --search looks for: for each transport the
hardest value of a key at which the SLO holds, between two ends, with the interval
in which it is and what broke first. What spoils a probe is told apart from the
server's limit, with 'verdict valid' in --slo or without. Then --trials is how
often each end is tried, and 'capacity >= 2000' an expression, too.`,
		Example: `  pushbench run
  pushbench run quick -c 10000 -r 1/s
  pushbench run ticker -t sse,ws --aa=ws --until 3%
  pushbench run ticker --stack both --baseline
  pushbench run my-product.yaml -o my-product.json --format table,markdown=my-product.md
  pushbench run ticker --threshold 'sse:p99 < 50ms' --threshold 'lost == 0'
  pushbench run ticker --search clients=100..8000 --slo 'p99 < 100ms'`,
		Args: func(c *cobra.Command, args []string) error {
			// A flag whose value may be left out takes none after a space.
			for _, arg := range args {
				if f.again == anyTransport && slices.Contains(transportNames(), arg) {
					return usage("%s is a transport and no scenario: write --aa=%s", arg, arg)
				}
			}
			if len(args) > 1 {
				return usage("run takes one scenario, got %s", strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: completeScenario(cobra.ShellCompDirectiveDefault), // or a file
		RunE: func(c *cobra.Command, args []string) error {
			name := wanted(args)
			task, err := load(name)
			if err != nil {
				return err
			}
			if len(task.scenario.Transports) > 0 {
				if _, err := pick(task.scenario.WithBaseline()); err != nil {
					return &exitError{exitScenario, fmt.Errorf("%s: transports: %w", name, err)}
				}
			}
			replaced, err := demanded.apply(c.Flags(), numbers, task.scenario)
			if err != nil {
				return err
			}
			notes, err := numbers.apply(c.Flags(), task.scenario)
			if err != nil {
				return err
			}
			more, err := f.apply(c.Flags(), &task)
			if err != nil {
				return err
			}
			return f.run(c, task, slices.Concat(replaced, notes, more, task.scenario.Remarks()))
		},
	}
	flags := c.Flags()
	flags.StringVarP(&f.out, "out", "o", "", "the run `file` (default: results/runs/TIME-NAME.json); with - it is printed, too, in place of the table")
	flags.StringSliceVar(&f.formats, "format", []string{"table"}, "what to make of it at the end, each `NAME[=FILE]` (may be repeated): "+formatNames())
	flags.StringVar(&f.engine, "engine", defaultEngine, "what drives the clients: loop (Linux) or goroutine")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no status while it runs")
	flags.StringVar(&f.again, "aa", "", "compare a `transport` with itself, as in --aa=ws: it runs twice in each block (default: sse, or the first)")
	flags.Lookup("aa").NoOptDefVal = anyTransport
	flags.Var(&f.until, "until", "go on after --trials blocks until the leading ratio's interval is narrower, as in 3%, or off")
	flags.Var(&f.maxTime, "max-time", "longest time that --until takes, unless the first block alone takes longer")
	numbers.register(flags)
	demanded.register(flags)
	return c
}

func (f runFlags) run(c *cobra.Command, task task, notes []string) error {
	rendered, err := f.outputs(c.Flags().Changed("format"))
	if err != nil {
		return err
	}
	run, file, err := f.measure(c, task, notes, func(run *results.Run, file string) error {
		if err := rendered.prepare(file); err != nil {
			return err
		}
		if name := rendered.single(); name != "" && (len(run.Capacity) > 0 || run.Planned > task.scenario.Trials) {
			return usage("--format %s holds one row, and this run has more: leave it out, then choose one with 'pushbench report RUN --format %s --row TAG'", name, name)
		}
		return nil
	})
	if run == nil {
		return err
	}
	return conclude(c, run, file, rendered, err)
}

// outputs are what the run is made into at its end. With -o - that is the run file
// itself, for a pipe, and the formats that were asked for.
func (f runFlags) outputs(asked bool) (outputs, error) {
	if f.out != standard {
		return outputsOf(f.formats, standard)
	}
	var all outputs
	if asked {
		var err error
		if all, err = outputsOf(f.formats, standard); err != nil {
			return nil, err
		}
	}
	for _, o := range all {
		if o.file == standard {
			return nil, usage("%s and the run file both go to standard output: give %s a file, as in --format %s=FILE", o.Name, o.Name, o.Name)
		}
	}
	return append(all, output{report.Format[*results.Run]{Name: "the run file", Write: writeRun}, standard}), nil
}

// writeRun writes the run as it is saved.
func writeRun(w io.Writer, run *results.Run, _ report.Options) error {
	return json.NewEncoder(w).Encode(run)
}

// conclude renders what there is and turns how it ended into an exit code.
func conclude(c *cobra.Command, run *results.Run, file string, rendered outputs, err error) error {
	if len(run.Trials) > 0 {
		if failed := rendered.write(c.OutOrStdout(), run, file); failed != nil {
			failed = fmt.Errorf("print results: %w", failed)
			if !errors.Is(err, campaign.ErrSave) {
				failed = fmt.Errorf("%w (what was measured stands in %s)", failed, file)
			}
			return errors.Join(err, failed)
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
	if err := unmet(run); err != nil {
		return err
	}
	if len(run.Capacity) > 0 {
		return unanswered(run)
	}
	rows := compare.Rows(run)
	for _, row := range rows {
		if !row.Ranked {
			return &exitError{exitUntrusted, fmt.Errorf("%s: too few valid trials to be trusted: see the reasons above", compare.Label(row.Cell, rows))}
		}
	}
	return nil
}

// judge adds to a run that has ended what only all of its trials say.
func judge(run *results.Run, s *scenarios.Scenario) {
	run.Thresholds = threshold.Judge(run, s.Thresholds)
	if len(run.Capacity) > 0 {
		return // rows of a search are loads of which each is measured a few times
	}
	run.Costs = compare.Costs(run)
	run.SLO = threshold.Judge(run, s.SLO)
}

// describe begins the run's record: everything that a reader needs to repeat it.
func describe(t task) (*results.Run, error) {
	executed, err := json.Marshal(t.scenario)
	if err != nil {
		return nil, fmt.Errorf("record scenario: %w", err)
	}
	machine, err := results.Inspect()
	if err != nil {
		return nil, err
	}
	return &results.Run{
		Schema:   results.Schema,
		Scenario: t.scenario.Name,
		Executed: executed,
		Seed:     t.scenario.Seed,
		Engine:   t.engine,
		Again:    t.again,
		Until:    t.until,
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
