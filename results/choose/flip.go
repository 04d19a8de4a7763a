package choose

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"pushbench/results/compare"
)

// A Flip is how far one thing in the profile must move before the answer changes.
type Flip struct {
	Key   string  `json:"key"` // of the profile
	Above bool    `json:"above"`
	Value float64 `json:"value"` // in seconds, bytes, events a second …
	Now   float64 `json:"now"`
	// Winners are those beyond it; none where no transport meets the requirements.
	Winners []string `json:"winners"`
	Text    string   `json:"text"`
}

// A dial is a number of the profile that can be turned.
type dial struct {
	key      string
	from, to float64 // how far it makes sense
	at       func(*Profile) *float64
	length   func(*Profile) *time.Duration // instead of at, in seconds
	beyond   string                        // "above 12 s of acceptable staleness": what stands behind the value
	word     func(float64) string
	whole    bool
	asked    bool         // zero is no value but none at all: it is not turned from there
	term     compare.Term // what it changes the amount of, if that is one and not always told
}

var dials = []dial{
	{key: "clients", from: 1, to: 1e9, at: func(p *Profile) *float64 { return &p.Clients }, beyond: "clients", word: count, whole: true},
	{key: "rate", from: 1.0 / 86400, to: 1000, at: func(p *Profile) *float64 { return &p.Rate }, beyond: "to each client", word: rate("events")},
	{key: "burst", from: 1, to: 1e4, at: func(p *Profile) *float64 { return &p.Burst }, beyond: "events at once", word: count, whole: true},
	{key: "size", from: 1, to: 8 << 20, at: func(p *Profile) *float64 { return &p.Size }, beyond: "in an event", word: bytes, whole: true, term: compare.Payload},
	{key: "staleness", from: 0.001, to: 30 * 86400, length: func(p *Profile) *time.Duration { return &p.Staleness }, beyond: "of acceptable staleness", word: seconds, asked: true},
	{key: "p99", from: 0.001, to: 30 * 86400, length: func(p *Profile) *time.Duration { return &p.P99 }, beyond: "of acceptable latency p99", word: seconds, asked: true},
	{key: "rtt", from: 0.001, to: 10, length: func(p *Profile) *time.Duration { return &p.RTT }, beyond: "of round trip", word: seconds},
	{key: "uplink", from: 1.0 / 86400, to: 1000, at: func(p *Profile) *float64 { return &p.Uplink }, beyond: "up from each client", word: rate("messages"), term: compare.Message},
	{key: "stay", from: 1, to: 30 * 86400, length: func(p *Profile) *time.Duration { return &p.Stay }, beyond: "of a client's stay", word: seconds, asked: true, term: compare.Connection},
}

// tells says whether any server does: what a run does not vary counts as nothing, or
// with something else, and to turn it would tell half of what it does.
func (m *Model) tells(term compare.Term) bool {
	return slices.ContainsFunc(m.servers, func(s server) bool { return s.Tells(term) })
}

func (d dial) get(p *Profile) float64 {
	if d.length != nil {
		return d.length(p).Seconds()
	}
	return *d.at(p)
}

// set returns the profile with the dial at the value.
func (d dial) set(p Profile, v float64) *Profile {
	if d.length != nil {
		*d.length(&p) = time.Duration(v * float64(time.Second))
	} else {
		*d.at(&p) = v
	}
	return &p
}

// A stride is how far a search goes at once: less than a third, so that what
// changes back within that is missed, and nothing larger.
const stride = 1.3

// flips are the nearest changes of the answer, to both sides of each number, and
// at each property that would be the other way round.
func (m *Model) flips(p *Profile, prices *Prices, now []string) []Flip {
	answer := func(p *Profile) []string {
		weights := m.weigh(p, prices)
		return named(weights, winners(weights, p, prices))
	}
	same := func(names []string) bool { return slices.Equal(sorted(names), sorted(now)) }
	all := []Flip{}
	for _, d := range dials {
		is := d.get(p)
		if d.asked && is == 0 || d.term != compare.Base && !m.tells(d.term) {
			continue
		}
		for _, above := range []bool{false, true} {
			value, winners, found := d.turn(p, is, above, answer, same)
			if !found {
				continue
			}
			side := "below"
			if above {
				side = "above"
			}
			text := fmt.Sprintf("%s %s %s %s", wins(winners), side, d.word(value), d.beyond)
			if is > 0 {
				text += fmt.Sprintf(" (now %s)", d.word(is))
			}
			all = append(all, Flip{Key: d.key, Above: above, Value: value, Now: is, Winners: winners, Text: text})
		}
	}
	for _, s := range switches {
		turned := *p
		at := s.at(&turned)
		*at = !*at
		if names := answer(&turned); !same(names) {
			f := Flip{Key: s.key, Above: *at, Winners: names, Text: wins(names) + " " + s.off}
			if *at {
				f.Value, f.Text = 1, wins(names)+" "+s.on
			} else {
				f.Now = 1
			}
			all = append(all, f)
		}
	}
	return all
}

// turn looks from where the dial is to its end for another answer. What it returns
// is beyond where the dial is, and the answer there.
func (d dial) turn(p *Profile, is float64, above bool, answer func(*Profile) []string, same func([]string) bool) (value float64, names []string, found bool) {
	inside, outside := is, max(is, d.from/stride)
	for !found {
		if above {
			outside = d.notch(outside*stride, math.Ceil)
		} else {
			outside = d.notch(outside/stride, math.Floor)
		}
		if outside > d.to || outside < d.from {
			return 0, nil, false
		}
		names = answer(d.set(*p, outside))
		if found = !same(names); !found {
			inside = outside
		}
	}
	inside = max(inside, outside/stride) // from nothing at all
	for math.Abs(math.Log(outside/inside)) > 0.005 && !(d.whole && math.Abs(outside-inside) <= 1) {
		middle := d.notch(math.Sqrt(inside*outside), math.Round)
		if between := answer(d.set(*p, middle)); same(between) {
			inside = middle
		} else {
			outside, names = middle, between
		}
	}
	return outside, names, true
}

// notch is where a dial stands that was turned to the value.
func (d dial) notch(v float64, round func(float64) float64) float64 {
	if d.whole {
		return round(v)
	}
	return v
}

// switches are properties of a product that can be the other way round.
var switches = []struct {
	key     string
	at      func(*Profile) *bool
	on, off string
}{
	{"latest", func(p *Profile) *bool { return &p.Latest }, "if only the latest event mattered", "if every event mattered"},
	{"binary", func(p *Profile) *bool { return &p.Binary }, "if data were binary", "if data were text"},
	{"buffering_proxy", func(p *Profile) *bool { return &p.BufferingProxy }, "behind a proxy that buffers", "without a proxy that buffers"},
}

// wins words an outcome.
func wins(names []string) string {
	switch len(names) {
	case 0:
		return "no transport meets the requirements"
	case 1:
		return names[0] + " wins"
	}
	return "no clear winner between " + listed(names)
}

// named are the names of the first n.
func named(all []weight, n int) []string {
	names := []string{}
	for _, w := range all[:n] {
		names = append(names, w.Transport)
	}
	return names
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// listed puts names into a sentence.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
