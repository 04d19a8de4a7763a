package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// findings are the run's sentences.
func findings(run *results.Run) []string {
	var texts []string
	for _, f := range compare.Findings(run) {
		texts = append(texts, printable(f.Text))
	}
	return texts
}

// footnotes say why verdicts are what they are.
func footnotes(g grid) []string {
	var notes []string
	for _, r := range g.rows {
		for _, reason := range r.Reasons {
			note := fmt.Sprintf("%s: %s in %d of %d trials: %s", compare.Label(r.Cell, g.rows), reason.Code, reason.Trials, r.Trials.Total(), reason.Text)
			if reason.Hint != "" {
				note += "; " + reason.Hint
			}
			notes = append(notes, printable(note))
		}
	}
	return notes
}

// conditions say what was run, on what, and where it is kept.
func conditions(run *results.Run, file string) []string {
	lines := []string{what(run)}
	if run.Status != results.Complete {
		lines = append(lines, fmt.Sprintf("%s after %d of %d trials", run.Status, len(run.Trials), run.Planned))
	}
	machine := run.Machine
	where := fmt.Sprintf("%s, %d CPUs, %s", machine.CPU, machine.CPUs, machine.Go)
	if len(machine.ServerCPUs) > 0 {
		where += fmt.Sprintf("; server on %s, clients on %s", cpus(machine.ServerCPUs), cpus(machine.GeneratorCPUs))
	}
	lines = append(lines, where)
	if file != "" {
		lines = append(lines, file)
	}
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return lines
}

// what is the load in a line. The scenario is read from the file as far as this
// sentence needs it: other fields may come and go.
func what(run *results.Run) string {
	var s struct {
		Clients  int    `json:"clients"`
		Topics   string `json:"topics"`
		Room     int    `json:"room"`
		Schedule struct {
			Kind string `json:"kind"`
			Rate string `json:"rate"`
		} `json:"schedule"`
		Uplink struct {
			Rate string `json:"rate"`
			Size string `json:"size"`
		} `json:"uplink"`
		Payload struct {
			Size string `json:"size"`
		} `json:"payload"`
		Poll struct {
			Interval string `json:"interval"`
		} `json:"poll"`
		Duration string `json:"duration"`
		Trials   int    `json:"trials"`
	}
	// A scenario of another shape leaves its name.
	if json.Unmarshal(run.Executed, &s) != nil || s.Clients == 0 {
		return run.Scenario
	}
	parts := []string{fmt.Sprintf("%d clients", s.Clients)}
	switch s.Topics {
	case "broadcast":
		parts[0] += " on one topic"
	case "rooms":
		parts[0] += fmt.Sprintf(" in rooms of %d", s.Room)
	case "own":
		parts[0] += ", a topic each"
	}
	switch s.Schedule.Kind {
	case "none":
	case "saturate":
		parts = append(parts, "as many events as they take of "+s.Payload.Size)
	default:
		parts = append(parts, s.Schedule.Rate+" "+s.Schedule.Kind+" of "+s.Payload.Size+" on each topic")
	}
	if s.Uplink.Rate != "" && s.Uplink.Rate != "0/s" {
		parts = append(parts, s.Uplink.Rate+" of "+s.Uplink.Size+" from each client")
	}
	if s.Poll.Interval != "" {
		parts = append(parts, "short polls every "+s.Poll.Interval)
	}
	parts = append(parts, fmt.Sprintf("%d × %s measured of each transport", s.Trials, s.Duration))
	return run.Scenario + ": " + strings.Join(parts, ", ")
}

func cpus(set []int) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(set), " ", ","), "[]")
	if len(set) == 1 {
		return "CPU " + text
	}
	return "CPUs " + text
}
