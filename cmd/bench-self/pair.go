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

var (
	push = []string{"sse", "ws", "longpoll"}
	all  = []string{"sse", "ws", "longpoll", "poll"}
)

// loads are all of them, in the order of a round.
var loads = func() (l []load) {
	for _, t := range all {
		l = append(l,
			load{Transport: t, Clients: 1000, Rate: 10},
			load{Transport: t, Clients: 1000},
			load{Transport: t, Clients: 10_000, Rate: 1},
			load{Transport: t, Clients: 10_000},
			load{Transport: t, Clients: 1000, Idle: true},
			load{Transport: t, Clients: 10_000, Idle: true},
		)
	}
	return l
}()

// pairs are what is asked of the suite's halves.
func pairs() (p []pair) {
	paced := func(t string) load { return load{Transport: t, Clients: 1000, Rate: 10} }
	saturated := func(t string) load { return load{Transport: t, Clients: 1000} }
	crowded := func(t string) load { return load{Transport: t, Clients: 10_000, Rate: 1} }
	add := func(name string, l load, a who, ma metric, b who, mb metric, ratio float64) {
		p = append(p, pair{name: fmt.Sprintf("%s, %s", name, l), a: side{l, a, ma}, b: side{l, b, mb}, ratio: ratio})
	}
	for _, at := range []func(string) load{saturated, paced} {
		for _, t := range all {
			add("generator CPU", at(t), floor, generatorCPU, ours, generatorCPU, 1.3)
		}
	}
	for _, t := range push {
		add("generator CPU", crowded(t), floor, generatorCPU, ours, generatorCPU, 1.3)
	}
	for _, at := range []func(string) load{paced, crowded} {
		for _, t := range push {
			add("generator latency p50", at(t), floor, latencyP50, ours, latencyP50, 1.1)
		}
	}
	for _, t := range all {
		add("generator below std server", paced(t), std, serverCPU, ours, generatorCPU, 1)
	}
	for _, t := range push {
		add("generator below std server", saturated(t), std, serverCPU, ours, generatorCPU, 1)
	}
	for _, t := range all {
		l := crowded(t)
		if t == "poll" {
			l = load{Transport: t, Clients: 10_000} // asks in a closed loop
		}
		p = append(p, pair{name: fmt.Sprintf("generator memory a client, %s", l), b: side{l, ours, generatorRSS}, value: 2})
	}
	for _, t := range all {
		add("std server CPU beside plain", paced(t), plain, serverCPU, std, serverCPU, 1.2)
	}
	for _, t := range all {
		add("std server CPU beside C", paced(t), floor, serverCPU, std, serverCPU, 0)
	}
	for _, t := range push {
		add("std server CPU beside C", saturated(t), floor, serverCPU, std, serverCPU, 0)
	}
	for _, t := range all {
		add("plain server CPU beside C", paced(t), floor, serverCPU, plain, serverCPU, 0)
	}
	for _, t := range all {
		for _, n := range []int{1000, 10_000} {
			l := load{Transport: t, Clients: n, Idle: true}
			p = append(p, pair{name: fmt.Sprintf("std server memory a connection, %s", l), b: side{l, std, serverRSS}, value: 36})
		}
	}
	return p
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
		o.Goal = fmt.Sprintf("≤ %.1f ×", p.ratio)
	} else if p.value > 0 {
		o.Goal = fmt.Sprintf("≤ %.0f %s", p.value, o.Unit)
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
