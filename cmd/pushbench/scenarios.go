package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"pushbench/scenarios"
)

func newScenarios() *cobra.Command {
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List the scenarios, or show one",
		Long: `Scenarios lists the loads that come with the program, a line each. 'show' prints
one as YAML, with what it models: a beginning for a file of your own.`,
		Example: `  pushbench scenarios
  pushbench scenarios show ticker > mine.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 3, ' ', 0)
			for _, name := range scenarios.Names() {
				s, err := scenarios.Load(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s\n", name, s.Title)
			}
			return w.Flush()
		},
	}
	c.AddCommand(&cobra.Command{
		Use:   "show NAME",
		Short: "Print a scenario as YAML",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("show takes the name of one scenario")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarios.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			text, err := scenarios.Source(args[0])
			if err != nil {
				return &exitError{exitUsage, err}
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	})
	return c
}
