package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"pushbench/results/threshold"
)

// A Search looks for the hardest value of a key at which a transport still holds
// the scenario's SLO. Both ends are written as the key's own values are.
type Search struct {
	Key    string  `yaml:"key" json:"key,omitempty"` // "" for no search
	From   Value   `yaml:"from" json:"from,omitempty"`
	To     Value   `yaml:"to" json:"to,omitempty"`
	Within Percent `yaml:"within" json:"within,omitempty"` // how far apart neighbours are; zero means 10 %
}

// A Value is one of whatever key, as it is written.
type Value string

// Set takes any text: only the key says what it must be.
func (v *Value) Set(text string) error {
	*v = Value(strings.TrimSpace(text))
	return nil
}

// A Percent is a share as people write it: "5%".
type Percent float64

// Set reads a share, above zero.
func (p *Percent) Set(text string) error {
	number, found := strings.CutSuffix(text, "%")
	value, ok := decimal(number)
	if !found || !ok || value <= 0 || value > maxPercent {
		return fmt.Errorf("%q is not a share: want one such as 5%%, at most %d%%", text, maxPercent)
	}
	*p = Percent(value / 100)
	return nil
}

// maxPercent is where a share says nothing more.
const maxPercent = 1000

func (p Percent) String() string {
	text := strconv.FormatFloat(100*float64(p), 'f', -1, 64)
	var back Percent
	for digits := 1; digits < 17; digits++ { // the shortest that reads back as the same
		short := strconv.FormatFloat(100*float64(p), 'f', digits-1, 64)
		if back.Set(short+"%") == nil && back == p {
			text = short
			break
		}
	}
	return text + "%"
}

// Type names the value in help.
func (p *Percent) Type() string { return "percent" }

func (p Percent) MarshalText() ([]byte, error)     { return []byte(p.String()), nil }
func (p *Percent) UnmarshalText(text []byte) error { return p.Set(string(text)) }

// Bounds of a search.
const (
	defaultWithin = 0.1 // what a limit moves by itself from one minute of a shared host to another
	minWithin     = 0.01
	maxWithin     = 1
	maxDemands    = 64
	digits        = 4 // that count of a value on the way
)

// step is the ratio of neighbours.
func (s Search) step() float64 {
	if s.Within == 0 {
		return 1 + defaultWithin
	}
	return 1 + float64(s.Within)
}

// Read takes key and ends from a text as a flag has it, "clients=250..16000".
func (s *Search) Read(text string) error {
	key, ends, ok := strings.Cut(text, "=")
	from, to, both := strings.Cut(ends, "..")
	if !ok || !both || key == "" || from == "" || to == "" {
		return fmt.Errorf("%q is no search: want the key and both ends, as in clients=250..16000", text)
	}
	s.Key, s.From, s.To = strings.TrimSpace(key), Value(strings.TrimSpace(from)), Value(strings.TrimSpace(to))
	return nil
}

// A Rung is one value that a search can try.
type Rung struct {
	Point
	Value float64 // in Unit
	Unit  string  // "" of a bare number, "/s", "B", "ms"
}

// Ladder is what a search can try, from its easiest value to its hardest, each as
// much harder than the one before as the search is exact. Without a search there
// is none. The scenario must be valid.
func (s *Scenario) Ladder() []Rung {
	if s.Search.Key == "" {
		return nil
	}
	key := s.Search.Key
	from, unit, _ := quantity(key, s.Search.From)
	to, _, _ := quantity(key, s.Search.To)
	steps := max(1, int(math.Ceil(math.Abs(math.Log(to/from))/math.Log(s.Search.step())-1e-9)))
	var ladder []Rung
	for i := range steps + 1 {
		value := rounded(from * math.Pow(to/from, float64(i)/float64(steps)))
		switch i {
		case 0:
			value = from
		case steps:
			value = to
		}
		text := unit.text(value)
		if n := len(ladder); n > 0 && ladder[n-1].Axes[key] == text { // two of a coarse scale
			continue
		}
		own := *s
		own.Axes, own.Search = nil, Search{}
		own.assign(key, text)
		value, _, _ = quantity(key, Value(text)) // as it was rounded
		ladder = append(ladder, Rung{Point{map[string]string{key: text}, &own}, value, unit.name})
	}
	return ladder
}

