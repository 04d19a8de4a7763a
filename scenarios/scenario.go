// Package scenarios is what a run is asked to do: scenarios in strict YAML,
// those that come with the program and a user's own.
package scenarios

import (
	"math"
	"time"

	"pushbench/results"
	"pushbench/results/threshold"
)

// A Scenario describes one load, the same for every transport.
type Scenario struct {
	Name  string `yaml:"name" json:"name"`   // the file's, without its ending, unless it says otherwise
	Title string `yaml:"title" json:"title"` // one line
	// Group is where the catalogue lists it: one of Groups, or none.
	Group    string `yaml:"group" json:"group,omitempty"`
	Question string `yaml:"question" json:"question,omitempty"` // one line: which one it answers
	About    string `yaml:"about" json:"about"`                 // what it models and what to look at
	// Measured is what a run of it said, in one line with its date. It is of the
	// scenario as it stands in its file, so no run's record has it.
	Measured string `yaml:"measured" json:"-"`

	Clients int `yaml:"clients" json:"clients"`
	// Servers is how many processes the server has, which share one port and publish
	// the same events. Generators is how many the clients are divided over.
	Servers    int `yaml:"servers" json:"servers,omitempty"`
	Generators int `yaml:"generators" json:"generators,omitempty"`
	// Transports to compare; none means all there are.
	Transports []string `yaml:"transports" json:"transports,omitempty"`
	// Stack is how servers are built: std, lean, or each transport on both.
	Stack string `yaml:"stack" json:"stack,omitempty"`
	// Baseline has results.Baseline measured, too: what others take beyond it is what
	// their protocol takes.
	Baseline bool `yaml:"baseline" json:"baseline,omitempty"`
	// Topics is who shares a topic: broadcast, rooms of Room clients, or own.
	Topics  string  `yaml:"topics" json:"topics"`
	Room    int     `yaml:"room" json:"room,omitempty"`
	Connect Connect `yaml:"connect" json:"connect"`
	// Together runs all transports at the same time on one server and one source,
	// each with so many clients.
	Together bool `yaml:"together" json:"together,omitempty"`
	// Value is which events matter to a client: every one, or, as of a price, the
	// latest, and then transports are compared by staleness instead of latency.
	Value string `yaml:"value" json:"value,omitempty"`

	Schedule Schedule `yaml:"schedule" json:"schedule"`
	Payload  Payload  `yaml:"payload" json:"payload"`
	Uplink   Uplink   `yaml:"uplink" json:"uplink"`

	Poll      Poll     `yaml:"poll" json:"poll"`
	Longpoll  Longpoll `yaml:"longpoll" json:"longpoll"`
	Reuse     bool     `yaml:"reuse" json:"reuse"`         // requests share connections; else each opens one
	Heartbeat Duration `yaml:"heartbeat" json:"heartbeat"` // silence after which a stream sends a sign of life
	// EventsPerWrite is how many events a server writes to a client at once, at most;
	// zero: all that the client lacks.
	EventsPerWrite int     `yaml:"events_per_write" json:"events_per_write,omitempty"`
	Log            Log     `yaml:"log" json:"log"`
	Slow           Slow    `yaml:"slow" json:"slow"`
	Rotate         bool    `yaml:"rotate" json:"rotate,omitempty"` // who waits for an event is woken in another order each time
	Buffers        Buffers `yaml:"buffers" json:"buffers,omitzero"`
	// Unacknowledged is how long what a server has sent may stay without an
	// acknowledgement before it gives the connection up; zero: the kernel's own.
	Unacknowledged Duration `yaml:"unacknowledged" json:"unacknowledged,omitzero"`

	// What some clients do beside receiving, or instead.
	Vanish Vanish `yaml:"vanish" json:"vanish,omitzero"`
	Churn  Churn  `yaml:"churn" json:"churn,omitzero"`
	Leave  Leave  `yaml:"leave" json:"leave,omitzero"`

	Backoff Backoff `yaml:"backoff" json:"backoff"`
	Faults  Faults  `yaml:"faults" json:"faults,omitempty"` // what happens to the server, and when

	Warmup   Duration `yaml:"warmup" json:"warmup"`     // events flow, nothing is counted
	Duration Duration `yaml:"duration" json:"duration"` // of the measured phase of one trial
	Drain    Duration `yaml:"drain" json:"drain"`       // the longest wait for what is still owed
	Trials   int      `yaml:"trials" json:"trials"`     // of each transport
	Spares   int      `yaml:"spares" json:"spares"`     // further ones at most, where so few are valid that no interval can be told
	Seed     uint64   `yaml:"seed" json:"seed"`

	// Axes are the keys that a run goes through several values of. What is said
	// of such a key elsewhere in the scenario is the axis' first value.
	Axes Axes `yaml:"axes" json:"axes,omitempty"`
	// Cross has a run go through every combination of the axes' values. Without, it
	// goes through one axis at a time, with the first value of each other one: that
	// tells what each does by itself, in far fewer trials.
	Cross bool `yaml:"cross" json:"cross"`
	// Search is the key that a run varies until the SLO breaks, instead of axes.
	Search Search `yaml:"search" json:"search,omitzero"`
	// SLO is what each transport shall keep: a finding where it does not.
	SLO []threshold.Expression `yaml:"slo" json:"slo,omitempty"`
	// Thresholds are what a run must keep: it has failed where a row does not.
	Thresholds []threshold.Expression `yaml:"thresholds" json:"thresholds,omitempty"`
	// Published is what others have published of such a load: a report shows it
	// beside what was measured.
	Published []results.Publication `yaml:"published" json:"published,omitempty"`
	// Expects are the codes of reasons that this load gives by its nature, so that
	// they are no reason to doubt a trial: a storm breaks connections.
	Expects []string `yaml:"expects" json:"expects,omitempty"`
}

