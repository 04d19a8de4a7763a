// Bench-self measures the suite's own halves against the physical floor: a
// server and a client in C that do nothing but epoll, read and write. It says
// whether the load generator costs less than what it measures, and what the
// servers cost beside the plainest ones that a Go team would write.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// roles are what this program is when it starts itself again.
var roles = map[string]func(ctx context.Context, args []string, out, errs io.Writer) error{
	"generator": generate,
	"plain":     servePlain,
}

// run executes one command line and returns the exit code. The table goes to
// out, everything else to errs.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	command := bench
	if len(args) > 0 {
		if role, ok := roles[args[0]]; ok {
			command, args = role, args[1:]
		}
	}
	err := command(ctx, args, out, errs)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	fmt.Fprintf(errs, "bench-self: %v\n", err)
	return 1
}

// errUsage is a command line that its flag set has already complained about.
var errUsage = errors.New("wrong usage")

func parse(flags *flag.FlagSet, args []string, errs io.Writer) error {
	flags.SetOutput(errs)
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("no arguments wanted, got %q", flags.Arg(0))
		fmt.Fprintf(errs, "bench-self: %v\n", err)
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return fmt.Errorf("%w: %w", errUsage, err)
}

// bench is the whole measurement.
func bench(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("bench-self", flag.ContinueOnError)
	floor := flags.String("floor", "", "`folder` with fsrv.c, fcli.c and their Makefile")
	rounds := flags.Int("rounds", 5, "how often everything is measured, in turn")
	window := flags.Duration("window", 2*time.Second, "measured time of a run; saturated ones take half")
	only := flags.String("only", "", "`regexp` of the pairs to measure")
	file := flags.String("o", "", "JSON `file` for every run and every pair")
	if err := parse(flags, args, errs); err != nil {
		return err
	}
	picked, err := pick(*only)
	if err != nil {
		return err
	}
	s := &session{rounds: *rounds, window: *window, pairs: picked, errs: errs}
	record := record{Kind: "bench-self", Schema: 1, Started: time.Now(), Rounds: *rounds, Window: *window}
	if err := record.save(*file); err != nil {
		return err
	}
	if s.bench, err = prepare(ctx, *floor, s.duties()); err != nil {
		return err
	}
	defer s.bench.remove()
	s.saved = func() error {
		record.Samples, record.Pairs = s.samples, s.outcomes()
		return record.save(*file)
	}
	err = s.run(ctx)
	if len(s.samples) > 0 {
		err = errors.Join(err, tabulate(out, s.outcomes()))
	}
	return err
}
