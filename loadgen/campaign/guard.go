package campaign

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/target"
	"pushbench/results"
	"pushbench/results/doctor"
	"pushbench/scenarios"
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

// guard checks the descriptors of a process and the ports of its addresses,
// uplinks included.
func guard(o Options, facts results.Facts) error {
	for _, s := range o.steps() {
		if s.Scenario.Servers > 1 && o.Fault != "" {
			return fmt.Errorf("servers: one that misbehaves on purpose (%s) is of one process: set servers to 1", o.Fault)
		}
		if err := able(s.Scenario); err != nil {
			return err
		}
		if short := shortage(s, facts); short != nil {
			return short
		}
	}
	return nil
}

// shortage is what the machine lacks for a step; nil when there is enough of all.
func shortage(s step, facts results.Facts) *Shortage {
	t, l := s.transport, s.load()
	if f := doctor.Descriptors(facts, l); f.State == doctor.Problem {
		return &Shortage{results.BrokeDescriptors, doctor.NeedDescriptors(l), facts.Descriptors, t.Name, f.Mend}
	}
	if f := doctor.Ports(facts, l); f.State == doctor.Problem {
		return &Shortage{results.BrokePorts, l.Connections, facts.Ports * doctor.MaxAddresses, t.Name, f.Mend}
	}
	return nil
}

// loadOf is what a transport asks of the machine under a scenario.
func loadOf(t Transport, s *scenarios.Scenario) doctor.Load {
	return doctor.Load{
		Clients:     s.Clients,
		Connections: s.Clients * crowd.Lines(crowd.Options{SayRate: float64(s.Uplink.Rate), Half: t.Half}),
		ConnectRate: s.Connect.PerSecond(),
		Servers:     s.Servers,
		Generators:  s.Generators,
	}
}

// Heaviest is the load that asks the most of the machine, and the CPUs that its
// two processes would get, by what the machine tells of itself.
func Heaviest(o Options, facts results.Facts) (doctor.Load, error) {
	var heaviest doctor.Load
	for _, s := range slices.Concat(o.steps(), o.farthest(facts)) {
		if l := s.load(); l.Connections > heaviest.Connections {
			heaviest = l
		}
	}
	cpus, err := target.CPUs()
	if err != nil {
		return heaviest, err
	}
	heaviest.Server, heaviest.Generator = target.Split(cpus, facts.Cores)
	return heaviest, nil
}

// place gives both processes their CPUs, keeps this one on its own, and notes
// what the machine will do to the run.
func (c *Campaign) place() error {
	load, err := Heaviest(c.Options, c.facts)
	if err != nil {
		return err
	}
	c.server, c.clients = load.Server, load.Generator
	c.apart = doctor.CPUs(load)
	machine := &c.run.Machine
	machine.ServerCPUs, machine.GeneratorCPUs = c.server, c.clients
	machine.Warnings = doctor.Warnings(doctor.Diagnose(c.facts, load, doctor.Noise{}))
	return target.Pin(c.clients)
}

// locals are the source addresses of each process for that many connections to one
// server: none where there is one process and the kernel's own choice has ports enough,
// else as many of 127.0.0.0/8 as it takes, and no two processes have the same.
func locals(processes, connections, ports int) [][]netip.Addr {
	each := doctor.Addresses((connections+processes-1)/processes, ports)
	all := make([][]netip.Addr, processes)
	if processes == 1 && each == 1 {
		return all
	}
	for i := range all {
		for n := i * each; n < (i+1)*each; n++ {
			all[i] = append(all[i], netip.AddrFrom4([4]byte{127, 0, byte(n / 200), byte(n%200 + 2)}))
		}
	}
	return all
}

func (t *trial) lines() int {
	return t.step.load().Connections
}

func (t *trial) crowdOptions() crowd.Options {
	s := t.Scenario
	o := crowd.Options{
		Clients:     s.Clients,
		Topics:      source.TopicNames(s.TopicCount()),
		Endpoint:    engine.Endpoint{Host: t.child.Address.String(), Path: t.transport.Path, Raw: s.Payload.Raw, Close: !s.Reuse},
		Half:        t.transport.Half,
		ConnectRate: t.connectRate(),
		SayRate:     float64(s.Uplink.Rate),
		SayApart:    s.Uplink.Apart.Duration(),
		SayPayload:  source.Payload{Min: int(s.Uplink.Size.Min), Max: int(s.Uplink.Size.Max), Content: source.Text},
		SayPath:     "/publish",
		Seed:        s.Seed + uint64(t.block),
		Backoff:     crowd.Backoff{Kind: crowd.BackoffKind(s.Backoff.Kind), First: s.Backoff.First.Duration(), Max: s.Backoff.Max.Duration()},
	}
	scheduled := source.Payload{Min: int(s.Payload.Size.Min), Raw: s.Payload.Raw}.Sealed()
	o.Sealed = scheduled && (o.SayRate == 0 || s.Uplink.To == scenarios.ToServer || o.SayPayload.Sealed())
	if t.transport.Scheduled && s.Schedule.Kind != string(source.Saturate) {
		o.Interval, o.Jitter = s.Poll.Interval.Duration(), s.Poll.Jitter.Duration()
	}
	if !t.transport.Scheduled {
		o.Think = s.Longpoll.Think.Duration()
	}
	o.Conduct = conductOf(s)
	o.Silence = t.silence(o)
	return o
}

// silence is how long clients bear to hear nothing: well beyond what the server
// is told to let pass at most before it answers or gives a sign of life.
func (t *trial) silence(o crowd.Options) time.Duration {
	_, asks := t.transport.Half(&o.Endpoint).(engine.Asker)
	switch {
	case t.transport.Scheduled: // its server answers at once
		return max(10*time.Second, 2*o.Interval)
	case asks:
		return t.Scenario.Longpoll.Hold.Duration() + 5*time.Second
	}
	return max(quietest, t.Scenario.Heartbeat.Duration()*5/2)
}

// quietest is the shortest silence that means anything, however often the server
// is to give signs of life: a busy machine may keep a process waiting for less.
const quietest = 500 * time.Millisecond

// serveArgs are the command line of the trial's server.
func (t *trial) serveArgs() []string {
	s := t.Scenario
	var names []string
	for _, one := range t.all() {
		names = append(names, one.transport.Name)
	}
	args := []string{
		"serve", "--orders",
		"--transports", strings.Join(names, ","),
		"--listen", t.listen(),
		"--epoch", t.epoch(),
		"--topics", fmt.Sprint(s.TopicCount()),
		"--keep", fmt.Sprint(s.Log.Keep),
		"--hold", s.Longpoll.Hold.String(),
		"--heartbeat", s.Heartbeat.String(),
		"--slow", string(s.Slow.Policy),
		"--uplink-to", s.Uplink.To,
		"--slow-events", fmt.Sprint(s.Slow.Events),
		"--slow-bytes", s.Slow.Bytes.String(),
		"--write-timeout", s.Slow.Timeout.String(),
		"--max-held", fmt.Sprint(s.Longpoll.Limit),
		"--send-buffer", s.Buffers.Server.String(),
		"--unacknowledged", s.Unacknowledged.String(),
		"--stack", t.cell.Stack,
		"--events-per-write", fmt.Sprint(s.EventsPerWrite),
	}
	if s.Payload.Raw {
		args = append(args, "--raw")
	}
	if s.Rotate {
		args = append(args, "--rotate")
	}
	if t.Fault != "" {
		args = append(args, "--fault", t.Fault)
	}
	return args
}
