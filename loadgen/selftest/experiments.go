package selftest

import (
	"fmt"
	"strconv"
	"time"

	"pushbench/results"
)

// experiments are all there are. The ones without a fault come first: they say
// that the others' traces are the faults'.
var experiments = slicesOf(
	[]Experiment{none, own},
	framing(),
	[]Experiment{
		stall, freeze,
		delay("constant", "20ms"), delay("bimodal", "5ms:40ms:0.7"), delay("exponential", "10ms"), ramp,
		drop, duplicate, reorder, corrupt,
		overflow, undrained, uplink,
		halfOpen, lateHeaders, generatorPause,
	},
)

func slicesOf(groups ...[]Experiment) (all []Experiment) {
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// plainly is a load that neither transport nor thoroughness changes.
func plainly(l load) func(manner, bool) load { return func(manner, bool) load { return l } }

func word(spec string) func(load) string { return func(load) string { return spec } }

// prompt is how soon everything arrives when nothing is wrong: no promise of any
// transport, but far below every fault.
func (e evidence) prompt() []results.Answer {
	lag := within("lag p99", e.histogram(results.Lag).Quantile(0.99), 0, 50*time.Millisecond)
	if e.manner == scheduled {
		return []results.Answer{within("latency p99", e.latency(0.99), 0, e.interval+50*time.Millisecond), lag}
	}
	return append(leading(
		within("latency p50", e.latency(0.5), 0, 10*time.Millisecond),
		within("latency p99", e.latency(0.99), 0, 50*time.Millisecond),
	), lag)
}

var none = Experiment{
	Name: "none",
	Does: "an honest server",
	load: func(manner, bool) load {
		l := ordinary()
		l.clients, l.before, l.interval = 100, 5, 200*time.Millisecond
		return l
	},
	counts: func(e evidence) []bound { return []bound{exactly("delivered", e.owed()).first()} },
	times: func(e evidence) []results.Answer {
		answers := append(e.prompt(), e.rests()...)
		if e.manner != scheduled {
			return answers
		}
		// An event falls anywhere between two polls of a client, so its latency is
		// uniform on [0, I]: p50 = I/2, p95 = 0.95·I, and the standard deviation is
		// I/√12. The tolerance has 1 % for the histogram and the spacing of the
		// clients' polls (I/100), and 2 ms for the way.
		i := e.interval
		tolerance := i/100 + 2*time.Millisecond
		return append(leading(
			around("latency p50", e.latency(0.5), i/2, tolerance),
			around("latency p95", e.latency(0.95), share(i, 0.95), tolerance),
			around("latency sd", lawOf(e.histogram(results.Latency)).spread(), share(i, 0.288675), tolerance),
		), answers...)
	},
}

// own is the load of the delays without one: its latency is the way that is
// added to what they inject.
var own = Experiment{
	Name: "own",
	Does: "an honest server, a topic for each client",
	load: spread,
	times: func(e evidence) []results.Answer {
		if e.manner == scheduled {
			return e.prompt()
		}
		return append(e.prompt(), leading(within("way of the delays p99", e.latency(0.99), 0, brisk))...)
	},
}

// brisk is how soon nearly every event must be there without a fault: what is
// slower would widen the bounds of the delays.
const brisk = 2 * time.Millisecond

// spread is a load in which nothing queues, with enough events for its p99, or
// thoroughly for its p99.9.
//
// Note: clients that poll by the clock share a topic. Their instants are spread
// evenly, so each event is met by polls all over the interval. Topics of their
// own would each need many events for that, and chance would blur the law.
func spread(m manner, thorough bool) load {
	l := ordinary()
	if m == scheduled {
		l.clients, l.rate, l.before, l.events = 400, 20, 11, 24
		if thorough {
			l.clients, l.events = 1000, 200
		}
		l.interval = 500 * time.Millisecond
		return l
	}
	l.own, l.clients, l.rate, l.events = true, 200, 5, 1000
	if thorough {
		l.clients, l.rate, l.events = 1000, 2, 20_000
	}
	l.before = 0 // all that was injected is then of events that count
	return l
}

// framing sends bare payloads whose sizes lie on both sides of each step of a
// WebSocket frame's length.
func framing() (all []Experiment) {
	for _, size := range []int{0, 125, 126, 65535, 65536} {
		l := ordinary()
		l.raw, l.size, l.clients = true, size, 10
		l.events = 2
		all = append(all, Experiment{
			Name:   "framing-" + strconv.Itoa(size),
			Does:   fmt.Sprintf("bare payloads of %d B: every byte on the socket is accounted for", size),
			load:   plainly(l),
			counts: func(e evidence) []bound { return []bound{e.downBytes().in().first()} },
		})
	}
	return all
}

// stalled is when the stall and the freeze begin, after the phase has.
const stalled = 300 * time.Millisecond

func at(l load) string { return "@" + (l.lead() + stalled).String() }

// standstill is the load of all that stands still for a while.
func standstill(events int) load {
	l := ordinary()
	l.clients, l.rate, l.before, l.events = 10, 100, 11, events
	return l
}

// stopped are the counters of a trial in which the server stood still for so long:
// of the events due meanwhile several come in a write, or in an answer.
func stopped(length time.Duration) func(evidence) []bound {
	return func(e evidence) []bound {
		clients := int64(e.clients)
		outside := (int64(e.events) - int64(length/e.period())) * clients
		switch e.manner {
		case streaming:
			most := e.trial.Traffic.Delivered*21/20 + 4*clients
			return []bound{between("traffic writes", outside*9/10, most, "what waited may go out in one").in()}
		case asking:
			return []bound{between("traffic requests", outside*9/10, outside*11/10+4*clients, "what waited comes in an answer or two").in()}
		}
		// A client asks once while nothing is answered, and misses its other instants.
		instants := int64(length / e.interval)
		requests := e.requests()
		missed := e.trial.Traffic.MissedPolls
		return []bound{
			between(requests.of, requests.lo-missed, requests.hi-missed, requests.note).in(),
			between("traffic missed_polls", (instants-2)*clients, instants*clients, "a poll is missed while the one before it has no answer").in(),
		}
	}
}

// tail is what a stop of length s in a phase of length T makes of latency. Of
// events due in it, one waits for s less its distance from the stop's begin, so
// P(latency > x) = (s − x) / T, and quantile q is s − (1−q)·T. Events are a
// period apart, which is the arithmetic's grain; a poll adds a wait of up to
// its interval.
func (e evidence) tail(of string, h string, q float64, s time.Duration) results.Answer {
	want := s - share(e.phase(), 1-q)
	tolerance := share(want, 0.01) + 2*e.period()
	most := want + tolerance
	if e.manner == scheduled && h == results.Latency {
		most += e.interval
	}
	return within(of, e.histogram(h).Quantile(q), want-tolerance, most)
}

var stall = Experiment{
	Name:   "stall",
	Does:   "nothing is written for 1 s",
	load:   plainly(standstill(150)),
	fault:  func(l load) string { return "stall=1s" + at(l) },
	counts: stopped(time.Second),
	times: func(e evidence) []results.Answer {
		return append(leading(
			e.tail("latency p90", results.Latency, 0.90, time.Second),
			e.tail("latency p99", results.Latency, 0.99, time.Second),
		), append(e.hole(time.Second), e.rises(time.Second)...)...)
	},
	allows: []string{"polls-missed"},
}

// hole says whether the series shows a stop of length s: slices that lie within
// it have no deliveries, all others have some.
func (e evidence) hole(s time.Duration) []results.Answer {
	const underway = 50 * time.Millisecond // what was written before may still arrive
	every := e.trial.Series.Every
	var silent, within, quiet int64
	for i, slice := range e.trial.Series.Slices {
		from, to := time.Duration(i)*every, time.Duration(i+1)*every
		inside := from >= stalled+underway && to <= stalled+s
		switch {
		case inside && slice.Delivered == 0:
			silent++
		case !inside && slice.Delivered == 0 && (to <= stalled || from >= stalled+s):
			quiet++
		}
		if inside {
			within++
		}
	}
	return []results.Answer{
		between("silent slices", max(1, within), within, "those within the stop").in().answer(silent),
		exactly("silent slices elsewhere", 0).in().answer(quiet),
	}
}

var freeze = Experiment{
	Name:   "freeze",
	Does:   "the server stands still for 200 ms",
	load:   plainly(standstill(100)),
	fault:  func(l load) string { return "freeze=200ms" + at(l) },
	counts: stopped(200 * time.Millisecond),
	times: func(e evidence) []results.Answer {
		return leading(
			e.tail("latency p99", results.Latency, 0.99, 200*time.Millisecond),
			// Events were published late, not only written: it is the server's.
			e.tail("lag p99", results.Lag, 0.99, 200*time.Millisecond),
		)
	},
	causes: []string{"source-lag"},
	allows: []string{"polls-missed"},
}

// delay holds each write back by a length of time drawn from a distribution.
// The quantiles of latency are then those of what was really injected, plus the
// way that an event has to go without it; for a client that polls by the clock,
// plus the wait for its next poll.
func delay(distribution, parameters string) Experiment {
	return Experiment{
		Name:   "delay-" + distribution,
		Does:   fmt.Sprintf("each write is held back: %s %s", distribution, parameters),
		load:   spread,
		fault:  word("delay=" + distribution + ":" + parameters),
		after:  "own",
		counts: injected,
		times: func(e evidence) []results.Answer {
			held := lawOf(e.histogram(results.Injected))
			// The way costs its median at least, and at most what chance adds to that. A
			// wait for the next poll outweighs it.
			median := law{float64(e.transit.Quantile(0.5))}
			way := lawOf(e.transit)
			if e.manner == scheduled {
				median = uniform(e.interval)
				way = median
			}
			quantiles := []float64{0.5, 0.9, 0.99}
			if e.thorough() {
				quantiles = append(quantiles, 0.999)
			}
			var answers []results.Answer
			for _, q := range quantiles {
				part, slack, rule := 0.01, 200*time.Microsecond, "± 1 % ± 0.2 ms"
				if q > 0.99 {
					part, slack, rule = 0.02, time.Millisecond, "± 2 % ± 1 ms"
				}
				least, most := sum(held, median, q), sum(held, way, q)
				answers = append(answers, within(fmt.Sprintf("latency p%g (injected + way %s)", 100*q, rule), e.latency(q),
					least-share(least, part)-slack, most+share(most, part)+slack))
			}
			return leading(answers...)
		},
		allows: []string{"polls-missed"},
	}
}

// injected are the counters of a trial in which each write was held back: one for
// each event where nothing queues.
func injected(e evidence) []bound {
	writes := between("injected samples", e.punctual(), int64(e.events), "what is published after the phase is written after it")
	if e.manner == scheduled {
		writes = between(writes.of, int64(e.clients), e.owed(), "an answer brings the events of an interval")
	}
	return []bound{writes.in()}
}

// thorough says whether one event in a thousand is enough of them.
func (e evidence) thorough() bool { return e.trial.Events.Delivered >= 10_000 }

// grown is by how much the delay of the ramp grows from the load's begin to its
// end.
const grown = 40 * time.Millisecond

var ramp = Experiment{
	Name: "ramp",
	Does: "each write is held back, by 40 ms more at the end than at the beginning",
	load: func(m manner, _ bool) load {
		if m != scheduled {
			return spread(m, false)
		}
		l := standstill(100)
		l.interval = 47 * time.Millisecond // longer than the delays, and does not outweigh them
		return l
	},
	fault: word("delay=ramp:0ms:" + grown.String()),
	counts: func(e evidence) []bound {
		changed := injected(e)
		if e.manner == scheduled {
			requests, missed := e.requests(), e.trial.Traffic.MissedPolls
			changed = append(changed,
				between(requests.of, requests.lo-missed, requests.hi-missed, requests.note).in(),
				between("traffic missed_polls", 0, 3*int64(e.clients), "the last answers take nearly an interval").in())
		}
		return changed
	},
	times: func(e evidence) []results.Answer {
		slices := e.trial.Series.Slices
		if len(slices) < 2 {
			return leading(results.Answer{Of: "slices", Lo: 2, Hi: 3600, Have: float64(len(slices))})
		}
		// The means of the first and the last slice are those of their middles.
		last := len(slices) - 1
		apart := share(e.trial.Series.Every, float64(last))
		whole := float64(e.lead() + e.phase())
		want := share(grown, float64(apart)/whole)
		// Half of all come in the first half of the phase.
		middle := share(grown, float64(e.lead()+e.phase()/2)/whole)
		if e.manner == scheduled {
			middle += e.interval / 2
		}
		return leading(
			around("mean grows", slices[last].Mean-slices[0].Mean, want, want/10+2*time.Millisecond),
			around("latency p50", e.latency(0.5), middle, middle/10+2*time.Millisecond),
		)
	},
	causes: []string{"trend"},
}