// Connect is how clients arrive.
type Connect struct {
	Kind string `yaml:"kind" json:"kind"` // one of Arrivals
	Rate Rate   `yaml:"rate" json:"rate"` // clients; a burst heeds none
}

// PerSecond is how many clients arrive in a second: without end in a burst.
func (c Connect) PerSecond() float64 {
	if c.Kind == burst {
		return math.Inf(1)
	}
	return float64(c.Rate)
}

// Schedule is when events are due.
type Schedule struct {
	Kind  string `yaml:"kind" json:"kind"`             // one of Kinds
	Rate  Rate   `yaml:"rate" json:"rate"`             // events on each topic: what one client receives
	To    Rate   `yaml:"to" json:"to,omitzero"`        // of a ramp: the rate at its end
	Burst int    `yaml:"burst" json:"burst,omitempty"` // events at once on each topic
	// Length is how many events the source answers each message of a client with.
	Length int `yaml:"length" json:"length,omitempty"`
}

// Payload is how big events are and what is in them.
type Payload struct {
	Size    Sizes  `yaml:"size" json:"size"`
	Content string `yaml:"content" json:"content"`   // one of Contents
	Raw     bool   `yaml:"raw" json:"raw,omitempty"` // the bare bytes: counted, without latency
}

// Uplink is what clients send.
type Uplink struct {
	Rate Rate   `yaml:"rate" json:"rate"` // messages of each client; zero is none
	Size Sizes  `yaml:"size" json:"size"`
	To   string `yaml:"to" json:"to"` // one of Ends
	// Apart is the least time between two messages of a client: what is left of
	// their mean distance is random. All of it is a steady beat.
	Apart Duration `yaml:"apart" json:"apart"`
}

// Poll belongs to short polling.
type Poll struct {
	Interval Duration `yaml:"interval" json:"interval"` // from one question to the next
	Jitter   Duration `yaml:"jitter" json:"jitter"`     // by how much each comes later at most, at random
}

