package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pushbench/servers/source"
)

// A Kind is one way to misbehave.
type Kind struct {
	Name  string
	Takes string // what is said behind the name: "[=N]", "=LENGTH@INSTANT"
	Does  string // what is wrong, in words

	make func(value string, at time.Duration) (Fault, error)
}

// All are the kinds there are.
var All = []Kind{
	{"drop", "[=N]", "leaves out each N-th event", numbered(drop)},
	{"duplicate", "[=N]", "shows each N-th event twice", numbered(duplicate)},
	{"swap", "", "exchanges the first two events of a reading", viewed(swap)},
	{"reorder", "[=N]", "shows each N-th event after the one that follows it", reordered},
	{"corrupt", "[=N]", "changes the payload of each N-th event, and not its envelope", numbered(corrupt)},
	{"ignore-cursor", "", "resumes at the newest event without a notice", rewritten(ignoreCursor)},
	{"repeat-last", "", "resumes one event too early", rewritten(repeatLast)},
	{"hide-gap", "", "falls off the log without a notice", rewritten(hideGap)},
	{"forget-epoch", "", "takes a cursor of another epoch for its own", rewritten(forgetEpoch)},
	{"accept-garbage", "", "takes a cursor that is none for no cursor", rewritten(acceptGarbage)},
	{"wrong-topic", "", "shows the events of the next topic", rewritten(wrongTopic)},
	{"stall", "=LENGTH@INSTANT", "writes nothing for so long, and publishes on", stalled},
	{"freeze", "=LENGTH@INSTANT", "stands still for so long: reads, writes and publishes nothing", frozen},
	{"delay", "=LAW", "sends later what it writes: constant:20ms, bimodal:5ms:40ms:0.7, exponential:10ms or ramp:0ms:40ms", delayed},
	{"late-headers", "=LENGTH", "sends the first thing that it writes on a connection so much later", lateHeaders},
	{"vanish", "=N@INSTANT", "lets each N-th connection go silent without an end", vanished},
}

// Usage is how the fault is asked for.
func (k *Kind) Usage() string { return k.Name + k.Takes }

// Parse makes the fault of a specification NAME[=VALUE][@INSTANT], as in "drop",
// "drop=100" or "stall=1s@1.2s". Instants count from the start of the load. A
// fault has a memory: each server needs one of its own.
func Parse(spec string) (*Fault, error) {
	rest, at, timed := strings.Cut(spec, "@")
	name, value, valued := strings.Cut(rest, "=")
	i := slices.IndexFunc(All, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("unknown fault %q (have %s)", name, strings.Join(usages(), ", "))
	}
	k := &All[i]
	takesValue := strings.Contains(k.Takes, "=") && (valued || !strings.HasPrefix(k.Takes, "["))
	if valued != takesValue || valued && value == "" || timed != strings.Contains(k.Takes, "@") {
		return nil, fmt.Errorf("fault %q: want %s", spec, k.Usage())
	}
	var instant time.Duration
	var err error
	if timed {
		instant, err = length(at, longest)
	}
	var f Fault
	if err == nil {
		f, err = k.make(value, instant)
	}
	if err != nil {
		return nil, fmt.Errorf("fault %q: %w (want %s)", spec, err, k.Usage())
	}
	f.Kind = k
	return &f, nil
}

func usages() []string {
	var all []string
	for _, k := range All {
		all = append(all, k.Usage())
	}
	return all
}

// usual is the distance between two events that are tampered with, where none
// is asked for.
const usual = 7

// count reads a number of that many at least.
func count(value string, least uint64) (uint64, error) {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || n < least {
		return 0, fmt.Errorf("%q is not a number from %d", value, least)
	}
	return n, nil
}

// every reads an optional distance between events.
func every(value string, least uint64) (uint64, error) {
	if value == "" {
		return usual, nil
	}
	return count(value, least)
}

// longest is the longest stall, and the latest instant.
const longest = time.Hour

// length reads a time from zero to most.
func length(value string, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > most {
		return 0, fmt.Errorf("%q is not a length of time up to %s", value, most)
	}
	return d, nil
}

// numbered makes a fault of each n-th event.
func numbered(show func(n uint64) show) func(string, time.Duration) (Fault, error) {
	return func(value string, _ time.Duration) (Fault, error) {
		n, err := every(value, 1)
		return Fault{View: &source.View{Show: show(n)}}, err
	}
}

func viewed(s show) func(string, time.Duration) (Fault, error) {
	return func(string, time.Duration) (Fault, error) { return Fault{View: &source.View{Show: s}}, nil }
}

// reordered is of each second event at least: one can change places once.
func reordered(value string, _ time.Duration) (Fault, error) {
	n, err := every(value, 2)
	return Fault{View: &source.View{Show: reorder(n), Holds: func(number uint64) bool { return number%n == 0 }}}, err
}

func rewritten(r rewrite) func(string, time.Duration) (Fault, error) {
	return func(string, time.Duration) (Fault, error) { return Fault{rewrite: r}, nil }
}
