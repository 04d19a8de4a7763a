package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// A Profile describes a product for which a transport is to be chosen: what it
// needs, and on what it runs. It is at the product's scale, so it is no load to
// measure.
type Profile struct {
	Name    string `yaml:"name"`    // of the product, for people
	Clients int    `yaml:"clients"` // connected at the same time
	Rate    Rate   `yaml:"rate"`    // events that one client receives, in the mean
	Burst   int    `yaml:"burst"`   // of which so many come at once
	// Audience is how many clients one event goes to; zero is all of them.
	Audience int    `yaml:"audience"`
	Size     Size   `yaml:"size"`  // data of an event
	Value    string `yaml:"value"` // which events matter: one of Values
	Binary   bool   `yaml:"binary"`

	// Staleness is how old what a client sees may become because of the transport,
	// at worst; P99 what 99 % of the events must keep. Zero of either demands
	// nothing.
	Staleness Duration `yaml:"staleness"`
	P99       Duration `yaml:"p99"`
	RTT       Duration `yaml:"rtt"` // a round trip through the network

	Uplink ProfileUplink `yaml:"uplink"`
	// Stay is the mean time for which a client stays connected; zero is for ever.
	Stay Duration `yaml:"stay"`

	Browsers       bool `yaml:"browsers"`
	HTTP1          bool `yaml:"http1"`           // nothing newer than HTTP/1.1 gets through
	BufferingProxy bool `yaml:"buffering_proxy"` // something in the way holds answers back until they are whole
	Mobile         bool `yaml:"mobile"`

	Server ProfileServer `yaml:"server"`
	// Budget is the most that a month may cost, in the currency of the prices; zero
	// is no limit.
	Budget float64 `yaml:"budget"`
}

// ProfileUplink is what one client sends.
type ProfileUplink struct {
	Rate Rate `yaml:"rate"`
	Size Size `yaml:"size"`
}

// ProfileServer is a machine to run servers on.
type ProfileServer struct {
	CPUs   int  `yaml:"cpus"`
	Memory Size `yaml:"memory"`
	// Utilisation is the share of both that may be used in the mean.
	Utilisation Share `yaml:"utilisation"`
	Connections int   `yaml:"connections"` // at most; zero is no limit
}

// DefaultProfile is what a product has where nobody says otherwise.
func DefaultProfile() *Profile {
	return &Profile{
		Clients:   10_000,
		Rate:      1,
		Burst:     1,
		Size:      200,
		Value:     Every,
		Staleness: Duration(time.Second),
		Uplink:    ProfileUplink{Size: 64},
		Server:    ProfileServer{CPUs: 4, Memory: 16 << 30, Utilisation: 60},
	}
}

// Bounds of a product beyond which a number is a slip of the pen.
const (
	maxPeople      = 1_000_000_000
	maxAcceptable  = 30 * 24 * time.Hour
	maxTrip        = 10 * time.Second
	maxMachine     = 1024 // CPUs
	maxMachineSize = 64 << 40
)

// Validate returns everything that is wrong with the profile, joined; each is a
// *Problem.
func (p *Profile) Validate() error {
	c := p.check()
	return c.joined()
}

// Wrong is what Validate says of one key: of a profile that is being filled in,
// others may be wrong still.
func (p *Profile) Wrong(key string) error {
	c := p.check()
	c.problems = slices.DeleteFunc(c.problems, func(is Problem) bool { return is.Key != key })
	return c.joined()
}

func (p *Profile) check() (c checker) {
	c.oneLine("name", p.Name)
	c.check(p.Clients >= 1 && p.Clients <= maxPeople, "clients", "%d: want 1 to %d", p.Clients, maxPeople)
	c.check(p.Rate > 0, "rate", "%s: a product without events needs no transport: give what one client receives, such as 2/s or 3/min", p.Rate)
	c.check(p.Burst >= 1 && p.Burst <= maxKeep, "burst", "%d: want 1 (events come one by one) to %d", p.Burst, maxKeep)
	c.check(p.Audience >= 0 && p.Audience <= p.Clients, "audience", "%d: want 0 (everyone) to %d, the number of clients", p.Audience, p.Clients)
	c.check(p.Size >= 0 && p.Size <= maxPayload, "size", "%s: want 0B to %s", p.Size, Size(maxPayload))
	c.oneOf("value", p.Value, Values)
	c.check(p.Staleness > 0 || p.P99 > 0, "staleness", "neither staleness nor p99 says how soon events must be there: give one of them, or both")
	c.check(p.Staleness <= Duration(maxAcceptable), "staleness", "%s: want at most %s", p.Staleness, maxAcceptable)
	c.check(p.P99 <= Duration(maxAcceptable), "p99", "%s: want at most %s", p.P99, maxAcceptable)
	c.check(p.RTT <= Duration(maxTrip), "rtt", "%s: want at most %s", p.RTT, maxTrip)
	c.check(p.Uplink.Size <= maxMessage, "uplink.size", "%s: want at most %s", p.Uplink.Size, Size(maxMessage))
	c.check(p.Stay == 0 || p.Stay >= Duration(time.Second), "stay", "%s: want 0s (for ever), or one second or more", p.Stay)
	c.check(p.Server.CPUs >= 1 && p.Server.CPUs <= maxMachine, "server.cpus", "%d: want 1 to %d", p.Server.CPUs, maxMachine)
	c.check(p.Server.Memory >= 64<<20 && p.Server.Memory <= maxMachineSize, "server.memory", "%s: want %s to %s", p.Server.Memory, Size(64<<20), Size(maxMachineSize))
	c.check(p.Server.Utilisation >= 1 && p.Server.Utilisation <= 100, "server.utilisation", "%s: want 1%% to 100%%", p.Server.Utilisation)
	c.check(p.Server.Connections >= 0, "server.connections", "%d: want 0 (no limit) or more", p.Server.Connections)
	c.check(p.Budget >= 0 && p.Budget <= 1e12, "budget", "%g: want 0 (no limit) to 1e12", p.Budget)
	return c
}

// ReadProfile returns the profile in the file; see DecodeProfile.
func ReadProfile(file string) (*Profile, error) {
	text, err := textOf(file)
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	return DecodeProfile(file, text)
}

// DecodeProfile reads a profile from YAML, as strictly as a scenario; see Decode.
func DecodeProfile(file string, text []byte) (*Profile, error) {
	p := DefaultProfile()
	if err := decode(file, text, p, p.Validate); err != nil {
		return nil, err
	}
	return p, nil
}

// decode reads YAML into what has keys, and checks it.
func decode(file string, text []byte, into any, validate func() error) error {
	d := newDecoder(file, into)
	if body := d.parse(text); body != nil {
		d.mapping(body, reflect.ValueOf(into).Elem(), "")
		d.contradictions(validate())
	}
	return d.joined()
}

// joined are the checker's problems as an error; nil without any.
func (c *checker) joined() error {
	var all []error
	for i := range c.problems {
		all = append(all, &c.problems[i])
	}
	return errors.Join(all...)
}
