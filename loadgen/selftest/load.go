package selftest

import (
	"cmp"
	"time"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	"pushbench/scenarios"
)

// A manner is how a transport's clients come by their events: it decides what a
// fault looks like from outside, and what silence costs.
type manner int

const (
	streaming manner = iota // the server sends when it has something
	asking                  // each answer brings the next question: long polling
	scheduled               // they ask by the clock
)

func mannerOf(t campaign.Transport) manner {
	if t.Scheduled {
		return scheduled
	}
	if _, asks := t.Half(new(engine.Endpoint)).(engine.Asker); asks {
		return asking
	}
	return streaming
}

// speaks says whether clients send over the connection on which they receive.
func speaks(t campaign.Transport) bool {
	_, can := t.Half(new(engine.Endpoint)).(engine.Sayer)
	return can
}

// A load is what an experiment offers, in whole numbers from which all that is
// expected follows by arithmetic.
//
// Event k, from 0, is due k periods after the start, and the phase begins and
// ends half a period before an event: which events it has is certain, whatever
// rounding does, and numbers before+1 to before+events are due in it.
type load struct {
	clients int
	own     bool    // a topic each; else one for all
	rate    float64 // events per second on each topic
	before  int     // events due on all topics together before the phase
	events  int     // and in it
	size    int     // of the payload
	raw     bool
	keep    int     // events that a topic's log holds; zero: all of them
	say     float64 // messages that each client sends in a second

	interval  time.Duration // of polls by the clock
	hold      time.Duration // of long polls
	heartbeat time.Duration
	drain     time.Duration
}

// ordinary is a load that every transport carries with ease, and whose events
// are so far apart that nothing is under way when the phase begins or ends.
func ordinary() load {
	return load{
		clients: 40, rate: 20, before: 3, events: 12, size: 64,
		interval: 100 * time.Millisecond, hold: 25 * time.Second, heartbeat: 15 * time.Second, drain: 5 * time.Second,
	}
}

// dense has enough events for one in a hundred to be three. Fewer than a hundred
// come before the phase, so that every fault is of the phase; and neither a
// hundredth event nor the one after it is the last.
func dense() load {
	l := ordinary()
	l.clients, l.rate, l.before, l.events = 20, 600, 64, 300
	return l
}

func (l load) topics() int {
	if l.own {
		return l.clients
	}
	return 1
}

// period is the time between two events on any topic.
func (l load) period() time.Duration {
	return time.Duration(float64(time.Second) / (l.rate * float64(l.topics())))
}

// lead is how long before the phase the schedule begins.
func (l load) lead() time.Duration {
	if l.before == 0 {
		return 0 // the first event opens the phase
	}
	return time.Duration((float64(l.before) - 0.5) * float64(l.period()))
}

// phase is how long is measured.
func (l load) phase() time.Duration {
	if l.before == 0 {
		return time.Duration((float64(l.events) - 0.5) * float64(l.period()))
	}
	return time.Duration(l.events) * l.period()
}

// every counts the events due in the phase whose number is a multiple of n.
func (l load) every(n int) int64 {
	return int64((l.before+l.events)/n - l.before/n)
}

// quiet says that nothing is under way at the edges of the phase, so that what
// happened in it is exactly what was due in it.
func (l load) quiet() bool { return l.before > 0 && l.say == 0 && l.period() >= 20*time.Millisecond }

// scenario is the load in the words that a run takes.
func (l load) scenario() *scenarios.Scenario {
	s := scenarios.Default()
	s.Name, s.Title = "selftest", "Known answers"
	s.Clients = l.clients
	s.Connect.Rate = 2000
	s.Schedule.Rate = scenarios.Rate(l.rate)
	if l.own {
		s.Topics = scenarios.Own
	}
	s.Payload.Size = scenarios.Sizes{Min: scenarios.Size(l.size), Max: scenarios.Size(l.size)}
	s.Payload.Raw = l.raw
	s.Poll.Interval = scenarios.Duration(l.interval)
	s.Longpoll.Hold = scenarios.Duration(l.hold)
	s.Heartbeat = scenarios.Duration(l.heartbeat)
	s.Log.Keep = cmp.Or(l.keep, 4096) // more than all events: nothing falls off
	if l.say > 0 {
		s.Uplink = scenarios.Uplink{Rate: scenarios.Rate(l.say), Size: s.Payload.Size, To: scenarios.ToTopic}
	}
	s.Warmup = scenarios.Duration(l.lead())
	s.Duration = scenarios.Duration(l.phase())
	s.Drain = scenarios.Duration(l.drain)
	s.Trials = 1
	return s
}

// data is how many bytes of payload an event's receiver is handed: as a JSON
// value it is in quotes.
func (l load) data() int64 {
	if l.raw {
		return int64(l.size)
	}
	return int64(l.size) + 2
}
