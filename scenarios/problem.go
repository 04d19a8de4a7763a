package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a scenario.
type Problem struct {
	File string // "" when the scenario is of no file
	Line int    // from 1; 0 when the fault is of no line
	Key  string // "schedule.rate"; "" when it is of the whole
	Text string
}

func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
		if p.Line > 0 {
			fmt.Fprintf(&b, "%d:", p.Line)
		}
		b.WriteByte(' ')
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	return b.String() + p.Text
}

// An UnknownError says that no scenario has the name.
type UnknownError struct {
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown scenario %q%s (have %s)", e.Name, meant(e.Name, e.Have), strings.Join(e.Have, ", "))
}

// joined are the problems in the order of their lines; nil without any.
func (d *decoder) joined() error {
	slices.SortStableFunc(d.problems, func(a, b *Problem) int {
		return cmp.Compare(uint(a.Line-1), uint(b.Line-1)) // no line comes last
	})
	var all []error
	for _, p := range d.problems {
		all = append(all, p)
	}
	return errors.Join(all...)
}

func (d *decoder) problem(line int, key, format string, args ...any) {
	d.problems = append(d.problems, &Problem{d.file, line, key, fmt.Sprintf(format, args...)})
	d.faulty[key] = true
}

// contradictions adds each that an error joins.
func (d *decoder) contradictions(found error) {
	if joined, ok := found.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			d.contradiction(err)
		}
	}
}

// contradiction adds what Validate found, unless it follows from another problem.
func (d *decoder) contradiction(err error) {
	p, ok := errors.AsType[*Problem](err)
	if !ok || d.faulty[p.Key] {
		return
	}
	key := p.Key
	if axis := "axes." + key; d.lines[axis] > 0 {
		key = axis // its values stand there
	}
	for d.lines[key] == 0 && strings.Contains(key, ".") {
		key = key[:strings.LastIndexByte(key, '.')]
	}
	d.problem(d.lines[key], p.Key, "%s", p.Text)
}
