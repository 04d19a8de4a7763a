package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"pushbench/results/change"
	"pushbench/results/compare"
)

// changeSections are the sentences below the tables: how much differs, the gates,
// what could not be compared, how the runs themselves differ, and which they are.
func changeSections(c *change.Changes) [][]string {
	sections := [][]string{tally(c), gates(c), uncompared(c), slices.Concat(mismatches(c), c.Notes()), {sideOf("old", c.Old), sideOf("new", c.New)}}
	for _, section := range sections {
		for i := range section {
			section[i] = printable(section[i])
		}
	}
	return sections
}

// tally says how many metrics differ, and how many would by chance alone.
func tally(c *change.Changes) []string {
	if len(c.Capacities) > 0 {
		return []string{"capacities differ where intervals do not touch: what always held in one run has always failed in the other"}
	}
	t := c.Tally()
	if t.Compared == 0 {
		if few := scarce(c); few != "" {
			return []string{few}
		}
		return nil
	}
	text := fmt.Sprintf("%d of %d compared numbers differ", t.Differ(), t.Compared)
	switch {
	case t.Differ() == 0 && t.Compared == 1:
		text = "no difference shown in the one number compared"
	case t.Differ() == 0:
		text = fmt.Sprintf("no difference shown in any of %d compared numbers", t.Compared)
	}
	var kinds []string
	for _, kind := range []struct {
		n    int
		word string
	}{{t.Worse, "worse"}, {t.Better, "better"}, {t.Neither, "neither"}} {
		if kind.n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", kind.n, kind.word))
		}
	}
	if len(kinds) > 0 {
		text += " (" + strings.Join(kinds, ", ") + ")"
	}
	text += fmt.Sprintf("; had nothing changed, chance alone would make %s", atMost(t.ByChance))
	lines := []string{text + ", and more where the minutes of the two runs were not alike"}
	if few := scarce(c); few != "" {
		lines = append(lines, few)
	}
	return append(lines, "ratio: new to old, the median over all pairs of an old and a new trial (Hodges–Lehmann); p and interval: Mann–Whitney U")
}

// atMost words an expected number.
func atMost(n float64) string {
	if n < 0.95 {
		return "fewer than one differ"
	}
	return fmt.Sprintf("about %.0f differ", math.Round(n))
}

// scarce says, once, of which rows too few trials are there to show anything.
func scarce(c *change.Changes) string {
	var names []string
	cells := c.Cells()
	for _, r := range c.Rows {
		few := func(m change.Metric) bool { return m.Outcome() == change.TooFew }
		if slices.ContainsFunc(r.Metrics, few) {
			names = append(names, fmt.Sprintf("%s (%s)", compare.Label(r.Cell, cells), trialsOf(r)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "too few valid trials to show any difference, however large: " + shortened(names) + "; four and four could"
}

// mostNamed is how many things of a kind a sentence lists.
const mostNamed = 12

// shortened joins names, and counts those beyond what anybody reads.
func shortened(names []string) string {
	if more := len(names) - mostNamed; more > 1 {
		names = append(slices.Clone(names[:mostNamed]), fmt.Sprintf("and %d others", more))
	}
	return strings.Join(names, ", ")
}

// uncompared are the rows that are not compared, with the reason.
func uncompared(c *change.Changes) (texts []string) {
	cells := c.Cells()
	for _, r := range c.Rows {
		if r.Why != "" {
			texts = append(texts, fmt.Sprintf("%s is not compared: %s", compare.Label(r.Cell, cells), r.Why))
		}
	}
	return texts
}

// gates say which gates were passed. A word tells them apart, not a colour.
func gates(c *change.Changes) (texts []string) {
	for _, j := range c.Judgments {
		texts = append(texts, gated(c, j))
	}
	return texts
}

// Failures are the sentences on gates that were not passed.
func Failures(c *change.Changes) (texts []string) {
	for _, j := range c.Failed() {
		texts = append(texts, printable(gated(c, j)))
	}
	return texts
}

// gated says whether a row of two runs has passed a gate, and by what.
func gated(c *change.Changes, j change.Judgment) string {
	text := "passed"
	if !j.Passed {
		text = "FAILED"
	}
	text += ": fail if " + j.Gate.String()
	switch {
	case j.Stack != "":
		text += ": " + compare.Label(j.Cell, c.Cells())
	case j.Transport != "" && j.Gate.Transport == "":
		text += ": " + j.Transport
	}
	if j.Ratio != nil && !j.Equal {
		text += ": " + percent(*j.Ratio)
		if j.Lo != nil && j.Hi != nil {
			text += fmt.Sprintf(" (%s to %s)", percent(*j.Lo), percent(*j.Hi))
		}
	}
	switch {
	case j.Why != "":
		text += ": " + j.Why
	case j.Equal:
		text += ": the same number in every trial"
	case !j.Shown:
		text += ": no difference shown"
	case j.Passed && j.Ratio != nil && j.Gate.Beyond(*j.Ratio):
		text += ": not shown to be beyond it: more trials would tell"
	case j.Ratio == nil:
		text += ": a difference is shown, and some values are not above zero: no share tells how large it is"
	}
	return text
}

// percent words a factor as a change: "+12.3 %".
func percent(factor float64) string {
	change := 100 * (factor - 1)
	switch size := math.Abs(change); {
	case size >= 99.95:
		return fmt.Sprintf("%+.0f %%", change)
	case size < 0.05 && size > 0:
		return fmt.Sprintf("%+.2g %%", change)
	}
	return fmt.Sprintf("%+.1f %%", change)
}

// mismatches say what the runs were not executed alike in, a sentence for each
// kind.
func mismatches(c *change.Changes) (texts []string) {
	for _, kind := range []struct {
		kind change.Kind
		says string
	}{
		{change.Load, "WARNING: the loads differ, so that numbers of the same name mean other things"},
		{change.Machine, "warning: the machines differ, so that a difference may be theirs"},
		{change.Scope, "not the same was measured of the load"},
		{change.Program, "the programs differ"},
	} {
		if list := differing(c, kind.kind); list != "" {
			texts = append(texts, kind.says+": "+list)
		}
	}
	return texts
}

// Mismatches lists what the runs differ in of one kind; "" when they do not.
func Mismatches(c *change.Changes, kind change.Kind) string { return printable(differing(c, kind)) }

func differing(c *change.Changes, kind change.Kind) string {
	var texts []string
	for _, m := range c.Mismatches {
		if m.Kind == kind {
			texts = append(texts, fmt.Sprintf("%s %s → %s", m.Key, set(m.Old), set(m.New)))
		}
	}
	return shortened(texts)
}

// set is a value in words where there is none.
func set(value string) string {
	if value == "" {
		return "(not set)"
	}
	return value
}

// sideOf says which run one of the two is.
func sideOf(name string, s change.Side) string {
	text := fmt.Sprintf("%s: %s", name, s.Scenario)
	if !s.Started.IsZero() {
		text += " of " + s.Started.UTC().Format("2006-01-02 15:04")
	}
	if s.Machine.CPU != "" {
		text += fmt.Sprintf(", %s, %d CPUs, %s", s.Machine.CPU, s.Machine.CPUs, s.Machine.Go)
	}
	if s.File != "" {
		text += ", " + s.File
	}
	return text
}
