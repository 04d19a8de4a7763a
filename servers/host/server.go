// Package host puts server halves on a listener in a process, and obeys the
// orders of whoever started that process.
package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"pushbench/servers/publish"
	"pushbench/servers/source"
)

// A Mount is one server half and the path at which it answers.
type Mount struct {
	Path    string
	Handler http.Handler
}

// A Server serves all its mounts, and the clients' way to publish, on one
// listener.
type Server struct {
	// Log is told of handlers that panic. It is set before Serve; nil discards.
	Log io.Writer
	// Found, when set, is told which connections it ends of its own accord. It is set
	// before Serve.
	Found *source.Findings
	// Socket is what its connections are given. It is set before Listen.
	Socket Socket
	// Fault, when set, is what it does wrong on purpose. It is set before Listen.
	Fault Fault

	source *source.Source
	mounts []Mount
	http   http.Server
	writes atomic.Int64
	open   register
}

// A Fault stands between a server and its connections and loads.
type Fault interface {
	// Conn is the connection as the server is to use it.
	Conn(net.Conn) net.Conn
	// Begin is told of a load that is about to be published, paced by w, and
	// returns the waiter that is to pace it instead.
	Begin(l source.Load, w source.Waiter) source.Waiter
	// Injected is by how much what was written between two instants of wire.Now
	// was held back, in ns.
	Injected(from, to int64) []int64
}

// shutter is what a half has that holds connections or requests open.
type shutter interface {
	Shutdown(context.Context) error
}

// New makes a server of src with these halves.
func New(src *source.Source, mounts ...Mount) *Server {
	s := &Server{source: src, mounts: mounts}
	mux := http.NewServeMux()
	for _, m := range mounts {
		mux.Handle(m.Path, m.Handler)
	}
	mux.Handle("/publish", publish.New(src, publish.Options{}))
	s.http = http.Server{
		Handler: mux,
		// Streams and held requests set their own deadlines; these are for clients
		// that never finish a request or never send the next one.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				src.Left(c.RemoteAddr().String())
			}
		},
		ErrorLog: log.New(panics{s}, "", 0),
	}
	return s
}

// panics passes on what net/http logs of panics. The rest is of connections,
// and a benchmark resets thousands of them on purpose.
type panics struct{ server *Server }

func (p panics) Write(b []byte) (int, error) {
	if p.server.Log == nil || !bytes.Contains(b, []byte("panic")) {
		return len(b), nil
	}
	return p.server.Log.Write(b)
}

// Listen opens the address, which may end in port 0.
func (s *Server) Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return countingListener{l, s}, nil
}

// drainTime is how long clients have to leave at the end.
const drainTime = 10 * time.Second

// Serve accepts connections until the context ends, then tells every client and
// waits for them to leave, ten seconds at most. Connections of clients that do
// not read are closed then, which is no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) (failure error) {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	l.Close()
	ends := make([]error, len(s.mounts))
	var halves sync.WaitGroup
	// Halves first: they end what net/http would wait for in vain, or, being
	// hijacked, does not know. And all at once: who does not read the farewell of
	// one half must not keep the clients of another waiting for theirs.
	for i, m := range s.mounts {
		if half, ok := m.Handler.(shutter); ok {
			halves.Go(func() { ends[i] = half.Shutdown(drain) })
		}
	}
	halves.Wait()
	ends = append(ends, s.http.Shutdown(drain))
	s.http.Close() // ends who outlasted the drain
	for _, err := range ends {
		// Unless it has noticed already, net/http closes the listener once more.
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, net.ErrClosed) {
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

// Drive publishes the load on the server's source as Source.Drive does, unless
// its fault is to do it otherwise.
func (s *Server) Drive(ctx context.Context, l source.Load, w source.Waiter) (published int, err error) {
	if s.Fault != nil {
		w = s.Fault.Begin(l, w)
	}
	return s.source.Drive(ctx, l, w)
}

// Writes is how many write calls its connections have had.
func (s *Server) Writes() int64 { return s.writes.Load() }

// countingListener counts the write calls on the connections it accepts, as a
// comparison of servers must say whether they coalesced, and registers the
// connections themselves, so that they can be weighed.
type countingListener struct {
	net.Listener
	server *Server
}

func (l countingListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.server.Socket.apply(accepted)
	c := &countingConn{Conn: accepted, server: l.server}
	l.server.open.add(c)
	if l.server.Fault != nil {
		// Outside of the other: what is counted is what really goes out.
		return l.server.Fault.Conn(c), nil
	}
	return c, nil
}

type countingConn struct {
	net.Conn
	server *Server
	ended  atomic.Uint32 // who has, once that is known: theirs or ours
}

const theirs, ours = 1, 2

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.noteEnd(err)
	}
	return n, err
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.server.writes.Add(1)
	n, err := c.Conn.Write(b)
	if err != nil {
		c.noteEnd(err)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.ended.CompareAndSwap(0, ours)
		}
	}
	return n, err
}

// noteEnd notes who has ended the connection, by the first error that tells. A
// deadline of a read tells nothing: net/http sets one to end a read of its own.
//
// Note: the kernel tells that it has given a peer up to one call only; others read
// the end of the stream, as if the peer had sent it.
func (c *countingConn) noteEnd(err error) {
	switch {
	case errors.Is(err, syscall.ETIMEDOUT):
		c.ended.CompareAndSwap(0, ours)
	case !errors.Is(err, os.ErrDeadlineExceeded):
		c.ended.CompareAndSwap(0, theirs)
	}
}

func (c *countingConn) Close() error {
	if c.server.open.remove(c) && c.ended.Load() != theirs {
		c.server.Found.Note(c.RemoteAddr().String(), source.GivenUp)
	}
	return c.Conn.Close()
}

// CloseWrite lets a half say its last word and still hear the other side out.
func (c *countingConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Conn.Close()
}
