// Package doctor judges whether a machine can measure a load: what would spoil
// a run, and how to mend it. It judges facts that others have read.
package doctor

import (
	"fmt"

	"pushbench/results"
)

// A State is a judgement in a word.
type State string

const (
	OK      State = "ok"
	Unseen  State = "unknown" // this machine does not tell
	Warning State = "warning" // numbers may be worse than they would be
	Problem State = "problem" // a run is refused, or every trial of it invalid
)

// A Finding is the judgement on one thing.
type Finding struct {
	Code   string // stable, for machines
	State  State
	Text   string // what there is, with the number
	Spoils string // what it spoils; empty when nothing
	Mend   string // how to mend it; empty when nothing is to be mended
}

func (f Finding) String() string {
	s := f.Code + ": " + f.Text
	if f.Spoils != "" {
		s += ": " + f.Spoils
	}
	if f.Mend != "" {
		s += " (" + f.Mend + ")"
	}
	return s
}

// A Load is what shall be run, as far as a machine can be too small for it.
type Load struct {
	Clients     int
	Connections int     // of all clients together
	ConnectRate float64 // clients per second; infinity is all at once
	// Servers and Generators are how many processes either side has; zero means one.
	Servers, Generators int
	// Server and Generator are the sides' CPUs; empty: wherever they like.
	Server, Generator []int
}

// A Noise is how a machine keeps a process that wants nothing but to wake up in
// time from doing so. The zero one was not listened to.
type Noise = results.Noise

// Diagnose judges everything, in the order in which a reader wants it: what
// decides on a run first.
func Diagnose(f results.Facts, l Load, n Noise) []Finding {
	return []Finding{
		Descriptors(f, l),
		Ports(f, l),
		CPUs(l),
		quota(f, l),
		cores(f, l),
		backlog(f, l),
		timeWait(f, l),
		memory(f, l),
		governor(f),
		clock(f),
		hugePages(f),
		interrupts(f),
		pressure(f),
		environment(f),
		stolen(f),
		busy(f, n),
		noise(n),
	}
}

// Warnings are the findings of which whoever starts a run should know, in a line
// each.
func Warnings(findings []Finding) (lines []string) {
	for _, f := range findings {
		if f.State == Warning || f.State == Problem {
			lines = append(lines, f.String())
		}
	}
	return lines
}

// What a problem comes to.
const (
	refused = "a run is refused"
	invalid = "every trial is invalid"
)

func ok(code, format string, args ...any) Finding {
	return Finding{Code: code, State: OK, Text: fmt.Sprintf(format, args...)}
}

func unseen(code, text string) Finding {
	return Finding{Code: code, State: Unseen, Text: text}
}
