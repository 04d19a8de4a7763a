package scenarios

import (
	"fmt"
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
	return fmt.Sprintf("unknown scenario %q (have %s)", e.Name, strings.Join(e.Have, ", "))
}
