package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
)

// A metric is a number of a sample.
type metric struct {
	unit string
	of   func(s *sample) float64
}

var (
	serverCPU    = metric{"µs", func(s *sample) float64 { return s.ServerCPU }}
	generatorCPU = metric{"µs", func(s *sample) float64 { return s.GeneratorCPU }}
	latencyP50   = metric{"µs", func(s *sample) float64 { return s.Latency.P50 }}
	latencyP99   = metric{"µs", func(s *sample) float64 { return s.Latency.P99 }}
	serverRSS    = metric{"KiB", func(s *sample) float64 {
		return float64(s.ServerRSS-s.ServerRSS0) / float64(s.Load.Clients)
	}}
	generatorRSS = metric{"KiB", func(s *sample) float64 {
		return float64(s.GeneratorRSS) / float64(s.Load.Clients)
	}}
)

// A side is a metric of the runs of one kind.
type side struct {
	load   load
	who    who
	metric metric
}

// A pair compares b with a, round by round. Its goal is a ratio or, where there
// is nothing to compare with, a value; without either it is only reported.
type pair struct {
	name  string
	a, b  side    // a.who may be empty
	ratio float64 // b is at most so many times a
	value float64 // b is at most this
}

// pick returns the pairs whose names match the pattern.
func pick(pattern string) (picked []pair, err error) {
	matches, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	for _, p := range pairs() {
		if matches.MatchString(p.name) {
			picked = append(picked, p)
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf("-only: no pair matches %q, such as %q", pattern, pairs()[0].name)
	}
	return picked, nil
}

// An outcome is what the rounds say about a pair: medians over the rounds.
type outcome struct {
	Pair    string  `json:"pair"`
	Unit    string  `json:"unit"`
	Rounds  int     `json:"rounds"` // that count
	A       float64 `json:"a,omitempty"`
	B       float64 `json:"b"`
	Ratio   float64 `json:"ratio,omitempty"` // median of b ÷ a in each round
	Low     float64 `json:"ratio_min,omitempty"`
	High    float64 `json:"ratio_max,omitempty"`
	Goal    string  `json:"goal,omitempty"`
	Reached *bool   `json:"reached,omitempty"` // null without a goal or a round
}

func (s *session) outcomes() []outcome {
	var all []outcome
	for _, p := range s.pairs {
		all = append(all, p.judge(s.rounds, s.samples))
	}
	return all
}

func (p pair) judge(rounds int, samples []sample) outcome {
	o := outcome{Pair: p.name, Unit: p.b.metric.unit}
	var as, bs, ratios []float64
	for round := range rounds {
		b, counts := p.b.in(round, samples)
		if !counts {
			continue
		}
		if p.a.who != "" {
			a, counts := p.a.in(round, samples)
			if !counts {
				continue
			}
			as, ratios = append(as, a), append(ratios, b/a)
		}
		bs = append(bs, b)
	}
	if p.ratio > 0 {
		o.Goal = fmt.Sprintf("≤ %g ×", p.ratio)
	} else if p.value > 0 {
		o.Goal = fmt.Sprintf("≤ %g %s", p.value, o.Unit)
	}
	if o.Rounds = len(bs); o.Rounds == 0 {
		return o
	}
	o.B = median(bs)
	if len(ratios) > 0 {
		o.A, o.Ratio, o.Low, o.High = median(as), median(ratios), slices.Min(ratios), slices.Max(ratios)
	}
	switch {
	case p.ratio > 0:
		o.Reached = new(o.Ratio <= p.ratio)
	case p.value > 0:
		o.Reached = new(o.B <= p.value)
	}
	return o
}

// in is the side's value in a round, if there is one that counts.
func (d side) in(round int, samples []sample) (v float64, counts bool) {
	for i := range samples {
		s := &samples[i]
		if s.Round == round && s.Load == d.load && s.Who == d.who && s.Fault == "" {
			v = d.metric.of(s)
			return v, v > 0
		}
	}
	return 0, false
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
