package main

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/crowd"
	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// All transports on one source in one process: clients of each get every event.
func TestAllTransportsShareOneSource(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	journal := &source.Journal{}
	src := source.New(source.Options{Epoch: "e", Journal: journal}, "t0")
	var mounts []host.Mount
	together := slices.DeleteFunc(slices.Clone(transports), func(row transport) bool { return !row.on(stacks[0]) })
	for _, row := range together {
		mounts = append(mounts, row.mount(src, serving{hold: time.Minute, heartbeat: time.Minute}))
	}
	server := host.New(src, mounts...)
	listener, err := server.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving, listener) }()

	const clients, events = 10, 30
	var crowds []*audience
	for _, row := range together {
		crowds = append(crowds, newAudience(ctx, t, row, "goroutine", listener.Addr(), clients))
	}
	for range events {
		if _, err := src.Publish("t0", wire.Message{Data: []byte(`"x"`)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range crowds {
		a.wantAll(ctx, t, journal, clients*events)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// An audience is a crowd of one transport's clients.
type audience struct {
	name   string
	record *recorder.Recorder
	stop   func() error
}

func newAudience(ctx context.Context, t *testing.T, row transport, drive string, server net.Addr, clients int) *audience {
	t.Helper()
	newEngine, err := engineOf(drive)
	if err != nil {
		t.Fatal(err)
	}
	eng, err := newEngine(engine.Options{Remote: netip.MustParseAddrPort(server.String())})
	if err != nil {
		t.Fatal(err)
	}
	record := recorder.New(recorder.Options{Clients: clients, Topics: 1, Shards: eng.Shards()})
	options := crowd.Options{
		Clients: clients, Topics: []string{"t0"}, Half: row.client, ConnectRate: 1000,
		Endpoint: engine.Endpoint{Host: server.String(), Path: row.path()},
	}
	if row.scheduled {
		options.Interval = 20 * time.Millisecond
	}
	c := crowd.New(options, eng, record, wire.Now())
	record.Measure(0, 1<<62)
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(running) }()
	select {
	case <-c.Ready():
	case <-ctx.Done():
		t.Fatalf("%s: not every client could subscribe", row.name)
	}
	return &audience{row.name, record, func() error { cancel(); return <-ended }}
}

func (a *audience) wantAll(ctx context.Context, t *testing.T, journal *source.Journal, want int64) {
	t.Helper()
	books := a.record.Books(recorder.Journal{Topics: journal.Topics(), To: 1 << 62})
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for a.record.Lacking(books.Goal()) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%s: %d clients lack events", a.name, a.record.Lacking(books.Goal()))
		}
	}
	if err := a.stop(); err != nil {
		t.Errorf("%s: %v", a.name, err)
	}
	var trial results.Trial
	if err := a.record.Snapshot(&trial, books); err != nil {
		t.Fatal(err)
	}
	if e := trial.Events; e.Owed != want || e.Delivered != want || e.Unexplained != 0 || e.Duplicated != 0 {
		t.Errorf("%s: %+v, want %d owed and delivered", a.name, e, want)
	}
}
