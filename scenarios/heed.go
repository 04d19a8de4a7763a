package scenarios

import (
	"errors"
	"slices"

	"pushbench/results"
)

// A heed says what a key needs to mean anything. Without it whatever was written
// there is lost on the run, and whoever wrote it must hear of that.
type heed struct {
	key     string
	said    func(*Scenario) bool // something else than the default, or than zero
	matters func(*Scenario) bool
	text    string
	refused bool // nothing else can have been meant; else it is a remark
}

// heeds are the keys that depend on another one in this way.
var heeds = []heed{
	{"slow.speed",
		func(s *Scenario) bool { return s.Slow.Speed != defaultSpeed },
		func(s *Scenario) bool { return s.Slow.Share > 0 },
		"it is how much slow clients read, and none is slow: say how many in slow.share, such as 10%", true},
	{"payload.size",
		func(s *Scenario) bool { return s.Payload.Size != defaultSize },
		func(s *Scenario) bool { return s.Payload.Content != clock },
		"payload.content: clock says by itself how big events are: leave it out", true},
	{"uplink.to",
		func(s *Scenario) bool { return s.Uplink.To == ToServer },
		func(s *Scenario) bool { return s.Uplink.Rate > 0 },
		"to: server is where messages end, and clients send none: they need a rate (uplink.rate)", true},
	{"vanish.at",
		func(s *Scenario) bool { return s.Vanish.At > 0 },
		func(s *Scenario) bool { return s.Vanish.Share > 0 },
		"vanish.at is not heeded: nobody vanishes without vanish.share", false},
	{"leave",
		func(s *Scenario) bool { return s.Leave.At > 0 || s.Leave.For > 0 || s.Leave.Over > 0 },
		func(s *Scenario) bool { return s.Leave.Share > 0 },
		"leave.at, leave.for and leave.over are not heeded: nobody leaves without leave.share", false},
	{"churn.away",
		func(s *Scenario) bool { return s.Churn.Away > 0 },
		func(s *Scenario) bool { return s.Churn.Stay > 0 },
		"churn.away is not heeded: nobody comes and goes without churn.stay", false},
	{"backoff.first",
		func(s *Scenario) bool { return s.Backoff.First != defaultBackoff().First },
		func(s *Scenario) bool { return s.Backoff.Kind != "none" },
		"backoff.first is not heeded: backoff.kind none comes back at once, and after a refusal 100ms later", false},
	{"backoff.max",
		func(s *Scenario) bool { return s.Backoff.Max != defaultBackoff().Max },
		func(s *Scenario) bool { return s.Backoff.Kind == "jitter" || s.Backoff.Kind == "exponential" },
		"backoff.max is not heeded: only waits that double (jitter, exponential) have a longest one", false},
	{"reuse",
		func(s *Scenario) bool { return !s.Reuse },
		func(s *Scenario) bool { return s.Uplink.Rate > 0 || !s.only("sse", "ws", results.Baseline) },
		"reuse: false is not heeded: sse and ws make one request for each connection, and clients send nothing", false},
	{"events_per_write",
		func(s *Scenario) bool { return s.EventsPerWrite > 0 },
		func(s *Scenario) bool { return s.Baseline || !s.only("poll", "longpoll") },
		"events_per_write is not heeded: an answer to a poll has all that its client lacks", false},
	{"rotate",
		func(s *Scenario) bool { return s.Rotate },
		func(s *Scenario) bool { return !s.only("poll") },
		"rotate is not heeded: short pollers come by the clock, and nobody wakes them", false},
	{"slow.share",
		func(s *Scenario) bool { return s.Slow.Share > 0 && slices.Contains(s.Transports, "poll") },
		func(*Scenario) bool { return false },
		"slow.share: a short poller that reads slowly merely asks less often, so of poll this says nothing", false},
}

// defaultSpeed is what slow clients read, and defaultSize how big events are,
// where nobody says otherwise.
const defaultSpeed = Share(1)

var defaultSize = Sizes{64, 64}

// unheeded are the sayings that matter at no point of the scenario, as remarks or
// as contradictions. At some points they may well not: a share that goes from 0%
// to 10% has its other numbers for the second.
func (s *Scenario) unheeded(refused bool) (all []Problem) {
	for _, h := range heeds {
		if h.refused == refused && (s.Search.Key == h.key || s.some(h.said)) && !s.some(h.matters) {
			all = append(all, Problem{Key: h.key, Text: h.text})
		}
	}
	if !refused && !s.Cross && len(s.Axes) < 2 {
		all = append(all, Problem{Key: "cross", Text: "cross: false is not heeded: with less than two axes there is nothing to combine"})
	}
	return all
}

// Lost is the error for those of the keys of which somebody has written something
// that nothing else can have been meant by, and that matters at no point: each is a
// *Problem. Validate does not see it where it is what would be so without. The
// scenario must be valid.
func (s *Scenario) Lost(written func(key string) bool) error {
	var all []error
	for _, h := range heeds {
		if h.refused && written(h.key) && !s.some(h.matters) {
			all = append(all, &Problem{Key: h.key, Text: h.text})
		}
	}
	return errors.Join(all...)
}

// some says whether it is so at some point of the scenario.
func (s *Scenario) some(is func(*Scenario) bool) bool {
	return slices.ContainsFunc(s.Points(), func(p Point) bool { return is(p.Scenario) })
}

// only says whether the scenario is of no other transports than these.
func (s *Scenario) only(names ...string) bool {
	return len(s.Transports) > 0 && !slices.ContainsFunc(s.Transports, func(name string) bool { return !slices.Contains(names, name) })
}

// ordinary says whether there are clients that do nothing but receive.
func (s *Scenario) ordinary() bool {
	conducted := s.Slow.Share.Of(s.Clients) + s.Vanish.Share.Of(s.Clients) + s.Leave.Share.Of(s.Clients)
	return s.Churn.Stay == 0 && conducted < s.Clients
}
