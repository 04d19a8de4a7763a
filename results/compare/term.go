package compare

import "pushbench/results"

// A Term is something that a server does some amount of, and that takes CPU time,
// bytes or memory each time.
type Term int

// All of them, in the order in which a cost looks for them: what cannot be told
// apart goes to the first.
const (
	Base       Term = iota // being there
	Client                 // connected
	Delivery               // an event to a client
	Connection             // being made
	Request                // for events: a poll, short or long
	Message                // from a client
	Event                  // being published
	Payload                // a KiB of it, delivered
	Write                  // a call: one turn of the server to a client, with all that this one lacks
	Terms                  // how many there are
)

// terms are their names in files and their units. One with an axis is looked for
// only in runs that vary that axis: without, it goes with the others.
var terms = [Terms]struct{ name, unit, plural, axis string }{
	{"base", "µs/s", "", ""},
	{"client", "µs/s", "clients", ""},
	{"delivery", "µs", "deliveries", ""},
	{"connection", "µs", "connections", "churn.stay"},
	{"request", "µs", "requests", ""},
	{"message", "µs", "messages", "uplink.rate"},
	{"event", "µs", "events", "topics"},
	{"payload", "µs/KiB", "payloads", "payload.size"},
	{"write", "µs", "writes", "schedule.burst"},
}

// String is the term's name in files.
func (t Term) String() string { return terms[t].name }

// Amounts are how much there is of each term, in a second: 1 of Base, and clients
// as they are.
type Amounts [Terms]float64

// amounts are those of the trial's measured phase.
func amounts(t *results.Trial) (x Amounts) {
	per := func(n int64) float64 { return float64(n) / t.Measured.Seconds() }
	x[Base] = 1
	x[Client] = float64(t.Clients)
	x[Delivery] = per(t.Traffic.Delivered)
	x[Connection] = per(t.Traffic.Opened)
	x[Request] = per(t.Traffic.Requests - t.Uplink.Requests)
	x[Message] = per(t.Traffic.Said)
	x[Event] = per(t.Events.Published)
	x[Payload] = per(t.Traffic.PayloadBytes) / (1 << 10)
	x[Write] = per(t.Traffic.Writes)
	return x
}

// greet takes the requests that open streams for what they are: of a transport
// that makes one with each connection and hardly another, they are connections.
func (s *server) greet() {
	for _, l := range s.loads {
		if l.x[Request] > l.x[Connection]*1.05+l.x[Delivery]*minRequests {
			return
		}
	}
	for i := range s.loads {
		s.loads[i].x[Request] = 0
	}
}
