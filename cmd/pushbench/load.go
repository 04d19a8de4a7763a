package main

import (
	"github.com/spf13/cobra"

	"pushbench/loadgen/generator"
)

// newLoad is the command by which a run starts its generators, where it has several.
func newLoad() *cobra.Command {
	var orders bool
	var name string
	c := &cobra.Command{
		Use:    "load",
		Short:  "Play clients as a run orders it",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !orders {
				return usage("load plays clients for a run, which starts it by itself: see 'pushbench run --generators'")
			}
			engine, err := engineOf(name)
			if err != nil {
				return err
			}
			return generator.NewPlayer(engine, halves()).Obey(c.Context(), c.InOrStdin(), c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&orders, "orders", false, "take orders as JSON lines on standard input and end with it")
	c.Flags().StringVar(&name, "engine", defaultEngine, "what drives the clients: loop (Linux) or goroutine")
	return c
}

// halves are the client halves of the table.
func halves() generator.Halves {
	all := generator.Halves{}
	for _, t := range transports {
		all[t.name] = t.client
	}
	return all
}
