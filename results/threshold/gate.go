package threshold

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pushbench/results"
)

// A Gate names a change from one run to another that must not be:
//
//	[transport:]metric op percent%
//	[transport:]capacity op percent%
//
// as in "latency_p99 > +10%" or "sse:throughput < -5%". The zero value is none that
// ParseGate returns.
type Gate struct {
	Transport string  // "" for all
	Metric    string  // one of results.Metrics, or Capacity
	Op        Op      // > or >= of what must not rise, < or <= of what must not fall
	Percent   float64 // by how much; below zero of what must not fall
}

// ParseGate reads a gate. Its error is a *ParseError.
func ParseGate(text string) (Gate, error) { return parse(text, (*reader).gate) }

func (r *reader) gate() (g Gate, err error) {
	var start int
	var word string
	if g.Transport, start, word, err = r.subject(); err != nil {
		return g, err
	}
	m, err := metricOf(word)
	if word == Verdict {
		err = fmt.Errorf("a verdict changes by no share: want a metric, as in latency_p99, or --threshold '%s %s'", Verdict, results.Valid)
	}
	if err != nil {
		r.at = start
		return g, err
	}
	g.Metric = m.Name
	r.rest()
	start = r.at
	if g.Op, err = r.op(); err != nil {
		return g, err
	}
	if g.Op == "==" || g.Op == "!=" {
		r.at = start
		return g, errors.New("want one of < <= > >=: no two runs are equal")
	}
	r.rest()
	start = r.at
	if g.Percent, err = r.number(); err != nil {
		return g, err
	}
	if strings.TrimRight(r.rest(), " \t") != "%" {
		return g, errors.New("want % behind the number, and nothing else: a change is a share of the older value, as in +10%")
	}
	switch {
	case g.Rising() && g.Percent < 0:
		r.at = start
		return g, fmt.Errorf("%s names a rise that must not be, as in %s+10%%; of what must not fall write <-10%%", g.Op, g.Op)
	case !g.Rising() && g.Percent > 0:
		r.at = start
		return g, fmt.Errorf("%s names a fall that must not be, as in %s-10%%; of what must not rise write >+10%%", g.Op, g.Op)
	case g.Percent < -100:
		r.at = start
		return g, errors.New("nothing falls by more than 100 %")
	}
	return g, nil
}

// String is the gate as ParseGate reads it, short names written out.
func (g Gate) String() string {
	text := g.Metric
	if g.Transport != "" {
		text = g.Transport + ":" + text
	}
	sign := ""
	if g.Percent > 0 {
		sign = "+"
	}
	return text + " " + string(g.Op) + " " + sign + strconv.FormatFloat(g.Percent, 'f', -1, 64) + "%"
}

// Concerns says whether the gate is about the transport.
func (g Gate) Concerns(transport string) bool { return g.Transport == "" || g.Transport == transport }

// Beyond says whether a change by this factor is one that must not be.
func (g Gate) Beyond(factor float64) bool { return g.Op.holds(factor, 1+g.Percent/100) }

// Rising says whether the gate is about what must not rise.
func (g Gate) Rising() bool { return g.Op == ">" || g.Op == ">=" }
