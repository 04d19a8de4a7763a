package engine

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An order is all that a client says to the server of these tests.
type order struct {
	bytes uint32 // to be sent
	end   bool   // afterwards, by the server
}

const orderSize = 5

func (o order) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, o.bytes)
	if o.end {
		return append(b, 1)
	}
	return append(b, 0)
}

// server does what clients order, until the test ends.
func server(t *testing.T) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		serving.Wait() // connections have ended with their engine
	})
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

func serve(c net.Conn) {
	defer c.Close()
	var b [orderSize]byte
	for {
		if _, err := io.ReadFull(c, b[:]); err != nil {
			return
		}
		c.Write(make([]byte, binary.BigEndian.Uint32(b[:])))
		if b[4] != 0 {
			return
		}
	}
}

// run runs an engine until the test, or what is returned, ends it.
func run(t *testing.T, e Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// A client gives its orders one after another, each when the one before has
// been carried out, and on a connection of its own when that has ended.
type client struct {
	line     Line
	orders   []order
	received int // of the present order
	hangUp   bool
	done     func()
}

func (c *client) Connected(int64) { c.line.Send(c.orders[0].append(nil)) }

func (c *client) Received(_ int64, b []byte) {
	c.received += len(b)
	if c.received < int(c.orders[0].bytes) || c.orders[0].end {
		return
	}
	c.received, c.orders = 0, c.orders[1:]
	switch {
	case len(c.orders) > 0:
		c.line.Send(c.orders[0].append(nil))
	case c.hangUp:
		c.line.HangUp(io.ErrClosedPipe)
	default:
		c.done()
	}
}

func (c *client) Alarm(int64) {}

func (c *client) Ended(int64, error) {
	if len(c.orders) > 0 {
		c.received, c.orders = 0, c.orders[1:]
	}
	if len(c.orders) > 0 {
		c.line.Dial()
	} else {
		c.done()
	}
}

// nobodyListens is an address that refuses connections.
func nobodyListens(t *testing.T) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).AddrPort()
}
