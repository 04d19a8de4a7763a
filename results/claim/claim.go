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
		"clients that ask more often than there are events take shown more bytes, both ways together, than those of a stream",
		"claims-idle", idle},
	{"held-request", "A hanging request is answered as soon as data appears.",
		"long polling's latency is less than a frame of a screen (16.7 ms) behind an event stream's",
		"claims-push", heldRequest},
	{"plain-http", "SSE needs no special protocol or server.",
		"a plain HTTP client reads our stream, and our client half that of a handler with nothing but net/http",
		"", nil},
	{"resume", "SSE resumes by itself, by event id and a retry time that the server sets; WebSocket does not.",
		"a client that is cut off and comes back as its standard says is given what it missed on an event stream, and not on a WebSocket; that it comes back by itself, only a browser can show",
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
	Holds   Verdict = "holds"               // wherever it was looked at
	Fails   Verdict = "does not hold"       // anywhere: the contrary is shown
	Depends Verdict = "depends"             // shown here, and the contrary there
	Partly  Verdict = "told in part"        // shown, but not wherever it was looked at
	Even    Verdict = "no difference shown" // at any load, which is not that there is none
	Untold  Verdict = "not told here"
)

// A Judgment is a claim with what was found about it.
type Judgment struct {
	Claim
	Verdict  Verdict
	On       string // of one that depends: on what; of one that is not told, or in part: where and why
	Evidence []Evidence
}

// An Outcome is what one load, or one look, says about a claim.
type Outcome string

const (
	For     Outcome = "for"
	Against Outcome = "against" // the contrary is shown
	Level   Outcome = "level"   // no difference is shown
	Open    Outcome = "open"    // what is shown may be on either side of what it is held to, or could not be looked at
	Doubted Outcome = "doubted" // rows that are not ranked, or too few of their blocks
)

// An Evidence is what one load, or one look, says about a claim.
type Evidence struct {
	Run     string            // the run's name, or who looked
	At      map[string]string // the load's axes
	Outcome Outcome
	Text    string // the numbers, with intervals, or why there are none
	// Numbers are those in the text, for programs.
	Numbers []Number
}

// Told says whether it shows that the claim holds, or that it does not.
func (e Evidence) Told() bool { return e.Outcome == For || e.Outcome == Against }

// told is the outcome of what can be told.
func told(holds bool) Outcome {
	if holds {
		return For
	}
	return Against
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

// A Hearing is what became of claims, and by what they were judged.
type Hearing struct {
	Judgments []Judgment
	Sources   []Source
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
				e := Evidence{Run: s.With, Outcome: Open, Text: s.Text}
				if s.Told {
					e.Outcome = told(s.Holds)
				}
				j.Evidence = append(j.Evidence, e)
			}
		}
		j.conclude()
		all = append(all, j)
	}
	return all
}

// outcomes are the words of a sentence for them, in its order.
var outcomes = []struct {
	Outcome
	word string
}{{For, "holds"}, {Against, "does not hold"}, {Level, "no difference shown"}, {Open, "not told"}, {Doubted, "not told"}}

// conclude makes one verdict of all evidence: what holds here and not there
// depends on what here and there differ in, and what is not shown everywhere is told
// in part.
func (j *Judgment) conclude() {
	n := map[Outcome]int{}
	for _, e := range j.Evidence {
		n[e.Outcome]++
	}
	switch all := len(j.Evidence); {
	case n[For] > 0 && n[Against] > 0:
		j.Verdict, j.On = Depends, on(j.Evidence)
	case all > 0 && n[For] == all:
		j.Verdict = Holds
	case all > 0 && n[Against] == all:
		j.Verdict = Fails
	case n[For]+n[Against] > 0:
		j.Verdict, j.On = Partly, by(j.Evidence, place(j.Evidence))
	case all > 0 && n[Level] == all:
		j.Verdict = Even
	case n[Level] > 0:
		j.Verdict, j.On = Untold, by(j.Evidence, place(j.Evidence))
	case all > 0:
		j.Verdict, j.On = Untold, wheres(j.Evidence, Evidence.Where)+": "+j.Evidence[0].Text
	case j.Scenario != "":
		j.Verdict, j.On = Untold, fmt.Sprintf("none of the runs has such a load: `pushbench run %s` has", j.Scenario)
	default:
		j.Verdict, j.On = Untold, "nobody has looked"
	}
}

// on says on what a claim depends: on the one key in which loads of one run differ,
// or on the load. What is neither for it nor against it stands behind.
func on(all []Evidence) string {
	what, where := "the load", Evidence.Where
	if key := only(all); key != "" {
		what, where = key, func(e Evidence) string { return e.At[key] }
	}
	yes, no := of(all, For), of(all, Against)
	text := fmt.Sprintf("on %s: holds at %s, not at %s", what, wheres(yes, where), wheres(no, where))
	if rest := by(of(all, Level, Open, Doubted), where); rest != "" {
		text += "; " + rest
	}
	return text
}

// by says of each outcome where it is.
func by(all []Evidence, where func(Evidence) string) string {
	var parts []string
	for i := 0; i < len(outcomes); {
		word, same := outcomes[i].word, []Outcome{}
		for ; i < len(outcomes) && outcomes[i].word == word; i++ {
			same = append(same, outcomes[i].Outcome)
		}
		if some := of(all, same...); len(some) > 0 {
			parts = append(parts, word+": "+wheres(some, where))
		}
	}
	return strings.Join(parts, "; ")
}

// of are those of these outcomes.
func of(all []Evidence, outcomes ...Outcome) (some []Evidence) {
	for _, e := range all {
		if slices.Contains(outcomes, e.Outcome) {
			some = append(some, e)
		}
	}
	return some
}

// place names a load by the one key in which they differ, where there is one.
func place(all []Evidence) func(Evidence) string {
	if key := only(all); key != "" {
		return func(e Evidence) string { return key + "=" + e.At[key] }
	}
	return Evidence.Where
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
	// A value must not stand on two sides.
	for i, e := range all {
		for _, other := range all[:i] {
			if e.At[keys[0]] == other.At[keys[0]] && e.Outcome != other.Outcome {
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
