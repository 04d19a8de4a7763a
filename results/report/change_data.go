package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"pushbench/results"
	"pushbench/results/change"
	"pushbench/results/compare"
)

// A comparison is a document for programs. Its form is a promise: members may be
// added, none changes.
type comparison struct {
	Schema     int               `json:"schema"`
	Old        comparedRun       `json:"old"`
	New        comparedRun       `json:"new"`
	Mismatches []change.Mismatch `json:"mismatches"`
	Notes      []string          `json:"notes,omitempty"`
	// Compared are the numbers that could have been shown to differ, Differ those
	// that are, and ByChance how many would be if nothing had changed.
	Compared   int                  `json:"compared"`
	Differ     int                  `json:"differ"`
	ByChance   float64              `json:"differ_by_chance"`
	Rows       []comparedRow        `json:"rows"`
	Capacities []comparedCapacity   `json:"capacity,omitempty"`
	Gates      []comparisonJudgment `json:"gates,omitempty"`
}

type comparedRun struct {
	File     string         `json:"file,omitempty"`
	Scenario string         `json:"scenario"`
	Started  time.Time      `json:"started"`
	Status   results.Status `json:"status"`
	Version  string         `json:"version"`
	Binary   string         `json:"binary"`
}

type comparedRow struct {
	Transport string                    `json:"transport"`
	Stack     string                    `json:"stack"`
	Axes      map[string]string         `json:"axes"`
	Arm       string                    `json:"arm,omitempty"`
	Why       string                    `json:"not_compared,omitempty"`
	Old       *compare.Counts           `json:"old_trials"` // null where the run does not have the row
	New       *compare.Counts           `json:"new_trials"`
	Metrics   map[string]comparedMetric `json:"metrics"`
}

type comparedMetric struct {
	Unit   string         `json:"unit"`
	Old    *comparedStat  `json:"old"` // null where the run does not tell it
	New    *comparedStat  `json:"new"`
	Ratio  *float64       `json:"ratio"` // new to old; null where a value is not above zero
	Lo     *float64       `json:"lo"`
	Hi     *float64       `json:"hi"`
	P      *float64       `json:"p"` // null where nothing could be tested
	Change change.Outcome `json:"change"`
}

type comparedStat struct {
	compare.Stat
	Trials int `json:"trials"` // that tell it
}

type comparedCapacity struct {
	Transport string            `json:"transport"`
	Stack     string            `json:"stack"`
	Old       *results.Capacity `json:"old"`
	New       *results.Capacity `json:"new"`
	Outcome   change.Outcome    `json:"change"`
}

type comparisonJudgment struct {
	Expr      string            `json:"expr"`
	Transport string            `json:"transport,omitempty"`
	Stack     string            `json:"stack,omitempty"`
	Axes      map[string]string `json:"axes,omitempty"`
	Ratio     *float64          `json:"ratio"`
	Lo        *float64          `json:"lo"`
	Hi        *float64          `json:"hi"`
	Shown     bool              `json:"shown"`
	Passed    bool              `json:"passed"`
	Why       string            `json:"why,omitempty"`
}

