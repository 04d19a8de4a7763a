package main

import (
	"errors"
	"fmt"
	"io"
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
	var clients int
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what of this machine would spoil a run",
		Long: `Doctor looks at what of this machine moves results: limits, CPUs, clocks, what
others take. It says what each finding would spoil, and how to mend it, and
listens for a moment to how much others disturb now. What a machine does not
tell is unknown and not fine.

It exits with 1 when a run of so many clients would be refused, or every trial of
it be invalid.`,
		Example: `  pushbench doctor
  pushbench doctor -c 10000`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if clients < 1 {
				return usage("--clients: %d, want at least 1", clients)
			}
			findings, err := diagnose(c, clients)
			if err != nil {
				return err
			}
			return tell(c.OutOrStdout(), findings)
		},
	}
	c.Flags().IntVarP(&clients, "clients", "c", 1000, "`number` of clients that a run shall have")
	return c
}

// diagnose judges this machine for all transports.
func diagnose(c *cobra.Command, clients int) ([]doctor.Finding, error) {
	scenario := scenarios.Default()
	scenario.Clients = clients
	options := campaign.Options{Scenario: scenario}
	for _, t := range transports {
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
