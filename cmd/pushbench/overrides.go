package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"pushbench/results"
	"pushbench/scenarios"
	"pushbench/servers/source"
)

// Overrides are the flags of `run` that stand for a number of the scenario. They
// are read into a scenario of their own; only those that were given are copied.
type overrides struct {
	given  *scenarios.Scenario
	fields map[string]override
}

// An override is a flag's place in a scenario.
type override struct {
	key  string
	copy func(to, from *scenarios.Scenario)
}

func newOverrides() *overrides {
	return &overrides{given: scenarios.Default(), fields: map[string]override{}}
}

// register adds the flags. Their help shows no defaults: those are the
// scenario's.
func (o *overrides) register(flags *pflag.FlagSet) {
	g := o.given
	add := func(name, key string, copy func(to, from *scenarios.Scenario)) {
		o.fields[name] = override{key, copy}
		switch f := flags.Lookup(name); f.Value.(type) {
		case *scenarios.Rate, *scenarios.Sizes, *scenarios.Duration, *scenarios.Faults, *scenarios.Share:
			f.DefValue = ""
		}
	}
	flags.IntVarP(&g.Clients, "clients", "c", 0, "number of clients")
	add("clients", "clients", func(to, from *scenarios.Scenario) { to.Clients = from.Clients })
	flags.IntVar(&g.Servers, "servers", 0, "processes of the server, on one port")
	add("servers", "servers", func(to, from *scenarios.Scenario) { to.Servers = from.Servers })
	flags.IntVar(&g.Generators, "generators", 0, "processes that the clients are divided over")
	add("generators", "generators", func(to, from *scenarios.Scenario) { to.Generators = from.Generators })
	flags.StringSliceVarP(&g.Transports, "transports", "t", nil, "transports to compare: "+strings.Join(transportNames(), ","))
	add("transports", "transports", func(to, from *scenarios.Scenario) { to.Transports = from.Transports })
	flags.StringVar(&g.Stack, "stack", "", "how servers are built: "+strings.Join(scenarios.Stacks, ", "))
	add("stack", "stack", func(to, from *scenarios.Scenario) { to.Stack = from.Stack })
	flags.BoolVar(&g.Baseline, "baseline", false, "measure "+results.Baseline+", too: frames straight on TCP, which others are told the distance from")
	add("baseline", "baseline", func(to, from *scenarios.Scenario) { to.Baseline = from.Baseline })
	flags.VarP(&g.Duration, "duration", "d", "measured phase of each trial")
	add("duration", "duration", func(to, from *scenarios.Scenario) { to.Duration = from.Duration })
	flags.VarP(&g.Schedule.Rate, "rate", "r", "events that each client receives, as in 10/s or 3/min; of a reply, within an answer")
	add("rate", "schedule.rate", func(to, from *scenarios.Scenario) { to.Schedule.Rate = from.Schedule.Rate })
	flags.VarP(&g.Payload.Size, "size", "s", "data of an event, as in 64B or 32B..1KiB")
	add("size", "payload.size", func(to, from *scenarios.Scenario) { to.Payload.Size = from.Payload.Size })
	flags.VarP(&g.Warmup, "warmup", "w", "events before the measured phase")
	add("warmup", "warmup", func(to, from *scenarios.Scenario) { to.Warmup = from.Warmup })
	flags.IntVar(&g.Trials, "trials", 0, "blocks: trials of each transport")
	add("trials", "trials", func(to, from *scenarios.Scenario) { to.Trials = from.Trials })
	flags.IntVar(&g.Spares, "spares", 0, "further blocks at most, where trials that are not valid leave no interval")
	add("spares", "spares", func(to, from *scenarios.Scenario) { to.Spares = from.Spares })
	flags.Uint64Var(&g.Seed, "seed", 0, "seed of order, instants and payloads")
	add("seed", "seed", func(to, from *scenarios.Scenario) { to.Seed = from.Seed })

	flags.StringVar(&g.Topics, "topics", "", "who shares a topic: "+strings.Join(scenarios.Topics, ", "))
	add("topics", "topics", func(to, from *scenarios.Scenario) { to.Topics = from.Topics })
	flags.IntVar(&g.Room, "room", 0, "clients of a room")
	add("room", "room", func(to, from *scenarios.Scenario) { to.Room = from.Room })
	flags.Var(&g.Connect.Rate, "connect-rate", "clients that arrive, as in 2000/s")
	add("connect-rate", "connect.rate", func(to, from *scenarios.Scenario) { to.Connect.Rate = from.Connect.Rate })
	flags.StringVar(&g.Connect.Kind, "connect", "", "how clients arrive: "+strings.Join(scenarios.Arrivals, ", "))
	add("connect", "connect.kind", func(to, from *scenarios.Scenario) { to.Connect.Kind = from.Connect.Kind })
	flags.StringVar(&g.Schedule.Kind, "schedule", "", "when events are due: "+strings.Join(scenarios.Kinds, ", "))
	add("schedule", "schedule.kind", func(to, from *scenarios.Scenario) { to.Schedule.Kind = from.Schedule.Kind })
	flags.Var(&g.Schedule.To, "to", "rate at the end of a ramp")
	add("to", "schedule.to", func(to, from *scenarios.Scenario) { to.Schedule.To = from.Schedule.To })
	flags.IntVar(&g.Schedule.Burst, "burst", 0, "events of a burst")
	add("burst", "schedule.burst", func(to, from *scenarios.Scenario) { to.Schedule.Burst = from.Schedule.Burst })
	flags.IntVar(&g.Schedule.Length, "length", 0, "events of a reply")
	add("length", "schedule.length", func(to, from *scenarios.Scenario) { to.Schedule.Length = from.Schedule.Length })
	flags.StringVar(&g.Payload.Content, "content", "", "what data is made of: "+strings.Join(scenarios.Contents, ", "))
	add("content", "payload.content", func(to, from *scenarios.Scenario) { to.Payload.Content = from.Payload.Content })
	flags.BoolVar(&g.Payload.Raw, "raw", false, "send the bare data: counted, without latency")
	add("raw", "payload.raw", func(to, from *scenarios.Scenario) { to.Payload.Raw = from.Payload.Raw })
	flags.Var(&g.Uplink.Rate, "uplink-rate", "messages that each client sends, as in 0.2/s")
	add("uplink-rate", "uplink.rate", func(to, from *scenarios.Scenario) { to.Uplink.Rate = from.Uplink.Rate })
	flags.Var(&g.Uplink.Size, "uplink-size", "data of a client's message")
	add("uplink-size", "uplink.size", func(to, from *scenarios.Scenario) { to.Uplink.Size = from.Uplink.Size })
	flags.StringVar(&g.Uplink.To, "uplink-to", "", "where that ends: "+strings.Join(scenarios.Ends, ", "))
	add("uplink-to", "uplink.to", func(to, from *scenarios.Scenario) { to.Uplink.To = from.Uplink.To })
	flags.Var(&g.Uplink.Apart, "uplink-apart", "least time between two messages of a client")
	add("uplink-apart", "uplink.apart", func(to, from *scenarios.Scenario) { to.Uplink.Apart = from.Uplink.Apart })
	flags.Var(&g.Poll.Interval, "poll-interval", "from one short poll of a client to the next")
	add("poll-interval", "poll.interval", func(to, from *scenarios.Scenario) { to.Poll.Interval = from.Poll.Interval })
	flags.Var(&g.Poll.Jitter, "poll-jitter", "by how much each short poll comes later at most, at random")
	add("poll-jitter", "poll.jitter", func(to, from *scenarios.Scenario) { to.Poll.Jitter = from.Poll.Jitter })
	flags.Var(&g.Longpoll.Hold, "hold", "how long an empty long poll stays open")
	add("hold", "longpoll.hold", func(to, from *scenarios.Scenario) { to.Longpoll.Hold = from.Longpoll.Hold })
	flags.Var(&g.Longpoll.Think, "think", "from the answer to a long poll to the next question")
	add("think", "longpoll.think", func(to, from *scenarios.Scenario) { to.Longpoll.Think = from.Longpoll.Think })
	flags.BoolVar(&g.Reuse, "reuse", true, "requests share connections; --reuse=false opens one for each")
	add("reuse", "reuse", func(to, from *scenarios.Scenario) { to.Reuse = from.Reuse })
	flags.Var(&g.Heartbeat, "heartbeat", "silence after which a stream sends a sign of life")
	add("heartbeat", "heartbeat", func(to, from *scenarios.Scenario) { to.Heartbeat = from.Heartbeat })
	flags.IntVar(&g.EventsPerWrite, "events-per-write", 0, "events that a server writes to a client at once, at most")
	add("events-per-write", "events_per_write", func(to, from *scenarios.Scenario) { to.EventsPerWrite = from.EventsPerWrite })
	flags.IntVar(&g.Log.Keep, "keep", 0, "events that each topic keeps")
	add("keep", "log.keep", func(to, from *scenarios.Scenario) { to.Log = from.Log })
	flags.StringVar(&g.Slow.Policy, "slow", "", "what happens to clients that do not keep up: "+strings.Join(scenarios.Policies, ", "))
	add("slow", "slow.policy", func(to, from *scenarios.Scenario) { to.Slow.Policy = from.Slow.Policy })
	flags.Var(&g.Slow.Share, "slow-share", "clients that do not keep up, as in 5%")
	add("slow-share", "slow.share", func(to, from *scenarios.Scenario) { to.Slow.Share = from.Slow.Share })
	flags.Var(&g.Slow.Speed, "slow-speed", "how much those read of what is offered, as in 1%")
	add("slow-speed", "slow.speed", func(to, from *scenarios.Scenario) { to.Slow.Speed = from.Slow.Speed })
	flags.Var(&g.Vanish.Share, "vanish", "clients that lose the network without a word, as in 10%")
	add("vanish", "vanish.share", func(to, from *scenarios.Scenario) { to.Vanish.Share = from.Vanish.Share })
	flags.Var(&g.Unacknowledged, "unacknowledged", "how long a server waits for a client's TCP to acknowledge")
	add("unacknowledged", "unacknowledged", func(to, from *scenarios.Scenario) { to.Unacknowledged = from.Unacknowledged })
	flags.Var(&g.Churn.Stay, "stay", "mean time that clients stay before they leave")
	add("stay", "churn.stay", func(to, from *scenarios.Scenario) { to.Churn.Stay = from.Churn.Stay })
	flags.Var(&g.Churn.Away, "away", "time until they come back")
	add("away", "churn.away", func(to, from *scenarios.Scenario) { to.Churn.Away = from.Churn.Away })
	flags.BoolVar(&g.Rotate, "rotate", false, "wake another client first with each event")
	add("rotate", "rotate", func(to, from *scenarios.Scenario) { to.Rotate = from.Rotate })
	flags.BoolVar(&g.Together, "together", false, "all transports at the same time, on one server")
	add("together", "together", func(to, from *scenarios.Scenario) { to.Together = from.Together })
	flags.StringVar(&g.Value, "value", "", "which events matter: "+strings.Join(scenarios.Values, ", "))
	add("value", "value", func(to, from *scenarios.Scenario) { to.Value = from.Value })
	flags.Var(&g.Faults, "faults", "what happens to the server in the measured phase, as in 'reset 50% at 2s, restart at 4s for 500ms', or none: "+strings.Join(scenarios.FaultKinds, ", "))
	add("faults", "faults", func(to, from *scenarios.Scenario) { to.Faults = from.Faults })
	flags.StringVar(&g.Backoff.Kind, "backoff", "", "how long clients stay away that lost their connection: "+strings.Join(scenarios.Backoffs, ", "))
	add("backoff", "backoff.kind", func(to, from *scenarios.Scenario) { to.Backoff.Kind = from.Backoff.Kind })
	flags.Var(&g.Backoff.First, "backoff-first", "first wait of a back-off, or its ceiling")
	add("backoff-first", "backoff.first", func(to, from *scenarios.Scenario) { to.Backoff.First = from.Backoff.First })
	flags.Var(&g.Backoff.Max, "backoff-max", "longest wait of a back-off, or its ceiling")
	add("backoff-max", "backoff.max", func(to, from *scenarios.Scenario) { to.Backoff.Max = from.Backoff.Max })
	flags.Var(&g.Drain, "drain", "longest wait for events still owed after the measured phase")
	add("drain", "drain", func(to, from *scenarios.Scenario) { to.Drain = from.Drain })
}

