package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"pushbench/results"
)

// Bounds beyond which a number is a slip of the pen.
const (
	maxClients = 1_000_000
	maxPayload = 8 << 20  // what both halves of every transport accept
	maxMessage = 60 << 10 // what servers accept of a client, 64 KiB, less its envelope
	maxTrials  = 1000
	// Each process takes a few MiB without any client, and its share of the CPUs.
	maxProcesses = 64
	maxKeep      = 1 << 20
	maxTime      = 24 * time.Hour
	// Servers close connections that are idle for two minutes: clients that ask
	// less often would measure how soon they connect again.
	maxInterval = 90 * time.Second
)

// keepBytes is what a topic's log keeps at most, however many events that is,
// and envelope what an event has around its payload, generously.
const (
	keepBytes = 16 << 20
	envelope  = 256
)

// intervalTrials are what an exact 95 % interval of a median needs.
const intervalTrials = 6

var (
	nameForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	measuredForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}: .`)
)

// Validate returns every contradiction in the scenario, joined; each is a
// *Problem. With axes, every point of them must be free of any.
func (s *Scenario) Validate() error {
	var c checker
	s.checkDemands(&c)
	s.checkPublished(&c)
	switch {
	case s.checkSearch(&c):
		ladder := s.Ladder()
		ends := []Point{ladder[0].Point, ladder[len(ladder)-1].Point}
		c.problems = append(c.problems, ofPoints(ends, func(s *Scenario) []Problem { return append(s.contradictions(), s.untold()...) })...)
		s.checkNeeds(&c, ends)
	case s.checkAxes(&c) && len(s.Axes) > 0:
		points := s.Points()
		c.problems = append(c.problems, ofPoints(points, (*Scenario).contradictions)...)
		s.checkNeeds(&c, points)
	default:
		c.problems = append(c.problems, s.contradictions()...)
		s.checkNeeds(&c, []Point{{Scenario: s}})
	}
	if len(c.problems) == 0 { // else there may be no points to look at
		c.problems = s.unheeded(true)
	}
	return c.joined()
}

// contradictions are those of a scenario without axes.
func (s *Scenario) contradictions() []Problem {
	var c checker
	c.check(nameForm.MatchString(s.Name), "name", "%q: want small letters, digits, dot and hyphen", s.Name)
	s.checkWords(&c)
	c.check(s.Clients >= 1 && s.Clients <= maxClients, "clients", "%d: want 1 to %d", s.Clients, maxClients)
	for i, name := range s.Transports {
		c.check(name != "", "transports", "an empty name")
		c.check(!slices.Contains(s.Transports[:i], name), "transports", "%s twice", name)
	}
	s.checkTopics(&c)
	c.oneOf("connect.kind", s.Connect.Kind, Arrivals)
	c.check(s.Connect.Rate > 0, "connect.rate", "%s: clients would never arrive", s.Connect.Rate)
	s.checkSchedule(&c)
	s.checkPayload(&c)
	s.checkUplink(&c)
	s.checkTransports(&c)
	s.checkStack(&c)
	s.checkConduct(&c)
	s.checkPhases(&c)
	s.checkValue(&c)
	s.checkTogether(&c)
	s.checkProcesses(&c)
	s.checkBackoff(&c)
	s.checkFaults(&c)
	for i, code := range s.Expects {
		why, never := results.Meaningless(code)
		c.check(!never, "expects", "%s cannot be expected: %s", code, why)
		if !never {
			c.oneOf("expects", code, expectable())
		}
		c.check(!slices.Contains(s.Expects[:i], code), "expects", "%s twice", code)
	}
	return c.problems
}

// expectable are the codes of reasons that a scenario may expect.
func expectable() []string {
	return slices.DeleteFunc(results.Codes(), func(code string) bool {
		_, never := results.Meaningless(code)
		return never
	})
}

// checkWords checks what is there for readers.
func (s *Scenario) checkWords(c *checker) {
	c.oneLine("title", s.Title)
	c.oneLine("question", s.Question)
	c.oneLine("measured", s.Measured)
	c.check(s.Measured == "" || measuredForm.MatchString(s.Measured), "measured", "want a date and what was measured then, such as 2026-11-21: ws 20 ms at p99")
	if s.Group != "" {
		c.oneOf("group", s.Group, Groups)
	}
}

func (s *Scenario) checkTopics(c *checker) {
	c.oneOf("topics", s.Topics, Topics)
	switch {
	case s.Topics == Rooms:
		c.check(s.Room >= 1, "room", "topics: rooms needs the number of clients in a room")
		c.check(s.Room <= s.Clients, "room", "a room of %d has more places than there are clients (%d)", s.Room, s.Clients)
	default:
		c.check(s.Room == 0, "room", "only topics: rooms has rooms, this is topics: %s: leave it out, or set topics to rooms", s.Topics)
	}
}

func (s *Scenario) checkSchedule(c *checker) {
	k := s.Schedule
	c.oneOf("schedule.kind", k.Kind, Kinds)
	switch k.Kind {
	case none:
		c.check(k.Rate == 0, "schedule.rate", "schedule kind none publishes nothing, so it has no rate")
		c.check(s.Uplink.Rate > 0, "uplink.rate", "with schedule kind none only clients publish: they need a rate")
		c.check(s.Uplink.To != ToServer, "uplink.to", "with schedule kind none there are no events but clients' messages, and to: server gives them to nobody: choose another kind, or to: topic")
	case reply:
		c.check(k.Rate > 0, "schedule.rate", "schedule kind reply needs the rate within an answer, such as 30/s")
		c.check(s.Uplink.Rate > 0, "uplink.rate", "schedule kind reply answers what clients send: they need a rate")
	case saturate:
		c.check(k.Rate == 0, "schedule.rate", "schedule kind saturate publishes as fast as clients take it, so it has no rate")
	default:
		c.check(k.Rate > 0, "schedule.rate", "schedule kind %s needs a rate above zero, such as 10/s", k.Kind)
	}
	c.check((k.To > 0) == (k.Kind == ramp), "schedule.to", "a ramp needs the rate that it ends at, above zero, and nothing else has one")
	c.check(k.Length >= 0 && (k.Length > 0) == (k.Kind == reply), "schedule.length", "a reply needs how many events it has, and nothing else has that")
	c.check(k.Burst >= 0 && (k.Burst > 0) == (k.Kind == burst), "schedule.burst", "a burst needs how many events come at once, and nothing else has that")
}

func (s *Scenario) checkPayload(c *checker) {
	c.oneOf("payload.content", s.Payload.Content, Contents)
	c.check(s.Payload.Size.within(maxPayload), "payload.size", "%s: want 0B to %s", s.Payload.Size, Size(maxPayload))
	c.check(!s.Payload.Raw || s.Uplink.Rate == 0, "payload.raw", "raw events carry no number and no instant, so what clients send could not be told apart: set uplink.rate to 0")
	c.check(s.Payload.Content != clock || s.Payload.Raw, "payload.raw", "payload.content: clock is bare text of several lines: set payload.raw to true")
	c.check(s.Payload.Content != clock || s.Schedule.Kind != saturate, "schedule.kind", "payload.content: clock tells at which instant it is due, and schedule kind saturate has none")
}

func (s *Scenario) checkUplink(c *checker) {
	u := s.Uplink
	c.check(u.Size.within(maxMessage), "uplink.size", "%s: want 0B to %s: servers take no message over 64KiB, envelope included", u.Size, Size(maxMessage))
	c.check(u.Rate >= 0, "uplink.rate", "%s is below zero", u.Rate)
	c.oneOf("uplink.to", u.To, Ends)
	c.check(u.Apart == 0 || u.Rate > 0, "uplink.apart", "clients send no messages that could be apart: they need a rate (uplink.rate)")
	if u.Rate > 0 {
		mean := Duration(float64(time.Second) / float64(u.Rate))
		c.check(u.Apart <= mean, "uplink.apart", "%s: at %s messages are %s apart on average, which is the most", u.Apart, u.Rate, mean)
	}
}

func (s *Scenario) checkTransports(c *checker) {
	c.check(s.Poll.Interval > 0 && s.Poll.Interval <= Duration(maxInterval), "poll.interval", "%s: want above zero, at most %s: servers close connections that are idle for two minutes, so slower polls would measure reconnecting", s.Poll.Interval, maxInterval)
	c.check(s.Poll.Jitter <= s.Poll.Interval, "poll.jitter", "%s is longer than poll.interval (%s): a poll would come after the next one", s.Poll.Jitter, s.Poll.Interval)
	c.check(s.Reuse || len(s.Faults) == 0, "reuse", "faults are told by how clients come back on a connection, and these open one for each request: set reuse to true")
	c.above("longpoll.hold", s.Longpoll.Hold)
	c.check(s.Longpoll.Think <= Duration(maxInterval), "longpoll.think", "%s: want at most %s: servers close connections that are idle for two minutes", s.Longpoll.Think, maxInterval)
	c.above("heartbeat", s.Heartbeat)
	c.check(s.Log.Keep >= 1 && s.Log.Keep <= maxKeep, "log.keep", "%d: want 1 to %d", s.Log.Keep, maxKeep)
	c.check(s.Longpoll.Limit >= 0, "longpoll.limit", "%d: want 0 (no limit) or more", s.Longpoll.Limit)
}

func (s *Scenario) checkPhases(c *checker) {
	c.check(s.Warmup >= 0 && s.Warmup <= Duration(maxTime), "warmup", "%s: want 0s to %s", s.Warmup, maxTime)
	c.above("duration", s.Duration)
	c.check(s.Drain >= s.Poll.Interval, "drain", "%s is shorter than poll.interval (%s): the last events would not be waited for", s.Drain, s.Poll.Interval)
	c.check(s.Drain >= s.Longpoll.Think, "drain", "%s is shorter than longpoll.think (%s): the last events would not be asked for", s.Drain, s.Longpoll.Think)
	c.check(s.Drain <= Duration(maxTime), "drain", "%s: want at most %s", s.Drain, maxTime)
	c.check(s.Trials >= 1 && s.Trials <= maxTrials, "trials", "%d: want 1 to %d", s.Trials, maxTrials)
	c.check(s.Spares >= 0 && s.Spares <= maxTrials, "spares", "%d: want 0 to %d", s.Spares, maxTrials)
}

// Remarks are what is allowed but leaves parts of the result empty, a sentence
// each.
func (s *Scenario) Remarks() []string {
	var remarks []string
	for _, p := range ofPoints(s.Points(), (*Scenario).remarks) {
		remarks = append(remarks, p.Text)
	}
	for _, p := range s.unheeded(false) {
		remarks = append(remarks, p.Text)
	}
	return remarks
}

// remarks are those of a scenario without axes.
func (s *Scenario) remarks() []Problem {
	var c checker
	events := s.Events() * float64(s.Trials)
	c.check(!s.Untimed(), "payload", "latency is not measured: without due instants there is only throughput")
	c.check(s.Untimed() || s.Search.Key != "" || events >= results.MinEvents, "duration", "about %.0f events in all trials of a transport: percentiles need %d, raise the duration, the rate or the trials", events, results.MinEvents)
	c.check(s.Search.Key != "" || s.Trials >= intervalTrials, "trials", "intervals need %d trials, this has %d", intervalTrials, s.Trials)
	c.check(s.ordinary(), "clients", "no client does nothing but receive, so there is no staleness, no fan-out and no fairness: these are of clients that are neither slow nor gone")
	largest := s.largest()
	c.check(Size(s.Log.Keep)*(largest+envelope) <= keepBytes, "log.keep", "a topic keeps %s at most, which is fewer than %d events (log.keep) of %s", Size(keepBytes), s.Log.Keep, largest)
	return c.problems
}

// largest is the largest payload that goes into a log.
func (s *Scenario) largest() Size {
	if s.Uplink.Rate > 0 && s.Uplink.To != ToServer {
		return max(s.Payload.Size.Max, s.Uplink.Size.Max)
	}
	return s.Payload.Size.Max
}

// A checker collects problems.
type checker struct{ problems []Problem }

func (c *checker) check(ok bool, key, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
	}
}

func (c *checker) oneOf(key, word string, words []string) {
	c.check(slices.Contains(words, word), key, "%q%s (have %s)", word, meant(word, words), strings.Join(words, ", "))
}

func (c *checker) oneLine(key, text string) {
	c.check(!strings.ContainsAny(text, "\r\n"), key, "want one line")
}

func (c *checker) above(key string, d Duration) {
	c.check(d > 0 && d <= Duration(maxTime), key, "%s: want above zero, at most %s", d, maxTime)
}
