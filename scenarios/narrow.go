package scenarios

import (
	"maps"
	"strconv"
	"time"
)

// Narrow is the scenario choose, changed to what this product needs to be known: at
// its size of events and with its audience, without the axes of what it does not
// do, and in short phases. What it leaves out, as other sizes of events, the answer
// does not turn: it says that the run does not tell it.
func (p *Profile) Narrow(of *Scenario) *Scenario {
	s := *of
	s.Axes = maps.Clone(of.Axes)
	delete(s.Axes, "payload.size")
	size := min(p.Size, narrowPayload)
	s.Payload.Size = Sizes{size, size}
	s.Uplink.Size = Sizes{p.Uplink.Size, p.Uplink.Size}
	delete(s.Axes, "topics")
	few := fewClients
	switch {
	case p.Audience == 1:
		s.Topics = Own
	case p.Audience > 1 && p.Audience <= narrowRoom:
		s.Topics, s.Room = Rooms, p.Audience
		few = max(few, p.Audience)
	default:
		s.Topics = Broadcast
	}
	// Some 130 to 180 trials in less than two minutes, and in each six the thirty
	// events that a percentile needs: five of 25 a second are in the shortest phase.
	s.Connect.Rate = 10_000
	s.Warmup, s.Duration = Duration(50*time.Millisecond), Duration(300*time.Millisecond)
	s.Spares = 0
	if p.Stay == 0 {
		delete(s.Axes, "churn.stay")
	} else {
		s.Duration -= Duration(45 * time.Millisecond)
	}
	if p.Burst == 1 {
		delete(s.Axes, "schedule.burst")
		s.Schedule.Kind, s.Schedule.Burst = constant, 0
	} else {
		s.Duration -= Duration(45 * time.Millisecond)
	}
	// More events of fewer clients, and none; and next to no clients.
	s.Axes["clients"] = []string{"300", strconv.Itoa(few), "800"}
	s.Axes["schedule.rate"] = []string{"25/s", "0.1/s"}
	if p.Rate > 25 { // beside which it is next to nothing that somebody is there
		s.Axes["schedule.rate"] = []string{"25/s", "60/s"}
	}
	// A poll takes as long to warm up, and as long again to drain.
	s.Axes["poll.interval"] = []string{"100ms", "500ms"}
	s.Axes["longpoll.hold"] = []string{"25s", "30ms"}
	s.Settle()
	return &s
}

const (
	// narrowPayload is the largest that a short run can carry to all its clients.
	narrowPayload = 8 << 10
	narrowRoom    = 100 // the largest
	fewClients    = 20
)
