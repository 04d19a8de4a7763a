package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pushbench/scenarios"
)

// A product is the flags of `choose` that stand for a number of the profile. As with
// overrides, only those that were given are copied.
type product struct {
	given *scenarios.Profile
	copy  map[string]func(to, from *scenarios.Profile)
}

func newProduct() *product {
	return &product{given: scenarios.DefaultProfile(), copy: map[string]func(to, from *scenarios.Profile){}}
}

// register adds the flags. Their defaults are the profile's.
func (o *product) register(flags *pflag.FlagSet) {
	g := o.given
	is := func(name string, copy func(to, from *scenarios.Profile)) { o.copy[name] = copy }
	flags.StringVar(&g.Name, "name", g.Name, "what the product is called")
	is("name", func(to, from *scenarios.Profile) { to.Name = from.Name })
	flags.IntVarP(&g.Clients, "clients", "c", g.Clients, "clients at the same time")
	is("clients", func(to, from *scenarios.Profile) { to.Clients = from.Clients })
	flags.VarP(&g.Rate, "rate", "r", "events that each client receives in the mean, as in 2/s or 3/min")
	is("rate", func(to, from *scenarios.Profile) { to.Rate = from.Rate })
	flags.IntVar(&g.Burst, "burst", g.Burst, "of which so many come at once")
	is("burst", func(to, from *scenarios.Profile) { to.Burst = from.Burst })
	flags.IntVar(&g.Audience, "audience", g.Audience, "clients that an event goes to (default: all)")
	is("audience", func(to, from *scenarios.Profile) { to.Audience = from.Audience })
	flags.VarP(&g.Size, "size", "s", "data of an event")
	is("size", func(to, from *scenarios.Profile) { to.Size = from.Size })
	flags.StringVar(&g.Value, "value", g.Value, "which events matter: "+strings.Join(scenarios.Values, ", "))
	is("value", func(to, from *scenarios.Profile) { to.Value = from.Value })
	flags.BoolVar(&g.Binary, "binary", false, "data is no text")
	is("binary", func(to, from *scenarios.Profile) { to.Binary = from.Binary })
	flags.Var(&g.Staleness, "staleness", "how old what a client sees may become, at worst; 0s demands nothing")
	is("staleness", func(to, from *scenarios.Profile) { to.Staleness = from.Staleness })
	flags.Var(&g.P99, "p99", "latency that 99 % of the events must keep; 0s demands nothing")
	is("p99", func(to, from *scenarios.Profile) { to.P99 = from.P99 })
	flags.Var(&g.RTT, "rtt", "a round trip between clients and servers")
	is("rtt", func(to, from *scenarios.Profile) { to.RTT = from.RTT })
	flags.Var(&g.Uplink.Rate, "uplink", "messages that each client sends, as in 0.1/s")
	is("uplink", func(to, from *scenarios.Profile) { to.Uplink.Rate = from.Uplink.Rate })
	flags.Var(&g.Uplink.Size, "uplink-size", "data of a client's message")
	is("uplink-size", func(to, from *scenarios.Profile) { to.Uplink.Size = from.Uplink.Size })
	flags.Var(&g.Stay, "stay", "mean time for which a client stays connected; 0s is for ever")
	is("stay", func(to, from *scenarios.Profile) { to.Stay = from.Stay })
	flags.BoolVar(&g.Browsers, "browsers", false, "clients are browsers")
	is("browsers", func(to, from *scenarios.Profile) { to.Browsers = from.Browsers })
	flags.BoolVar(&g.HTTP1, "http1", false, "nothing newer than HTTP/1.1 gets through")
	is("http1", func(to, from *scenarios.Profile) { to.HTTP1 = from.HTTP1 })
	flags.BoolVar(&g.BufferingProxy, "buffering-proxy", false, "something in the way holds answers back until they are whole")
	is("buffering-proxy", func(to, from *scenarios.Profile) { to.BufferingProxy = from.BufferingProxy })
	flags.BoolVar(&g.Mobile, "mobile", false, "clients are phones on a mobile network")
	is("mobile", func(to, from *scenarios.Profile) { to.Mobile = from.Mobile })
	flags.IntVar(&g.Server.CPUs, "server-cpus", g.Server.CPUs, "CPUs of a server")
	is("server-cpus", func(to, from *scenarios.Profile) { to.Server.CPUs = from.Server.CPUs })
	flags.Var(&g.Server.Memory, "server-memory", "memory of a server")
	is("server-memory", func(to, from *scenarios.Profile) { to.Server.Memory = from.Server.Memory })
	flags.Var(&g.Server.Utilisation, "server-utilisation", "share of both that may be used in the mean")
	is("server-utilisation", func(to, from *scenarios.Profile) { to.Server.Utilisation = from.Server.Utilisation })
	flags.IntVar(&g.Server.Connections, "server-connections", 0, "connections of a server at most (default: no limit)")
	is("server-connections", func(to, from *scenarios.Profile) { to.Server.Connections = from.Server.Connections })
	flags.Float64Var(&g.Budget, "budget", 0, "the most that a month may cost, in the currency of the prices")
	is("budget", func(to, from *scenarios.Profile) { to.Budget = from.Budget })
}

// profile is what a file and flags say of the product; nil where neither is given.
func (o *product) profile(c *cobra.Command, args []string) (*scenarios.Profile, error) {
	p := scenarios.DefaultProfile()
	given := false
	if len(args) > 0 {
		read, err := scenarios.ReadProfile(args[0])
		if err != nil {
			return nil, &exitError{exitScenario, err}
		}
		p, given = read, true
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		if copy, ok := o.copy[f.Name]; ok {
			copy(p, o.given)
			given = true
		}
	})
	if !given {
		return nil, nil
	}
	if err := p.Validate(); err != nil {
		return nil, &exitError{exitScenario, fmt.Errorf("%s: %w", wordOf(args), err)}
	}
	return p, nil
}
