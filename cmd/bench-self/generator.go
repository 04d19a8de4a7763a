package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/poll"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/sse"
	"pushbench/loadgen/target"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/servers/wire"
)

var halves = map[string]func(*engine.Endpoint) engine.Conversation{
	"poll": poll.New, "longpoll": longpoll.New, "sse": sse.New, "ws": ws.New,
}

// A generator is our crowd on the event loop, in a process by itself.
type generator struct {
	transport string
	server    netip.AddrPort
	clients   int
	warmup    time.Duration
	window    time.Duration
}

// generate drives a crowd against a server and prints one line, in the form and
// the sense of the floor's client.
func generate(ctx context.Context, args []string, out, errs io.Writer) error {
	var g generator
	flags := flag.NewFlagSet("bench-self generator", flag.ContinueOnError)
	flags.StringVar(&g.transport, "transport", "sse", "")
	flags.TextVar(&g.server, "server", netip.AddrPort{}, "")
	flags.IntVar(&g.clients, "clients", 1000, "")
	flags.DurationVar(&g.warmup, "warmup", time.Second, "")
	flags.DurationVar(&g.window, "window", 2*time.Second, "")
	if err := parse(flags, args, errs); err != nil {
		return err
	}
	if halves[g.transport] == nil {
		return fmt.Errorf("unknown transport %q", g.transport)
	}
	r, err := g.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

func (g generator) run(ctx context.Context) (*reading, error) {
	runtime.GC()
	before, err := target.RSS(os.Getpid())
	if err != nil {
		return nil, err
	}
	record := recorder.New(recorder.Options{Clients: g.clients, Topics: 1, Shards: 1})
	// One loop: the process has one CPU. It is observed, as in any trial.
	eng, err := engine.NewLoop(engine.Options{Remote: g.server, Local: sources(), Shards: 1, Observer: record})
	if err != nil {
		return nil, err
	}
	clients := crowd.New(crowd.Options{
		Clients:     g.clients,
		Topics:      []string{"t0"},
		Endpoint:    engine.Endpoint{Host: g.server.String(), Path: "/" + g.transport},
		Half:        halves[g.transport],
		ConnectRate: 10_000,
	}, eng, record, wire.Now())

	driving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(driving) }()
	r, err := g.measure(ctx, clients, record, before)
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	var trial results.Trial
	if err := record.Snapshot(&trial, record.Books(recorder.Journal{})); err != nil {
		return nil, err
	}
	r.conclude(&trial, g)
	return r, nil
}

// measure waits until everyone has subscribed, and for the window.
func (g generator) measure(ctx context.Context, clients *crowd.Crowd, record *recorder.Recorder, before int64) (*reading, error) {
	patience := time.NewTimer(20 * time.Second)
	defer patience.Stop()
	select {
	case <-clients.Ready():
	case <-patience.C:
		return nil, fmt.Errorf("subscribe: %d of %d clients after 20 s", record.Live().Joined, g.clients)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if n, why := clients.Refused(); n > 0 {
		return nil, fmt.Errorf("subscribe: %d clients refused: %w", n, why)
	}
	debug.FreeOSMemory() // and then weighed, as in any trial, too
	full, err := target.RSS(os.Getpid())
	if err != nil {
		return nil, err
	}
	from := wire.Now() + int64(g.warmup)
	record.Measure(from, from+int64(g.window))
	first, err := look(ctx, record, from)
	if err != nil {
		return nil, err
	}
	last, err := look(ctx, record, from+int64(g.window))
	if err != nil {
		return nil, err
	}
	return &reading{
		Events:       last.events - first.events,
		Seconds:      time.Duration(last.at - first.at).Seconds(),
		cpu:          time.Duration(last.cpu - first.cpu),
		GeneratorRSS: (full - before) >> 10,
	}, nil
}

// A glance is what has happened up to an instant.
type glance struct {
	at, cpu, events int64
}

// look waits for an instant of wire.Now. What it reads belongs together however
// late it is: a saturated loop lets another goroutine wait for 10 ms.
func look(ctx context.Context, record *recorder.Recorder, instant int64) (g glance, err error) {
	timer := time.NewTimer(wire.Until(instant))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return g, context.Cause(ctx)
	}
	g.events = record.Live().Received
	g.at = wire.Now()
	g.cpu, err = target.CPUTime(os.Getpid())
	return g, err
}

// sources are the addresses that the floor's client connects from.
func sources() (local []netip.Addr) {
	for i := range byte(8) {
		local = append(local, netip.AddrFrom4([4]byte{127, 0, 0, 2 + i}))
	}
	return local
}
