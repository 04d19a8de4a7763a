package selftest

import (
	"time"

	"pushbench/results"
)

// In these, a server without any fault of its own cannot deliver, and says so.

// held is how long nothing is written while events fall off the log.
const held = 300 * time.Millisecond

// overflow holds events back for longer than the log holds them. Of those due
// meanwhile, the first is in its client's hands already or was asked for, and
// the log has the last.
var overflow = Experiment{
	Name: "overflow",
	Does: "nothing is written for 300 ms, and the log holds 160 ms",
	load: func(manner, bool) load {
		l := standstill(50)
		l.keep = 16
		return l
	},
	fault: func(l load) string {
		return "stall=" + held.String() + "@" + (l.lead() + 100*time.Millisecond).String()
	},
	counts: func(e evidence) []bound {
		clients := int64(e.clients)
		each := int64(held/e.period()) - int64(e.keep)
		gone := e.trial.Events.Lost[results.LostGap]
		most := each * clients
		if e.manner == scheduled {
			// Who asks just before the stall ends, and has no answer, waits for its next
			// instant: one client, if any.
			most += int64(e.interval / e.period())
		}
		rest := e.owed() - gone
		traffic := e.trial.Traffic
		least := traffic.Requests * 3 / 4
		if e.manner == streaming {
			least = traffic.Delivered / 3
		}
		return []bound{
			exactly("gaps", clients).in().first(),
			between("lost["+results.LostGap+"]", (each-2)*clients, most+clients, "an event is due as the stall ends, or is not").in().first(),
			exactly("delivered", rest),
			exactly("latency samples", rest),
			exactly("delivery samples", rest),
			exactly("slices due", rest),
			between("fanout samples", int64(e.events)-2*each, int64(e.events)-each+2, "of what everyone has").in(),
			between("traffic delivered", rest-rest/10, rest+rest/10, "events are under way when the phase begins and ends").in(),
			between("traffic requests", e.requests().lo/4, e.requests().hi, "what waited comes in one").in(),
			between("traffic writes", least, traffic.Delivered+traffic.Requests+3*clients, "what waited goes out in one").in(),
			between("traffic missed_polls", 0, int64(held/e.interval)*clients, "a poll is missed while the one before it has no answer").in(),
		}
	},
	causes: []string{"lost"},
}

// undrained holds back what is owed until nobody waits for it any more. Who
// speaks by POST waits for the answer, and has something to say still.
var undrained = Experiment{
	Name: "undrained",
	Does: "nothing is written until the trial is over, and clients speak",
	load: func(manner, bool) load {
		l := ordinary()
		l.clients, l.say, l.drain = 10, 20, 200*time.Millisecond
		return l
	},
	fault: func(l load) string { return "stall=" + (l.phase() + l.drain).String() + at(l) },
	counts: func(e evidence) []bound {
		clients := int64(e.clients)
		before := int64(stalled / e.period())
		lo, hi := e.spoken(stalled)
		if e.manner == scheduled { // the last answers were given up to an interval before
			before -= int64(e.interval / e.period())
			lo, _ = e.spoken(stalled - 2*e.interval)
			before = max(0, before)
		}
		have := e.trial.Events.Delivered
		traffic := e.trial.Traffic
		n := e.published() - int64(e.events)
		changed := []bound{
			exactly("in_flight", e.owed()-have).first(),
			between("delivered", (before+max(0, lo))*clients, (int64(stalled/e.period())+hi)*clients, "what was due before").in().first(),
			exactly("latency samples", have),
			exactly("delivery samples", have),
			exactly("slices due", have),
			between("fanout samples", have/clients/2, have/clients, "of what everyone has").in(),
			between("traffic delivered", have-have/3-clients, have+have/3+clients, "events are under way when the phase begins and ends").in(),
			between("traffic requests", e.posted(), e.posted()+traffic.Delivered+2*clients+e.requests().hi, "nobody asks again without an answer").in(),
			between("traffic writes", max(1, traffic.Delivered/10), 2*(traffic.Delivered+traffic.Requests)+clients, "those before").in(),
			between("traffic missed_polls", 0, int64(e.phase()/e.interval)*clients, "a poll is missed while the one before it has no answer").in(),
		}
		if e.speaks {
			return changed
		}
		// In half the phase a client has six messages due, and one at most with a
		// chance of 2 %.
		lo, hi = e.spoken(stalled)
		return append(changed,
			between("published", int64(e.events)+lo, int64(e.events)+hi+clients, "who has no answer is silent").in(),
			between("traffic said", n-clients, n+clients, "some are on their way at an edge of the phase").in(),
			between("traffic say_failed", clients*8/10, clients, "those who have something to say still").in().first())
	},
	causes: []string{"undrained", "say-failed"},
}

// uplink counts what clients say.
var uplink = Experiment{
	Name: "uplink",
	Does: "an honest server, clients speak",
	load: func(manner, bool) load {
		l := ordinary()
		l.clients, l.say = 10, 20
		return l
	},
	counts: func(e evidence) []bound {
		return []bound{exactly("delivered", e.owed()).first(), e.said().in().first()}
	},
	times: evidence.prompt,
}
