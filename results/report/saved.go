package report

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/history"
)

// SavedFormats are those of a list of run files.
var SavedFormats = Menu[[]history.Run]{
	{"table", "aligned columns for a terminal", writeSavedTable, false},
	{"json", "for programs", writeSavedJSON, false},
}

// leastCommand is how much room a column of commands must have, or there is none.
const leastCommand = 24

// writeSavedTable writes a line for each file. What a screen has no room for is taken
// from the commands, which only serve to recognise a run.
func writeSavedTable(w io.Writer, all []history.Run, o Options) error {
	if len(all) == 0 {
		return nil
	}
	folder := together(all)
	g := grid{verdicts: true, heads: [][2]string{{"file", ""}, {"began", "UTC"}, {"scenario", ""}, {"took", ""}, {"valid", "trials"}, {"status", ""}}}
	if folder != "" {
		g.heads[0][1] = "in " + printable(folder)
	}
	year := all[0].Started.UTC().Year()
	var errs []string
	for _, r := range all {
		name := r.File
		if below, err := filepath.Rel(folder, name); folder != "" && err == nil {
			name = below
		}
		line := []string{printable(name), began(r.Started, year), absent, absent, absent, "broken"}
		if r.Err == nil {
			line = []string{line[0], line[1], printable(r.Scenario), r.Took.Round(time.Second).String(),
				fmt.Sprintf("%d/%d", r.Trials.Valid, r.Trials.Total()), statusOf(r)}
		} else {
			errs = append(errs, printable(r.Err.Error()))
		}
		g.lines = append(g.lines, line)
		g.colors = append(g.colors, "")
	}
	room := o.width() - 2
	for i := range g.heads {
		room -= g.columnWidth(i)
	}
	if room >= leastCommand {
		g.heads = append(g.heads, [2]string{"command", ""})
		for i, r := range all {
			g.lines[i] = append(g.lines[i], cut(printable(r.Command), room))
		}
	}
	return writeTerminal(w, []grid{g}, [][]string{errs}, o)
}

// together is the folder that all files are in, or all of their folders; "" when
// they have no more in common than where we are.
func together(all []history.Run) string {
	folder := filepath.Dir(all[0].File)
	for _, r := range all {
		for at := filepath.Dir(r.File); at != folder && !strings.HasPrefix(at, folder+string(filepath.Separator)); {
			above := filepath.Dir(folder)
			if above == folder || above == "." {
				return ""
			}
			folder = above
		}
	}
	return folder
}

// began is when a run began: to the minute in the year of the newest, where there
// are most of them.
func began(at time.Time, year int) string {
	if at = at.UTC(); at.Year() != year {
		return at.Format("2006-01-02")
	}
	return at.Format("01-02 15:04")
}

// cut leaves so many columns of the text.
func cut(text string, room int) string {
	if twwidth.Width(text) <= room {
		return text
	}
	return twwidth.Truncate(text, room-1) + "…"
}

// statusOf says how a run ended, and what of it is not to be trusted or was not kept.
func statusOf(r history.Run) string {
	text := string(r.Status)
	if text == "" { // older files do not say
		text = absent
	}
	if r.Ranked < r.Rows {
		text += fmt.Sprintf(", %d of %d rows ranked", r.Ranked, r.Rows)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf(", %d of %d thresholds FAILED", r.Failed, r.Thresholds)
	}
	return printable(text)
}

// A listing is a list of run files for programs. Its form is a promise: members may
// be added, none changes.
type listing struct {
	Schema int         `json:"schema"`
	Runs   []listedRun `json:"runs"`
}

type listedRun struct {
	File       string          `json:"file"`
	Error      string          `json:"error,omitempty"` // then the rest is not known, but when the file was written
	Started    time.Time       `json:"started"`
	Scenario   string          `json:"scenario,omitempty"`
	Command    string          `json:"command,omitempty"`
	Status     results.Status  `json:"status,omitempty"`
	Took       float64         `json:"took_s"`
	Planned    int             `json:"planned"`
	Trials     *compare.Counts `json:"trials,omitempty"`
	Rows       int             `json:"rows"`
	Ranked     int             `json:"ranked"`
	Thresholds int             `json:"thresholds"`
	Failed     int             `json:"thresholds_failed"`
}

func writeSavedJSON(w io.Writer, all []history.Run, _ Options) error {
	l := listing{documentSchema, []listedRun{}}
	for _, r := range all {
		one := listedRun{File: r.File, Started: r.Started.UTC()}
		if r.Err != nil {
			one.Error = r.Err.Error()
		} else {
			one = listedRun{r.File, "", r.Started.UTC(), r.Scenario, r.Command, r.Status, r.Took.Seconds(), r.Planned,
				&r.Trials, r.Rows, r.Ranked, r.Thresholds, r.Failed}
		}
		l.Runs = append(l.Runs, one)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(l)
}
