package scenarios

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Read returns the scenario in the file; see Decode.
func Read(file string) (*Scenario, error) {
	text, err := textOf(file)
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	return Decode(file, text)
}

// textOf is the file's, or a little more of it than may be decoded.
func textOf(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxText+1))
}

// maxText bounds a scenario's text, and with it what a hostile one can cost.
const maxText = 32 << 10

// Decode reads a scenario from YAML. Its error joins every problem there is,
// each a *Problem with the file's name and, where there is one, the line: keys
// that do not exist, values that do not fit, contradictions.
func Decode(file string, text []byte) (*Scenario, error) {
	s := Default()
	d := newDecoder(file, s)
	base := path.Base(filepath.ToSlash(file))
	s.Name = strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
	if body := d.parse(text); body != nil {
		d.mapping(body, reflect.ValueOf(s).Elem(), "")
		d.once(s)
		s.Settle()
		d.contradictions(s.Validate())
		if len(d.problems) == 0 { // else there may be no points to look at
			d.contradictions(s.Lost(func(key string) bool { return d.lines[key]+d.lines["axes."+key] > 0 }))
		}
	}
	if err := d.joined(); err != nil {
		return nil, err
	}
	return s, nil
}

// A decoder walks the document beside the struct that it fills. The library's
// own strict mode stops at the first problem and does not know the right key.
type decoder struct {
	file     string
	root     any             // what the whole document is decoded into
	lines    map[string]int  // of each key's path
	faulty   map[string]bool // keys without the value that was meant for them
	problems []*Problem
}

func newDecoder(file string, root any) *decoder {
	return &decoder{file: file, root: root, lines: map[string]int{}, faulty: map[string]bool{}}
}

// parse returns the document's body; nil when there is none to decode.
func (d *decoder) parse(text []byte) ast.Node {
	if len(text) > maxText {
		d.problem(0, "", "longer than %s", Size(maxText))
		return nil
	}
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		line, message := 0, err.Error()
		if syntax, ok := errors.AsType[yaml.Error](err); ok {
			line, message = syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		d.problem(line, "", "%s", message)
		return nil
	}
	if len(f.Docs) == 1 {
		if body, ok := f.Docs[0].Body.(*ast.MappingNode); ok {
			return body
		}
	}
	d.problem(0, "", "want one document with keys and values, such as clients: 1000")
	return nil
}

// mapping decodes a node into a struct, or adds to the problems.
func (d *decoder) mapping(node ast.Node, into reflect.Value, prefix string) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		d.problem(line(node), prefix, "want keys with values below it, such as %s", strings.Join(keysOf(into.Type()), ", "))
		return
	}
	for _, pair := range m.Values {
		name := pair.Key.GetToken().Value
		key := strings.TrimPrefix(prefix+"."+name, ".")
		field, known := fieldOf(into, name)
		if !known {
			d.unknown(line(pair.Key), "", newUnknownKey(d.root, key, keysOf(into.Type())))
			continue
		}
		d.lines[key] = line(pair.Key)
		if axes, ok := field.Addr().Interface().(*Axes); ok {
			d.axes(pair.Value, axes)
		} else if field.Kind() == reflect.Struct && !settable(field) {
			d.mapping(pair.Value, field, key)
		} else {
			d.value(pair.Value, field, key)
		}
	}
}

// unknown adds a key that does not exist. The right one, where there is one near,
// is what was meant: that it is missing is no second problem.
func (d *decoder) unknown(line int, key string, u unknownKey) {
	d.problem(line, key, "%v", u)
	d.faulty[u.right] = true
}

// axes decodes keys with lists of values, each of which is read as the key's own
// value would be.
func (d *decoder) axes(node ast.Node, into *Axes) {
	m, ok := node.(*ast.MappingNode)
	if !ok {
		d.problem(line(node), "axes", "want keys with lists of values below it, such as clients: [100, 1000]")
		return
	}
	*into = Axes{}
	for _, pair := range m.Values {
		key, at := pair.Key.GetToken().Value, line(pair.Key)
		value, err := Default().varied(key)
		list, many := pair.Value.(*ast.SequenceNode)
		if u, stray := errors.AsType[unknownKey](err); stray {
			d.unknown(at, "axes", u)
			continue
		}
		axis := "axes." + key
		d.lines[axis] = at
		switch {
		case err != nil:
			d.problem(at, "axes", "%v", err)
		case !many:
			d.problem(at, axis, "want a list of values, such as [100, 1000]")
		default:
			(*into)[key] = d.values(list, value, axis)
		}
		d.faulty[key] = d.faulty[axis] // what would follow from its value is no other problem
	}
}

// values decodes a list, each value into the same field, and returns them as
// they are written.
func (d *decoder) values(list *ast.SequenceNode, field reflect.Value, axis string) []string {
	var texts []string
	for _, node := range list.Values {
		before := len(d.problems)
		if d.value(node, field, axis); len(d.problems) == before {
			texts = append(texts, fmt.Sprint(field.Interface()))
		}
	}
	return texts
}

// once says of the keys that have a value and are varied that they have both.
func (d *decoder) once(s *Scenario) {
	if key := s.Search.Key; key != "" {
		if own := d.lines[key]; own > 0 && !strings.HasPrefix(key, "search.") {
			d.problem(d.lines["search.key"], "search.key", "%s has a value of its own in line %d: leave it out, since a search begins at from", key, own)
		}
		d.lines["axes."+key] = d.lines["search.key"] // what is wrong with its values is wrong there
	}
	for key := range s.Axes {
		if own := d.lines[key]; own > 0 {
			d.problem(d.lines["axes."+key], "axes", "%s has a value of its own in line %d: leave out one of them", key, own)
		}
	}
}

