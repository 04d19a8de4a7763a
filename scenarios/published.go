package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"pushbench/results"
)

// ratio is the unit of a figure that is divided by another transport's.
const ratio = "ratio"

// checkPublished looks at what others are said to have published: a figure that
// stands beside the wrong number misleads more than none. One of a row that the
// scenario does not have is none of its problems, since flags change rows; it then
// stands alone.
func (s *Scenario) checkPublished(c *checker) {
	for i, p := range s.Published {
		at := func(key string) string { return fmt.Sprintf("published.%d.%s", i+1, key) }
		c.check(strings.TrimSpace(p.Source) != "", at("source"), "say who published it, where and when")
		c.check(strings.TrimSpace(p.Differs) != "", at("differs"), "say what of their set-up is not as here, or that nothing is")
		c.check(p.Derived == "" || strings.TrimSpace(p.Derived) != "", at("derived"), "say how the figures follow from what stands there, or leave it out where they stand there themselves")
		m, known := results.MetricOf(p.Metric)
		c.check(known, at("metric"), "unknown metric %q: those of --format json are there", p.Metric)
		c.check(len(p.Figures) > 0, at("figures"), "no figures: want a list such as [{transport: sse, value: 8}]")
		over := slices.ContainsFunc(p.Figures, func(f results.Figure) bool { return f.Over != "" })
		want := m.Unit
		if over {
			want = ratio
		}
		c.check(!known || p.Unit == want, at("unit"), "%q: want %s", p.Unit, want)
		for k, f := range p.Figures {
			at := func(key string) string { return fmt.Sprintf("published.%d.figures.%d.%s", i+1, k+1, key) }
			c.check((f.Over != "") == over, at("over"), "figures that are divided by another transport's, and such that are not, are two publications")
			c.check(f.Transport != "" && f.Transport != f.Over, at("transport"), "want a transport, and another one than it is divided by")
			c.check(f.Value > 0 && !math.IsInf(f.Value, 0), at("value"), "%v: want a number above zero", f.Value)
			for _, key := range slices.Sorted(maps.Keys(f.At)) {
				text := f.At[key]
				value, err := written(key, text)
				c.check(err == nil, at("at"), "%v", err)
				c.check(err != nil || value == text, at("at"), "%s: %s: write it as %s", key, text, value)
			}
		}
	}
}

// written is the value of a key as scenarios and rows write it.
func written(key, text string) (string, error) {
	scratch := Default()
	field, err := scratch.varied(key)
	if err != nil {
		return "", err
	}
	if err := scratch.assign(key, text); err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return fmt.Sprint(field.Interface()), nil
}

// records decodes a list whose elements have keys of their own.
func (d *decoder) records(node ast.Node, into reflect.Value, key string) {
	all, ok := node.(*ast.SequenceNode)
	if !ok {
		d.problem(line(node), key, "want a list, each of it with keys such as %s", strings.Join(keysOf(into.Type().Elem()), ", "))
		return
	}
	for i, one := range all.Values {
		at := fmt.Sprintf("%s.%d", key, i+1)
		d.lines[at] = line(one)
		record := reflect.New(into.Type().Elem()).Elem()
		d.mapping(one, record, at)
		into.Set(reflect.Append(into, record))
	}
}

// settings decodes keys of the scenario with one value each, and writes the values
// as the scenario's own are written.
func (d *decoder) settings(node ast.Node, into reflect.Value, key string) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		d.problem(line(node), key, "want keys with values below it, such as clients: 100")
		return
	}
	read := map[string]string{}
	for _, pair := range m.Values {
		name := pair.Key.GetToken().Value
		field, err := Default().varied(name)
		if stray, unknown := errors.AsType[unknownKey](err); unknown {
			d.unknown(line(pair.Key), key, stray)
			continue
		}
		if err != nil {
			d.problem(line(pair.Key), key, "%v", err)
			continue
		}
		before := len(d.problems)
		if d.value(pair.Value, field, key); len(d.problems) == before {
			read[name] = fmt.Sprint(field.Interface())
		}
	}
	into.Set(reflect.ValueOf(read))
}
