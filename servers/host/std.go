package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// A std is the stack of net/http: a goroutine for each connection.
type std struct {
	server *Server
	http   http.Server
	calls  atomic.Int64 // of write
	open   register
	door   doorman
}

func newStd(s *Server) *std {
	k := &std{server: s, door: newDoorman()}
	mux := http.NewServeMux()
	for _, m := range s.mounts {
		mux.Handle(m.Path, m.Handler)
	}
	mux.Handle("/publish", publish.New(s.source, publish.Options{}))
	k.http = http.Server{
		Handler: mux,
		// Streams and held requests set their own deadlines; these are for clients
		// that never finish a request or never send the next one.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				s.source.Left(c.RemoteAddr().String())
			}
		},
		ErrorLog: log.New(panics{s}, "", 0),
	}
	return k
}

// panics counts and passes on what net/http logs of panics. The rest is of connections,
// and a benchmark resets thousands of them on purpose.
type panics struct{ server *Server }

func (p panics) Write(b []byte) (int, error) {
	if !bytes.Contains(b, []byte("panic")) {
		return len(b), nil
	}
	p.server.panics.Add(1)
	if p.server.Log == nil {
		return len(b), nil
	}
	return p.server.Log.Write(b)
}

func (k *std) listen(ctx context.Context, address string) (Listener, error) {
	l, err := k.server.Socket.listen(ctx, address)
	if err != nil {
		return nil, err
	}
	return countingListener{l, k}, nil
}

func (k *std) serve(ctx context.Context, l Listener) (failure error) {
	if k.server.Guard != nil {
		k.http.Handler = k.server.Guard(k.http.Handler)
	}
	failed := make(chan error, 1)
	go func() { failed <- k.http.Serve(l.(net.Listener)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	l.Close()
	ends := make([]error, len(k.server.mounts))
	var halves sync.WaitGroup
	// Halves first: they end what net/http would wait for in vain, or, being
	// hijacked, does not know. And all at once: who does not read the farewell of
	// one half must not keep the clients of another waiting for theirs.
	for i, m := range k.server.mounts {
		if half, ok := m.Handler.(shutter); ok {
			halves.Go(func() { ends[i] = half.Shutdown(drain) })
		}
	}
	halves.Wait()
	ends = append(ends, k.http.Shutdown(drain))
	k.http.Close() // ends who outlasted the drain
	for _, err := range ends {
		// Unless it has noticed already, net/http closes the listener once more.
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, net.ErrClosed) {
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

// shutter is what a half has that holds connections or requests open.
type shutter interface {
	Shutdown(context.Context) error
}

func (k *std) writes() int64 { return k.calls.Load() }

// countingListener counts the write calls on the connections it accepts, as a
// comparison of servers must say whether they coalesced, and registers the
// connections themselves, so that they can be weighed.
type countingListener struct {
	net.Listener
	stack *std
}

func (l countingListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	server := l.stack.server
	for server.Limit != nil && !server.Limit.Enter(from(accepted)) {
		l.stack.door.turnAway(accepted)
		if accepted, err = l.Listener.Accept(); err != nil {
			return nil, err
		}
	}
	server.Socket.apply(accepted)
	c := &countingConn{Conn: accepted, stack: l.stack}
	l.stack.open.add(c)
	if server.Fault != nil {
		// Outside of the other: what is counted is what really goes out.
		return server.Fault.Conn(c), nil
	}
	return c, nil
}

type countingConn struct {
	net.Conn
	stack *std
	ended atomic.Uint32 // who has, once that is known: theirs or ours
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
	c.stack.calls.Add(1)
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
	if c.stack.open.remove(c) {
		if c.ended.Load() != theirs {
			c.stack.server.Found.Note(c.RemoteAddr().String(), source.GivenUp)
		}
		if c.stack.server.Limit != nil {
			c.stack.server.Limit.Leave(from(c.Conn))
		}
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
