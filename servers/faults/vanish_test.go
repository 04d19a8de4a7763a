package faults_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/wire"
)

func TestEachNthConnectionOfThoseThatWereThereVanishes(t *testing.T) { // C13
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "vanish=3@1s")
		start := begin(f)
		halves, peers := make([]net.Conn, 9), make([]net.Conn, 9)
		for i := range halves {
			if i == 6 {
				pass(2 * time.Second) // and so the ninth does not
			}
			halves[i], peers[i] = between(f)
		}
		for i, half := range halves {
			came := arrivals(peers[i], start)
			write(t, half, "x") // with or without effect
			half.SetReadDeadline(wire.Deadline(time.Second))
			if _, err := half.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("connection %d: a read with a deadline says %v", i+1, err)
			}
			peers[i].Close()
			if got, vanished := len(<-came), i == 2 || i == 5; (got == 0) != vanished {
				t.Errorf("connection %d: %d writes arrive", i+1, got)
			}
			half.Close()
		}
	})
}

func TestNeitherSideOfAHalfOpenConnectionHearsTheOther(t *testing.T) { // C13
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "vanish=1@1s")
		half, peer := between(f)
		start := begin(f)
		heard := make(chan error, 1)
		go func() {
			b := make([]byte, 16)
			n, err := half.Read(b)
			if string(b[:n]) != "before" || err != nil {
				t.Errorf("heard %q, %v", b[:n], err)
			}
			_, err = half.Read(b)
			heard <- err
		}()
		io.WriteString(peer, "before")
		pass(2 * time.Second)
		came := arrivals(peer, start)
		io.WriteString(peer, "into the void")
		write(t, half, "likewise")
		if err := half.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Errorf("CloseWrite = %v", err)
		}
		if err := half.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if err := <-heard; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the half's read ends with %v, want that it is closed", err)
		}
		if err := half.SetReadDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a deadline after Close: %v", err)
		}
		synctest.Wait()
		select {
		case got := <-came:
			t.Errorf("the peer has heard %v and the end", got)
		default:
		}
		peer.Close() // only now does the connection end: else the bubble would not
		if got := <-came; len(got) > 0 {
			t.Errorf("the peer has heard %v", got)
		}
	})
}

func TestTheEndOfTheOtherSideEndsAHalfOpenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fault(t, "vanish=1@0s")
		half, peer := between(f)
		pass(time.Second)
		begin(f)
		peer.Close()
		if _, err := half.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("Read = %v, want the end", err)
		}
		half.Close()
	})
}
