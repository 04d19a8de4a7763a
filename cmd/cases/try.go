package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// try runs the tests, package by package, and returns what became of each: pass,
// fail or skip. That tests fail is no error; that a package does not build is.
func try(ctx context.Context, byPackage map[string][]string, errs io.Writer) (map[test]string, error) {
	results := map[test]string{}
	for _, pkg := range slices.Sorted(maps.Keys(byPackage)) {
		names := byPackage[pkg]
		fmt.Fprintf(errs, "cases: %s, %d tests\n", pkg, len(names))
		command := exec.CommandContext(ctx, "go", "test", "-json", "-run", "^("+strings.Join(names, "|")+")$", pkg)
		command.Stderr = errs
		out, err := command.Output()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
			return nil, fmt.Errorf("test %s: %w", pkg, err)
		}
		if err := note(results, pkg, out); err != nil {
			return nil, fmt.Errorf("test %s: %w", pkg, err)
		}
		for _, name := range names {
			if results[test{pkg, name}] == "" {
				return nil, fmt.Errorf("test %s: no word of %s: does the package build?\n%s", pkg, name, spoken(out))
			}
		}
	}
	return results, nil
}

// An event is a line of `go test -json` (see `go doc test2json`).
type event struct {
	Action string
	Test   string
	Output string
}

// note takes what became of whole tests from what go test has said.
func note(results map[test]string, pkg string, out []byte) error {
	return events(out, func(e event) {
		if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
			if e.Test != "" && !strings.Contains(e.Test, "/") {
				results[test{pkg, e.Test}] = e.Action
			}
		}
	})
}

// spoken is what go test would have printed without -json.
func spoken(out []byte) string {
	var b strings.Builder
	events(out, func(e event) { b.WriteString(e.Output) })
	return b.String()
}

func events(out []byte, each func(event)) error {
	lines := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var e event
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read what go test says: %w", err)
		}
		each(e)
	}
}
