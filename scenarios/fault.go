package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Fault is what happens to the server at an instant of the measured phase:
// "reset 50% at 2s", "restart at 2s for 500ms".
type Fault struct {
	Kind    string   // one of FaultKinds
	Percent float64  // of the connections; 100 where nothing else is said
	At      Duration // from the beginning of the measured phase
	For     Duration // how long it lasts; zero for what is over at once
}

// Kinds of faults.
const (
	// Reset: the server ends connections with RST, and lives on.
	Reset = "reset"
	// Restart: the server is killed, and after a while there is a new one at the same
	// address, which knows nothing of the old one's log and has an epoch of its own.
	Restart = "restart"
	// Drain is a restart in good order: every client is told to leave first.
	Drain = "drain"
	// Stall: the server's process stands still for a while.
	Stall = "stall"
)

// FaultKinds are all of them, in the order in which help lists them.
var FaultKinds = []string{Reset, Restart, Drain, Stall}

// Ends says whether the fault ends the server, and with it the source's log.
func (f Fault) Ends() bool { return f.Kind == Restart || f.Kind == Drain }

// faultForm is what a fault looks like, for those who wrote something else.
const faultForm = "want one such as: reset at 2s, reset 50% at 2s, restart at 2s for 500ms, drain at 2s or stall at 1s for 500ms"

func (f *Fault) set(text string) error {
	words := strings.Fields(text)
	if len(words) == 0 {
		return fmt.Errorf("an empty fault: %s", faultForm)
	}
	read := Fault{Kind: words[0], Percent: 100}
	if !slices.Contains(FaultKinds, read.Kind) {
		return fmt.Errorf("unknown fault %q%s (have %s)", read.Kind, meant(read.Kind, FaultKinds), strings.Join(FaultKinds, ", "))
	}
	words = words[1:]
	if len(words) > 0 && strings.HasSuffix(words[0], "%") {
		percent, ok := decimal(strings.TrimSuffix(words[0], "%"))
		if !ok || percent <= 0 || percent > 100 {
			return fmt.Errorf("%q is no share of the connections: want one above 0%%, at most 100%%", words[0])
		}
		read.Percent, words = percent, words[1:]
	}
	for ; len(words) >= 2; words = words[2:] {
		var into *Duration
		switch {
		case words[0] == "at" && read.At == 0:
			into = &read.At
		case words[0] == "for" && read.For == 0:
			into = &read.For
		default:
			return fmt.Errorf("%q: %s", text, faultForm)
		}
		if err := into.Set(words[1]); err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
	}
	if len(words) > 0 || read.At == 0 {
		return fmt.Errorf("%q: %s", text, faultForm)
	}
	*f = read
	return nil
}

// String is the fault as a scenario writes it.
func (f Fault) String() string {
	text := f.Kind
	if f.Percent != 100 {
		text += " " + strconv.FormatFloat(f.Percent, 'f', -1, 64) + "%"
	}
	text += " at " + f.At.String()
	if f.For != 0 {
		text += " for " + f.For.String()
	}
	return text
}

// end is when it is over, as far as the scenario says.
func (f Fault) end() Duration { return f.At + f.For }

// Faults are those of a trial, in the order of their instants.
type Faults []Fault

// noFaults is how none are written.
const noFaults = "none"

// Set reads faults that are separated by commas, or the word none.
func (f *Faults) Set(text string) error {
	var read Faults
	if text != noFaults {
		for part := range strings.SplitSeq(text, ",") {
			var one Fault
			if err := one.set(part); err != nil {
				return err
			}
			read = append(read, one)
		}
	}
	*f = read
	return nil
}

// String is what Set reads as these faults.
func (f Faults) String() string {
	if len(f) == 0 {
		return noFaults
	}
	var parts []string
	for _, one := range f {
		parts = append(parts, one.String())
	}
	return strings.Join(parts, ", ")
}

// Type names the value in help.
func (f *Faults) Type() string { return "faults" }

func (f Faults) MarshalText() ([]byte, error)     { return []byte(f.String()), nil }
func (f *Faults) UnmarshalText(text []byte) error { return f.Set(string(text)) }

// maxFaults is how many a trial can have: each can be another life of the source.
const maxFaults = 100

func (s *Scenario) checkFaults(c *checker) {
	c.check(len(s.Faults) <= maxFaults, "faults", "%d: want %d at most", len(s.Faults), maxFaults)
	for i, f := range s.Faults {
		c.check(f.Percent == 100 || f.Kind == Reset, "faults", "%q: only a reset can be of a share of the connections", f)
		c.check(f.For == 0 || f.Kind != Reset, "faults", "%q: a reset is over at once: leave out for %s", f, f.For)
		c.check(f.For > 0 || f.Kind != Stall, "faults", "%q: a stall has a length, such as for 500ms", f)
		c.check(f.end() < s.Duration, "faults", "%q: the measured phase (duration) ends after %s, and what comes after the fault is to be seen", f, s.Duration)
		if i > 0 {
			before := s.Faults[i-1]
			c.check(f.At > before.At, "faults", "%q comes after %q: want them in the order of their instants, and no two at the same", f, before)
			c.check(f.At <= before.At || f.At > before.end(), "faults", "%q begins before %q is over", f, before)
		}
		if f.Ends() {
			c.check(s.Uplink.Rate == 0, "faults", "%q: what clients had sent to a server that ends cannot be accounted for: set uplink.rate to 0, or take reset or stall", f)
			c.check(s.Schedule.Kind != saturate, "faults", "%q: schedule kind saturate has no instants with which the next server could go on", f)
		}
	}
}
