package campaign

import (
	"fmt"
	"net/netip"
	"os"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/servers/source"
)

// A Shortage says that this machine's limits do not allow the load. It is found
// before anything is started.
type Shortage struct {
	What         string
	Need, Have   int
	Transport    string
	Instructions string
}

func (s *Shortage) Error() string {
	return fmt.Sprintf("%s: need %d %s, have %d: %s", s.Transport, s.Need, s.What, s.Have, s.Instructions)
}

// spare is how many descriptors a process needs beside its connections.
const spare = 64

// guard checks the descriptors of one process and the ports of its addresses,
// uplinks included.
func guard(o Options) error {
	allowed, err := descriptors()
	if err != nil {
		return err
	}
	for _, t := range o.Transports {
		connections := o.Scenario.Clients * crowd.Lines(crowd.Options{SayRate: float64(o.Scenario.Uplink.Rate), Half: t.Half})
		if need := connections + spare; allowed > 0 && need > allowed {
			return &Shortage{
				What: "file descriptors", Need: need, Have: allowed, Transport: t.Name,
				Instructions: fmt.Sprintf("raise the limit (ulimit -n %d) or lower --clients to %d", need, (allowed-spare)*o.Scenario.Clients/connections),
			}
		}
		if addresses := len(locals(connections)); addresses > maxLocals {
			return &Shortage{
				What: "ports", Need: connections, Have: portRange() * maxLocals, Transport: t.Name,
				Instructions: "widen net.ipv4.ip_local_port_range or lower --clients",
			}
		}
	}
	return nil
}

// maxLocals bounds the loopback addresses that connections are spread over.
const maxLocals = 64

// locals are the source addresses for that many connections to one server: none
// while the kernel's own choice has ports enough, else as many of 127.0.0.0/8
// as it takes with a fifth of each range to spare.
func locals(connections int) []netip.Addr {
	ports := portRange() * 4 / 5
	if connections <= ports {
		return nil
	}
	var addresses []netip.Addr
	for n := 0; n*ports < connections; n++ {
		addresses = append(addresses, netip.AddrFrom4([4]byte{127, 0, byte(n / 200), byte(n%200 + 2)}))
	}
	return addresses
}

// portRange is how many ports the kernel gives to the connections from one
// address to one server.
func portRange() int {
	var low, high int
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(text), &low, &high)
	}
	if err != nil || high < low {
		return 16384 // what systems without that file have by default
	}
	return high - low + 1
}

func (t *trial) lines() int {
	return t.Scenario.Clients * crowd.Lines(t.crowdOptions())
}

func (t *trial) crowdOptions() crowd.Options {
	s := t.Scenario
	o := crowd.Options{
		Clients:     s.Clients,
		Topics:      source.TopicNames(s.TopicCount()),
		Endpoint:    engine.Endpoint{Host: t.child.Address.String(), Path: t.transport.Path, Raw: s.Payload.Raw},
		Half:        t.transport.Half,
		ConnectRate: float64(s.Connect.Rate),
		SayRate:     float64(s.Uplink.Rate),
		SayPayload:  source.Payload{Min: int(s.Uplink.Size.Min), Max: int(s.Uplink.Size.Max), Content: source.Text},
		SayPath:     "/publish",
		Seed:        s.Seed + uint64(t.block),
	}
	scheduled := source.Payload{Min: int(s.Payload.Size.Min), Raw: s.Payload.Raw}.Sealed()
	o.Sealed = scheduled && (o.SayRate == 0 || o.SayPayload.Sealed())
	if t.transport.Scheduled && s.Schedule.Kind != string(source.Saturate) {
		o.Interval = s.Poll.Interval.Duration()
	}
	return o
}

// serveArgs are the command line of the trial's server. The epoch is ours to
// hand out: every trial's logs are another life.
func (t *trial) serveArgs() []string {
	s := t.Scenario
	args := []string{
		"serve", "--orders",
		"--transports", t.transport.Name,
		"--listen", "127.0.0.1:0",
		"--epoch", fmt.Sprintf("r%dt%d", t.Campaign.run.Started.Unix(), t.result.Order),
		"--topics", fmt.Sprint(s.TopicCount()),
		"--keep", fmt.Sprint(s.Log.Keep),
		"--hold", s.Longpoll.Hold.String(),
		"--heartbeat", s.Heartbeat.String(),
		"--slow", string(s.Slow.Policy),
	}
	if s.Payload.Raw {
		args = append(args, "--raw")
	}
	if t.Fault != "" {
		args = append(args, "--fault", t.Fault)
	}
	return args
}
