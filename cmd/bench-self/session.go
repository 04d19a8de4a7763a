package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"pushbench/loadgen/target"
	"pushbench/servers/wire"
)

// A session is all rounds of all runs that its pairs need.
type session struct {
	bench   workbench
	rounds  int
	window  time.Duration
	pairs   []pair
	samples []sample
	saved   func() error // called after every run
	errs    io.Writer
}

// A duty is one run of a round.
type duty struct {
	load load
	who  who
}

// duties are the runs of a round. A run serves every pair that it belongs to,
// and the two sides of a pair follow each other as closely as that allows,
// because the machine drifts within minutes.
func (s *session) duties() []duty {
	var all []duty
	for _, p := range s.pairs {
		for _, side := range []side{p.a, p.b} {
			if d := (duty{side.load, side.who}); d.who != "" && !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b duty) int {
		return slices.Index(loads, a.load) - slices.Index(loads, b.load)
	})
	return all
}

// errFaulty ends a session in which not every run could be used.
var errFaulty = errors.New("runs that do not count")

// run goes through the rounds. A run that fails is kept with its reason, and
// the others go on.
func (s *session) run(ctx context.Context) error {
	duties := s.duties()
	faults := 0
	for round := range s.rounds {
		for i, d := range duties {
			if d.load.once() && round > 0 {
				continue
			}
			fmt.Fprintf(s.errs, "bench-self: round %d of %d, run %d of %d: %s, %s\n", round+1, s.rounds, i+1, len(duties), d.load, d.who)
			r, err := s.measure(ctx, d)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			sample := sample{Load: d.load, Who: d.who, Round: round, reading: r}
			if err == nil {
				err = errors.Join(r.fault(d.load), r.behind(d.load))
			}
			if err != nil {
				faults++
				sample.Fault = err.Error()
				fmt.Fprintf(s.errs, "bench-self: does not count: %v\n", err)
			}
			s.samples = append(s.samples, sample)
			if err := s.saved(); err != nil {
				return err
			}
		}
	}
	if faults > 0 {
		return fmt.Errorf("%w: %d of %d", errFaulty, faults, len(s.samples))
	}
	return nil
}

// measure is one run: a server, a client, and both ended.
func (s *session) measure(ctx context.Context, d duty) (reading, error) {
	limit := d.load.limit(s.window)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no end after %s", limit))
	defer cancel()
	if d.who.served() {
		return s.measureServe(ctx, d)
	}
	port, err := freePort()
	if err != nil {
		return reading{}, err
	}
	program, args := s.bench.fsrv, d.load.fsrv(port, limit)
	if d.who == plain {
		program, args = s.bench.self, []string{
			"plain", "-transport", d.load.Transport, "-port", strconv.Itoa(port),
			"-clients", strconv.Itoa(d.load.Clients), "-rate", fmt.Sprint(d.load.Rate),
		}
	}
	server, err := start(ctx, s.bench.serverCPU, program, args...)
	if err != nil {
		return reading{}, err
	}
	defer server.stop()
	if err := listening(ctx, port); err != nil {
		return reading{}, err
	}
	if d.who == ours {
		return s.client(ctx, s.bench.self, "generator", "-transport", d.load.Transport,
			"-server", address(port), "-clients", strconv.Itoa(d.load.Clients),
			"-warmup", d.load.warmup().String(), "-window", d.load.measured(s.window).String())
	}
	return s.client(ctx, s.bench.fcli, d.load.fcli(port, server.pid(), s.window)...)
}

// client runs one to its end.
func (s *session) client(ctx context.Context, program string, args ...string) (reading, error) {
	p, err := start(ctx, s.bench.clientCPU, program, args...)
	if err != nil {
		return reading{}, err
	}
	line, err := p.output()
	if err != nil {
		return reading{}, err
	}
	return parseReading(line)
}

// measureServe runs our server, which starts its events as the floor's does.
func (s *session) measureServe(ctx context.Context, d duty) (reading, error) {
	l := d.load
	child, err := target.Start(ctx, target.Config{
		Executable: s.bench.pushbench,
		Args:       append([]string{"serve", "--orders", "--transports", l.Transport, "--listen", "127.0.0.1:0"}, d.who.flags()...),
		CPUs:       []int{s.bench.serverCPU},
	})
	if err != nil {
		return reading{}, err
	}
	defer child.Stop()
	feeding, stop := context.WithCancel(ctx)
	fed := make(chan error, 1)
	go func() { fed <- s.feed(feeding, child, l) }()
	r, err := s.client(ctx, s.bench.fcli, l.fcli(int(child.Address.Port()), child.PIDs()[0], s.window)...)
	stop()
	// Note: before Stop, because a child takes orders from one goroutine at a time.
	if failed := <-fed; failed != nil && !errors.Is(failed, context.Canceled) {
		err = errors.Join(err, failed)
	}
	return r, err
}

// feed orders the events once everyone has been answered.
func (s *session) feed(ctx context.Context, child *target.Child, l load) error {
	if l.Idle {
		return nil
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		count, err := child.Count(ctx)
		if err != nil {
			return err
		}
		if count.Writes >= int64(l.Clients) {
			return child.Drive(ctx, l.drive(wire.Now()+int64(lead), l.limit(s.window)))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
