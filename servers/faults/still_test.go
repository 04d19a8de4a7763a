package faults_test

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/faults"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestAServerStandsStillWheneverItIsToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := &faults.Fault{}
		still := fault.Still()
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		conn := fault.Conn(far)
		go io.Copy(io.Discard, near)
		w := fault.Begin(source.Load{}, source.Timer{})
		write := func() time.Duration {
			begun := wire.Now()
			if _, err := conn.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			return time.Duration(wire.Now() - begun)
		}
		for range 2 {
			if took := write(); took != 0 {
				t.Errorf("a write took %v before anybody said so", took)
			}
			still(3 * time.Second)
			begun := wire.Now()
			if err := w.WaitUntil(context.Background(), begun+1); err != nil {
				t.Fatal(err)
			}
			if took := time.Duration(wire.Now() - begun); took != 3*time.Second {
				t.Errorf("something was published after %v, want 3 s", took)
			}
			still(time.Second)
			fault.Begin(source.Load{Start: wire.Now() + 1}, source.Timer{}) // another load forgets nothing
			if took := write(); took != time.Second {
				t.Errorf("a write took %v, want 1 s", took)
			}
		}
	})
}

func TestAFaultOfConnectionsIsNotReplaced(t *testing.T) {
	fault, err := faults.Parse("delay=constant:1ms")
	if err != nil {
		t.Fatal(err)
	}
	if fault.Still() != nil {
		t.Error("a delay can stand still, and so delays no more")
	}
}
