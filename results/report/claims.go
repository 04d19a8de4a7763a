package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"pushbench/results/claim"
)

// ClaimsFormats are those of what became of claims.
var ClaimsFormats = Menu[claim.Hearing]{
	{"table", "aligned columns for a terminal", writeClaims, false},
	{"markdown", "tables to paste into an issue", writeClaimsMarkdown, false},
	{"json", "for programs", writeClaimsJSON, false},
}

// sign stands before evidence: for the claim, against it, level, or neither.
func sign(e claim.Evidence) string {
	switch e.Outcome {
	case claim.For:
		return "+"
	case claim.Against:
		return "−"
	case claim.Level:
		return "~"
	}
	return "?"
}

// maxTelling is how much evidence of a kind is shown: a person who doubts more
// than that reads JSON.
const maxTelling = 4

// telling is the first evidence of each kind, for, against and neither.
func telling(all []claim.Evidence) []claim.Evidence {
	var some []claim.Evidence
	seen := map[string]int{}
	for _, e := range all {
		if seen[sign(e)]++; seen[sign(e)] <= maxTelling {
			some = append(some, e)
		}
	}
	return some
}

// verdictInks are the colours of verdicts on a terminal.
var verdictInks = map[claim.Verdict]string{
	claim.Holds: "\x1b[32m", claim.Fails: "\x1b[31m", claim.Depends: "\x1b[33m",
	claim.Partly: "\x1b[33m", claim.Even: "\x1b[36m", claim.Untold: "\x1b[2m",
}

// limits are what all that is measured or seen here has in common, and what it
// therefore cannot say.
const limits = "server and clients were on one machine, over its loopback: no network delay, no loss, no TLS, no proxy, HTTP/1.1; elsewhere the numbers are others, and verdicts may be"

// judgedBy says by which runs was judged, and on what machines they were made.
func judgedBy(all []claim.Source) []string {
	var machines []string
	names := map[string][]string{}
	for _, s := range all {
		machine := machineOf(s.Run)
		if names[machine] == nil {
			machines = append(machines, machine)
		}
		names[machine] = append(names[machine], s.Name)
	}
	var lines []string
	for _, m := range machines {
		lines = append(lines, printable(fmt.Sprintf("judged by %s, measured on %s", listed(names[m]), m)))
	}
	return append(lines, limits)
}

// verdictRoom is the width of the widest verdict, and of what is between it and
// the claim.
const verdictRoom = 21

// writeClaims writes the claims for a terminal: verdict and claim, and below them
// what was measured. Sentences that long fit no columns of a table.
func writeClaims(w io.Writer, h claim.Hearing, o Options) error {
	var b bytes.Buffer
	for i, j := range h.Judgments {
		if i > 0 {
			b.WriteByte('\n')
		}
		word := string(j.Verdict)
		gap := strings.Repeat(" ", verdictRoom-len(word))
		if o.Color {
			word = verdictInks[j.Verdict] + word + reset
		}
		var said bytes.Buffer
		hang(&said, verdictRoom, "", printable(j.Says), o.width())
		b.WriteString(word + gap + strings.TrimLeft(said.String(), " "))
		if j.Verdict == claim.Depends || j.Verdict == claim.Partly {
			hang(&b, verdictRoom, "", printable(j.On), o.width())
		}
		hang(&b, verdictRoom, "  ", printable("taken to hold if "+j.Rule), o.width())
		for _, e := range telling(j.Evidence) {
			hang(&b, verdictRoom, sign(e)+" ", printable(e.Where()+": "+e.Text), o.width())
		}
		if left := len(j.Evidence) - len(telling(j.Evidence)); left > 0 {
			hang(&b, verdictRoom, "  ", fmt.Sprintf("and %d others: --format json has all", left), o.width())
		}
		if len(j.Evidence) == 0 {
			hang(&b, verdictRoom, "? ", printable(j.On), o.width())
		}
	}
	b.WriteByte('\n')
	for _, text := range judgedBy(h.Sources) {
		wrap(&b, text, o.width())
	}
	_, err := w.Write(b.Bytes())
	return err
}

