package selftest

import (
	"time"

	"pushbench/results"
)

// These break the promise of delivery for one event in a hundred. Which ones is
// judged by their numbers, so how many they are is certain.

// nth is every how many events something is wrong.
const nth = 100

// missing are the counters of a trial in which that many events did not come to
// anybody.
func (e evidence) missing(events int64) []bound {
	each := e.owed() - events*int64(e.clients)
	return []bound{
		exactly("delivered", each),
		exactly("latency samples", each),
		exactly("delivery samples", each),
		exactly("slices due", each),
		exactly("fanout samples", int64(e.events)-events),
	}
}

func (e evidence) wrong() int64 { return e.every(nth) * int64(e.clients) }

var drop = Experiment{
	Name:  "drop",
	Does:  "one event in 100 is left out",
	load:  plainly(dense()),
	fault: word("drop=100"),
	counts: func(e evidence) []bound {
		return append(e.missing(e.every(nth)), exactly("unexplained", e.wrong()).first())
	},
	causes: []string{"unexplained"},
}

var duplicate = Experiment{
	Name:   "duplicate",
	Does:   "one event in 100 is sent twice",
	load:   plainly(dense()),
	fault:  word("duplicate=100"),
	counts: func(e evidence) []bound { return []bound{exactly("duplicated", e.wrong()).first()} },
	causes: []string{"duplicated"},
}

var reorder = Experiment{
	Name:   "reorder",
	Does:   "one event in 100 is sent after the next one",
	load:   plainly(dense()),
	fault:  word("reorder=100"),
	counts: func(e evidence) []bound { return []bound{exactly("reordered", e.wrong()).first()} },
	causes: []string{"reordered"},
}

var corrupt = Experiment{
	Name:  "corrupt",
	Does:  "one payload in 100 is damaged",
	load:  plainly(dense()),
	fault: word("corrupt=100"),
	counts: func(e evidence) []bound {
		return append(e.missing(e.every(nth)), exactly("lost["+results.LostCorrupt+"]", e.wrong()).first())
	},
	causes: []string{"lost"},
}

// halfOpen lets one connection in ten fall silent without an end. A client can
// only notice that it hears nothing: on a stream no sign of life for 2.5
// heartbeats, with long polling no answer 5 s after the longest hold, with
// short polling none for 10 s.
var halfOpen = Experiment{
	Name: "half-open",
	Does: "one connection in 10 goes silent and does not end",
	load: func(m manner, _ bool) load {
		l := ordinary()
		l.heartbeat, l.hold = 200*time.Millisecond, 500*time.Millisecond
		l.drain = 20 * time.Second
		if m == streaming {
			l.events = 24 // long enough to see them come back within the phase
		}
		return l
	},
	fault: func(l load) string { return "vanish=10" + at(l) },
	counts: func(e evidence) []bound {
		gone := int64(e.clients / 10)
		t := e.trial.Traffic
		changed := []bound{
			exactly("traffic closed[silent]", gone).in().first(),
			between("traffic delivered", e.owed()-gone*int64(e.events), e.owed()+int64(e.clients), "some arrive after the phase").in(),
		}
		if e.manner == streaming {
			return append(changed,
				between("traffic writes", t.Delivered*3/4, t.Delivered*3/2, "the silent ones' too, and signs of life").in(),
				exactly("traffic connections_opened", gone).in().first(),
				exactly("traffic requests", gone).in(),
				between("traffic up_bytes", 1, gone*head+int64(e.clients)*1000, "new subscriptions, and answers to signs of life").in())
		}
		return append(changed,
			between("traffic missed_polls", 0, gone*int64(e.events), "the silent ones do not ask again").in(),
			between("traffic requests", 1, t.Delivered+2*int64(e.clients), "the silent ones do not ask again").in())
	},
	times: func(e evidence) []results.Answer {
		silence := 5 * e.heartbeat / 2
		switch e.manner {
		case asking:
			silence = e.hold + 5*time.Second
		case scheduled:
			silence = 10 * time.Second
		}
		// The first event that did not come is heard of after the silence, the wait
		// before the next connection (100 ms at most) and a round trip.
		return leading(within("latency max", e.histogram(results.Latency).Max(), silence-2*e.period(), silence+400*time.Millisecond))
	},
	causes: []string{"connections-lost"},
	allows: []string{"polls-missed"},
}

var lateHeaders = Experiment{
	Name:  "late-headers",
	Does:  "the first write of each connection comes 100 ms late",
	load:  plainly(ordinary()),
	fault: word("late-headers=100ms"),
	times: func(e evidence) []results.Answer {
		connect := e.histogram(results.Connect)
		return append(leading(
			within("connect p50", connect.Quantile(0.5), 100*time.Millisecond, 150*time.Millisecond),
		), e.prompt()...)
	},
}

// pause is how long the generator stands still.
const pause = 200 * time.Millisecond

// generatorPause stops the clients and nothing else: latency shows it as if the
// server had stood still, so the verdict must say whose it was.
var generatorPause = Experiment{
	Name: "generator-pause",
	Does: "the generator stands still for 200 ms",
	load: func(m manner, _ bool) load {
		if m == scheduled {
			return standstill(100)
		}
		// Each of these connections has an event at most while the generator stands
		// still, so the kernel tells when it came, and not when a later one did.
		l := ordinary()
		l.own, l.clients, l.rate, l.before, l.events = true, 100, 2, 21, 200
		return l
	},
	pause: pause,
	counts: func(e evidence) []bound {
		if e.manner != scheduled {
			return nil
		}
		skipped := int64(pause/e.interval) * int64(e.clients)
		requests := e.requests()
		return []bound{
			between(requests.of, requests.lo-skipped, requests.hi, "who stands still does not ask").in(),
			between("traffic missed_polls", 0, skipped, "answers may wait beyond the next instant").in(),
		}
	},
	times: func(e evidence) []results.Answer {
		answers := append(leading(e.tail("latency p99", results.Latency, 0.99, pause)),
			within("lag p99", e.histogram(results.Lag).Quantile(0.99), 0, 50*time.Millisecond))
		if e.watched && e.manner != scheduled { // who polls has asked nothing meanwhile
			// Reads come in the order in which their bytes did, and one in 13 at least is
			// asked: on each shard the longest wait but twelve, of events a period apart.
			least := pause - time.Duration(13*e.shards())*e.period()
			answers = append(answers, leading(within("generator_delay max", e.histogram(results.GeneratorDelay).Max(),
				max(least, 20*time.Millisecond), pause+50*time.Millisecond))...)
		}
		return answers
	},
	causes: []string{"generator-pause", "generator-delay"},
	allows: []string{"polls-missed"},
}
