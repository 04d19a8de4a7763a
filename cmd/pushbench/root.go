package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes, as in the tools that people gate their builds with.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitThreshold   = 99
	exitScenario    = 104
	exitInterrupted = 105
	exitUntrusted   = 106
)

// An exitError is an error that knows the program's exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// run executes one command line and returns the exit code. Results go to out,
// everything else to errs.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	code := exitFailed
	if known, ok := errors.AsType[*exitError](err); ok {
		code = known.code
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(errs, "pushbench: %s\n", visible([]byte(strings.TrimRight(line, "\n"))))
	}
	if code == exitUsage {
		fmt.Fprintf(errs, "pushbench: see '%s --help'\n", called.CommandPath())
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "pushbench",
		Short: "Measure which transport should carry updates to clients",
		Long: `Pushbench measures short polling, long polling, Server-Sent Events and
WebSocket against each other: four servers on one source of events, thousands
of clients, latency from the instant an event was due, and what it all costs.`,
		Example: `  pushbench run                         # all four, in about a minute
  pushbench run ticker -c 5000 -t sse,ws`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongFlag(err) })
	root.AddCommand(newRun(), newServe(), newLoad(), newScenarios(), newReport(), newClaims(), newCompare(), newRuns(), newChoose(), newSelftest(), newDoctor(), newVersion())
	return root
}

// noArgs refuses arguments; with subcommands it is a command that does not
// exist.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !c.HasSubCommands() {
		return usage("%s takes no arguments, got %q", c.CommandPath(), args[0])
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usage("unknown command %q (have %s)", args[0], strings.Join(names, ", "))
}
