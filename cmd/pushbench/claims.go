package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pushbench/loadgen/witness"
	"pushbench/results"
	"pushbench/results/claim"
	"pushbench/results/report"
)

// claimsFlags are what `claims` can be told.
type claimsFlags struct {
	only   []string
	format string
	out    string
	quiet  bool
}

func newClaims() *cobra.Command {
	var f claimsFlags
	c := &cobra.Command{
		Use:   "claims [RUN...]",
		Short: "Test what is commonly said of the transports",
		Long: `Claims tests nine things that are commonly said of these transports, and prints
each with what was measured and whether it holds, does not hold, or depends, and
on what. Each says when it is taken to hold; a difference counts when it is shown,
with an interval, and rows that cannot be trusted do not count. Where no difference
is shown, a claim neither holds nor does not: "no difference shown" at all loads,
"told in part" when it is so at some of them, or some cannot be told.

Three small loads are measured for it, in less than four minutes, and saved like
other runs; any run files that are named are judged by instead, and nothing is
measured. A claim that holds at one load, and of which the contrary is shown at
another, depends on the load. What can be seen without one, with a plain HTTP
client, a client half and, where Chromium is there, a browser, is looked at each
time.

The exit code is 0 whatever holds; it is 106 when a load was measured for a claim
and rows of it cannot be trusted, or too few of their blocks.`,
		Example: `  pushbench claims
  pushbench claims --only faster,overhead
  pushbench claims results/published/*/run.json --format markdown -o claims.md`,
		ValidArgsFunction: completeRun(math.MaxInt),
		RunE:              func(c *cobra.Command, files []string) error { return f.claims(c, files) },
	}
	c.Flags().StringSliceVar(&f.only, "only", nil, "these claims: "+strings.Join(claimNames(claim.Claims), ", "))
	c.Flags().StringVar(&f.format, "format", "table", "one of "+strings.Join(report.ClaimsFormats.Names(), ", "))
	c.Flags().StringVarP(&f.out, "out", "o", standard, "`file` to write; - is standard output")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no status while it measures")
	return c
}

func claimNames(claims []claim.Claim) (names []string) {
	for _, c := range claims {
		names = append(names, c.Name)
	}
	return names
}

func (f claimsFlags) claims(c *cobra.Command, files []string) error {
	format, err := report.ClaimsFormats.Named(f.format)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	claims, err := claim.Named(f.only)
	if err != nil {
		return usage("--only: %w", err)
	}
	if f.out != standard {
		for _, file := range files {
			if same(f.out, file) {
				return usage("%s is the file of a run: write the claims to another", f.out)
			}
		}
		if err := prepareFile(f.out); err != nil {
			return err
		}
	}
	sources, err := stored(files)
	if err != nil {
		return err
	}
	sights := look(c.Context(), claims)
	if len(files) == 0 {
		sources, err = f.measured(c, claims)
		if err != nil && len(sources) == 0 {
			return err
		}
	}
	judged := claim.Judge(claims, sources, sights)
	failed := toFile(c.OutOrStdout(), f.out, f.format == "table", func(w io.Writer, o report.Options) error {
		return format.Write(w, claim.Hearing{Judgments: judged, Sources: sources}, o)
	})
	if failed != nil {
		failed = fmt.Errorf("print claims: %w", failed)
	}
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	return untold(judged, len(files) == 0)
}

// untold is the error for claims that a load was measured for, and that cannot be
// told there because the measurement is not to be trusted.
func untold(judged []claim.Judgment, measured bool) error {
	doubted := func(e claim.Evidence) bool { return e.Outcome == claim.Doubted }
	var names []string
	for _, j := range judged {
		if measured && j.Scenario != "" && (len(j.Evidence) == 0 || slices.ContainsFunc(j.Evidence, doubted)) {
			names = append(names, j.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &exitError{exitUntrusted, fmt.Errorf("not all can be told of %s: see above, and try again when the machine is quiet", strings.Join(names, ", "))}
}

// stored are the runs of these files, to judge by.
func stored(files []string) ([]claim.Source, error) {
	var sources []claim.Source
	for i, name := range sourceNames(files) {
		run, err := results.Load(files[i])
		if err != nil {
			return nil, err
		}
		sources = append(sources, claim.Source{Name: name, Run: run})
	}
	return sources, nil
}

// sourceNames are what to call run files: by the file's own name, or by its folder's
// where the file is named as all are that were published. Of names that are the same
// then, each is the whole path.
func sourceNames(files []string) []string {
	var names []string
	times := map[string]int{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if whole, err := filepath.Abs(file); err == nil && name == "run" {
			if folder := filepath.Base(filepath.Dir(whole)); folder != string(filepath.Separator) {
				name = folder
			}
		}
		names = append(names, name)
		times[name]++
	}
	for i, name := range names {
		if times[name] > 1 {
			names[i] = files[i]
		}
	}
	return names
}

// measured runs the loads that these claims are judged by, each once. What there
// is of them comes with the error.
func (f claimsFlags) measured(c *cobra.Command, claims []claim.Claim) ([]claim.Source, error) {
	var sources []claim.Source
	var done []string
	for _, one := range claims {
		if one.Scenario == "" || slices.Contains(done, one.Scenario) {
			continue
		}
		done = append(done, one.Scenario)
		task, err := load(one.Scenario)
		if err != nil {
			return sources, err
		}
		if len(task.scenario.Transports) == 0 {
			task.scenario.Transports = transportNames()
		}
		run, file, err := runFlags{quiet: f.quiet}.measure(c, task, nil, nil)
		if run == nil {
			return sources, err
		}
		if len(run.Trials) > 0 {
			sources = append(sources, claim.Source{Name: run.Scenario, Run: run})
		}
		if c.Context().Err() != nil {
			return sources, &exitError{exitInterrupted, fmt.Errorf("interrupted in trial %d of %d: what there is stands in %s", len(run.Trials), run.Planned, file)}
		}
		if err != nil {
			return sources, err
		}
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: %s is measured: %s\n", run.Scenario, file)
	}
	return sources, nil
}

// look looks at what needs no load.
func look(ctx context.Context, claims []claim.Claim) []claim.Sight {
	o := witness.Options{Claims: claimNames(claims)}
	b, name, err := openBrowser(ctx, o.Claims)
	if err != nil {
		o.Lacks = err.Error()
	} else if b != nil {
		defer b.Close()
		o.Browser, o.Name = b, name
	}
	return witness.Look(ctx, o)
}
