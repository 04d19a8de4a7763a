package source

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"time"
)

// A Kind is the law by which events become due.
type Kind string

const (
	None     Kind = "none"     // nothing by itself: only clients publish
	Constant Kind = "constant" // at equal distances, topics taking turns
	Poisson  Kind = "poisson"  // at exponential distances, on random topics
	Burst    Kind = "burst"    // several at once on every topic
	Ramp     Kind = "ramp"     // at a rate that grows or falls linearly
	Saturate Kind = "saturate" // the next one when every cursor has the last
	Reply    Kind = "reply"    // so many, at equal distances, upon each message of a client
)

// Kinds are all of them, in the order in which help lists them.
var Kinds = []Kind{None, Constant, Poisson, Burst, Ramp, Saturate, Reply}

// A Schedule says when events are due. The same values give the same instants
// on every machine.
type Schedule struct {
	Kind   Kind    `json:"kind"`
	Rate   float64 `json:"rate"`             // events per second on each topic; Reply: within an answer
	To     float64 `json:"to,omitempty"`     // Ramp: the rate at the end
	Burst  int     `json:"burst,omitempty"`  // Burst: events at once on each topic
	Length int     `json:"length,omitempty"` // Reply: events of an answer
	Seed   uint64  `json:"seed"`
}

// A Tick is one event that is due.
type Tick struct {
	After time.Duration // since the schedule's start
	Topic int
	// Aside marks an event beside the schedule's own: see Clockwork.
	Aside bool
}

// Check says what is impossible about the schedule.
func (s Schedule) Check() error {
	switch s.Kind {
	case None, Saturate:
		return nil
	case Constant, Poisson, Burst, Ramp, Reply:
	default:
		return fmt.Errorf("unknown schedule %q (have %v)", s.Kind, Kinds)
	}
	switch {
	case !(s.Rate > 0) || math.IsInf(s.Rate, 0):
		return fmt.Errorf("schedule %s needs a rate above zero", s.Kind)
	case s.Kind == Burst && s.Burst < 1:
		return fmt.Errorf("schedule burst needs a burst of at least one event")
	case s.Kind == Reply && s.Length < 1:
		return fmt.Errorf("schedule reply needs answers of at least one event")
	case s.Kind == Ramp && (!(s.To > 0) || math.IsInf(s.To, 0)):
		return fmt.Errorf("schedule ramp needs a rate to end at, above zero")
	}
	return nil
}

// Ticks are the events due on that many topics within the length of time, in
// the order of their instants. Saturate, Reply and None have none.
func (s Schedule) Ticks(topics int, length time.Duration) iter.Seq[Tick] {
	r := rand.New(rand.NewPCG(s.Seed, 0x5c4ed01e))
	total := s.Rate * float64(topics) / float64(time.Second)
	switch s.Kind {
	case Constant:
		return inTurn(r, topics, length, func(k int) float64 { return float64(k) / total })
	case Ramp:
		slope := (s.To - s.Rate) * float64(topics) / float64(time.Second) / float64(length)
		return inTurn(r, topics, length, func(k int) float64 { return rampInstant(total, slope, float64(k)) })
	case Poisson:
		return poisson(r, topics, length, total)
	case Burst:
		return s.bursts(topics, length)
	}
	return func(func(Tick) bool) {}
}

// rampInstant is when event k is due at a rate of start + slope·t: the integral
// of the rate up to it is k.
func rampInstant(start, slope, k float64) float64 {
	if slope == 0 {
		return k / start
	}
	under := start*start + 2*slope*k
	if under < 0 {
		return math.Inf(1) // a falling rate reaches zero before event k
	}
	// Note: this form of the root keeps its digits when the slope is small.
	return 2 * k / (start + math.Sqrt(under))
}

// inTurn gives event k, due at(k) nanoseconds after the start, to the topics in
// a random but fixed order, so that the events of one topic are spread evenly.
func inTurn(r *rand.Rand, topics int, length time.Duration, at func(k int) float64) iter.Seq[Tick] {
	order := r.Perm(topics)
	return func(yield func(Tick) bool) {
		for k := 0; ; k++ {
			due := at(k)
			if due >= float64(length) || !yield(Tick{After: time.Duration(due), Topic: order[k%topics]}) {
				return
			}
		}
	}
}

func poisson(r *rand.Rand, topics int, length time.Duration, perNano float64) iter.Seq[Tick] {
	return func(yield func(Tick) bool) {
		for due := r.ExpFloat64() / perNano; due < float64(length); due += r.ExpFloat64() / perNano {
			if !yield(Tick{After: time.Duration(due), Topic: r.IntN(topics)}) {
				return
			}
		}
	}
}

// bursts are due at the same instant on all topics: everyone at once is what a
// burst is for.
func (s Schedule) bursts(topics int, length time.Duration) iter.Seq[Tick] {
	every := float64(s.Burst) / s.Rate * float64(time.Second)
	return func(yield func(Tick) bool) {
		for k := 0; float64(k)*every < float64(length); k++ {
			due := time.Duration(float64(k) * every)
			for range s.Burst {
				for topic := range topics {
					if !yield(Tick{After: due, Topic: topic}) {
						return
					}
				}
			}
		}
	}
}
