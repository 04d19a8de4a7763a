package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"pushbench/results"
	"pushbench/results/threshold"
	"pushbench/scenarios"
)

// Demands are the flags of `run` for what a run shall hold. They are read when the
// scenario is known, because a wrong one is a wrong scenario and not a wrong
// usage: a gate must be told from a slip of the fingers on either side of it.
type demands struct {
	slo, thresholds []string
	search          string
}

func (d *demands) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&d.slo, "slo", nil, "what each transport shall keep, as an `expression` (may be repeated), or off")
	flags.StringArrayVar(&d.thresholds, "threshold", nil, "what the run must keep, as an `expression` (may be repeated), or off: exit 99 if not")
	flags.StringVar(&d.search, "search", "", "look for the hardest value that holds the SLO, by `KEY=FROM..TO` as in clients=250..16000, or off")
}

// apply changes the scenario by the flags that were given. The notes say what
// they have taken the place of. Whether it all fits, Validate says.
func (d *demands) apply(flags *pflag.FlagSet, numbers *overrides, s *scenarios.Scenario) (notes []string, err error) {
	replace := func(name string, texts []string, into *[]threshold.Expression) error {
		if !flags.Changed(name) {
			return nil
		}
		read, err := expressions("--"+name, texts)
		if err != nil {
			return err
		}
		if len(*into) > 0 {
			notes = append(notes, fmt.Sprintf("--%s takes the place of the scenario's (%s)", name, joined(*into)))
		}
		*into = read
		return nil
	}
	if err := errors.Join(replace("slo", d.slo, &s.SLO), replace("threshold", d.thresholds, &s.Thresholds)); err != nil {
		return nil, err
	}
	switch {
	case !flags.Changed("search"):
	case d.search == off:
		s.Search = scenarios.Search{}
	default:
		if err := s.Search.Read(d.search); err != nil {
			return nil, &exitError{exitScenario, fmt.Errorf("--search: %w", err)}
		}
	}
	flags.Visit(func(f *pflag.Flag) {
		if one, ok := numbers.fields[f.Name]; ok && one.key == s.Search.Key {
			err = usage("--%s is what the search varies: write --search %s=FROM..TO, or --search off", f.Name, one.key)
		}
	})
	if err != nil {
		return nil, err
	}
	s.Settle()
	return notes, named(s.SLO, s.Thresholds)
}

// named says of the transports that expressions name whether there are any such.
func named(all ...[]threshold.Expression) error {
	for _, e := range slices.Concat(all...) {
		if e.Transport != "" && !slices.Contains(everyTransport(), e.Transport) {
			return &exitError{exitScenario, fmt.Errorf("%s: unknown transport %q (have %s)", e, e.Transport, strings.Join(transportNames(), ", "))}
		}
	}
	return nil
}

// heeded says whether a search's key says anything to all of these transports: one
// that does not heed it would hold whatever it is given. Of axes such a transport
// is measured once; a search has no answer for it.
func heeded(key string, picked []transport) error {
	heeds := func(t transport) bool { return t.measured().Heeds(key) }
	if key == "" || !slices.ContainsFunc(picked, func(t transport) bool { return !heeds(t) }) {
		return nil
	}
	var deaf, rest []string
	for _, t := range picked {
		if !heeds(t) {
			deaf = append(deaf, t.name)
		}
	}
	for _, t := range transports {
		if !t.hidden && heeds(t) && (len(deaf) == len(picked) || slices.ContainsFunc(picked, func(p transport) bool { return p.name == t.name })) {
			rest = append(rest, t.name)
		}
	}
	return &exitError{exitScenario, fmt.Errorf("search.key: %s says nothing to %s: use -t %s", key, strings.Join(deaf, ", "), strings.Join(rest, ","))}
}

// expressions reads those of a flag; "off" alone is none.
func expressions(flag string, texts []string) ([]threshold.Expression, error) {
	if len(texts) == 1 && texts[0] == off {
		return nil, nil
	}
	var all []threshold.Expression
	for _, text := range texts {
		e, err := threshold.Parse(text)
		if err != nil {
			return nil, &exitError{exitScenario, fmt.Errorf("%s: %w", flag, err)}
		}
		all = append(all, e)
	}
	return all, named(all)
}

// fitting says whether a saved run can be asked for these at all, as Validate says
// of a scenario.
func fitting(run *results.Run, demanded []threshold.Expression) error {
	for _, e := range demanded {
		var wrong string
		switch searched := len(run.Capacity) > 0; {
		case searched && e.Metric != threshold.Capacity:
			wrong = scenarios.OfProbes
		case searched:
			if err := e.Fits(run.Capacity[0].Unit); err != nil {
				wrong = err.Error()
			}
		case e.Metric == threshold.Capacity:
			wrong = "without a search there is no capacity"
		}
		if wrong != "" {
			return &exitError{exitScenario, fmt.Errorf("--threshold: %s: %s", e, wrong)}
		}
	}
	return nil
}

// hidden adds a failure for each demand of which nothing is left in what is shown
// of the run: nothing is passed by nothing.
func hidden(run *results.Run, demanded []threshold.Expression) {
	for _, e := range demanded {
		if !slices.ContainsFunc(run.Thresholds, func(j results.Judgment) bool { return j.Expr == e.String() }) {
			run.Thresholds = append(run.Thresholds, results.Judgment{
				Expr: e.String(), Cell: results.Cell{Transport: e.Transport}, Why: "no data: what it is about is left out here",
			})
		}
	}
}

func joined(all []threshold.Expression) string {
	var texts []string
	for _, e := range all {
		texts = append(texts, e.String())
	}
	return strings.Join(texts, ", ")
}

// unmet is the error for thresholds that a run has not kept; nil without any.
func unmet(run *results.Run) error {
	failed := threshold.Failed(run.Thresholds)
	if len(failed) == 0 {
		return nil
	}
	return &exitError{exitThreshold, fmt.Errorf("%d of %d thresholds failed: see above", len(failed), len(run.Thresholds))}
}

// unanswered is the error for a search that has found nothing of a transport, not
// even that it cannot hold the SLO, or not for sure; nil otherwise.
func unanswered(run *results.Run) error {
	for _, c := range run.Capacity {
		if c.Unsure() {
			return &exitError{exitUntrusted, fmt.Errorf("%s: what it holds cannot be told for sure here and now: see above", c.Name(run.Capacity))}
		}
	}
	return nil
}
