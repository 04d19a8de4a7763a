package report

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
)

// A series is what other tools are given of a row: its valid trials, from which
// the table's numbers are. A row that is not ranked has none, since those tools
// know of no verdict.
type series struct {
	compare.Row
	tag    string
	trials []*results.Trial
}

func newSeries(run *results.Run) []series {
	rows := compare.Rows(run)
	var all []series
	for _, r := range rows {
		s := series{Row: r, tag: tag(r.Cell, rows)}
		if r.Ranked {
			s.trials = compare.Valid(run, r.Cell)
		}
		all = append(all, s)
	}
	return all
}

// Tags name the run's rows as other tools are given them.
func Tags(run *results.Run) []string {
	rows := compare.Rows(run)
	var tags []string
	for _, r := range rows {
		tags = append(tags, tag(r.Cell, rows))
	}
	return tags
}

// Only leaves the run one of its rows, by its tag, and what was found of it: of a
// search, whose rows are its probes, the capacity of the row's transport. What
// the run says of several rows together, as costs do, goes with the others.
func Only(run *results.Run, name string) error {
	rows := compare.Rows(run)
	var have []string
	for _, r := range rows {
		one := tag(r.Cell, rows)
		have = append(have, one)
		if one != name {
			continue
		}
		run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool { return tag(t.Cell, rows) != name })
		if len(rows) > 1 {
			run.Costs = nil
		}
		elsewhere := func(j results.Judgment) bool {
			if j.Stack == "" || len(run.Capacity) > 0 { // not of a single row
				return j.Transport != "" && j.Transport != r.Transport
			}
			return tag(j.Cell, rows) != name
		}
		run.Thresholds, run.SLO = slices.DeleteFunc(run.Thresholds, elsewhere), slices.DeleteFunc(run.SLO, elsewhere)
		run.Capacity = slices.DeleteFunc(run.Capacity, func(c results.Capacity) bool { return c.Transport != r.Transport || c.Stack != r.Stack })
		return nil
	}
	return fmt.Errorf("no row %q in the run (it has %s)", name, strings.Join(have, ", "))
}

// tag is the cell's name without white space, commas and slashes: tools use it
// as a field of a line and as part of a file's name.
func tag(c results.Cell, rows []compare.Row) string {
	parts := []string{c.Transport}
	if slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Stack != c.Stack }) {
		parts = append(parts, c.Stack)
	}
	for _, axis := range slices.Sorted(maps.Keys(c.Axes)) {
		parts = append(parts, axis+"="+c.Axes[axis])
	}
	if c.Arm != "" {
		parts = append(parts, c.Arm)
	}
	return url.PathEscape(strings.Join(parts, "-"))
}

// head says what a file is of.
func head(run *results.Run) string {
	return printable(fmt.Sprintf("pushbench %s: %s of %s", run.Machine.Version, run.Scenario, run.Started.UTC().Format("2006-01-02T15:04:05Z")))
}

// count says how many of the row's trials are in the file.
func (s series) count() string {
	valid, all := s.Trials.Valid, s.Trials.Total()
	if !s.Ranked {
		return fmt.Sprintf("%s: none of %d trials, since only %d are valid", s.tag, all, valid)
	}
	return fmt.Sprintf("%s: %d of %d trials, those that are valid", s.tag, valid, all)
}

// beyond says what a histogram of other tools cannot hold; it is "" when there
// is nothing of the kind.
func (s series) beyond() string {
	var negative, over int64
	for _, t := range s.trials {
		negative += t.Histograms[results.Latency].Negative()
		over += t.Histograms[results.Latency].Over()
	}
	if negative+over == 0 {
		return ""
	}
	return fmt.Sprintf("%s: not in it are %d latencies below zero and %d above %v", s.tag, negative, over, hdr.Highest)
}