type setter interface{ Set(string) error }

func settable(field reflect.Value) bool {
	_, ok := field.Addr().Interface().(setter)
	return ok
}

// wants says what a kind of field takes.
var wants = map[reflect.Kind]string{
	reflect.Int:     "a whole number",
	reflect.Uint64:  "a whole number, not below zero",
	reflect.Float64: "a number, such as 0.04",
	reflect.Bool:    "true or false",
	reflect.String:  "text",
	reflect.Slice:   "a list of names, such as [sse, ws]",
}

// value decodes a node that is no mapping.
func (d *decoder) value(node ast.Node, into reflect.Value, key string) {
	want := wants[into.Kind()]
	switch {
	case into.Kind() == reflect.Map:
		d.settings(node, into, key)
		return
	case into.Kind() == reflect.Slice && settable(reflect.New(into.Type().Elem()).Elem()):
		d.list(node, into, key)
		return
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() == reflect.Struct && !settable(into):
		d.records(node, into, key)
		return
	}
	set, ok := into.Addr().Interface().(setter)
	if ok {
		want = "one value"
	}
	if _, null := node.(*ast.NullNode); null {
		d.problem(line(node), key, "no value: want %s", want)
		return
	}
	if !ok {
		if yaml.NodeToValue(node, into.Addr().Interface(), yaml.Strict()) != nil {
			d.problem(line(node), key, "want %s", want)
		}
		return
	}
	if list, many := node.(*ast.SequenceNode); many && into.Kind() == reflect.Slice {
		d.series(list, set, key)
	} else if _, scalar := node.(ast.ScalarNode); !scalar {
		d.problem(line(node), key, "want %s", want)
	} else if err := set.Set(node.GetToken().Value); err != nil {
		d.problem(line(node), key, "%v", err)
	}
}

// list decodes a list of values that are read by themselves, each with its line.
func (d *decoder) list(node ast.Node, into reflect.Value, key string) {
	all, ok := node.(*ast.SequenceNode)
	if !ok {
		d.problem(line(node), key, "want a list, such as [latency_p99 < 100ms, lost == 0]")
		return
	}
	for _, one := range all.Values {
		switch one.(type) {
		case *ast.MappingNode, *ast.MappingValueNode:
			d.problem(line(one), key, "want text: write sse:latency_p99 without a space behind the colon")
			continue
		}
		value := reflect.New(into.Type().Elem()).Elem()
		if d.value(one, value, key); !value.IsZero() {
			into.Set(reflect.Append(into, value))
		}
	}
}

// series decodes a list whose values one setter takes together, separated by commas.
func (d *decoder) series(list *ast.SequenceNode, into setter, key string) {
	var texts []string
	for _, node := range list.Values {
		if _, scalar := node.(ast.ScalarNode); !scalar {
			d.problem(line(node), key, "want one value")
		} else if err := into.Set(node.GetToken().Value); err != nil {
			d.problem(line(node), key, "%v", err)
		}
		texts = append(texts, node.GetToken().Value)
	}
	if len(texts) > 0 && !d.faulty[key] {
		if err := into.Set(strings.Join(texts, ", ")); err != nil {
			d.problem(line(list), key, "%v", err)
		}
	}
}

func line(node ast.Node) int {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// fieldOf returns the struct's field of that key.
func fieldOf(into reflect.Value, name string) (reflect.Value, bool) {
	for field, value := range into.Fields() {
		if field.Tag.Get("yaml") == name {
			return value, true
		}
	}
	return reflect.Value{}, false
}

// keysOf are the keys of a struct, those of the structs within it not.
func keysOf(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		keys = append(keys, field.Tag.Get("yaml"))
	}
	return keys
}

// paths are all keys of a struct with their paths.
func paths(v reflect.Value, prefix string) []string {
	var all []string
	for field, value := range v.Fields() {
		key := prefix + field.Tag.Get("yaml")
		if field.Type.Kind() == reflect.Struct && !settable(value) {
			all = append(all, paths(value, key+".")...)
		}
		all = append(all, key)
	}
	return all
}

// An unknownKey is a key that does not exist.
type unknownKey struct {
	key   string
	right string   // "" when none is near
	have  []string // at its place
}

func newUnknownKey(root any, key string, siblings []string) unknownKey {
	return unknownKey{key, nearest(root, key, siblings), siblings}
}

func (u unknownKey) Error() string {
	if u.right == "" {
		return fmt.Sprintf("unknown key %s (have %s)", u.key, strings.Join(u.have, ", "))
	}
	return fmt.Sprintf("unknown key %s: did you mean %s?", u.key, u.right)
}

// nearest is the right key of the root that was most likely meant; "" when none is
// near.
func nearest(root any, key string, siblings []string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	best, least := "", len(last)/2+1
	// A slip within the mapping is likelier than a key in the wrong place, and
	// that likelier than both.
	for _, sibling := range siblings {
		if n := levenshtein.Distance(last, sibling, nil); n < least {
			best, least = strings.TrimSuffix(key, last)+sibling, n
		}
	}
	for _, other := range paths(reflect.ValueOf(root).Elem(), "") {
		n := min(levenshtein.Distance(last, other[strings.LastIndexByte(other, '.')+1:], nil), levenshtein.Distance(key, other, nil))
		if n < least {
			best, least = other, n
		}
	}
	return best
}

// meant is the word most likely meant, as a question.
func meant(word string, words []string) string {
	best, least := "", len(word)/2+1
	for _, w := range words {
		if n := levenshtein.Distance(word, w, nil); n < least {
			best, least = w, n
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}
