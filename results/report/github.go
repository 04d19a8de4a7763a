package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// What GitHub shows of a step: more annotations of a kind are dropped without a
// word, and a larger summary is not shown at all. The step may have others in it.
const (
	maxAnnotations = 10
	maxSummary     = 1 << 20 * 9 / 10
)

// An annotation is a workflow command that GitHub shows at the top of a run.
type annotation struct {
	kind  string // "error" or "warning"
	title string
	text  string
}

// Escapes of workflow commands, as the runner undoes them.
var (
	inCommand  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (a annotation) String() string {
	return fmt.Sprintf("::%s title=%s::%s\n", a.kind, inProperty.Replace(a.title), inCommand.Replace(a.text))
}

// writeGitHub writes annotations for the log of a step, where GitHub finds them,
// and the run in Markdown as its summary.
//
// Note: the runner obeys lines that begin with "::" and, of an older form, what
// follows "##[" anywhere. No line of the Markdown begins so, and it has no bracket
// that is not escaped: a name in a run file gives no orders.
func writeGitHub(w io.Writer, run *results.Run, o Options) error {
	rows := rowsOf(run)
	var b bytes.Buffer
	for _, a := range few(annotations(run, rows)) {
		b.WriteString(a.String())
	}
	var page bytes.Buffer
	fmt.Fprintf(&page, "## pushbench: %s\n\n", inMarkdown.Replace(printable(run.Scenario)))
	for _, warning := range run.Machine.Warnings {
		fmt.Fprintf(&page, "- machine: %s\n", inMarkdown.Replace(printable(warning)))
	}
	if len(run.Machine.Warnings) > 0 {
		page.WriteByte('\n')
	}
	if err := writeMarkdown(&page, run, o); err != nil {
		return err
	}
	summary := within(page.Bytes(), maxSummary)
	switch {
	case o.Summary != nil:
		if _, err := o.Summary.Write(summary); err != nil {
			return err
		}
	case b.Len() > 0:
		b.WriteByte('\n')
		fallthrough
	default:
		b.Write(summary)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// annotations are what somebody has to look at: as errors what makes a command
// fail, as warnings what makes one doubt.
func annotations(run *results.Run, rows []compare.Row) (all []annotation) {
	add := func(kind, title, text string) { all = append(all, annotation{kind, title, text}) }
	if run.Status != results.Complete {
		add("error", "the run is not complete", printable(unfinished(run)))
	}
	for _, j := range run.Thresholds {
		if !j.Passed {
			add("error", "threshold failed", outcome(j, rows))
		}
	}
	for _, c := range run.Capacity {
		if c.Unsure() {
			add("error", "not to be trusted", printable("capacity of "+c.Transport+": what it holds cannot be told for sure"))
		}
	}
	if len(run.Capacity) == 0 { // else they are probes, of which some are to fail
		for _, r := range rows {
			if !r.Ranked {
				add("error", "not to be trusted", printable(compare.Label(r.Cell, rows))+": "+unranked(r))
			}
		}
	}
	for _, j := range run.SLO {
		if !j.Passed {
			add("warning", "SLO not kept", outcome(j, rows))
		}
	}
	for _, n := range noted(rows) {
		if n.State != results.Valid {
			add("warning", "doubt", n.text())
		}
	}
	for _, warning := range run.Machine.Warnings {
		add("warning", "machine", printable(warning))
	}
	return all
}

// few are as many of each kind as GitHub shows; the last of too many says how many
// more there are.
func few(all []annotation) (shown []annotation) {
	total, count := map[string]int{}, map[string]int{}
	for _, a := range all {
		total[a.kind]++
	}
	for _, a := range all {
		switch count[a.kind]++; {
		case total[a.kind] <= maxAnnotations || count[a.kind] < maxAnnotations:
			shown = append(shown, a)
		case count[a.kind] == maxAnnotations:
			shown = append(shown, annotation{a.kind, "and more", fmt.Sprintf("%d more are in the job summary", 1+total[a.kind]-maxAnnotations)})
		}
	}
	return shown
}

// within cuts the page behind a line, so that it takes that many bytes at most, and
// says so.
func within(page []byte, most int) []byte {
	if len(page) <= most {
		return page
	}
	const rest = "\n\nThe rest does not fit a job summary: `pushbench report` shows all of it.\n"
	page = page[:most-len(rest)]
	return append(page[:1+bytes.LastIndexByte(page, '\n')], rest...)
}