func writeChangeJSON(w io.Writer, c *change.Changes, _ Options) error {
	t := c.Tally()
	d := comparison{
		Schema: documentSchema, Old: comparedRunOf(c.Old), New: comparedRunOf(c.New),
		Mismatches: append([]change.Mismatch{}, c.Mismatches...), Notes: c.Notes(),
		Compared: t.Compared, Differ: t.Differ(), ByChance: t.ByChance, Rows: []comparedRow{},
	}
	for _, r := range c.Rows {
		d.Rows = append(d.Rows, comparedRowOf(r))
	}
	for _, one := range c.Capacities {
		d.Capacities = append(d.Capacities, comparedCapacity(one))
	}
	for _, j := range c.Judgments {
		d.Gates = append(d.Gates, comparisonJudgment{j.Gate.String(), j.Transport, j.Stack, j.Axes, j.Ratio, j.Lo, j.Hi, j.Shown, j.Passed, j.Why})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

func comparedRunOf(s change.Side) comparedRun {
	return comparedRun{s.File, s.Scenario, s.Started, s.Status, s.Machine.Version, s.Machine.Binary}
}

func comparedRowOf(r change.Row) comparedRow {
	row := comparedRow{Transport: r.Transport, Stack: r.Stack, Axes: r.Axes, Arm: r.Arm, Why: r.Why, Metrics: map[string]comparedMetric{}}
	if row.Axes == nil {
		row.Axes = map[string]string{}
	}
	if r.Old != nil {
		row.Old = &r.Old.Trials
	}
	if r.New != nil {
		row.New = &r.New.Trials
	}
	for _, m := range r.Metrics {
		one := comparedMetric{Unit: m.Unit, Old: comparedStatOf(m.Old), New: comparedStatOf(m.New), Change: m.Outcome()}
		if m.Shift != nil {
			one.Ratio, one.Lo, one.Hi = m.Shift.Ratio, m.Shift.Lo, m.Shift.Hi
			if m.Tested() {
				one.P = &m.Shift.P
			}
		}
		row.Metrics[m.Name] = one
	}
	return row
}

func comparedStatOf(s *compare.Stat) *comparedStat {
	if s == nil {
		return nil
	}
	return &comparedStat{*s, s.N}
}

// writeChangeCSV writes a line for each row and metric, and one for each row that is
// not compared, with the reason for its change.
func writeChangeCSV(w io.Writer, c *change.Changes, _ Options) error {
	out := sheet{csv.NewWriter(w), 5}
	out.Write([]string{"transport", "stack", "axes", "metric", "unit",
		"old", "old_lo", "old_hi", "old_n", "new", "new_lo", "new_hi", "new_n", "ratio", "lo", "hi", "p", "change"})
	for _, r := range c.Rows {
		name := []string{r.Transport, r.Stack, axesIn(r.Cell)}
		if r.Why != "" {
			out.Write(append(name, "", "", "", "", "", "", "", "", "", "", "", "", "", "", "not compared: "+r.Why))
		}
		for _, m := range r.Metrics {
			line := append(slices.Clone(name), m.Name, m.Unit)
			line = append(append(line, statIn(m.Old)...), statIn(m.New)...)
			shift, p := compare.Shift{}, ""
			if m.Shift != nil {
				shift = *m.Shift
			}
			if m.Tested() {
				p = exact(&shift.P)
			}
			out.Write(append(line, exact(shift.Ratio), exact(shift.Lo), exact(shift.Hi), p, string(m.Outcome())))
		}
	}
	for _, one := range c.Capacities {
		known := one.New
		if known == nil {
			known = one.Old
		}
		line := []string{one.Transport, one.Stack, "", "capacity_" + known.Key, known.Unit}
		line = append(append(line, capacityIn(one.Old)...), capacityIn(one.New)...)
		out.Write(append(line, "", "", "", "", string(one.Outcome)))
	}
	out.Flush()
	return out.Error() // the first of all writes
}

func statIn(s *compare.Stat) []string {
	if s == nil {
		return []string{"", "", "", ""}
	}
	return []string{exact(&s.Median), exact(s.Lo), exact(s.Hi), strconv.Itoa(s.N)}
}

func capacityIn(c *results.Capacity) []string {
	if c == nil || c.Value == nil {
		return []string{"", "", "", ""}
	}
	lo, hi := c.Lo, c.Hi
	if c.Down { // in order of the numbers, as all intervals in the file are
		lo, hi = hi, lo
	}
	tried := 0
	for _, p := range c.Probes {
		tried += p.Held + p.Failed
	}
	return []string{exact(c.Value), exact(lo), exact(hi), fmt.Sprint(tried)}
}