// Longpoll belongs to long polling.
type Longpoll struct {
	Hold  Duration `yaml:"hold" json:"hold"`             // how long an empty request stays open
	Think Duration `yaml:"think" json:"think"`           // from an answer to the next question
	Limit int      `yaml:"limit" json:"limit,omitempty"` // requests held at once; more are told to come back; zero: none are
}

// Log is the source's memory.
type Log struct {
	Keep int `yaml:"keep" json:"keep"` // events that each topic keeps
}

// Words that a scenario uses for who shares a topic.
const (
	Broadcast = "broadcast" // everyone
	Rooms     = "rooms"     // so many clients each
	Own       = "own"       // no one
)

// Words for which events matter.
const (
	Every  = "every"
	Latest = "latest"
)

// Words for the schedules that other fields depend on.
const (
	constant = "constant"
	poisson  = "poisson"
	burst    = "burst"
	ramp     = "ramp"
	none     = "none"
	saturate = "saturate"
	reply    = "reply"
)

// Words for where clients' messages end.
const (
	ToTopic  = "topic"  // everyone who follows the client's topic gets them as events
	ToServer = "server" // the source takes them, and nobody gets them
)

// clock is a content that says by itself how big events are.
const clock = "clock"

// Words that a field may have, in the order in which help lists them.
var (
	Topics   = []string{Broadcast, Rooms, Own}
	Arrivals = []string{ramp, burst}
	Kinds    = []string{constant, poisson, burst, ramp, saturate, reply, none}
	Contents = []string{"text", "random", clock}
	Ends     = []string{ToTopic, ToServer}
	Policies = []string{"skip", "disconnect"}
	Values   = []string{Every, Latest}
)

// Default is what a scenario has where it says nothing.
func Default() *Scenario {
	return &Scenario{
		Clients:    1000,
		Servers:    1,
		Generators: 1,
		Stack:      Std,
		Topics:     Broadcast,
		Value:      Every,
		Connect:    Connect{Kind: ramp, Rate: 2000},
		Schedule:   Schedule{Kind: constant},
		Payload:    Payload{Size: defaultSize, Content: "text"},
		Uplink:     Uplink{Size: Sizes{64, 64}, To: ToTopic},
		Poll:       Poll{Interval: Duration(time.Second)},
		Longpoll:   Longpoll{Hold: Duration(25 * time.Second)}, // below the 30 s at which common proxies give up
		Reuse:      true,
		Heartbeat:  Duration(15 * time.Second),
		Log:        Log{Keep: 1024},
		Slow:       Slow{Policy: "skip", Speed: defaultSpeed, Timeout: Duration(10 * time.Second)},
		Backoff:    defaultBackoff(),
		Warmup:     Duration(time.Second),
		Duration:   Duration(10 * time.Second),
		Drain:      Duration(10 * time.Second),
		Trials:     intervalTrials,
		Spares:     intervalTrials / 3,
		Seed:       1,
		Cross:      true,
	}
}

// TopicCount is how many topics the clients share.
func (s *Scenario) TopicCount() int {
	switch s.Topics {
	case Rooms:
		return (s.Clients + s.Room - 1) / max(1, s.Room)
	case Own:
		return s.Clients
	}
	return 1
}

// Untimed says that nothing has an instant at which it was due, so that there is
// throughput but no latency.
func (s *Scenario) Untimed() bool { return s.Payload.Raw || s.Schedule.Kind == saturate }

// Events is about how many events are due in the measured phase of one trial,
// from the source and from clients; zero when the schedule saturates.
func (s *Scenario) Events() float64 {
	rate := float64(s.Schedule.Rate)
	said := float64(s.Uplink.Rate) * float64(s.Clients)
	total := 0.0
	if s.Uplink.To != ToServer {
		total = said
	}
	switch s.Schedule.Kind {
	case reply:
		total += said * float64(s.Schedule.Length)
	case ramp:
		total += (rate + float64(s.Schedule.To)) / 2 * float64(s.TopicCount())
	default:
		total += rate * float64(s.TopicCount())
	}
	return total * time.Duration(s.Duration).Seconds()
}