// apply copies what was given into s, fills in all transports when it names
// none, and checks the whole. The notes say what a flag has taken the place of.
func (o *overrides) apply(flags *pflag.FlagSet, s *scenarios.Scenario) (notes []string, err error) {
	alone := func(key, why string) {
		if values, varied := s.Axes[key]; varied {
			delete(s.Axes, key)
			notes = append(notes, fmt.Sprintf("%s takes the place of the axis %s (%s)", why, key, strings.Join(values, ", ")))
		}
	}
	flags.Visit(func(f *pflag.Flag) {
		if one, ok := o.fields[f.Name]; ok {
			one.copy(s, o.given)
			alone(one.key, "--"+f.Name)
		}
	})
	// A schedule without a rate of its own has none, and a drain lasts until every
	// poller has asked once more, unless somebody says otherwise.
	unpaced := s.Schedule.Kind == string(source.None) || s.Schedule.Kind == string(source.Saturate)
	if flags.Changed("schedule") && unpaced && !flags.Changed("rate") {
		s.Schedule.Rate = 0
		alone("schedule.rate", "--schedule")
	}
	if flags.Changed("poll-interval") && !flags.Changed("drain") {
		s.Drain = max(s.Drain, 2*s.Poll.Interval)
	}
	if len(s.Transports) == 0 {
		s.Transports = transportNames()
	}
	if _, err := pick(s.WithBaseline()); err != nil {
		return nil, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[o.fields[f.Name].key] = true })
	err = s.Validate()
	if err == nil {
		err = s.Lost(func(key string) bool { return given[key] })
	}
	if err != nil {
		return nil, &exitError{exitScenario, fmt.Errorf("scenario %s: %w", s.Name, err)}
	}
	return notes, nil
}
