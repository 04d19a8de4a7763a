// Package choose is which transport a product should take, and why: what a run has
// measured of each, put together at the product's scale.
package choose

import (
	"strings"
	"time"
)

// A Profile is what a product needs. Amounts are numbers and not counts, so that
// it can be asked at which one the answer changes.
type Profile struct {
	Name     string  `json:"name,omitempty"`
	Clients  float64 `json:"clients"`  // connected at the same time
	Rate     float64 `json:"rate"`     // events/s that one client receives, in the mean
	Burst    float64 `json:"burst"`    // events that come at once; 1: one by one
	Audience float64 `json:"audience"` // clients that one event goes to; zero: all
	Size     float64 `json:"size"`     // bytes of an event's data
	Latest   bool    `json:"latest"`   // only the latest event matters
	Binary   bool    `json:"binary"`   // data is no text

	// Staleness bounds how old what a client sees may become, at worst; P99 bounds
	// the latency of 99 % of the events. Zero demands nothing.
	Staleness time.Duration `json:"staleness_ns"`
	P99       time.Duration `json:"p99_ns"`
	RTT       time.Duration `json:"rtt_ns"` // of the network

	Uplink     float64       `json:"uplink"` // messages/s that one client sends
	UplinkSize float64       `json:"uplink_size"`
	Stay       time.Duration `json:"stay_ns"` // the mean time connected; zero: for ever

	Browsers       bool `json:"browsers"`
	HTTP1          bool `json:"http1"`           // nothing newer than HTTP/1.1
	BufferingProxy bool `json:"buffering_proxy"` // answers are held back until they are whole
	Mobile         bool `json:"mobile"`

	Server Machine `json:"server"`
	Budget float64 `json:"budget,omitempty"` // for a month; zero: no limit
}

// A Machine is what servers of a product run on.
type Machine struct {
	CPUs        float64 `json:"cpus"`
	Memory      float64 `json:"memory"`                // bytes
	Utilisation float64 `json:"utilisation"`           // share of both that may be used, 0–1
	Connections float64 `json:"connections,omitempty"` // at most; zero: no limit
}

// audience is how many clients one event goes to.
func (p *Profile) audience() float64 {
	if p.Audience > 0 {
		return min(p.Audience, p.Clients)
	}
	return p.Clients
}

// turns is how often a second something new is there for one client: a burst is one
// such time.
func (p *Profile) turns() float64 { return p.Rate / max(1, p.Burst) }

// burst is how many events of a burst a client gets: where only the latest matters,
// a server sends that one.
func (p *Profile) burst() float64 {
	if p.Latest {
		return 1
	}
	return max(1, p.Burst)
}

// month is a twelfth of a year of 365 days, in seconds.
const month = 730 * 60 * 60

// String is the profile in a line.
func (p Profile) String() string {
	parts := []string{count(p.Clients) + " clients", rate("events")(p.Rate) + " to each of " + bytes(p.Size)}
	add := func(is bool, text string) {
		if is {
			parts = append(parts, text)
		}
	}
	add(p.Burst > 1, count(p.Burst)+" at once")
	add(p.audience() < p.Clients, "each event to "+count(p.Audience))
	add(p.Latest, "the latest matters")
	add(p.Staleness > 0, lasting(p.Staleness)+" of staleness")
	add(p.P99 > 0, "p99 within "+lasting(p.P99))
	add(p.RTT > 0, "round trips of "+lasting(p.RTT))
	add(p.Uplink > 0, rate("messages")(p.Uplink)+" up from each")
	add(p.Stay > 0, "clients stay for "+lasting(p.Stay))
	add(p.Browsers, "browsers")
	add(p.HTTP1, "HTTP/1.1 only")
	add(p.BufferingProxy, "behind a proxy that buffers")
	add(p.Binary, "binary data")
	add(p.Mobile, "mobile")
	return strings.Join(parts, ", ")
}
