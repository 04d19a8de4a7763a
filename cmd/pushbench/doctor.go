package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"pushbench/loadgen/campaign"
	"pushbench/results"
	"pushbench/results/doctor"
	"pushbench/scenarios"
)

// listening is how long the doctor hears the machine's noise.
const listening = 300 * time.Millisecond

func newDoctor() *cobra.Command {
	counts := []count{
		{"clients", "c", "`number` of clients that the run shall have", func(s *scenarios.Scenario) *int { return &s.Clients }, new(int)},
		{"servers", "", "`number` of processes that its server shall have", func(s *scenarios.Scenario) *int { return &s.Servers }, new(int)},
		{"generators", "", "`number` of processes that its clients shall have", func(s *scenarios.Scenario) *int { return &s.Generators }, new(int)},
	}
	c := &cobra.Command{
		Use:   "doctor [NAME|FILE]",
		Short: "Say what of this machine would spoil a run",
		Long: `Doctor looks at what of this machine moves results: limits, CPUs, clocks, what
others take. It says what each finding would spoil, and how to mend it, and
listens for a moment to how much others disturb now. What a machine does not
tell is unknown and not fine.

It judges for the load of a scenario, "quick" unless another is named, as 'run'
takes it. It exits with 1 when that run would be refused, or every trial of it be
invalid.`,
		Example: `  pushbench doctor
  pushbench doctor -c 10000
  pushbench doctor -c 100000 --servers 6 --generators 6
  pushbench doctor my-product.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("doctor takes one scenario, got %s", strings.Join(args, " "))
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
			for _, n := range counts {
				if !c.Flags().Changed(n.key) {
					continue
				}
				if *n.given < 1 {
					return usage("--%s: %d, want at least 1", n.key, *n.given)
				}
				*n.of(task.scenario) = *n.given
				delete(task.scenario.Axes, n.key) // as in a run
				if task.scenario.Search.Key == n.key {
					task.scenario.Search = scenarios.Search{}
				}
			}
			findings, err := diagnose(c, name, task.scenario)
			if err != nil {
				return err
			}
			return tell(c.OutOrStdout(), findings)
		},
	}
	for _, n := range counts {
		c.Flags().IntVarP(n.given, n.key, n.short, 0, n.help+" (default: the scenario's)")
	}
	return c
}

// A count is one of a scenario's numbers for which a flag can stand.
type count struct {
	key, short, help string
	of               func(*scenarios.Scenario) *int
	given            *int
}

// diagnose judges this machine for the scenario and its transports.
func diagnose(c *cobra.Command, name string, scenario *scenarios.Scenario) ([]doctor.Finding, error) {
	if len(scenario.Transports) == 0 {
		scenario.Transports = transportNames()
	}
	picked, err := pick(scenario.WithBaseline())
	if err != nil {
		return nil, &exitError{exitScenario, fmt.Errorf("%s: transports: %w", name, err)}
	}
	options := campaign.Options{Scenario: scenario}
	for _, t := range picked {
		options.Transports = append(options.Transports, t.measured())
	}
	facts := results.ReadFacts()
	load, err := campaign.Heaviest(options, facts)
	if err != nil {
		return nil, err
	}
	return doctor.Diagnose(facts, load, results.Listen(c.Context(), listening)), nil
}

// tell prints the findings; the error says which of them a run would end of.
func tell(out io.Writer, findings []doctor.Finding) error {
	var problems []error
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.State, f.Code, f.Text)
		if f.Spoils != "" {
			fmt.Fprintf(w, "\t\t→ %s\n", f.Spoils)
		}
		if f.Mend != "" {
			fmt.Fprintf(w, "\t\t→ to mend: %s\n", f.Mend)
		}
		if f.State == doctor.Problem {
			problems = append(problems, fmt.Errorf("%s: %s", f.Code, f.Spoils))
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print findings: %w", err)
	}
	return errors.Join(problems...)
}