func rounded(v float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	return short
}

// A scaleUnit is what the numbers of a kind of key are in.
type scaleUnit struct {
	name string
	text func(float64) string // as the key's value is written
}

// quantity is the number that a text is as a value of the key.
func quantity(key string, text Value) (float64, scaleUnit, error) {
	scratch := Default()
	if err := scratch.assign(key, string(text)); err != nil {
		return 0, scaleUnit{}, err
	}
	v, err := scratch.varied(key)
	if err != nil {
		return 0, scaleUnit{}, err
	}
	return numberOf(v)
}

// numberOf is the number in a field, where it is one.
func numberOf(v reflect.Value) (float64, scaleUnit, error) {
	switch value := v.Interface().(type) {
	case int:
		return float64(value), scaleUnit{"", func(v float64) string { return strconv.Itoa(int(math.Round(v))) }}, nil
	case Rate:
		return float64(value), scaleUnit{"/s", func(v float64) string { return Rate(v).String() }}, nil
	case Size:
		return float64(value), scaleUnit{"B", func(v float64) string { return Size(math.Round(v)).String() }}, nil
	case Sizes:
		if value.Min == value.Max {
			return float64(value.Min), scaleUnit{"B", func(v float64) string { return Size(math.Round(v)).String() }}, nil
		}
	case Duration:
		ms := float64(time.Millisecond)
		return float64(value) / ms, scaleUnit{"ms", func(v float64) string { return Duration(math.Round(v * ms)).String() }}, nil
	}
	return 0, scaleUnit{}, fmt.Errorf("want a number, which a search can go up or down, such as clients or schedule.rate")
}

// OfProbes is why only a capacity can be demanded of a search.
const OfProbes = "it judges the rows of a run, and those of a search are its probes: say what shall hold in slo, or demand a capacity"

// checkSearch says whether there is a search that makes sense.
func (s *Scenario) checkSearch(c *checker) bool {
	k, before := s.Search, len(c.problems)
	if k.Key == "" {
		c.check(k == Search{}, "search.key", "a search needs the key that it varies, such as clients")
		return false
	}
	from, _, err := quantity(k.Key, k.From)
	if _, wrong := s.varied(k.Key); wrong != nil {
		c.check(false, "search.key", "%v", wrong)
		return false
	}
	c.check(err == nil, "search.from", "%v", err)
	to, _, wrong := quantity(k.Key, k.To)
	c.check(wrong == nil, "search.to", "%v", wrong)
	if err == nil && wrong == nil {
		c.check(from > 0 && to > 0, "search", "%s to %s: both ends must be above zero", k.From, k.To)
		c.check(from != to, "search", "both ends are %s: there is nothing to look for", k.To)
	}
	c.check(k.Within == 0 || k.Within >= minWithin && k.Within <= maxWithin, "search.within", "%s: want %s to %s", k.Within, Percent(minWithin), Percent(maxWithin))
	c.check(len(s.SLO) > 0, "slo", "a search needs what shall hold, such as slo: [latency_p99 < 100ms, lost == 0, verdict valid], or --slo 'p99 < 100ms'")
	for _, name := range s.WithBaseline() {
		concerned := slices.ContainsFunc(s.SLO, func(e threshold.Expression) bool { return e.Concerns(name) })
		c.check(concerned || len(s.SLO) == 0, "slo", "it demands nothing of %s, which would hold whatever it is given", name)
	}
	c.check(len(s.Axes) == 0, "search", "a search goes its own way through one key: leave out either search or axes")
	c.check(!s.Together, "search", "a search finds the limit of each transport by itself: leave out either search or together")
	_, unit, _ := quantity(k.Key, k.From)
	for _, e := range s.Thresholds {
		if e.Metric != threshold.Capacity {
			c.check(false, "thresholds", "%s: %s", e, OfProbes)
		} else if err == nil {
			misfit := e.Fits(unit.name)
			c.check(misfit == nil, "thresholds", "%s: %v", e, misfit)
		}
	}
	return len(c.problems) == before
}
