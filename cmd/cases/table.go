package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// tabulate writes a line for each case and its tests, and below it what is
// missing. Its error is errGaps when a case of priority 1 is.
func tabulate(w io.Writer, entries []entry, tests map[string][]test, results map[test]string, list bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "CASE\tTEST\tRESULT\tWHAT HOLDS\n")
	held, must := 0, 0
	var gaps []string
	for _, e := range entries {
		verdict := judge(tests[e.id], results, list)
		if e.priority == 1 {
			must++
			if verdict == "" {
				held++
			} else {
				gaps = append(gaps, fmt.Sprintf("%s %s: %s", e.id, verdict, e.what))
			}
		}
		id, what := e.id, e.what
		if len(tests[e.id]) == 0 {
			fmt.Fprintf(table, "%s\t–\t%s\t%s\n", id, missing(e), what)
		}
		for _, t := range tests[e.id] {
			result := results[t]
			if list {
				result = "not run"
			}
			fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\n", id, strings.TrimPrefix(t.pkg, "./"), t.name, result, what)
			id, what = "", ""
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	verb := "hold"
	if list {
		verb = "have a test"
	}
	if _, err := fmt.Fprintf(w, "\n%d of %d cases of priority 1 %s.\n", held, must, verb); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	if len(gaps) > 0 {
		return fmt.Errorf("%w:\n  %s", errGaps, strings.Join(gaps, "\n  "))
	}
	return nil
}

// judge is what keeps a case with these tests from being held; empty: nothing. A
// test that was skipped shows nothing, so one at least must have passed.
func judge(tests []test, results map[test]string, list bool) string {
	if len(tests) == 0 {
		return "has no test"
	}
	if list {
		return ""
	}
	passed := false
	for _, t := range tests {
		switch results[t] {
		case "fail":
			return "fails in " + t.name
		case "pass":
			passed = true
		}
	}
	if !passed {
		return "was skipped"
	}
	return ""
}

// missing is what stands in place of a result where there is no test.
func missing(e entry) string {
	switch e.priority {
	case 0:
		return "later"
	case 1:
		return "MISSING"
	}
	return "missing"
}
