package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"pushbench/scenarios"
	"pushbench/servers/faults"
	"pushbench/servers/guard"
	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/textbook"
	"pushbench/servers/wire"
)

// serveFlags are what `serve` can be told.
type serveFlags struct {
	transports []string
	stack      string
	listen     string
	share      bool
	orders     bool
	epoch      string
	topics     int
	keep       int
	raw        bool
	rotate     bool
	hold       time.Duration
	heartbeat  time.Duration
	slow       string
	uplinkTo   string
	perWrite   int
	slowEvents int
	slowBytes  scenarios.Size
	timeout    time.Duration
	maxHeld    int
	sendBuffer scenarios.Size
	unacked    time.Duration
	fault      string
	rate       scenarios.Rate
	size       scenarios.Sizes
	guarding
}

func newServe() *cobra.Command {
	f := serveFlags{rate: 1, size: scenarios.Sizes{Min: 64, Max: 64}}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the transports from one source of events",
		Long: `Serve puts the transports, all four unless told otherwise, on one port and one
source, and publishes events on every topic at a steady rate. Clients subscribe
at /poll, /longpoll, /sse and /ws with ?topic=t0 and publish with a POST to
/publish?topic=t0. It listens on the loopback interface unless told otherwise,
and answers there for local names alone, so that no page of anybody's can reach
it under a name of its own.

At / there is a page for browsers with a client of each transport, and with
controls of the server: they want a token, which on the loopback interface the
page has from the server; elsewhere give one with --control, and open the page
with #TOKEN behind its address.

With --fault it misbehaves on purpose, so that what measures it can be shown to
notice. N counts events or connections, and is 7 where it may be left out; an
INSTANT counts from the beginning of the load:
` + faultTable(),
		Example: `  pushbench serve -r 2/s
  curl -N 'http://127.0.0.1:8080/sse?topic=t0'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.serve(c) },
	}
	flags := c.Flags()
	flags.StringSliceVarP(&f.transports, "transports", "t", transportNames(), "transports to serve")
	flags.StringVar(&f.stack, "stack", std, "how the server is written: `std` (net/http) or lean (an event loop; Linux)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	flags.BoolVar(&f.share, "share-port", false, "let other servers listen on the same port, on Linux; the kernel spreads the clients")
	flags.StringVar(&f.epoch, "epoch", "", "name of this life of the logs (default: from the clock)")
	flags.IntVar(&f.topics, "topics", 1, "number of topics: t0, t1 …")
	flags.IntVar(&f.keep, "keep", 1024, "events that each topic keeps")
	flags.BoolVar(&f.raw, "raw", false, "send the bare payload, without number and instants")
	flags.BoolVar(&f.rotate, "rotate", false, "wake another client first with each event")
	flags.DurationVar(&f.hold, "hold", 25*time.Second, "how long an empty long poll stays open")
	flags.DurationVar(&f.heartbeat, "heartbeat", 15*time.Second, "silence after which a stream sends a sign of life")
	flags.StringVar(&f.slow, "slow", source.Skip.String(), "`policy` for clients that do not keep up: skip or disconnect")
	flags.StringVar(&f.uplinkTo, "uplink-to", scenarios.ToTopic, "where what clients send `ends`: "+strings.Join(scenarios.Ends, " (followers get it) or ")+" (nobody does)")
	flags.IntVar(&f.perWrite, "events-per-write", 0, "events that a stream's client is written at once, at most (default: all that it lacks)")
	flags.IntVar(&f.slowEvents, "slow-events", 0, "events that a client may fall behind (default: what the log keeps)")
	flags.Var(&f.slowBytes, "slow-bytes", "bytes of events that a client may fall behind, as in 64KiB (default: what the log keeps)")
	flags.DurationVar(&f.timeout, "write-timeout", 10*time.Second, "how long a write to a client may take")
	flags.IntVar(&f.maxHeld, "max-held", 0, "long polls held at once; more are told to come back (default: no limit)")
	flags.Var(&f.sendBuffer, "send-buffer", "kernel's send buffer of each connection, as in 16KiB (default: the kernel's)")
	flags.Lookup("slow-bytes").DefValue, flags.Lookup("send-buffer").DefValue = "", "" // zero is told in words
	flags.DurationVar(&f.unacked, "unacknowledged", 0, "how long a client's TCP may not acknowledge, on Linux (default: the kernel's)")
	flags.VarP(&f.rate, "rate", "r", "events on each topic, as in 10/s or 3/min; 0 for none")
	flags.VarP(&f.size, "size", "s", "bytes of an event's data, as in 64B or 32B..1KiB")
	flags.StringVar(&f.fault, "fault", "", "misbehave on purpose, by a `spec` as above")
	f.guarding.flags(flags)
	flags.BoolVar(&f.orders, "orders", false, "take orders as JSON lines on standard input and end with it")
	return c
}

func (f serveFlags) serve(c *cobra.Command) error {
	picked, err := pick(f.transports)
	if err != nil {
		return err
	}
	if err := servable(picked, f.stack); err != nil {
		return err
	}
	policy, err := source.ParsePolicy(f.slow)
	if err != nil {
		return usage("--slow: %w", err)
	}
	for _, length := range []struct {
		flag string
		time.Duration
	}{{"hold", f.hold}, {"heartbeat", f.heartbeat}, {"write-timeout", f.timeout}} {
		if length.Duration <= 0 {
			return usage("--%s: %s, want a length of time above zero", length.flag, length.Duration)
		}
	}
	if !slices.Contains(scenarios.Ends, f.uplinkTo) {
		return usage("--uplink-to: %q (have %s)", f.uplinkTo, strings.Join(scenarios.Ends, ", "))
	}
	if f.slowEvents < 0 || f.maxHeld < 0 || f.unacked < 0 || f.perWrite < 0 {
		return usage("--slow-events, --max-held, --unacknowledged, --events-per-write: want zero or more")
	}
	if f.unacked > 0 && !host.CanTimeOut {
		return usage("--unacknowledged needs Linux")
	}
	if f.share && !host.CanShare {
		return usage("--share-port needs Linux")
	}
	if f.keep < 1 {
		return usage("--keep: %d, want at least 1", f.keep)
	}
	if f.topics < 1 {
		return usage("--topics: %d, want at least 1", f.topics)
	}
	if err := f.guarding.check(c, f.stack, f.orders); err != nil {
		return err
	}
	if f.epoch == "" {
		f.epoch = fmt.Sprintf("s%d", time.Now().Unix())
	}
	if err := wire.CheckEpoch(f.epoch); err != nil {
		return usage("--epoch: %w", err)
	}
	options := source.Options{
		Epoch: f.epoch, Keep: f.keep, Raw: f.raw, Rotate: f.rotate, Absorb: f.uplinkTo == scenarios.ToServer,
	}
	fault := &faults.Fault{} // does nothing wrong
	if f.fault != "" {
		if fault, err = faults.Parse(f.fault); err != nil {
			return usage("--fault: %w", err)
		}
		if f.stack == leanLoop && !fault.CanLean() {
			return usage("--fault: %s needs --stack std: it stands between a server and its connections of net/http", fault.Name)
		}
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: warning: misbehaves on purpose (%s): %s\n", f.fault, fault.Does)
	}
	options.View = fault.View
	if f.orders {
		options.Journal, options.Found = &source.Journal{}, &source.Findings{}
	}
	src := source.New(options, source.TopicNames(f.topics)...)
	var mounts []host.Mount
	for _, t := range picked {
		m := t.mount(src, serving{
			stack: f.stack, hold: f.hold, heartbeat: f.heartbeat, slow: policy, timeout: f.timeout, held: f.maxHeld, perWrite: f.perWrite,
			limit: source.Limit{Events: f.slowEvents, Bytes: int64(f.slowBytes)}, origins: f.origins,
		})
		if m.Lean != nil {
			m.Lean = fault.WrapLean(src, m.Lean)
		} else {
			m.Handler = fault.Wrap(src, m.Handler)
		}
		mounts = append(mounts, m)
	}
	if f.orders {
		server := f.server(c, src, fault, mounts)
		server.Found = options.Found
		return server.Obey(c.Context(), f.listen, options.Journal, c.InOrStdin(), c.OutOrStdout())
	}
	var around *site
	if f.stack == std {
		around = f.guarding.newSite(&f, fault)
		mounts = append(mounts, around.mounts(f, picked)...)
	}
	return f.publish(c, f.server(c, src, fault, mounts), around, mounts)
}

// server is the halves in a process that has the options.
func (f serveFlags) server(c *cobra.Command, src *source.Source, fault *faults.Fault, mounts []host.Mount) *host.Server {
	server := host.New(src, mounts...)
	server.Log = c.ErrOrStderr()
	server.Fault = fault
	server.Socket = host.Socket{Share: f.share, SendBuffer: int(f.sendBuffer), Unacknowledged: f.unacked}
	return server
}

// publish serves until the context ends and publishes at the rate asked for.
func (f serveFlags) publish(c *cobra.Command, server *host.Server, around *site, mounts []host.Mount) error {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	events := &feed{server: server, rate: float64(f.rate), payload: source.Payload{
		Min: int(f.size.Min), Max: int(f.size.Max), Content: source.Text, Raw: f.raw,
	}}
	if around != nil {
		around.feed = events
		server.Guard = around.guard
		server.Limit = &guard.Limit{Total: f.total, PerAddress: f.perAddress}
	}
	listener, err := server.Listen(ctx, f.listen)
	if err != nil {
		return err
	}
	f.announce(c.ErrOrStderr(), listener.Addr(), mounts)
	driven := make(chan error, 2)
	drive := func(publish func() error) {
		defer cancel()
		driven <- publish()
	}
	go drive(func() error { return events.run(ctx) })
	go drive(func() error {
		if around == nil {
			<-ctx.Done()
			return nil
		}
		if err := textbook.Drive(ctx, around.lessons, source.Timer{}); ctx.Err() == nil {
			return err
		}
		return nil
	})
	err = server.Serve(ctx, listener)
	cancel()
	failed := errors.Join(<-driven, <-driven)
	if n := server.Limit.Refused(); n > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: %d connections were refused (--max-connections, --max-per-address)\n", n)
	}
	if n := server.Panics(); n > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "pushbench: %d connections have ended by a panic of their handler\n", n)
	}
	if failed != nil && c.Context().Err() == nil {
		return failed
	}
	return err
}

// announce says where the server is, and who can reach it.
func (f serveFlags) announce(errs io.Writer, address net.Addr, mounts []host.Mount) {
	fmt.Fprintf(errs, "pushbench: listening on http://%s\n", address)
	for _, m := range mounts {
		switch m.Path {
		case pagePath:
			fmt.Fprintf(errs, "pushbench:   in a browser: http://%s/\n", address)
		case controlPath:
			fmt.Fprintf(errs, "pushbench:   POST %s\n", m.Path)
		case textbookPath:
			fmt.Fprintf(errs, "pushbench:   GET %s?topic=%s\n", m.Path, textbook.Topic)
		default:
			fmt.Fprintf(errs, "pushbench:   GET %s?topic=t0\n", m.Path)
		}
	}
	fmt.Fprintf(errs, "pushbench:   POST /publish?topic=t0\n")
	if !guard.Loopback(address) {
		fmt.Fprintf(errs, "pushbench: warning: reachable from other machines, and anyone who reaches it may publish\n")
	}
}

// faultTable is what --fault takes, and what that does.
func faultTable() string {
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, k := range faults.All {
		fmt.Fprintf(rows, "  %s\t%s\n", k.Usage(), k.Does)
	}
	rows.Flush()
	return strings.TrimRight(table.String(), "\n")
}
