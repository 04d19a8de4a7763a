package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
)

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
		Duration string              `json:"duration"`
		Trials   int                 `json:"trials"`
		Axes     map[string][]string `json:"axes"`
	}
	// A scenario of another shape leaves its name.
	if json.Unmarshal(run.Executed, &s) != nil || s.Clients == 0 {
		return run.Scenario
	}
	// Of a key that is an axis all values are told, at its place in the sentence or
	// at the end.
	value := func(key, alone string) string {
		if values, varies := s.Axes[key]; varies {
			delete(s.Axes, key)
			return listed(values)
		}
		return alone
	}
	parts := []string{value("clients", strconv.Itoa(s.Clients)) + " clients"}
	switch s.Topics {
	case "broadcast":
		parts[0] += " on one topic"
	case "rooms":
		parts[0] += fmt.Sprintf(" in rooms of %s", value("room", strconv.Itoa(s.Room)))
	case "own":
		parts[0] += ", a topic each"
	}
	switch s.Schedule.Kind {
	case "none":
	case "saturate":
		parts = append(parts, "as many events as they take of "+value("payload.size", s.Payload.Size))
	default:
		parts = append(parts, value("schedule.rate", s.Schedule.Rate)+" "+s.Schedule.Kind+" of "+value("payload.size", s.Payload.Size)+" on each topic")
	}
	if s.Uplink.Rate != "" && s.Uplink.Rate != "0/s" {
		parts = append(parts, value("uplink.rate", s.Uplink.Rate)+" of "+value("uplink.size", s.Uplink.Size)+" from each client")
	}
	if s.Poll.Interval != "" {
		parts = append(parts, "short polls every "+value("poll.interval", s.Poll.Interval))
	}
	duration := value("duration", s.Duration)
	for _, key := range slices.Sorted(maps.Keys(s.Axes)) {
		parts = append(parts, key+" "+listed(s.Axes[key]))
	}
	parts = append(parts, fmt.Sprintf("%d × %s measured of each transport", blocks(run, s.Trials), duration))
	return run.Scenario + ": " + strings.Join(parts, ", ")
}

// blocks is how often each cell was measured: as often as planned, where that
// was said before the run.
func blocks(run *results.Run, planned int) int {
	if run.Until == nil {
		return planned
	}
	n := 0
	for _, t := range run.Trials {
		n = max(n, t.Block+1)
	}
	return n
}

// listed puts values into a sentence: "10, 100 and 1000".
func listed(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " and " + values[last]
}
