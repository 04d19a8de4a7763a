package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"pushbench/results"
)

// ChecksFormats are those of a self-test.
var ChecksFormats = Menu[*results.SelfTest]{
	{"table", "aligned columns for a terminal", writeChecks, false},
	{"json", "for programs", writeChecksJSON, false},
}

// writeChecks writes a line for each number that a fault is about, a column for
// each transport, and below it every number that missed.
func writeChecks(w io.Writer, s *results.SelfTest, _ Options) error {
	var b strings.Builder
	transports := transportsOf(s.Checks)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "fault\tmeasured (expected)\t%s\n", strings.Join(transports, "\t"))
	for i := 0; i < len(s.Checks); {
		k := i
		for k < len(s.Checks) && s.Checks[k].Fault == s.Checks[i].Fault {
			k++
		}
		writeFault(table, s.Checks[i:k], transports)
		i = k
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("draw table: %w", err)
	}
	b.WriteByte('\n')
	numbers := 0
	for _, c := range s.Checks {
		numbers += len(c.Answers)
		for _, a := range c.Misses() {
			fmt.Fprintf(&b, "%s %s\n", marks[c.Outcome()], printable(miss(c, a)))
		}
	}
	fmt.Fprintf(&b, "%d faults and honest servers on %d transports, %d numbers compared in %s: %s\n",
		faults(s.Checks), len(transports), numbers, s.Took.Round(time.Second), verdictOf(s))
	_, err := io.WriteString(w, b.String())
	return err
}

// marks stand before what is not as it must be.
var marks = map[results.Outcome]string{results.Miss: "MISS", results.Undecided: "UNDECIDED"}

func verdictOf(s *results.SelfTest) string {
	var words []string
	for _, o := range []results.Outcome{results.Miss, results.Undecided} {
		if n := s.Count(o); n > 0 {
			words = append(words, fmt.Sprintf("%d of %d checks %s", n, len(s.Checks), o))
		}
	}
	switch {
	case s.Cut():
		words = append([]string{fmt.Sprintf("cut short, %d of %d checks done", len(s.Checks), s.Planned)}, words...)
	case len(s.Checks) == 0:
		words = []string{"nothing was checked"}
	case len(words) == 0:
		words = []string{"each is what it must be"}
	}
	if n, codes := s.Disturbed(); n > 0 {
		words = append(words, fmt.Sprintf("%d disturbed by the machine (%s)", n, strings.Join(codes, ", ")))
	}
	return strings.Join(words, ", ")
}

// transportsOf are the columns, in the order of the checks.
func transportsOf(checks []results.Check) (names []string) {
	seen := map[string]bool{}
	for _, c := range checks {
		if !seen[c.Transport] {
			seen[c.Transport] = true
			names = append(names, c.Transport)
		}
	}
	return names
}

func faults(checks []results.Check) int {
	seen := map[string]bool{}
	for _, c := range checks {
		seen[c.Fault] = true
	}
	return len(seen)
}

// writeFault writes the lines of one fault: transports need not have the same
// numbers, as not every law holds for all of them.
func writeFault(w io.Writer, checks []results.Check, transports []string) {
	var lines []string
	cells := map[[2]string]string{}
	for _, c := range checks {
		tries := ""
		if c.Tries > 1 {
			tries = fmt.Sprintf(" try %d", c.Tries)
		}
		for _, a := range c.Answers {
			if !a.Leads && a.OK() {
				continue
			}
			if _, known := cells[[2]string{a.Of, ""}]; !known {
				cells[[2]string{a.Of, ""}] = a.Unit
				lines = append(lines, a.Of)
			}
			cells[[2]string{a.Of, c.Transport}] = answerCell(c, a) + tries
		}
	}
	for i, of := range lines {
		fault := checks[0].Fault
		if i > 0 {
			fault = ""
		}
		fmt.Fprintf(w, "%s\t%s", fault, printable(strings.TrimSpace(of+" "+cells[[2]string{of, ""}])))
		for _, t := range transports {
			text := cells[[2]string{of, t}]
			if text == "" {
				text = absent
			}
			fmt.Fprintf(w, "\t%s", text)
		}
		fmt.Fprintln(w)
	}
}

func answerCell(c results.Check, a results.Answer) string {
	text := fmt.Sprintf("%s (%s)", number(a.Have), wanted(a))
	if !a.OK() {
		text = marks[c.Outcome()] + " " + text
	}
	return text
}

// wanted is what a number must be.
func wanted(a results.Answer) string {
	switch {
	case a.Lo == a.Hi:
		return number(a.Lo)
	case a.Lo <= 0 && a.Hi > 0:
		return "≤ " + number(a.Hi)
	}
	return number(a.Lo) + "…" + number(a.Hi)
}

// miss says how a number differs from what it must be.
func miss(c results.Check, a results.Answer) string {
	text := fmt.Sprintf("%s, %s: %s is %s, want %s", c.Fault, c.Transport, a.Of, withUnit(number(a.Have), a.Unit), withUnit(wanted(a), a.Unit))
	few, many := "few", "many"
	if a.Unit != "" {
		few, many = "little", "much"
	}
	switch {
	case a.Have < a.Lo:
		text += fmt.Sprintf(", %s too %s", withUnit(number(a.Lo-a.Have), a.Unit), few)
	case a.Have > a.Hi:
		text += fmt.Sprintf(", %s too %s", withUnit(number(a.Have-a.Hi), a.Unit), many)
	}
	if a.Note != "" {
		text += ": " + a.Note
	}
	if len(c.Disturbed) > 0 {
		text += "; the machine: " + strings.Join(c.Disturbed, ", ")
	}
	if c.Tries > 1 {
		text += fmt.Sprintf(" (the last of %d tries)", c.Tries)
	}
	return text
}

func withUnit(text, unit string) string {
	if unit == "" {
		return text
	}
	return text + " " + unit
}

// writeChecksJSON writes all of it, the trials included: whoever doubts an
// answer finds what it was read from.
func writeChecksJSON(w io.Writer, s *results.SelfTest, _ Options) error {
	type answer struct {
		results.Answer
		OK bool `json:"ok"`
	}
	type check struct {
		results.Check
		Outcome results.Outcome `json:"outcome"`
		Answers []answer        `json:"answers"` // in place of the check's own
	}
	page := struct {
		results.SelfTest
		Missed    int     `json:"missed"`
		Undecided int     `json:"undecided"`
		Checks    []check `json:"checks"`
	}{SelfTest: *s, Missed: s.Count(results.Miss), Undecided: s.Count(results.Undecided), Checks: []check{}}
	for _, c := range s.Checks {
		line := check{Check: c, Outcome: c.Outcome()}
		for _, a := range c.Answers {
			line.Answers = append(line.Answers, answer{a, a.OK()})
		}
		page.Checks = append(page.Checks, line)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(page)
}
