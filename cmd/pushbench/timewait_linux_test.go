package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A trial takes thousands of ports, and the next one must not have to wait for
// them: engines reset their connections, so nothing is left of any transport.
func TestNoConnectionWaitsOutItsEnd(t *testing.T) { // G3
	for _, drive := range []string{"loop", "goroutine"} {
		t.Run(drive, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			const clients, events = 20, 5
			for _, row := range transports {
				journal := &source.Journal{}
				src := source.New(source.Options{Epoch: "e", Journal: journal}, "t0")
				server := host.New(src, row.mount(src, serving{stack: row.stacks()[0], hold: time.Minute, heartbeat: time.Minute}))
				listener, err := server.Listen(ctx, "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				before := waiting(t, listener.Addr()) // whoever had this port before
				serving, stop := context.WithCancel(ctx)
				served := make(chan error, 1)
				go func() { served <- server.Serve(serving, listener) }()
				a := newAudience(ctx, t, row, drive, listener.Addr(), clients)
				for range events {
					if _, err := src.Publish("t0", wire.Message{Data: []byte(`"x"`)}); err != nil {
						t.Fatal(err)
					}
				}
				a.wantAll(ctx, t, journal, clients*events)
				left := waiting(t, listener.Addr())
				maps.DeleteFunc(left, func(c string, _ bool) bool { return before[c] })
				if len(left) > 0 {
					t.Errorf("%s: of %d connections wait out their end: %v", row.name, clients, left)
				}
				stop()
				if err := <-served; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// waiting are the connections from or to the address that are in TIME_WAIT.
func waiting(t *testing.T, address net.Addr) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	port := fmt.Sprintf(":%04X", address.(*net.TCPAddr).Port)
	for line := range strings.Lines(string(readFile(t, "/proc/net/tcp"))) {
		fields := strings.Fields(line)
		const local, remote, state = 1, 2, 3
		if len(fields) > state && fields[state] == "06" && (strings.HasSuffix(fields[local], port) || strings.HasSuffix(fields[remote], port)) {
			found[fields[local]+" "+fields[remote]] = true
		}
	}
	return found
}

func TestAConnectionThatWaitsOutItsEndIsSeen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near.Close() // whoever closes first waits
	if _, err := far.Read(make([]byte, 1)); err == nil {
		t.Fatal("read something of a closed connection")
	}
	far.Close()
	// The last acknowledgement is on its way when Close returns; on loopback it
	// has arrived by then, but for a moment of the kernel's.
	for deadline := time.Now().Add(10 * time.Second); !own(near, waiting(t, listener.Addr())); {
		if time.Now().After(deadline) {
			t.Fatal("the kernel does not show it")
		}
	}
}

// own says whether the connection is among them, by its port.
func own(c net.Conn, waiting map[string]bool) bool {
	port := fmt.Sprintf(":%04X ", c.LocalAddr().(*net.TCPAddr).Port)
	for pair := range waiting {
		if strings.Contains(pair, port) {
			return true
		}
	}
	return false
}
