package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/results"
	"pushbench/results/change"
	"pushbench/results/history"
	"pushbench/results/report"
	"pushbench/results/threshold"
	"pushbench/scenarios"
)

// compareFlags are what `compare` can be told.
type compareFlags struct {
	format     string
	out        string
	metrics    []string
	all        bool
	transports []string
	gates      []string
	anyway     bool
}

func newCompare() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Compare two saved runs",
		Long: `Compare shows how each metric of each row has changed from one run file to
another: both medians, the ratio of new to old with its 95 % interval, and p, the
chance of trials so far apart where nothing has changed. "~" says that no
difference is shown, "=" that every trial of both runs has the same number, "too
few" that so few trials could show none: four and four are the least.

The trials of two runs share no blocks, so this is the Mann–Whitney U test, exact
up to 50 trials a side. The ratio is the median over all pairs of an old and a new
trial (Hodges–Lehmann), and its interval all the factors that the test would not
reject. Where many numbers are compared, chance alone makes some differ: how many
is said below the tables. What was special about the minutes of one run is in all
its trials, and no test can see that: before you act on a difference, run both
again, in turn.

Runs of different loads are refused, because numbers of the same name then mean
other things; --anyway compares them. Another machine is a warning, another
program most often the reason to compare, and both are named.

A gate is [TRANSPORT:]METRIC OP PERCENT%, as in 'latency_p99 > +10%' or
'sse:throughput < -5%': it names a change that must not be. It fails when all of
the ratio's interval is beyond it, so that noise does not stop a build: more
trials make a finer gate. Without data a gate has failed, never passed: too few
trials, a row that one run lacks or that is not ranked, a run that was not
finished. One that fails ends compare with 99, one that cannot be read with 104,
other loads with 2.`,
		Example: `  pushbench compare before.json after.json
  pushbench compare before.json after.json --fail-if 'latency_p99 > +10%'
  pushbench compare before.json after.json --metrics p50,p99 --format markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("compare takes two run files, the old one and the new one")
			}
			return nil
		},
		ValidArgsFunction: completeRun(2),
		RunE:              func(c *cobra.Command, args []string) error { return f.run(c, args[0], args[1]) },
	}
	flags := c.Flags()
	flags.StringVar(&f.format, "format", "table", "one of "+strings.Join(report.ChangeFormats.Names(), ", "))
	flags.StringVarP(&f.out, "out", "o", standard, "`file` to write; - is standard output")
	flags.StringSliceVar(&f.metrics, "metrics", nil, "only these `metrics`, as --format json names them (default: what users care for)")
	flags.BoolVar(&f.all, "all", false, "all metrics there are")
	flags.StringSliceVarP(&f.transports, "transports", "t", nil, "only these `names` (default: all of the runs)")
	flags.StringArrayVar(&f.gates, "fail-if", nil, "a change that must not be, as a `gate` (may be repeated): exit 99 if it is")
	flags.BoolVar(&f.anyway, "anyway", false, "compare runs of different loads, too")
	return c
}

func (f compareFlags) run(c *cobra.Command, old, now string) error {
	format, err := report.ChangeFormats.Named(f.format)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	gates, err := gatesOf(f.gates)
	if err != nil {
		return err
	}
	if old == standard && now == standard {
		return usage("standard input holds one of the two runs: name a file for the other")
	}
	var sides [2]change.Side
	for i, name := range []string{old, now} {
		run, file, err := saved(c, name)
		if err != nil {
			return err
		}
		if f.out != standard && same(f.out, file) {
			return usage("%s is the file of a run: write the comparison to another", f.out)
		}
		complete(run)
		sides[i] = change.Side{File: file, Run: run}
	}
	if f.out != standard {
		if err := prepareFile(f.out); err != nil {
			return err
		}
	}
	if c.Flags().Changed("transports") {
		if err := narrowBoth(sides[0].Run, sides[1].Run, f.transports); err != nil {
			return err
		}
	}
	names, err := f.names(c.Flags().Changed("metrics"), sides[1].Run, gates)
	if err != nil {
		return err
	}
	changes := change.Between(sides[0], sides[1], names)
	if changes.Differ(change.Load) && !f.anyway {
		return usage("the runs have different loads, so that numbers of the same name mean other things: %s: --anyway compares them all the same",
			report.Mismatches(changes, change.Load))
	}
	changes.Judge(gates)
	if err := f.write(c, format, changes); err != nil {
		return err
	}
	if failed := report.Failures(changes); len(failed) > 0 {
		return &exitError{exitThreshold, fmt.Errorf("%d of %d gates failed\n%s", len(failed), len(changes.Judgments), strings.Join(failed, "\n"))}
	}
	if !changes.Compared() {
		return errors.New("nothing of these runs can be compared: see above")
	}
	return nil
}

// write renders the changes to where they were asked for.
func (f compareFlags) write(c *cobra.Command, format report.Format[*change.Changes], changes *change.Changes) error {
	return toFile(c.OutOrStdout(), f.out, format.Name == "table", func(w io.Writer, o report.Options) error {
		return format.Write(w, changes, o)
	})
}

// toFile renders a page into a file, or to standard output. There a table has the
// terminal's width and colours.
func toFile(stdout io.Writer, file string, table bool, render func(io.Writer, report.Options) error) error {
	var page bytes.Buffer
	if file != standard {
		if err := render(&page, report.Options{}); err != nil {
			return err
		}
		return writeFile(file, page.Bytes())
	}
	colors := table && colored(stdout)
	if err := render(&page, report.Options{Width: width(stdout), Color: colors}); err != nil {
		return err
	}
	text := painted(page.Bytes())
	if !colors {
		text = shown(stdout, page.Bytes())
	}
	_, err := stdout.Write(text)
	return err
}

// names are the metrics to compare: those asked for, and those that a gate is about.
func (f compareFlags) names(some bool, run *results.Run, gates []threshold.Gate) (names []string, err error) {
	switch {
	case f.all && some:
		return nil, usage("--metrics names some, and --all asks for all: leave out one of them")
	case f.all:
		for _, m := range results.Metrics {
			names = append(names, m.Name)
		}
	case some && len(f.metrics) == 0:
		return nil, usage("--metrics: no metric named")
	case some:
		for _, word := range f.metrics {
			m, err := threshold.MetricOf(strings.TrimSpace(word))
			if err != nil {
				return nil, &exitError{exitUsage, fmt.Errorf("--metrics: %w", err)}
			}
			names = append(names, m.Name)
		}
	default:
		names = change.Usual(run)
	}
	for _, g := range gates {
		names = append(names, g.Metric)
	}
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once, nil
}

// gatesOf reads those of --fail-if.
func gatesOf(texts []string) (all []threshold.Gate, err error) {
	for _, text := range texts {
		g, err := threshold.ParseGate(text)
		if err != nil {
			return nil, &exitError{exitScenario, fmt.Errorf("--fail-if: %w", err)}
		}
		if g.Transport != "" && !slices.Contains(everyTransport(), g.Transport) {
			return nil, &exitError{exitScenario, fmt.Errorf("--fail-if: %s: unknown transport %q (have %s)", g, g.Transport, strings.Join(transportNames(), ", "))}
		}
		all = append(all, g)
	}
	return all, nil
}

// complete gives a run's scenario the keys that it does not say: an older program did
// not know of them, and did what is their default now. What this program does not
// know of stays, and so does what is no scenario.
func complete(run *results.Run) {
	defaults, err := json.Marshal(scenarios.Default())
	if err != nil {
		return
	}
	whole, said := members(defaults), members(run.Executed)
	if whole == nil || said == nil {
		return
	}
	overlay(whole, said)
	if text, err := json.Marshal(whole); err == nil {
		run.Executed = text
	}
}

// members are those of a JSON object, numbers as they are written; nil of anything
// else.
func members(text []byte) (object map[string]any) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if in.Decode(&object) != nil {
		return nil
	}
	return object
}

// overlay puts what is said in the place of what is there.
func overlay(there, said map[string]any) {
	for key, value := range said {
		below, both := there[key].(map[string]any)
		if inner, ok := value.(map[string]any); ok && both {
			overlay(below, inner)
		} else {
			there[key] = value
		}
	}
}

// narrowBoth leaves two runs what is of these transports. One that only one of them
// has is shown as that.
func narrowBoth(old, now *results.Run, transports []string) error {
	both := &results.Run{Trials: slices.Concat(old.Trials, now.Trials)}
	if err := narrow(both, transports); err != nil { // which names those that there are
		return err
	}
	for _, run := range []*results.Run{old, now} {
		var has []string
		for _, name := range transports {
			if slices.ContainsFunc(run.Trials, func(t results.Trial) bool { return t.Transport == name }) {
				has = append(has, name)
			}
		}
		if len(has) == 0 {
			run.Trials, run.Capacity = nil, nil
		} else if err := narrow(run, has); err != nil {
			return err
		}
	}
	return nil
}

// completeRun offers a shell the saved runs, the newest first, for so many arguments.
func completeRun(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return history.Names(results.Folder), cobra.ShellCompDirectiveKeepOrder // or any file
	}
}
