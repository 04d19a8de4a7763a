package results

import "slices"

// A Capacity is the hardest value of a scenario's key at which a transport still
// held the SLO, found by a search.
//
// Whether a load holds is chance near its limit: every probe is a trial that
// either holds or fails. Value is the hardest that held more often than it
// failed; in every probe up to Lo it held, in every probe from Hi on it failed,
// as far as these were tried again and again.
type Capacity struct {
	Transport string `json:"transport"`
	Stack     string `json:"stack"`
	Key       string `json:"key"`
	Unit      string `json:"unit,omitempty"` // of the numbers: "" for clients, "/s", "B", "ms"
	// Down says that the smaller value is the harder one, as of an interval between
	// polls: then Lo is above Hi.
	Down bool `json:"down,omitempty"`

	Value *float64 `json:"value"` // null when nothing held
	Lo    *float64 `json:"lo"`    // null when nothing held in all its probes
	Hi    *float64 `json:"hi"`    // null when nothing failed in all its probes
	// AtLeast says that it is not the server that ended the search: its own limit is
	// at Value or beyond, which of a search that goes down is at most that.
	AtLeast bool     `json:"at_least"`
	Broke   string   `json:"broke,omitempty"` // first: one of the codes below, or a metric's name
	Why     string   `json:"why,omitempty"`   // the same in words, with the numbers
	SLO     []string `json:"slo"`
	Ended   string   `json:"ended,omitempty"` // one of the words below; empty when it did not come to an end
	Probes  []Probe  `json:"probes"`          // from the easiest to the hardest
}

// A Probe is what the trials at one value came to.
type Probe struct {
	At     float64 `json:"at"`
	Axis   string  `json:"axis"` // the same as trials have it among their axes
	Held   int     `json:"held"`
	Failed int     `json:"failed"`
	Void   int     `json:"void,omitempty"` // not counted: something else than the load disturbed them
}

// Name is its transport, with its stack where others of the search have another one.
func (c Capacity) Name(all []Capacity) string {
	if slices.ContainsFunc(all, func(other Capacity) bool { return other.Stack != c.Stack }) {
		return c.Transport + "/" + c.Stack
	}
	return c.Transport
}

// Bound is the word for a capacity of which only one end is known.
func (c Capacity) Bound() string {
	if c.Down {
		return "at most"
	}
	return "at least"
}

// Unsure says that the search has found nothing of the transport, not even that it
// cannot hold the SLO, or not for sure.
func (c Capacity) Unsure() bool {
	return c.Ended == EndedBudget || c.Value == nil && c.AtLeast
}

// What breaks first.
const (
	BrokeServerCPU   = "server-cpu"
	BrokeMemory      = "memory"
	BrokeLatency     = "latency" // though the server had CPU left
	BrokeLoss        = "loss"
	BrokeConnections = "connections"
	// These say nothing of the server:
	BrokeGenerator   = "generator"
	BrokeMachine     = "machine" // others had it, time and again
	BrokeNoData      = "no-data" // a number of the SLO cannot be told at this load
	BrokeDescriptors = "file descriptors"
	BrokePorts       = "ports"
	BrokeNothing     = "nothing" // the hardest value held, too
)

// How a search ends.
const (
	EndedKnee   = "knee"   // both ends of the interval are known
	EndedTop    = "top"    // the hardest value that could be tried held
	EndedBottom = "bottom" // not even the easiest one held
	EndedBudget = "budget" // of probes: the limit is too blurred for this machine
)
