package scenarios

import "time"

// Slow is who does not keep up, and what a server does about it.
type Slow struct {
	Policy string `yaml:"policy" json:"policy"` // skip or disconnect
	// Share of the clients that are slow, through the whole measured phase.
	Share Share `yaml:"share" json:"share,omitzero"`
	// Speed is how much they read of the payload bytes offered: 0% is nothing, and
	// 100% everything, which is what slower ones are to be compared with: the same
	// clients are kept apart, and the others are as many.
	Speed Share `yaml:"speed" json:"speed"`
	// Events and Bytes are how far a client may fall behind; zero: as far as the log
	// goes.
	Events int  `yaml:"events" json:"events,omitempty"`
	Bytes  Size `yaml:"bytes" json:"bytes,omitzero"`
	// Timeout is how long a write to a client may take, under either policy.
	Timeout Duration `yaml:"timeout" json:"timeout"`
}

// Buffers are the kernel's for each connection, in one direction: from server to
// client. Zero leaves them to the kernel.
type Buffers struct {
	Server Size `yaml:"server" json:"server,omitzero"` // SO_SNDBUF of the server's end
	Client Size `yaml:"client" json:"client,omitzero"` // SO_RCVBUF of the client's end
}

// Vanish is who loses the network without a word, and never gets it back.
type Vanish struct {
	Share Share    `yaml:"share" json:"share,omitzero"` // of the clients
	At    Duration `yaml:"at" json:"at,omitzero"`       // in the measured phase
}

// Churn is clients that come and go through the measured phase. At its end
// everyone comes back, so that all that is owed is delivered or lost for a reason.
type Churn struct {
	Stay Duration `yaml:"stay" json:"stay,omitzero"` // the mean; times are exponential
	Away Duration `yaml:"away" json:"away,omitzero"` // between leaving and coming back
}

// Leave is clients that go away once, and catch up when they come back.
type Leave struct {
	Share Share    `yaml:"share" json:"share,omitzero"` // of the clients
	At    Duration `yaml:"at" json:"at,omitzero"`       // in the measured phase
	For   Duration `yaml:"for" json:"for,omitzero"`     // how long the first one is away
	Over  Duration `yaml:"over" json:"over,omitzero"`   // from the first who comes back to the last
}

// Bounds of socket buffers: below, the kernel rounds up; above, it refuses or
// rounds down unless somebody has raised its limits.
const (
	leastBuffer = 4 << 10
	mostBuffer  = 16 << 20
)

// conduct says whether some clients do anything but receive.
func (s *Scenario) conduct() bool {
	return s.Slow.Share > 0 || s.Vanish.Share > 0 || s.Leave.Share > 0 || s.Churn.Stay > 0
}

func (s *Scenario) checkConduct(c *checker) {
	s.checkSlow(c)
	s.checkLeaving(c)
	v := s.Vanish
	c.check(v.At < s.Duration || v.Share == 0, "vanish.at", "%s is not within the measured phase of %s (duration)", v.At, s.Duration)
	c.check(s.Slow.Share+v.Share+s.Leave.Share <= 100, "vanish.share", "slow.share, vanish.share and leave.share are more than all clients together")
	c.check(s.Unacknowledged >= 0 && s.Unacknowledged <= Duration(maxTime) && (s.Unacknowledged == 0 || s.Unacknowledged >= Duration(time.Millisecond)),
		"unacknowledged", "%s: want 0s (the kernel's own, about a quarter of an hour), or 1ms to %s", s.Unacknowledged, maxTime)
	c.buffer("buffers.server", s.Buffers.Server)
	c.buffer("buffers.client", s.Buffers.Client)
	if s.conduct() {
		c.check(s.Uplink.Rate == 0, "uplink.rate", "clients that are slow, vanish or leave cannot speak as well: set uplink.rate to 0")
		c.check(len(s.Faults) == 0, "faults", "what happens to the server is not told apart from what slow clients do, or those that vanish or leave: leave out one of them")
		c.check(s.Reuse, "reuse", "clients that are slow, vanish or leave do so on a connection: set reuse to true")
		c.check(s.Schedule.Kind != saturate, "schedule.kind", "saturate waits for every client, also for one that is slow, has vanished or is away: give the schedule a rate")
	}
}

func (s *Scenario) checkSlow(c *checker) {
	slow := s.Slow
	c.oneOf("slow.policy", slow.Policy, Policies)
	c.check(slow.Share == 0 || slow.Speed == 0 || slow.Speed == 100 || s.Schedule.Rate > 0, "slow.speed", "a share of what is offered needs a schedule with a rate: set it to 0%%, or give schedule.rate")
	c.check(slow.Events >= 0 && slow.Events <= s.Log.Keep, "slow.events", "%d: want 0 (the log decides) to %d, what the log keeps (log.keep)", slow.Events, s.Log.Keep)
	c.check(slow.Bytes >= 0 && slow.Bytes <= keepBytes, "slow.bytes", "%s: want 0B (the log decides) to %s, what the log keeps", slow.Bytes, Size(keepBytes))
	c.above("slow.timeout", slow.Timeout)
}

func (s *Scenario) checkLeaving(c *checker) {
	churn, leave := s.Churn, s.Leave
	c.check(churn.Stay == 0 || churn.Away > 0, "churn", "clients that come and go need both how long they stay and how long they are away, above zero")
	c.check(leave.Share == 0 || leave.For > 0, "leave.for", "clients that leave come back: say after how long, such as 3s")
	c.check(leave.At+leave.For+leave.Over < s.Duration || leave.Share == 0, "leave.for", "the last one comes back %s into a measured phase of %s (duration)", leave.At+leave.For+leave.Over, s.Duration)
	c.check(leave.Share == 0 || churn.Stay == 0, "leave", "a client either comes and goes (churn) or leaves once (leave)")
}

func (c *checker) buffer(key string, size Size) {
	c.check(size == 0 || size >= leastBuffer && size <= mostBuffer, key, "%s: want 0B (the kernel's own), or %s to %s", size, Size(leastBuffer), Size(mostBuffer))
}
