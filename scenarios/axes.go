package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Axes are keys of a scenario with the values that a run goes through, written
// as in a file: {"clients": ["100", "1000"], "schedule.rate": ["1/s", "10/s"]}.
// A run measures every combination of them.
type Axes map[string][]string

// maxPoints is how many combinations a run may have: at two seconds each, a
// block of them takes half an hour.
const maxPoints = 256

// unvaried are the keys that are a run's and not a load's.
var unvaried = []string{
	"name", "title", "group", "question", "about", "measured", "transports", "stack", "baseline", "together", "value",
	"axes", "cross", "search", "slo", "thresholds", "published", "trials", "seed", "expects",
}

// A Point is one combination of the axes' values.
type Point struct {
	Axes     map[string]string // nil without axes
	Scenario *Scenario         // with these values in place, and no axes
}

// String names the point by its values; it is "" without axes.
func (p Point) String() string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(p.Axes)) {
		words = append(words, key+"="+p.Axes[key])
	}
	return strings.Join(words, " ")
}

// Points are all combinations, in the order of the values of each axis, or, where
// the axes are not crossed, their first values and then each other value of each
// axis; without axes the scenario itself. The scenario must be valid.
func (s *Scenario) Points() []Point {
	own := *s
	own.Axes = nil
	points := []Point{{Scenario: &own}}
	keys := slices.Sorted(maps.Keys(s.Axes))
	if !s.Cross && len(keys) > 0 {
		return s.star(keys)
	}
	for _, key := range keys {
		var finer []Point
		for _, p := range points {
			for _, value := range s.Axes[key] {
				at := Point{map[string]string{key: value}, new(Scenario)}
				maps.Copy(at.Axes, p.Axes)
				*at.Scenario = *p.Scenario
				at.Scenario.assign(key, value)
				finer = append(finer, at)
			}
		}
		points = finer
	}
	return points
}

// star are the points of axes that are not crossed.
func (s *Scenario) star(keys []string) []Point {
	at := func(key, value string) Point {
		p := Point{map[string]string{}, new(Scenario)}
		*p.Scenario = *s
		p.Scenario.Axes = nil
		for _, other := range keys {
			p.Axes[other] = s.Axes[other][0]
		}
		p.Axes[key] = value
		for _, other := range keys {
			p.Scenario.assign(other, p.Axes[other])
		}
		return p
	}
	points := []Point{at(keys[0], s.Axes[keys[0]][0])}
	for _, key := range keys {
		for _, value := range s.Axes[key][1:] {
			points = append(points, at(key, value))
		}
	}
	return points
}

// Settle gives the scenario the first value of each axis, and of a search: what is
// not at a point of an axis, because that says nothing to it, is at its first.
func (s *Scenario) Settle() {
	if s.Search.Key != "" {
		s.assign(s.Search.Key, string(s.Search.From)) // what is wrong with it, Validate says
	}
	for key, values := range s.Axes {
		if len(values) > 0 {
			s.assign(key, values[0])
		}
	}
}

// varied returns the scenario's value of a key that can be an axis.
func (s *Scenario) varied(key string) (reflect.Value, error) {
	if group, _, _ := strings.Cut(key, "."); slices.Contains(unvaried, group) {
		return reflect.Value{}, fmt.Errorf("%s is no axis: it is the same for a whole run", key)
	}
	v := reflect.ValueOf(s).Elem()
	var siblings []string
	for name := range strings.SplitSeq(key, ".") {
		known := v.Kind() == reflect.Struct && !settable(v)
		if known {
			siblings = keysOf(v.Type())
			v, known = fieldOf(v, name)
		}
		if !known {
			return v, newUnknownKey(s, key, siblings)
		}
	}
	if v.Kind() == reflect.Struct && !settable(v) {
		return v, fmt.Errorf("%s has keys below it: name one, such as %s.%s", key, key, keysOf(v.Type())[0])
	}
	return v, nil
}

// assign sets the key to the value as Axes has it.
func (s *Scenario) assign(key, text string) error {
	v, err := s.varied(key)
	if err != nil {
		return err
	}
	if set, ok := v.Addr().Interface().(setter); ok {
		return set.Set(text)
	}
	switch v.Kind() {
	case reflect.Int:
		var n int64
		n, err = strconv.ParseInt(text, 10, 0)
		v.SetInt(n)
	case reflect.Bool:
		var yes bool
		yes, err = strconv.ParseBool(text)
		v.SetBool(yes)
	default:
		v.SetString(text)
	}
	if err != nil {
		return fmt.Errorf("%q: want %s", text, wants[v.Kind()])
	}
	return nil
}

// checkAxes says whether the axes make points at all.
func (s *Scenario) checkAxes(c *checker) bool {
	points, before := 1, len(c.problems)
	for _, key := range slices.Sorted(maps.Keys(s.Axes)) {
		at, values := "axes."+key, s.Axes[key]
		c.check(len(values) > 0, at, "no values: want a list of them")
		for i, text := range values {
			scratch := Default()
			if err := scratch.assign(key, text); err != nil {
				c.check(false, at, "%v", err)
				break // a key that does not exist is one problem
			}
			c.check(!slices.Contains(values[:i], text), at, "%s twice", text)
		}
		if s.Cross {
			points = min(points*max(1, len(values)), maxPoints+1)
		} else {
			points = min(points+max(1, len(values))-1, maxPoints+1)
		}
	}
	c.check(points <= maxPoints, "axes", "more than %d combinations: leave out values", maxPoints)
	return len(c.problems) == before
}

// ofPoints joins what is said of every point. What is said of all stands as it
// is; else it stands once for each key, with the first point that it is said of.
func ofPoints(points []Point, said func(*Scenario) []Problem) []Problem {
	type saying struct {
		Problem
		at Point
	}
	var sayings []saying
	times := map[Problem]int{}
	for _, at := range points {
		for _, p := range said(at.Scenario) {
			if times[p]++; times[p] == 1 {
				sayings = append(sayings, saying{p, at})
			}
		}
	}
	var all []Problem
	named := map[string]bool{}
	for _, one := range sayings {
		switch p := one.Problem; {
		case times[p] == len(points):
			all = append(all, p)
		case !named[p.Key]:
			named[p.Key] = true
			p.Text = fmt.Sprintf("at %s: %s", one.at, p.Text)
			all = append(all, p)
		}
	}
	return all
}
