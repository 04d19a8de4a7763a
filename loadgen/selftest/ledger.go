package selftest

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"pushbench/results"
)

// counters are all counters of a trial by name, those of histograms and of the
// series included. They are found by reflection, so that one that is added to
// the data cannot be left out here.
func counters(t *results.Trial) map[string]int64 {
	all := map[string]int64{}
	for prefix, group := range map[string]any{"": t.Events, "traffic ": t.Traffic, "uplink ": t.Uplink} {
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
	for _, name := range []string{results.Latency, results.Delivery, results.Lag, results.Connect, results.Fanout, results.UplinkTime, results.Injected} {
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
	events, owed, clients := e.published(), e.owed(), int64(e.clients)
	timed := owed
	if e.raw {
		timed = 0 // a bare payload has no instant at which it was due
	}
	all := []bound{
		e.publishes(),
		exactly("owed", owed),
		exactly("delivered", owed),
		exactly("intended", events),
		between("in_time", e.punctual(), events, "what is published by a hundredth of the phase too late may be after it").in(),
		// Each delivery of an event with an instant is one sample, and in one slice.
		exactly("latency samples", timed),
		exactly("delivery samples", timed),
		exactly("slices due", timed),
		exactly("lag samples", int64(e.events)),
		exactly("uplink samples", events-int64(e.events)), // what clients said has a way up, and no lag
		exactly("connect samples", clients),
		exactly("slices delivered", t.Traffic.Delivered),
		exactly("traffic payload_bytes", t.Traffic.Delivered*e.data()),
	}
	if e.raw {
		all = append(all, exactly("fanout samples", 0))
	} else {
		all = append(all, exactly("fanout samples", events))
	}
	for _, name := range []string{
		"in_flight", "unexplained", "duplicated", "reordered", "gaps", "negative", "clipped",
		"injected samples", "traffic connections_opened", "traffic connect_failed", "traffic say_failed",
	} {
		all = append(all, exactly(name, 0))
	}
	for _, b := range []bound{e.received(), e.requests(), e.downBytes(), e.upBytes(), e.writes(), e.said(), exactly("traffic missed_polls", 0)} {
		all = append(all, b.in())
	}
	all = append(all, e.uplink()...)
	// Reasons that nobody foresaw.
	for name := range counters(t) {
		if strings.HasSuffix(name, "]") {
			all = append(all, exactly(name, 0))
		}
	}
	return all
}

// published is how many events were due in the phase. What clients say comes at
// random instants, and is known from the trial itself.
func (e evidence) published() int64 {
	if e.say == 0 {
		return int64(e.events)
	}
	return e.trial.Events.Published
}

// punctual is how many of them were published soon after they were due.
func (e evidence) punctual() (n int64) {
	for _, name := range []string{results.Lag, results.UplinkTime} {
		took := e.histogram(name)
		k := int64(0)
		for k < took.Count() && took.Quantile(float64(k+1)/float64(took.Count())) < e.phase()/100 {
			k++
		}
		n += k
	}
	return min(n, e.published())
}

// owed is how many deliveries they make.
func (e evidence) owed() int64 {
	if e.own {
		return e.published()
	}
	return e.published() * int64(e.clients)
}

func (e evidence) publishes() bound {
	lo, hi := e.spoken(e.phase())
	if e.say == 0 {
		return exactly("published", int64(e.events))
	}
	return between("published", int64(e.events)+lo, int64(e.events)+hi, "clients speak at random instants")
}

// spoken is how many messages are due in a while: their number has a Poisson
// distribution, of which these are four standard deviations.
func (e evidence) spoken(in time.Duration) (lo, hi int64) {
	mean := e.say * float64(e.clients) * in.Seconds()
	spread := 4 * math.Sqrt(mean)
	return int64(mean - spread), int64(mean + spread)
}

// said is how many of them were sent in the phase: those that were published,
// but for who was about to send at one of its ends.
func (e evidence) said() bound {
	const name = "traffic said"
	if e.say == 0 {
		return exactly(name, 0)
	}
	n := e.published() - int64(e.events)
	edge := 2 + n/50
	return between(name, n-edge, n+edge, "what was published beside the schedule; some are on their way at an edge of the phase")
}

// uplink is what messages take on their way up.
func (e evidence) uplink() []bound {
	said, posted := e.trial.Traffic.Said, e.posted()
	connections := int64(0)
	if e.say > 0 && !e.speaks {
		connections = int64(e.clients)
	}
	return []bound{
		exactly("uplink requests", posted),
		exactly("uplink connections_opened", connections),
		between("uplink up_bytes", said*int64(e.size)+said*25+posted*75, said*int64(e.size)+said*60+posted*140, "the messages, with their envelope and frame or head"),
		between("uplink down_bytes", posted*40, posted*110, "an answer to each post; one may be under way at an edge of the phase").in(),
	}
}

// posted are the requests with which clients speak.
func (e evidence) posted() int64 {
	if e.speaks {
		return 0
	}
	return e.trial.Traffic.Said
}

// received is what arrived within the phase, whatever was due.
func (e evidence) received() bound {
	owed, clients := e.owed(), int64(e.clients)
	switch {
	case e.manner == scheduled:
		edge := 2*clients + 4*int64((e.rate+e.say*float64(clients))*e.interval.Seconds())
		return between("traffic delivered", owed-edge, owed+edge, "polls of the phase bring events of up to an interval before it")
	case e.quiet():
		return exactly("traffic delivered", owed)
	}
	return between("traffic delivered", owed-owed/10, owed+owed/10, "events are under way when the phase begins and ends")
}

// alone says that each event has an answer of its own.
func (l load) alone() bool { return l.rate <= 50 && l.say == 0 }

func (e evidence) requests() bound {
	const name = "traffic requests"
	delivered, clients := e.trial.Traffic.Delivered, int64(e.clients)
	switch e.manner {
	case scheduled:
		polls := int64(math.Round(float64(e.phase())/float64(e.interval)*float64(clients))) + e.posted()
		edge := 2 + clients*int64(10*time.Millisecond)/int64(e.interval)
		return between(name, polls-edge, polls+edge, "each client polls once an interval; some do it at an edge of the phase")
	case asking:
		if e.alone() {
			return exactly(name, delivered)
		}
		return between(name, delivered/2+e.posted(), delivered*21/20+clients+e.posted(), "an answer brings one event or, now and then, the next as well")
	}
	return exactly(name, e.posted())
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
	t := e.trial.Traffic
	if e.manner == streaming && e.say == 0 {
		return exactly(name, 0)
	}
	return between(name, t.Requests*40+t.Said*int64(e.size), (t.Requests+t.Said)*head, "requests, a head each, and messages")
}

// small is a payload that is written, and carried, in one piece.
const small = 2000

func (e evidence) writes() bound {
	const name = "traffic writes"
	t := e.trial.Traffic
	clients := int64(e.clients)
	answers := t.Requests
	if e.manner == streaming {
		answers += t.Delivered
	}
	switch {
	case e.size > small:
		return between(name, answers, 4*answers, "a large event is written in several pieces")
	case e.manner == scheduled && t.DownBytes > small*t.Requests:
		return between(name, answers*9/10, 3*answers, "an answer with many events is written in several pieces")
	case e.quiet() && e.alone() && e.manner != scheduled:
		return exactly(name, answers)
	}
	return between(name, answers/2, answers*21/20+2*clients, "the server tells some milliseconds later; what comes at once goes out in one")
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
