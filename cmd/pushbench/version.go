package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"pushbench/results"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			machine, err := results.Inspect()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "pushbench %s %s %s/%s\n", machine.Version, machine.Go, machine.OS, runtime.GOARCH)
			return err
		},
	}
}
