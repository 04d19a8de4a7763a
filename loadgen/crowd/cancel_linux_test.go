package crowd

import (
	"context"
	"math"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// descriptors is how many files this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// A station is a server that answers every connection with a hello and an event,
// and then with nothing.
func station(t *testing.T) (address netip.AddrPort, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			c, err := ln.Accept()
			if err != nil {
				break
			}
			conns = append(conns, c)
			c.Write([]byte("he"))
		}
		for _, c := range conns {
			c.Close()
		}
	}()
	return ln.Addr().(*net.TCPAddr).AddrPort(), func() { ln.Close(); <-done }
}

// all waits until it is so of every member.
func all(c *Crowd, is func(*member) bool) {
	answer := make(chan bool, 1)
	for i, m := range c.members {
		for so := false; !so; so = <-answer {
			c.engine.Do(i, func(int64) { answer <- is(m) })
		}
	}
}

// Whatever its clients are about, a crowd ends with its context, and leaves
// neither a goroutine nor a descriptor behind.
func TestACrowdThatIsCancelledLeavesNothingBehind(t *testing.T) { // C14
	const clients = 20
	defer goleak.VerifyNone(t)
	for name, about := range map[string]struct {
		conduct Conduct
		deaf    bool // nobody answers
		nobody  bool // nobody listens
		is      func(*member) bool
	}{
		"connecting":            {is: func(m *member) bool { return m.dialled != 0 }},
		"waiting for an answer": {deaf: true, is: func(m *member) bool { return m.open && !m.joined }},
		"waiting to come back":  {nobody: true, is: func(m *member) bool { return !m.open && m.next != 0 }},
		"reading":               {is: func(m *member) bool { return m.cursor.N == 1 }},
		"reading nothing":       {conduct: Conduct{Slow: clients}, is: func(m *member) bool { return m.conduct.is(lags) }},
		"vanished":              {conduct: Conduct{Vanish: clients}, is: func(m *member) bool { return m.conduct.is(vanished) }},
		"away":                  {conduct: Conduct{Leave: clients, LeaveFor: time.Hour}, is: func(m *member) bool { return m.conduct.is(away) }},
	} {
		for _, kind := range []string{"loop", "goroutine"} {
			before := descriptors(t)
			address, stop := station(t)
			switch {
			case about.nobody:
				stop()
			case about.deaf:
				stop()
				ln, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				address, stop = ln.Addr().(*net.TCPAddr).AddrPort(), func() { ln.Close() }
			}
			o := engine.Options{Remote: address, Shards: 2}
			e := engine.NewGoroutine(o)
			if kind == "loop" {
				var err error
				if e, err = engine.NewLoop(o); err != nil {
					t.Fatal(err)
				}
			}
			r := recorder.New(recorder.Options{Clients: clients, Topics: 1, Shards: e.Shards()})
			r.Measure(0, math.MaxInt64)
			c := New(Options{
				Clients: clients, Topics: source.TopicNames(1), ConnectRate: 1e6, Seed: 3, Conduct: about.conduct,
				Backoff: Backoff{Kind: Fixed, First: time.Hour, Max: time.Hour},
				Half:    func(*engine.Endpoint) engine.Conversation { return &radio{} },
			}, e, r, wire.Now())
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			if about.conduct.Some() {
				<-c.Ready()
				c.Behave(wire.Now())
			}
			all(c, about.is)
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			stop()
			if after := descriptors(t); after > before {
				t.Errorf("%s, %s: %d descriptors more than before", name, kind, after-before)
			}
		}
	}
}