// hang writes the text in lines of at most that width that begin so many columns
// to the right, later ones behind the mark.
func hang(b *bytes.Buffer, indent int, mark, text string, width int) {
	margin := strings.Repeat(" ", indent)
	later := margin + strings.Repeat(" ", twwidth.Width(mark))
	b.WriteString(margin + mark)
	used, first := twwidth.Width(later), true
	for word := range strings.FieldsSeq(text) {
		n := twwidth.Width(word)
		switch {
		case first:
			first = false
		case used+1+n > width:
			b.WriteString("\n" + later)
			used = twwidth.Width(later)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	b.WriteByte('\n')
}

// writeClaimsMarkdown writes a table, a line for each claim.
func writeClaimsMarkdown(w io.Writer, h claim.Hearing, _ Options) error {
	var b bytes.Buffer
	b.WriteString("| claim | verdict | measured |\n|---|---|---|\n")
	for _, j := range h.Judgments {
		verdict := string(j.Verdict)
		switch {
		case j.Verdict == claim.Depends:
			verdict += " " + j.On
		case j.Verdict == claim.Partly, len(j.Evidence) == 0:
			verdict += ": " + j.On
		}
		var measured []string
		for _, e := range telling(j.Evidence) {
			measured = append(measured, inMarkdown.Replace(printable(sign(e)+" "+e.Where()+": "+e.Text)))
		}
		if left := len(j.Evidence) - len(telling(j.Evidence)); left > 0 {
			measured = append(measured, fmt.Sprintf("and %d others", left))
		}
		measured = append(measured, inMarkdown.Replace(printable("taken to hold if "+j.Rule)))
		fmt.Fprintf(&b, "| %s | %s | %s |\n", inMarkdown.Replace(printable(j.Says)), inMarkdown.Replace(printable(verdict)), strings.Join(measured, "<br>"))
	}
	b.WriteByte('\n')
	for _, text := range judgedBy(h.Sources) {
		b.WriteString("- " + inMarkdown.Replace(text) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// A judged is a claim for programs. Its form is a promise: members may be added,
// none changes.
type judged struct {
	Name     string        `json:"name"`
	Says     string        `json:"says"`
	Rule     string        `json:"rule"`
	Scenario string        `json:"scenario,omitempty"`
	Verdict  claim.Verdict `json:"verdict"`
	On       string        `json:"on,omitempty"` // what it depends on, or why nothing is told
	Evidence []evidence    `json:"evidence"`
}

type evidence struct {
	Where   string            `json:"where"`
	By      string            `json:"by"` // a run, or who looked
	At      map[string]string `json:"at,omitempty"`
	Outcome claim.Outcome     `json:"outcome"`
	Told    bool              `json:"told"`
	Holds   bool              `json:"holds"`
	Text    string            `json:"text"`
	Numbers []claim.Number    `json:"numbers,omitempty"`
}

// A judgedSource is a run that claims were judged by.
type judgedSource struct {
	Name     string `json:"name"`
	Scenario string `json:"scenario"`
	Machine  string `json:"machine"`
	Version  string `json:"version"` // of pushbench
}

func writeClaimsJSON(w io.Writer, h claim.Hearing, _ Options) error {
	page := struct {
		Schema  int            `json:"schema"`
		Claims  []judged       `json:"claims"`
		Sources []judgedSource `json:"sources"`
		Limits  string         `json:"limits"`
	}{documentSchema, []judged{}, []judgedSource{}, limits}
	for _, j := range h.Judgments {
		one := judged{j.Name, j.Says, j.Rule, j.Scenario, j.Verdict, j.On, []evidence{}}
		for _, e := range j.Evidence {
			one.Evidence = append(one.Evidence, evidence{e.Where(), e.Run, e.At, e.Outcome, e.Told(), e.Outcome == claim.For, e.Text, e.Numbers})
		}
		page.Claims = append(page.Claims, one)
	}
	for _, s := range h.Sources {
		page.Sources = append(page.Sources, judgedSource{s.Name, s.Run.Scenario, machineOf(s.Run), s.Run.Machine.Version})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(page)
}
