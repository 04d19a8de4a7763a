package faults_test

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestNothingIsWrittenDuringAStall(t *testing.T) { // D11, G6
	for _, spec := range []string{"stall=1s@2s", "freeze=1s@2s"} {
		synctest.Test(t, func(t *testing.T) {
			f := fault(t, spec)
			half, peer := between(f)
			if w := f.Begin(source.Load{}, source.Timer{}); (w == source.Timer{}) != (f.Name == "stall") {
				t.Errorf("%s: events are paced by %T", spec, w)
			}
			start := begin(f)
			came := arrivals(peer, start)
			for range 8 {
				write(t, half, "x")
				pass(500 * time.Millisecond)
			}
			half.Close()
			var at []time.Duration
			for _, a := range <-came {
				at = append(at, a.at/time.Millisecond)
			}
			// The fifth waits from 2 s on, and the others come after it.
			if want := []time.Duration{0, 500, 1000, 1500, 3000, 3500, 4000, 4500}; !slices.Equal(at, want) {
				t.Errorf("%s: writes arrive after %v ms, want %v", spec, at, want)
			}
		})
	}
}

func TestAStalledWriteKeepsItsDeadlineAndEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "stall=1h@0s")
		half, _ := between(f)
		start := begin(f)
		half.SetDeadline(wire.Deadline(time.Minute))
		go func() {
			pass(time.Second)
			half.SetWriteDeadline(wire.Deadline(time.Second)) // while it waits
		}()
		if _, err := half.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) || wire.Now()-start != int64(2*time.Second) {
			t.Errorf("Write = %v after %s, want its deadline", err, time.Duration(wire.Now()-start))
		}
		half.SetDeadline(time.Time{})
		go func() {
			pass(time.Second)
			half.Close()
		}()
		if _, err := half.Write([]byte("x")); !errors.Is(err, net.ErrClosed) || wire.Now()-start != int64(3*time.Second) {
			t.Errorf("Write = %v after %s, want the end", err, time.Duration(wire.Now()-start))
		}
	})
}

func TestAFrozenServerHearsNothingAndPublishesNothing(t *testing.T) { // G6
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "freeze=200ms@1s")
		half, peer := between(f)
		start := wire.Now()
		load := source.Load{
			Schedule: source.Schedule{Kind: source.Constant, Rate: 10},
			Payload:  source.Payload{Min: 8, Max: 8, Content: source.Text},
			Start:    start, End: start + int64(2*time.Second),
		}
		waiter := f.Begin(load, source.Timer{})
		heard := make(chan time.Duration, 1)
		go func() {
			half.Read(make([]byte, 1))
			heard <- time.Duration(wire.Now() - start)
		}()
		go func() {
			pass(1100 * time.Millisecond)
			io.WriteString(peer, "x")
		}()
		journal := &source.Journal{}
		if n, err := source.New(source.Options{Journal: journal}, "t").Drive(t.Context(), load, waiter); n != 20 || err != nil {
			t.Fatalf("Drive = %d, %v", n, err)
		}
		if at := <-heard; at != 1200*time.Millisecond {
			t.Errorf("heard after %s, want when it goes on", at)
		}
		stamps := journal.Topics()[0]
		for i, due := range stamps.Due {
			want := due
			if after := due - start; after >= int64(time.Second) && after < int64(1200*time.Millisecond) {
				want = start + int64(1200*time.Millisecond)
			}
			if stamps.Pub[i] != want {
				t.Errorf("event %d, due after %s, is published after %s", i, time.Duration(due-start), time.Duration(stamps.Pub[i]-start))
			}
		}
		half.Close()
	})
}
