package loop

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAcceptStorm(t *testing.T) { // G4
	const storm = 1000
	l := newLoop(t, Options{})
	opened := 0
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { opened++; return new(witness) })
	peers := make([]net.Conn, storm) // all of them before the loop has a look
	for i := range peers {
		var err error
		if peers[i], err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer peers[i].Close()
	}
	if err := l.round(); err != nil {
		t.Fatal(err)
	}
	if opened != batch {
		t.Errorf("one round accepted %d, want a batch of %d", opened, batch)
	}
	turn(t, l, func() bool { return opened == storm })
}

func TestRefusedConnectionsAreClosed(t *testing.T) {
	l := newLoop(t, Options{})
	before := descriptors(t)
	for _, closes := range []bool{false, true} {
		asked := false
		ln := listen(t, l, ListenOptions{}, func(c *Conn) Handler {
			asked = true
			if closes {
				c.Close(nil)
			}
			return nil
		})
		peer, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		turn(t, l, func() bool { return asked })
		if n, err := peer.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the peer reads %d, %v; want EOF", n, err)
		}
		peer.Close()
		ln.Close()
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors more than before", n-before)
	}
}

func TestListenerSurvivesTheDescriptorLimit(t *testing.T) { // G1
	l := newLoop(t, Options{})
	var why []error
	accepted := 0
	starved := func(_ int64, err error) { why = append(why, err) }
	ln := listen(t, l, ListenOptions{Starved: starved}, func(*Conn) Handler { accepted++; return new(witness) })
	for range 3 { // the kernel completes the handshake; nobody has accepted yet
		peer, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: limit.Max})
	rounds(t, l, 20)
	// It may have tried again if the rounds took long, but not in every one.
	if n := len(why); n == 0 || n > 10 || !errors.Is(why[0], unix.EMFILE) || accepted != 0 {
		t.Errorf("told %v after 20 rounds and %d accepted; want EMFILE, rarely, and none", why, accepted)
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	turn(t, l, func() bool { return accepted == 3 })
}

func TestClosedListenerRefuses(t *testing.T) { // F1 F3
	l := newLoop(t, Options{})
	kept := new(witness)
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { return kept })
	addr := ln.Addr()
	peer, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	turn(t, l, kept.isOpen)
	ln.Close()
	ln.Close()
	if c, err := net.Dial("tcp", addr.String()); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("a dial after Close: %v, %v; want ECONNREFUSED", c, err)
	}
	peer.Write([]byte("still here"))
	turn(t, l, func() bool { return len(kept.received) > 0 })
	if _, err := l.Listen(addr, ListenOptions{}, func(*Conn) Handler { return nil }); err != nil {
		t.Fatalf("the port cannot be used again: %v", err)
	}
	if _, err := l.Listen(addr, ListenOptions{}, nil); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("a second listener: %v, want EADDRINUSE", err)
	}
}

func TestLoopsShareAPort(t *testing.T) {
	const peers = 64
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	accepted := make(chan int, peers)
	addr := loopback
	for i := range 2 {
		l, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		ln, err := l.Listen(addr, ListenOptions{SharePort: true}, func(*Conn) Handler {
			accepted <- i
			return new(witness)
		})
		if err != nil {
			t.Fatal(err)
		}
		addr = ln.Addr()
		go func() { ended <- l.Run(ctx) }()
	}
	var of [2]int
	for range peers {
		c, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		of[<-accepted]++
	}
	if of[0] == 0 || of[1] == 0 {
		t.Errorf("the loops accepted %d, want some each", of)
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestAcceptedConnectionsTalk(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var echoed atomic.Int64
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler {
		return &witness{onReceived: func(c *Conn, b []byte) {
			echoed.Add(int64(len(b)))
			c.Write(b)
		}}
	})
	addr := ln.Addr().String()
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	peer, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	for range 100 {
		peer.Write([]byte("echo"))
		var got [4]byte
		if _, err := io.ReadFull(peer, got[:]); err != nil || string(got[:]) != "echo" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if echoed.Load() != 400 {
		t.Errorf("echoed %d bytes, want 400", echoed.Load())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("after Run the peer reads %v, want ECONNRESET", err)
	}
}
