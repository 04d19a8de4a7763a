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

// A load is a scenario as it was executed, as far as reports need it: other
// fields may come and go.
type load struct {
	Clients    int    `json:"clients"`
	Servers    int    `json:"servers"`
	Generators int    `json:"generators"`
	Topics     string `json:"topics"`
	Room       int    `json:"room"`
	Schedule   struct {
		Kind   string `json:"kind"`
		Rate   string `json:"rate"`
		To     string `json:"to"`
		Burst  int    `json:"burst"`
		Length int    `json:"length"`
	} `json:"schedule"`
	Uplink struct {
		Rate string `json:"rate"`
		Size string `json:"size"`
		To   string `json:"to"`
	} `json:"uplink"`
	Payload struct {
		Size    string `json:"size"`
		Content string `json:"content"`
		Raw     bool   `json:"raw"`
	} `json:"payload"`
	Poll struct {
		Interval string `json:"interval"`
	} `json:"poll"`
	Longpoll struct {
		Hold  string `json:"hold"`
		Think string `json:"think"`
	} `json:"longpoll"`
	Reuse *bool `json:"reuse"`
	Log   struct {
		Keep int `json:"keep"`
	} `json:"log"`
	Buffers struct {
		Server string `json:"server"`
		Client string `json:"client"`
	} `json:"buffers"`
	Unacknowledged string `json:"unacknowledged"`
	Stack          string `json:"stack"`
	Baseline       bool   `json:"baseline"`
	EventsPerWrite int    `json:"events_per_write"`
	Value          string `json:"value"`
	Rotate         bool   `json:"rotate"`
	Together       bool   `json:"together"`
	Backoff        struct {
		Kind string `json:"kind"`
	} `json:"backoff"`
	Faults string `json:"faults"`
	Slow   struct {
		Policy string `json:"policy"`
		Share  string `json:"share"`
		Speed  string `json:"speed"`
	} `json:"slow"`
	Vanish struct {
		Share string `json:"share"`
		At    string `json:"at"`
	} `json:"vanish"`
	Churn struct {
		Stay string `json:"stay"`
		Away string `json:"away"`
	} `json:"churn"`
	Leave struct {
		Share string `json:"share"`
		For   string `json:"for"`
		Over  string `json:"over"`
	} `json:"leave"`
	Duration string              `json:"duration"`
	Trials   int                 `json:"trials"`
	Axes     map[string][]string `json:"axes"`
	Cross    *bool               `json:"cross"`
	Search   struct {
		Key  string `json:"key"`
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"search"`
}

// loadOf reads the run's load; a scenario of another shape has none.
func loadOf(run *results.Run) (load, bool) {
	var l load
	ok := json.Unmarshal(run.Executed, &l) == nil && l.Clients != 0
	return l, ok
}

// speaks says whether clients send anything.
func (l load) speaks() bool { return l.Uplink.Rate != "" && l.Uplink.Rate != "0/s" }

// ran says whether the transport was measured, or may yet be.
func ran(run *results.Run, transport string) bool {
	return len(run.Trials) == 0 || slices.ContainsFunc(run.Trials, func(t results.Trial) bool { return t.Transport == transport })
}

// what is the load in a line.
func what(run *results.Run) string {
	s, ok := loadOf(run)
	if !ok {
		return run.Scenario
	}
	each := fmt.Sprintf("%d × %%s measured of each transport", blocks(run, s.Trials))
	if s.Search.Key != "" {
		s.Axes = map[string][]string{s.Search.Key: {s.Search.From + " to " + s.Search.To}}
		each = "%s measured in each probe"
	}
	star := s.Cross != nil && !*s.Cross && len(s.Axes) > 1
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
	switch _, varies := s.Axes["topics"]; {
	case varies: // told at the end
	case s.Topics == "broadcast":
		parts[0] += " on one topic"
	case s.Topics == "rooms":
		parts[0] += fmt.Sprintf(" in rooms of %s", value("room", strconv.Itoa(s.Room)))
	case s.Topics == "own":
		parts[0] += ", a topic each"
	}
	size := func() string {
		if s.Payload.Content == "clock" {
			return "the time"
		}
		return value("payload.size", s.Payload.Size)
	}
	kind := value("schedule.kind", s.Schedule.Kind)
	switch {
	case kind == "none":
	case kind == "saturate":
		parts = append(parts, "as many events as they take of "+size())
	case kind == "reply":
		parts = append(parts, fmt.Sprintf("%s events at %s of %s upon each message",
			value("schedule.length", strconv.Itoa(s.Schedule.Length)), value("schedule.rate", s.Schedule.Rate), size()))
	default:
		parts = append(parts, value("schedule.rate", s.Schedule.Rate)+" "+kind+" of "+size()+" on each topic")
	}
	if _, varies := s.Axes["uplink.rate"]; varies || s.speaks() {
		said := value("uplink.rate", s.Uplink.Rate) + " of " + value("uplink.size", s.Uplink.Size) + " from each client"
		if s.Uplink.To == "server" && s.Axes["uplink.to"] == nil {
			said += " to the server"
		}
		parts = append(parts, said)
	}
	if interval := value("poll.interval", s.Poll.Interval); interval != "" && ran(run, "poll") {
		parts = append(parts, "short polls every "+interval)
	}
	if s.Value == "latest" {
		parts = append(parts, "of which the latest matters")
	}
	if s.Rotate {
		parts = append(parts, "clients woken in rotation")
	}
	if _, varies := s.Axes["faults"]; varies || s.Faults != "" {
		parts = append(parts, value("faults", s.Faults)+" with back-off "+value("backoff.kind", s.Backoff.Kind))
	}
	parts = append(parts, s.conduct(value)...)
	parts = append(parts, s.settings(run)...)
	duration := value("duration", s.Duration)
	for _, key := range slices.Sorted(maps.Keys(s.Axes)) {
		parts = append(parts, key+" "+listed(s.Axes[key]))
	}
	if star {
		parts = append(parts, "one of these at a time with the first of the others")
	}
	measured := fmt.Sprintf(each, duration) + s.built()
	if s.Together {
		measured += ", all at the same time on one server with so many clients each"
	}
	parts = append(parts, measured)
	return run.Scenario + ": " + strings.Join(parts, ", ")
}

// built says how servers were built, where that is not as usual, and whether there is
// a baseline.
func (l load) built() (text string) {
	switch l.Stack {
	case "both":
		text = " on the stacks std and lean"
	case "", "std":
	default:
		text = " on the stack " + l.Stack
	}
	if l.Baseline {
		text += " and of the baseline " + results.Baseline
	}
	return text
}

// blocks is how often each cell was measured: as often as planned, where that
// was said before the run.
func blocks(run *results.Run, planned int) int {
	if run.Until == nil {
		return planned
	}
	return run.Blocks()
}

// listed puts values into a sentence: "10, 100 and 1000".
func listed(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " and " + values[last]
}
