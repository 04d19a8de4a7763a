package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"pushbench/loadgen/campaign"
	"pushbench/loadgen/engine"
	longpollclient "pushbench/loadgen/longpoll"
	pollclient "pushbench/loadgen/poll"
	sseclient "pushbench/loadgen/sse"
	tcpclient "pushbench/loadgen/tcp"
	wsclient "pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/scenarios"
	"pushbench/servers/host"
	"pushbench/servers/lean"
	"pushbench/servers/longpoll"
	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/tcp"
	"pushbench/servers/ws"
)

// A transport is one row of the table: everything that the suite must know of
// it beside its two halves.
type transport struct {
	name      string
	title     string
	std       func(*source.Source, serving) http.Handler // nil: not on this stack
	lean      func(*source.Source, serving) lean.Half    // nil: not on this stack
	client    func(*engine.Endpoint) engine.Conversation
	scheduled bool // its clients poll by the clock
	hidden    bool // not there to be compared: measured and served only where it is named
}

// serving is what a user may say about how servers behave.
type serving struct {
	stack     string // one of stacks; empty: the first
	hold      time.Duration
	heartbeat time.Duration
	slow      source.Policy
	limit     source.Limit  // beyond which a client is slow
	timeout   time.Duration // of a write
	held      int           // long polls at once
	perWrite  int           // events to a stream's client
	origins   []string      // whose pages may open a WebSocket
}

func (o serving) poll() poll.Options { return poll.Options{WriteTimeout: o.timeout} }

func (o serving) longpoll() longpoll.Options {
	return longpoll.Options{Hold: o.hold, MaxHeld: o.held, WriteTimeout: o.timeout}
}

func (o serving) sse() sse.Options {
	return sse.Options{Heartbeat: o.heartbeat, WriteTimeout: o.timeout, Slow: o.slow, Limit: o.limit, PerWrite: o.perWrite}
}

func (o serving) ws() ws.Options {
	return ws.Options{
		PingInterval: o.heartbeat, PongWait: 2 * o.heartbeat, WriteTimeout: o.timeout, Slow: o.slow, Limit: o.limit,
		PerWrite: o.perWrite, Origins: o.origins,
	}
}

func (o serving) tcp() tcp.Options {
	return tcp.Options{Heartbeat: o.heartbeat, WriteTimeout: o.timeout, Slow: o.slow, Limit: o.limit, PerWrite: o.perWrite}
}

// Stacks are how a server can be written.
const (
	std      = scenarios.Std  // on net/http, and what a team gets
	leanLoop = scenarios.Lean // on an event loop: what the protocol costs
)

var stacks = []string{std, leanLoop}

// transports is THE table. A new transport is two packages and one row.
var transports = []transport{
	{"poll", "Short polling",
		func(s *source.Source, o serving) http.Handler { return poll.New(s, o.poll()) },
		func(s *source.Source, o serving) lean.Half { return poll.NewLean(s, o.poll()) },
		pollclient.New, true, false},
	{"longpoll", "Long polling",
		func(s *source.Source, o serving) http.Handler { return longpoll.New(s, o.longpoll()) },
		func(s *source.Source, o serving) lean.Half { return longpoll.NewLean(s, o.longpoll()) },
		longpollclient.New, false, false},
	{"sse", "Server-Sent Events",
		func(s *source.Source, o serving) http.Handler { return sse.New(s, o.sse()) },
		func(s *source.Source, o serving) lean.Half { return sse.NewLean(s, o.sse()) },
		sseclient.New, false, false},
	{"ws", "WebSocket",
		func(s *source.Source, o serving) http.Handler { return ws.New(s, o.ws()) },
		func(s *source.Source, o serving) lean.Half { return ws.NewLean(s, o.ws()) },
		wsclient.New, false, false},
	{results.Baseline, "Frames straight on TCP",
		nil,
		func(s *source.Source, o serving) lean.Half { return tcp.NewLean(s, o.tcp()) },
		tcpclient.New, false, true},
}

// transportNames are those that are there to be compared.
func transportNames() []string {
	var names []string
	for _, t := range transports {
		if !t.hidden {
			names = append(names, t.name)
		}
	}
	return names
}

// everyTransport is every name there is.
func everyTransport() []string {
	var names []string
	for _, t := range transports {
		names = append(names, t.name)
	}
	return names
}

// pick returns the rows of those names, in the table's order.
func pick(names []string) ([]transport, error) {
	known := transportNames()
	for _, name := range names {
		if !slices.Contains(everyTransport(), name) {
			return nil, usage("unknown transport %q (have %s)", name, strings.Join(known, ", "))
		}
	}
	var picked []transport
	for _, t := range transports {
		if slices.Contains(names, t.name) {
			picked = append(picked, t)
		}
	}
	if len(picked) == 0 {
		return nil, usage("no transport named (have %s)", strings.Join(known, ", "))
	}
	return picked, nil
}

func (t transport) path() string { return "/" + t.name }

// on says whether the transport is there on the stack.
func (t transport) on(stack string) bool {
	if stack == leanLoop {
		return t.lean != nil && host.CanLean
	}
	return t.std != nil
}

// stacks are those on which the transport can be served here.
func (t transport) stacks() []string {
	return slices.DeleteFunc(slices.Clone(stacks), func(stack string) bool { return !t.on(stack) })
}

// mount is the transport's server half on a source, of the stack that it is to be
// served on.
func (t transport) mount(s *source.Source, o serving) host.Mount {
	if o.stack == leanLoop {
		return host.Mount{Path: t.path(), Lean: t.lean(s, o)}
	}
	return host.Mount{Path: t.path(), Handler: t.std(s, o)}
}

// measured is what a campaign must know of the transport.
func (t transport) measured() campaign.Transport {
	others := slices.DeleteFunc(everyTransport(), func(name string) bool { return name == t.name })
	return campaign.Transport{Name: t.name, Path: t.path(), Half: t.client, Scheduled: t.scheduled, Stacks: t.stacks(), Others: others}
}

// usage is an error in how a command was called.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}
