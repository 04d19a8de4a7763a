package selftest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"pushbench/results"
)

// counters are all counters of a trial by name, those of histograms and of the
// series included. They are found by reflection, so that one that is added to
// the data cannot be left out here.
func counters(t *results.Trial) map[string]int64 {
	all := map[string]int64{}
	for prefix, group := range map[string]any{"": t.Events, "traffic ": t.Traffic} {
		for field, value := range reflect.ValueOf(group).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			switch of := value.Interface().(type) {
			case int64:
				all[prefix+name] = of
			case map[string]int64:
				for reason, n := range of {
					all[fmt.Sprintf("%s%s[%s]", prefix, name, reason)] = n
				}
			default:
				panic("selftest: a counter of a kind that nobody counts: " + field.Name)
			}
		}
	}
	for _, name := range []string{results.Latency, results.Delivery, results.Lag, results.Connect, results.Fanout, results.Injected} {
		all[name+" samples"] = t.Histograms[name].Count()
	}
	var delivered, due int64
	for _, s := range t.Series.Slices {
		delivered += s.Delivered
		due += s.Due
	}
	all["slices delivered"], all["slices due"] = delivered, due
	return all
}

// honest is what every counter must be when the server keeps its promise: the
// accounting closed and exact, nothing where nothing happened. Where the instant
// of a single read or write decides, it is a range, and says why.
func (e evidence) honest() []bound {
	t := e.trial
	owed, clients := e.owed(), int64(e.clients)
	timed := owed
	if e.raw {
		timed = 0 // a bare payload has no instant at which it was due
	}
	all := []bound{
		exactly("published", int64(e.events)),
		exactly("owed", owed),
		exactly("delivered", owed),
		exactly("intended", int64(e.events)),
		exactly("in_time", int64(e.events)).in(),
		// Each delivery of an event with an instant is one sample, and in one slice.
		exactly("latency samples", timed),
		exactly("delivery samples", timed),
		exactly("slices due", timed),
		exactly("lag samples", int64(e.events)),
		exactly("connect samples", clients),
		exactly("slices delivered", t.Traffic.Delivered),
		exactly("traffic payload_bytes", t.Traffic.Delivered*e.data()),
	}
	if e.raw {
		all = append(all, exactly("fanout samples", 0))
	} else {
		all = append(all, exactly("fanout samples", int64(e.events)))
	}
	for _, name := range []string{
		"in_flight", "unexplained", "duplicated", "reordered", "gaps", "negative", "clipped",
		"injected samples", "traffic connections_opened", "traffic connect_failed", "traffic said", "traffic say_failed",
	} {
		all = append(all, exactly(name, 0))
	}
	for _, b := range []bound{e.received(), e.requests(), e.downBytes(), e.upBytes(), e.writes(), exactly("traffic missed_polls", 0)} {
		all = append(all, b.in())
	}
	// Reasons that nobody foresaw.
	for name := range counters(t) {
		if strings.HasSuffix(name, "]") {
			all = append(all, exactly(name, 0))
		}
	}
	return all
}

// received is what arrived within the phase, whatever was due.
func (e evidence) received() bound {
	owed := e.owed()
	switch {
	case e.manner == scheduled:
		under := int64(e.rate*e.interval.Seconds()+1) * int64(e.clients)
		return between("traffic delivered", owed-under, owed+under, "polls of the phase bring events of up to an interval before it")
	case e.quiet():
		return exactly("traffic delivered", owed)
	}
	return between("traffic delivered", owed-owed/4, owed+owed/4, "events are under way when the phase begins and ends")
}

func (e evidence) requests() bound {
	const name = "traffic requests"
	delivered, clients := e.trial.Traffic.Delivered, int64(e.clients)
	switch e.manner {
	case scheduled:
		polls := int64(e.phase()/e.interval) * clients
		return between(name, polls-clients, polls+2*clients, "each client polls once an interval; where its instants lie in the phase varies")
	case asking:
		return between(name, min(1, delivered), max(delivered, e.owed())+clients, "an answer brings one event or, of those that came meanwhile, several")
	}
	return exactly(name, 0)
}

// head bounds the bytes of the head of a request or an answer.
const head = 400

func (e evidence) downBytes() bound {
	t := e.trial.Traffic
	if exact, known := e.framed(); known && e.quiet() {
		return exactly("traffic down_bytes", exact)
	}
	least := t.PayloadBytes
	answers := t.Requests + int64(e.clients)
	return between("traffic down_bytes", least, least+(t.Delivered+int64(e.clients)+answers)*head, "payloads, and so much at most around each event and each answer")
}

func (e evidence) upBytes() bound {
	const name = "traffic up_bytes"
	if e.manner == streaming {
		return exactly(name, 0)
	}
	n := e.trial.Traffic.Requests
	return between(name, n*40, n*head, "requests, a head each")
}

func (e evidence) writes() bound {
	const name = "traffic writes"
	t := e.trial.Traffic
	if e.manner == streaming {
		return between(name, t.Delivered/64, 4*t.Delivered+int64(e.clients), "an event is one write, a part of one or, of a large one, several")
	}
	clients := int64(e.clients)
	return between(name, t.Requests/2-clients, 4*t.Requests+clients, "an answer is one write or, of a large one, several")
}

// books compares every counter with what it must be. Those that the fault
// changes are given; all others must be those of an honest server.
func (e evidence) books(changed []bound) []results.Answer {
	have := counters(e.trial)
	want := map[string]bound{}
	for _, b := range append(e.honest(), changed...) {
		want[b.of] = b
	}
	var answers []results.Answer
	for _, name := range slices.Sorted(maps.Keys(want)) {
		answers = append(answers, want[name].answer(have[name]))
	}
	for name, n := range have {
		if _, known := want[name]; !known {
			nothing := exactly(name, -1)
			nothing.note = "nobody says what this counter must be"
			answers = append(answers, nothing.answer(n))
		}
	}
	return answers
}
