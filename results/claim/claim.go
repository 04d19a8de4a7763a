// Package claim tests what is commonly said of the transports: for each saying,
// what runs and looks at the protocols themselves say about it, and whether it
// holds. It knows no answer beforehand: other numbers, other verdicts.
package claim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// A Claim is something that is said of the transports.
type Claim struct {
	Name string // short, for flags and programs
	Says string // the saying
	Rule string // if what it is taken to hold, at a load or for whoever looked
	// Scenario is the load that comes with the program to judge it by; "" of what
	// can be seen without a load.
	Scenario string
	// judge looks for evidence in a run, whatever scenario it is of; nil of what can
	// be seen without a load.
	judge func(*bench) []Evidence
}

// Claims are all that are tested.
var Claims = []Claim{
	{"polling-idle", "Polling loads the channel even when nothing happens.",
		"clients that ask more often than there are events take shown more bytes than those of a stream",
		"claims-idle", idle},
	{"held-request", "A hanging request is answered as soon as data appears.",
		"long polling's latency is less than a frame of a screen (16.7 ms) behind an event stream's",
		"claims-push", heldRequest},
	{"plain-http", "SSE needs no special protocol or server.",
		"a plain HTTP client reads our stream, and our client half that of a handler with nothing but net/http",
		"", nil},
	{"resume", "SSE resumes by itself, by event id and a retry time that the server sets; WebSocket does not.",
		"a client that is cut off and comes back as its standard says is given what it missed on an event stream, and not on a WebSocket",
		"", nil},
	{"post-uplink", "A plain HTTP request is a good enough uplink beside SSE.",
		"a posted message's way up is less than a frame of a screen (16.7 ms) longer than that of a WebSocket's",
		"claims-uplink", postUplink},
	{"two-way", "WebSocket is the better choice for two-way traffic.",
		"the same traffic both ways takes shown less server CPU on WebSocket than with an event stream and requests",
		"claims-uplink", twoWay},
	{"overhead", "WebSocket has less overhead per message.",
		"WebSocket carries shown fewer bytes around a payload than another transport at the same load; the envelope of our events is in both",
		"claims-idle", overhead},
	{"faster", "WebSocket is faster than SSE.",
		"WebSocket's median latency is shown to be lower at the same load",
		"claims-push", faster},
	{"six-connections", "Browsers allow six HTTP/1.1 connections per origin.",
		"of more event streams than that a browser opens six, and another one when one of them ends",
		"", nil},
}

// A Verdict is what becomes of a claim.
type Verdict string

const (
	Holds   Verdict = "holds"
	Fails   Verdict = "does not hold"
	Depends Verdict = "depends"
	Untold  Verdict = "not told here"
)

// A Judgment is a claim with what was found about it.
type Judgment struct {
	Claim
	Verdict  Verdict
	On       string // of one that depends: on what; of one that is not told: why
	Evidence []Evidence
}

// An Evidence is what one load, or one look, says about a claim.
type Evidence struct {
	Run   string            // the run's name, or who looked
	At    map[string]string // the load's axes
	Told  bool              // else Text says why nothing can be told
	Holds bool
	Text  string // the numbers, with intervals
	// Numbers are those in the text, for programs.
	Numbers []Number
}

// A Number is a measured one: of a row, or of one row beside another.
type Number struct {
	Metric    string       `json:"metric"`
	Unit      string       `json:"unit"`
	Transport string       `json:"transport"`
	Less      string       `json:"less,omitempty"` // it is the difference from this transport's
	Over      string       `json:"over,omitempty"` // it is the ratio to this transport's
	Value     compare.Stat `json:"value"`
}

// Where names the load or who looked.
func (e Evidence) Where() string {
	words := []string{e.Run}
	for _, key := range slices.Sorted(maps.Keys(e.At)) {
		words = append(words, key+"="+e.At[key])
	}
	return strings.Join(words, " ")
}

// A Source is a run to judge by, and what to call it.
type Source struct {
	Name string
	Run  *results.Run
}

