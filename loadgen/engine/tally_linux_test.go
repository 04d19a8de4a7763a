package engine

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// engines are both of them, with so many shards.
func engines(t *testing.T, o Options) map[string]Engine {
	t.Helper()
	looping, err := NewLoop(o)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Engine{"loop": looping, "goroutine": NewGoroutine(o)}
}

func TestALineIsALineOfTheCache(t *testing.T) { // G20
	if got := unsafe.Sizeof(loopLine{}); got > 64 {
		t.Errorf("a line has %d bytes", got)
	}
}

// Clients stay, are left by the server, leave themselves, and come back.
func TestTallyIsWhatWasExchanged(t *testing.T) {
	const clients = 4 * chunk
	for name, e := range engines(t, Options{Remote: server(t), Shards: 2}) {
		t.Run(name, func(t *testing.T) {
			var busy sync.WaitGroup
			var up, down, connections int64
			for i := range clients {
				n := uint32(1000 + i)
				c := &client{done: busy.Done}
				switch i % 4 {
				case 0:
					c.orders = []order{{n, false}, {100_000, false}}
				case 1:
					c.orders = []order{{n, true}}
				case 2:
					c.orders, c.hangUp = []order{{n, false}}, true
				case 3:
					c.orders = []order{{n, true}, {n, true}, {n, false}}
				}
				connections++
				for k, o := range c.orders {
					up += orderSize
					down += int64(o.bytes)
					if o.end && k < len(c.orders)-1 {
						connections++
					}
				}
				busy.Add(1)
				c.line = e.Line(i, c)
				c.line.Dial()
			}
			stop := run(t, e)
			asked := e.(Tallier)
			var asking sync.WaitGroup // while everything is moving
			for range 4 {
				asking.Go(func() {
					last := Tally{}
					for range 10 {
						now, err := asked.Tally(t.Context())
						if err != nil || now.BytesDown < last.BytesDown || now.SegmentsUp < last.SegmentsUp || now.BytesDown > down {
							t.Errorf("%+v, %v after %+v", now, err, last)
						}
						last = now
					}
				})
			}
			busy.Wait()
			asking.Wait()
			got, err := asked.Tally(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.BytesDown != down || got.BytesUp != up {
				t.Errorf("tally of %d bytes down and %d up, want %d and %d", got.BytesDown, got.BytesUp, down, up)
			}
			// SYN and its acknowledgement each way, and data.
			if got.SegmentsUp < 3*connections || got.SegmentsDown < 2*connections || got.SegmentsUp > down {
				t.Errorf("tally of %d segments down and %d up on %d connections", got.SegmentsDown, got.SegmentsUp, connections)
			}
			if got.Retransmitted > got.SegmentsUp/2 {
				t.Errorf("tally of %d segments of %d retransmitted", got.Retransmitted, got.SegmentsUp)
			}
			stop()
			if _, err := asked.Tally(t.Context()); !errors.Is(err, errEnded) {
				t.Errorf("Tally after Run: %v", err)
			}
		})
	}
}

func TestTallyWaitsForRun(t *testing.T) {
	for name, e := range engines(t, Options{Remote: server(t), Shards: 2}) {
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.(Tallier).Tally(over); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: before Run, with a context that has ended: %v", name, err)
		}
		answered := make(chan error)
		go func() {
			_, err := e.(Tallier).Tally(t.Context())
			answered <- err
		}()
		stop := run(t, e)
		if err := <-answered; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		stop()
	}
}

// A caller that only waits has sent a SYN and an acknowledgement and has received
// what is both: the two directions cannot be taken for each other, nor one for
// its double.
type waiting struct {
	mute
	connected func()
}

func (w waiting) Connected(int64) { w.connected() }

func TestTallyTellsTheDirectionsApart(t *testing.T) {
	const clients = 5
	for name, e := range engines(t, Options{Remote: server(t), Shards: 2}) {
		var busy sync.WaitGroup
		for i := range clients {
			busy.Add(1)
			e.Line(i, waiting{connected: busy.Done}).Dial()
		}
		stop := run(t, e)
		busy.Wait()
		got, err := e.(Tallier).Tally(t.Context())
		// Goroutines have no thread of their own, so theirs cannot be told.
		if took := got.Took > 0; took != (name == "loop") {
			t.Errorf("%s: asking took %s", name, got.Took)
		}
		got.Took = 0
		if want := (Tally{SegmentsDown: clients, SegmentsUp: 2 * clients}); got != want || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		stop()
	}
}

// A refused attempt has a SYN and a RST, and no bytes.
func TestTallyOfARefusedAttempt(t *testing.T) { // C1
	ended := make(chan struct{})
	e, err := NewLoop(Options{Remote: nobodyListens(t), Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{orders: []order{{1, true}}, done: func() { close(ended) }}
	c.line = e.Line(0, c)
	c.line.Dial()
	run(t, e)
	<-ended
	got, err := e.(Tallier).Tally(t.Context())
	got.Took = 0
	if want := (Tally{SegmentsDown: 1, SegmentsUp: 1}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// A stubborn caller dials again whatever comes of it.
type stubborn struct {
	mute
	line Line
}

func (s *stubborn) Ended(int64, error) { s.line.Dial() }

// The source address is nobody's, so every attempt ends before it has a socket.
func TestTallyWithoutASocket(t *testing.T) { // G2
	e, err := NewLoop(Options{Remote: nobodyListens(t), Local: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := new(stubborn)
	s.line = e.Line(0, s)
	s.line.Dial()
	run(t, e)
	for range 10 {
		got, err := e.(Tallier).Tally(t.Context())
		if got.Took = 0; got != (Tally{}) || err != nil {
			t.Errorf("%+v, %v; want nothing", got, err)
		}
	}
}

func TestAccountCountsEachByteOnce(t *testing.T) {
	for _, test := range []struct {
		name string
		info unix.TCPInfo
		want Tally
	}{
		{"fresh", unix.TCPInfo{State: unix.BPF_TCP_ESTABLISHED, Segs_in: 1, Segs_out: 2, Bytes_acked: 1},
			Tally{SegmentsDown: 1, SegmentsUp: 2}},
		{"lossy", unix.TCPInfo{State: unix.BPF_TCP_ESTABLISHED, Segs_in: 9, Segs_out: 8, Total_retrans: 2, Bytes_sent: 700, Bytes_retrans: 200, Bytes_received: 1234},
			Tally{SegmentsDown: 9, SegmentsUp: 8, Retransmitted: 2, BytesDown: 1234, BytesUp: 500}},
		{"finished by the server", unix.TCPInfo{State: unix.BPF_TCP_CLOSE_WAIT, Bytes_received: 101}, Tally{BytesDown: 100}},
		{"reset", unix.TCPInfo{State: unix.BPF_TCP_CLOSE, Bytes_received: 100}, Tally{BytesDown: 100}},
	} {
		if got := account(&test.info); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
