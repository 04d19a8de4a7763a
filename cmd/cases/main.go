// Cases shows which test holds which of the cases that every release must
// survive, and whether it does: cases.txt lists them, tests name them in a
// comment behind their first line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errGaps says that a case which must hold has no test that shows it.
var errGaps = errors.New("cases that must hold and are not shown to")

// run executes one command line and returns the exit code: 0 when every case of
// priority 1 is held, 1 when not, 2 for a wrong command line.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("cases", flag.ContinueOnError)
	flags.SetOutput(errs)
	list := flags.Bool("list", false, "only say which tests there are, and run none")
	only := flags.String("only", "", "`regexp` of the cases' ids")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	ids, err := regexp.Compile(*only)
	if err != nil || flags.NArg() > 0 {
		fmt.Fprintf(errs, "cases: wants a regular expression in -only, and no arguments: %v\n", err)
		return 2
	}
	if err := show(ctx, ids, *list, out, errs); err != nil {
		fmt.Fprintf(errs, "cases: %v\n", err)
		return 1
	}
	return 0
}

// show finds the tests of this folder's tree, runs them unless only a list is
// wanted, and prints the table.
func show(ctx context.Context, ids *regexp.Regexp, list bool, out, errs io.Writer) error {
	all, err := read(text)
	if err != nil {
		return err
	}
	var picked []entry
	for _, e := range all {
		if ids.MatchString(e.id) {
			picked = append(picked, e)
		}
	}
	tests, err := find(".")
	if err != nil {
		return err
	}
	held := map[test]string{}
	if !list {
		if held, err = try(ctx, needed(picked, tests), errs); err != nil {
			return err
		}
	}
	return tabulate(out, picked, tests, held, list)
}
