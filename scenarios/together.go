package scenarios

import (
	"slices"

	"pushbench/results"
)

// checkTogether refuses loads of which nobody could say, with all transports on
// one source, whose doing they are.
func (s *Scenario) checkTogether(c *checker) {
	if !s.Together {
		return
	}
	c.check(len(s.Transports) != 1, "together", "only %s is to run: name two transports at least, or leave out together", s.first())
	c.check(!slices.Contains(s.WithBaseline(), results.Baseline), "baseline", "it shares no server with transports that speak HTTP: leave out baseline or together")
	c.check(s.Uplink.Rate == 0, "uplink.rate", "clients that run together would hear those of the other transports, too: set uplink.rate to 0, or leave out together")
	c.check(s.Schedule.Kind != saturate, "schedule.kind", "a source that saturates waits for its slowest client, whose transport would pace all the others: give it a rate, or leave out together")
}

func (s *Scenario) first() string {
	if len(s.Transports) == 0 {
		return ""
	}
	return s.Transports[0]
}

// checkValue refuses a wish for what nobody can know.
func (s *Scenario) checkValue(c *checker) {
	c.oneOf("value", s.Value, Values)
	c.check(s.Value != Latest || !s.Untimed(), "value", "staleness counts from the instant at which an event was due, and these have none: leave out value, payload.raw and saturate")
}