// A Sight is what somebody has seen of a protocol without a load.
type Sight struct {
	Claim string // its name
	With  string // who looked: net/http, a client half, a browser
	Told  bool
	Holds bool
	Text  string // what was seen, or why nothing could be
}

// Judge judges these claims by all that is given.
func Judge(claims []Claim, sources []Source, sights []Sight) []Judgment {
	var benches []*bench
	for _, s := range sources {
		benches = append(benches, newBench(s.Run))
	}
	var all []Judgment
	for _, c := range claims {
		j := Judgment{Claim: c}
		for i, s := range sources {
			if c.judge == nil {
				continue
			}
			for _, e := range c.judge(benches[i]) {
				e.Run = s.Name
				j.Evidence = append(j.Evidence, e)
			}
		}
		for _, s := range sights {
			if s.Claim == c.Name {
				j.Evidence = append(j.Evidence, Evidence{Run: s.With, Told: s.Told, Holds: s.Holds, Text: s.Text})
			}
		}
		j.conclude()
		all = append(all, j)
	}
	return all
}

// conclude makes one verdict of all evidence: what holds here and not there
// depends on what here and there differ in.
func (j *Judgment) conclude() {
	var yes, no, untold []Evidence
	for _, e := range j.Evidence {
		switch {
		case !e.Told:
			untold = append(untold, e)
		case e.Holds:
			yes = append(yes, e)
		default:
			no = append(no, e)
		}
	}
	switch {
	case len(yes) > 0 && len(no) > 0:
		j.Verdict, j.On = Depends, on(yes, no)
	case len(yes) > 0:
		j.Verdict = Holds
	case len(no) > 0:
		j.Verdict = Fails
	case len(untold) > 0:
		j.Verdict, j.On = Untold, wheres(untold, Evidence.Where)+": "+untold[0].Text
	case j.Scenario != "":
		j.Verdict, j.On = Untold, fmt.Sprintf("none of the runs has such a load: `pushbench run %s` has", j.Scenario)
	default:
		j.Verdict, j.On = Untold, "nobody has looked"
	}
}

// on says on what a claim depends: on the one key in which loads of one run differ,
// or on the load.
func on(yes, no []Evidence) string {
	what, where := "the load", Evidence.Where
	if key := only(slices.Concat(yes, no)); key != "" {
		what, where = key, func(e Evidence) string { return e.At[key] }
	}
	return fmt.Sprintf("on %s: holds at %s, not at %s", what, wheres(yes, where), wheres(no, where))
}

// maxNamed is how many places a sentence names: more of them are counted.
const maxNamed = 4

// only is the key in which all evidence differs that is of one run; "" when there
// is more to it.
func only(all []Evidence) string {
	varies := map[string]bool{}
	for _, e := range all {
		if e.Run != all[0].Run || len(e.At) != len(all[0].At) {
			return ""
		}
		for key, value := range e.At {
			if value != all[0].At[key] {
				varies[key] = true
			}
		}
	}
	keys := slices.Collect(maps.Keys(varies))
	if len(keys) != 1 {
		return ""
	}
	// A value must not stand on both sides.
	for i, e := range all {
		for _, other := range all[:i] {
			if e.At[keys[0]] == other.At[keys[0]] && e.Holds != other.Holds {
				return ""
			}
		}
	}
	return keys[0]
}

// wheres lists places, each once.
func wheres(all []Evidence, where func(Evidence) string) string {
	var names []string
	for _, e := range all {
		if name := where(e); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxNamed {
		return fmt.Sprintf("%d of them (%s …)", len(names), strings.Join(names[:2], ", "))
	}
	return strings.Join(names, ", ")
}

// Named are the claims of these names; an error lists those that there are.
func Named(names []string) ([]Claim, error) {
	if len(names) == 0 {
		return Claims, nil
	}
	var have []string
	for _, c := range Claims {
		have = append(have, c.Name)
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, fmt.Errorf("unknown claim %q (have %s)", name, strings.Join(have, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(Claims), func(c Claim) bool { return !slices.Contains(names, c.Name) }), nil
}
