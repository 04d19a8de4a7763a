package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// A run as JUnit writes tests, in the form that Ant's schema wants of a file and
// that of Jenkins takes, too: both know more than is used here, and servers that
// read such files ignore what they do not know.
type (
	testSuites struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name       string     `xml:"name,attr"`
		Package    string     `xml:"package,attr"`
		ID         int        `xml:"id,attr"`
		Hostname   string     `xml:"hostname,attr"` // a run file has none
		Timestamp  string     `xml:"timestamp,attr"`
		Time       string     `xml:"time,attr"` // s
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Properties []property `xml:"properties>property"`
		Cases      []testCase `xml:"testcase"`
		Out        string     `xml:"system-out"`
		Err        string     `xml:"system-err"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Time    string   `xml:"time,attr"` // s
		Skipped *remark  `xml:"skipped"`
		Failure *problem `xml:"failure"`
		Error   *problem `xml:"error"`
	}
	remark struct {
		Message string `xml:"message,attr"`
	}
	problem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the thresholds and the SLO as test cases, and of a run without
// thresholds each row, which passes when its numbers can be trusted. A threshold
// that is not kept has failed; a part of the SLO is skipped then, since it is a
// finding and nobody has asked for a build to stop. What cannot be told, because there
// was no measuring it, is an error.
func writeJUnit(w io.Writer, run *results.Run, o Options) error {
	rows := rowsOf(run)
	var page testSuites
	add := func(kind string, cases []testCase) {
		if len(cases) > 0 {
			s := newSuite(run, kind, cases)
			s.ID = len(page.Suites)
			page.Suites = append(page.Suites, s)
		}
	}
	class := className(run)
	add("run", endCase(run, class))
	add("thresholds", thresholdCases(run, rows, class))
	add("slo", sloCases(run, rows, class))
	if len(run.Thresholds) == 0 {
		add("verdicts", verdictCases(run, rows, class))
		add("capacity", capacityCases(run, class))
	}
	// What the terminal shows is in the last suite, where a reader ends.
	if last := len(page.Suites) - 1; last >= 0 {
		page.Suites[last].Out = strings.Join(append(findings(run, rows), conditions(run, o.File)...), "\n")
	}
	b := bytes.NewBufferString(xml.Header)
	out := xml.NewEncoder(b)
	out.Indent("", "  ")
	if err := out.Encode(page); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// className is the run's in a tree of tests: servers make a level of each dot.
func className(run *results.Run) string {
	return "pushbench." + cmp.Or(strings.Join(strings.Fields(printable(run.Scenario)), " "), "run")
}

func newSuite(run *results.Run, kind string, cases []testCase) testSuite {
	measured := 0.
	for i := range run.Trials {
		measured += run.Trials[i].Measured.Seconds()
	}
	s := testSuite{
		Name: kind, Package: className(run), Hostname: "localhost", Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Time: seconds(measured), Tests: len(cases), Cases: cases,
	}
	for _, p := range [][2]string{
		{"version", run.Machine.Version}, {"go", run.Machine.Go}, {"os", run.Machine.OS}, {"cpu", run.Machine.CPU},
		{"cpus", strconv.Itoa(run.Machine.CPUs)}, {"command", strings.Join(run.Command, " ")}, {"repeat", run.Repeat},
	} {
		s.Properties = append(s.Properties, property{p[0], printable(p[1])})
	}
	for _, c := range cases {
		if c.Failure != nil {
			s.Failures++
		}
		if c.Error != nil {
			s.Errors++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
	}
	return s
}

// seconds writes a length of time as XML's decimals are.
func seconds(s float64) string { return strconv.FormatFloat(max(s, 0), 'f', 3, 64) }

// endCase is the case that a run has come to its end. It is there when it has not, or
// has nothing else to tell: a file without a case is taken for a mistake.
func endCase(run *results.Run, class string) []testCase {
	c := testCase{Class: class, Name: "the run came to its end", Time: seconds(0)}
	switch {
	case run.Status != results.Complete:
		text := printable(unfinished(run))
		c.Error = &problem{Type: printable(string(run.Status)), Message: text, Text: text}
	case len(run.Trials) > 0:
		return nil
	}
	return []testCase{c}
}

// unfinished says how far a run came that is not complete.
func unfinished(run *results.Run) string {
	return fmt.Sprintf("%s after %d of %d trials", run.Status, len(run.Trials), run.Planned)
}

func thresholdCases(run *results.Run, rows []compare.Row, class string) (cases []testCase) {
	for _, j := range run.Thresholds {
		c := testCase{Class: class, Name: "threshold " + demanded(j, rows), Time: seconds(0)}
		if text := outcome(j, rows); !j.Passed {
			c.Failure = &problem{Type: "threshold", Message: text, Text: text}
		}
		cases = append(cases, c)
	}
	return cases
}

func sloCases(run *results.Run, rows []compare.Row, class string) (cases []testCase) {
	for _, j := range run.SLO {
		c := testCase{Class: class, Name: "slo " + demanded(j, rows), Time: seconds(0)}
		if !j.Passed {
			c.Skipped = &remark{"SLO not kept: " + outcome(j, rows)}
		}
		cases = append(cases, c)
	}
	return cases
}

// verdictCases are the rows' cases. A row that is not ranked was measured, but not so
// that anybody could rely on it.
func verdictCases(run *results.Run, rows []compare.Row, class string) (cases []testCase) {
	if len(run.Capacity) > 0 {
		return nil // each is a probe, of which some are to fail
	}
	for _, r := range rows {
		measured := 0.
		for _, t := range compare.Trials(run, r.Cell) {
			measured += t.Measured.Seconds()
		}
		c := testCase{Class: class, Name: "verdict of " + printable(compare.Label(r.Cell, rows)), Time: seconds(measured)}
		if !r.Ranked {
			var why []string
			for _, reason := range r.Reasons {
				why = append(why, printable(fmt.Sprintf("%s: %s in %d of %d trials: %s; %s", reason.State, reason.Code, reason.Trials, r.Trials.Total(), reason.Text, reason.Hint)))
			}
			c.Error = &problem{Type: string(r.Verdict), Message: unranked(r), Text: strings.Join(why, "\n")}
		}
		cases = append(cases, c)
	}
	return cases
}

// unranked says why a row is not ranked.
func unranked(r compare.Row) string {
	return fmt.Sprintf("not ranked: %d of %d trials are valid", r.Trials.Valid, r.Trials.Total())
}

// capacityCases are the cases of a search: that it has found something, be it that
// nothing holds.
func capacityCases(run *results.Run, class string) (cases []testCase) {
	for _, one := range run.Capacity {
		c := testCase{Class: class, Name: printable("capacity of " + one.Name(run.Capacity)), Time: seconds(0)}
		if one.Unsure() {
			c.Error = &problem{Type: cmp.Or(printable(one.Ended), "unended"), Message: "what it holds cannot be told for sure", Text: printable(one.Why)}
		}
		cases = append(cases, c)
	}
	return cases
}
