// Package history lists run files: what somebody must know of each to choose one.
package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pushbench/results"
	"pushbench/results/compare"
)

// A Run is what a list says of a run file.
type Run struct {
	File string
	// Err says why the file is none that can be read. Then nothing else is known of
	// it but Started, which is when it was last written.
	Err      error
	Started  time.Time
	Scenario string
	Command  string // as it was typed, without the program's name
	Status   results.Status
	Trials   compare.Counts
	Planned  int
	// Rows are its cells, and Ranked those that have valid trials enough. A search,
	// whose rows are its probes, has none.
	Rows, Ranked int
	// Thresholds are how many it was judged by, and Failed those it did not keep.
	Thresholds, Failed int
	Took               time.Duration // from its beginning to the end of its last trial's measured phase
}

// published is what a run's file is called that has a folder of its own.
const published = "run.json"

// maxText is how much of a text is kept, in bytes: a hostile file may have any.
const maxText = 1 << 10

// List describes the files of a folder that end in .json, and those called run.json
// in folders of it, as runs are published; or a file that is named itself. It holds
// one run in memory at a time. Its error is about the name; a file that cannot be read
// is listed with its own.
func List(name string) ([]Run, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	if !info.IsDir() {
		return []Run{describe(name, info)}, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var all []Run
	for _, entry := range entries {
		file := filepath.Join(name, entry.Name())
		info, err := os.Stat(file) // of what a link leads to
		if err == nil && info.IsDir() {
			file = filepath.Join(file, published)
			if info, err = os.Stat(file); errors.Is(err, fs.ErrNotExist) {
				continue // a folder of something else
			}
		}
		switch {
		case filepath.Ext(file) != ".json" || strings.HasPrefix(entry.Name(), "."):
		case errors.Is(err, fs.ErrNotExist) && entry.Type()&fs.ModeSymlink == 0: // gone meanwhile
		case err != nil:
			all = append(all, Run{File: file, Err: err})
		case info.Mode().IsRegular():
			all = append(all, describe(file, info))
		}
	}
	return all, nil
}

// Names are the files of a folder that List would describe, the last name first: of
// runs that were given no name of their own that is the newest.
func Names(folder string) []string {
	files, _ := filepath.Glob(filepath.Join(folder, "*.json")) // of a pattern that is one
	slices.Sort(files)
	slices.Reverse(files)
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasPrefix(filepath.Base(file), ".") })
}

// Newest puts the runs in order, the newest first.
func Newest(all []Run) {
	slices.SortStableFunc(all, func(a, b Run) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.File, a.File))
	})
}

// describe reads a file and keeps what a list says of it.
func describe(file string, info fs.FileInfo) Run {
	broken := func(err error) Run { return Run{File: file, Err: err, Started: info.ModTime()} }
	if !info.Mode().IsRegular() { // to read a pipe would wait for somebody who writes
		return broken(fmt.Errorf("load %s: %w", file, results.ErrFile))
	}
	run, err := results.Load(file)
	switch {
	case err != nil:
		return broken(err)
	case run.Started.IsZero(): // as of a report in JSON
		return broken(fmt.Errorf("load %s: %w: it does not say when it began", file, results.ErrFile))
	}
	r := Run{
		File: file, Started: run.Started, Scenario: clip(run.Scenario), Status: results.Status(clip(string(run.Status))),
		Command: clip(strings.Join(run.Command[min(1, len(run.Command)):], " ")), Planned: run.Planned, Thresholds: len(run.Thresholds),
	}
	for _, j := range run.Thresholds {
		if !j.Passed {
			r.Failed++
		}
	}
	for _, counts := range compare.Counted(run) {
		if len(run.Capacity) == 0 {
			r.Rows++
			if counts.Ranked() {
				r.Ranked++
			}
		}
		r.Trials.Valid += counts.Valid
		r.Trials.Suspect += counts.Suspect
		r.Trials.Invalid += counts.Invalid
	}
	for i := range run.Trials {
		t := &run.Trials[i]
		r.Took = max(r.Took, t.Started.Add(t.Measured).Sub(run.Started))
	}
	return r
}

// clip is the text as far as it is kept, apart from what it was a part of.
func clip(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return strings.Clone(text)
}
