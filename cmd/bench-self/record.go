package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// A record is a session as data: every run of every round, and what the pairs
// say. It is a kind of file by itself, not a run file.
type record struct {
	Kind    string        `json:"kind"`
	Schema  int           `json:"schema"`
	Started time.Time     `json:"started"`
	Rounds  int           `json:"rounds"`
	Window  time.Duration `json:"window_ns"`
	Samples []sample      `json:"samples"`
	Pairs   []outcome     `json:"pairs"`
}

// save replaces the file whole, so that an end in between leaves what there was.
// Without a name it does nothing.
func (r *record) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("save record: %w", err)
	}
	next := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".next")
	if err := os.WriteFile(next, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("save record: %w", err)
	}
	if err := os.Rename(next, file); err != nil {
		os.Remove(next)
		return fmt.Errorf("save record: %w", err)
	}
	return nil
}

// tabulate writes the outcomes as a table.
func tabulate(w io.Writer, outcomes []outcome) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "PAIR\tA\tB\tUNIT\tB ÷ A [MIN–MAX]\tROUNDS\tGOAL\tREACHED\n")
	goals, reached := 0, 0
	for _, o := range outcomes {
		a, b, ratio, yes := "–", "–", "–", "–"
		if o.Rounds > 0 {
			b = fmt.Sprintf("%.2f", o.B)
		}
		if o.Ratio > 0 {
			a, ratio = fmt.Sprintf("%.2f", o.A), fmt.Sprintf("%.2f [%.2f–%.2f]", o.Ratio, o.Low, o.High)
		}
		if o.Goal != "" {
			goals++
			switch {
			case o.Reached == nil:
			case *o.Reached:
				yes = "yes"
				reached++
			default:
				yes = "no"
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", o.Pair, a, b, o.Unit, ratio, o.Rounds, o.Goal, yes)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	_, err := fmt.Fprintf(w, "\n%d of %d goals reached. CPU is per event, of poll per answer.\n", reached, goals)
	return err
}
