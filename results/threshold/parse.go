package threshold

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"

	"pushbench/results"
)

// Bounds of what is read: more is a slip of the pen.
const (
	maxText   = 128
	maxNumber = 24 // characters
	maxValue  = 1e15
)

// A ParseError says where an expression cannot be read, and why.
type ParseError struct {
	Text string
	At   int   // character of Text, from 1
	Err  error // *MetricError, *UnitError, or what was wanted there
}

func (e *ParseError) Error() string { return fmt.Sprintf("%q, character %d: %v", e.Text, e.At, e.Err) }
func (e *ParseError) Unwrap() error { return e.Err }

// A MetricError says that no metric has the name.
type MetricError struct {
	Name string
	Near string // the one most likely meant; "" when none is near
	// Number says that only a metric's number would do: no verdict and no capacity.
	Number bool
}

func (e *MetricError) Error() string {
	switch {
	case e.Near == "" && e.Number:
		return fmt.Sprintf("unknown metric %q: those of --format json and csv are there, and p50, p99, p99.9 for latency", e.Name)
	case e.Near == "":
		return fmt.Sprintf("unknown metric %q: those of --format json and csv are there, verdict, capacity, and p50, p99, p99.9 for latency", e.Name)
	}
	return fmt.Sprintf("unknown metric %q: did you mean %s?", e.Name, e.Near)
}

// A UnitError says that a bound of the metric cannot be written so.
type UnitError struct {
	Metric string
	Unit   string   // "" for none
	Units  []string // allowed; none for a bare number
}

func (e *UnitError) Error() string {
	switch {
	case len(e.Units) == 0:
		return fmt.Sprintf("%s is a bare number, without %q", e.Metric, e.Unit)
	case e.Unit == "":
		return fmt.Sprintf("%s needs a unit (%s)", e.Metric, strings.Join(e.Units, ", "))
	}
	return fmt.Sprintf("%s cannot be in %q (have %s)", e.Metric, e.Unit, strings.Join(e.Units, ", "))
}

// Parse reads an expression. Its error is a *ParseError.
func Parse(text string) (Expression, error) { return parse(text, (*reader).expression) }

// parse reads what the reader takes, all of the text.
func parse[T any](text string, take func(*reader) (T, error)) (T, error) {
	var none T
	if len(text) > maxText {
		return none, &ParseError{text[:maxNumber] + "…", maxText + 1, fmt.Errorf("longer than %d bytes", maxText)}
	}
	r := reader{text: text}
	taken, err := take(&r)
	if err != nil {
		return none, &ParseError{text, utf8.RuneCountInString(text[:r.at]) + 1, err}
	}
	return taken, nil
}

// A reader goes through an expression. Where it fails, it stands at what is wrong.
type reader struct {
	text string
	at   int // bytes
}

func (r *reader) expression() (e Expression, err error) {
	var start int
	var word string
	if e.Transport, start, word, err = r.subject(); err != nil {
		return e, err
	}
	if word == Verdict {
		e.Metric = Verdict
		return e, r.valid()
	}
	m, err := metricOf(word)
	if err != nil {
		r.at = start
		return e, err
	}
	e.Metric = m.Name
	units := unitsOf(m.Unit)
	if e.Metric == Capacity {
		units = allUnits()
	}
	if e.Op, err = r.op(); err != nil {
		return e, err
	}
	if e.Number, err = r.number(); err != nil {
		return e, err
	}
	e.Unit, err = r.unit(m, units, e.Number)
	return e, err
}

// subject takes what is spoken of: a transport, where there is one, and the word
// behind it, which starts at that byte.
func (r *reader) subject() (transport string, start int, word string, err error) {
	start, word = r.word()
	if r.rest() != "" && r.rest()[0] == ':' {
		if transport = word; word == "" {
			return "", start, "", errors.New("want a transport before the colon")
		}
		r.at++
		start, word = r.word()
	}
	if word == "" {
		return transport, start, "", errors.New("want a metric, as in latency_p99")
	}
	return transport, start, word, nil
}

// rest is what follows behind spaces.
func (r *reader) rest() string {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t') {
		r.at++
	}
	return r.text[r.at:]
}

// while takes the characters that follow and are among these.
func (r *reader) while(among string) (start int, taken string) {
	rest := r.rest()
	start = r.at
	taken = rest[:len(rest)-len(strings.TrimLeft(rest, among))]
	r.at += len(taken)
	return start, taken
}

// word takes a name.
func (r *reader) word() (start int, name string) {
	return r.while("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
}

// valid takes the rest of "verdict valid".
func (r *reader) valid() error {
	start, op := r.while("<>=!")
	if op != "" && op != "==" {
		r.at = start
		return fmt.Errorf("a verdict has no order: want verdict %s", results.Valid)
	}
	start, word := r.word()
	if word != string(results.Valid) || r.rest() != "" {
		r.at = start
		return fmt.Errorf("want verdict %s, and nothing behind it", results.Valid)
	}
	return nil
}

func (r *reader) op() (Op, error) {
	start, text := r.while("<>=!")
	if !slices.Contains(Ops, Op(text)) {
		r.at = start
		return "", fmt.Errorf("want one of %s", strings.Trim(fmt.Sprint(Ops), "[]"))
	}
	return Op(text), nil
}

// number takes decimal digits: no exponent, no names of numbers.
func (r *reader) number() (float64, error) {
	start, text := r.while("+-0123456789.")
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) > maxNumber || value < -maxValue || value > maxValue {
		r.at = start
		return 0, fmt.Errorf("want a number, up to %.0g", maxValue)
	}
	return value + 0, nil // -0 is 0
}

// unit takes the rest, which must be one of the metric's units.
func (r *reader) unit(m results.Metric, units []unit, number float64) (string, error) {
	text := strings.TrimRight(r.rest(), " \t")
	text = strings.Replace(text, "μ", "µ", 1) // the Greek letter for the sign
	if rest, ok := strings.CutPrefix(text, "events/"); ok && strings.HasSuffix(m.Unit, "/s") {
		text = "/" + rest
	}
	if number == 0 && text == "" { // which is the same in all of them
		return "", nil
	}
	if !slices.ContainsFunc(units, func(u unit) bool { return u.name == text }) {
		return "", &UnitError{m.Name, text, names(units)}
	}
	return text, nil
}

// MetricOf finds a metric as expressions name it; its error is a *MetricError.
func MetricOf(word string) (results.Metric, error) {
	if m, err := metricOf(word); err == nil && m.Name != Capacity {
		return m, nil
	}
	return results.Metric{}, &MetricError{word, nearest(word, nil), true}
}

// metricOf finds a metric by its name; p99.9 may have its dot, and a percentile of
// nothing is one of latency.
func metricOf(word string) (results.Metric, error) {
	if word == Capacity {
		return results.Metric{Name: Capacity}, nil
	}
	name := word
	if head, ok := strings.CutSuffix(word, "p99.9"); ok {
		name = head + "p999"
	}
	for _, full := range []string{name, results.Latency + "_" + name} {
		if m, ok := results.MetricOf(full); ok {
			return m, nil
		}
	}
	return results.Metric{}, &MetricError{Name: word, Near: nearest(word, []string{Verdict, Capacity})}
}

// nearest is the metric, or one of the others, that was most likely meant; "" when
// none is near.
func nearest(word string, others []string) string {
	best, least := "", len(word)/3+1
	consider := func(name string) {
		if n := levenshtein.Distance(word, name, nil); n < least {
			best, least = name, n
		}
	}
	for _, name := range others {
		consider(name)
	}
	for _, m := range results.Metrics {
		consider(m.Name)
	}
	return best
}
