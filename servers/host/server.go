// Package host puts server halves on a listener in a process, and obeys the
// orders of whoever started that process.
package host

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"pushbench/servers/guard"
	"pushbench/servers/lean"
	"pushbench/servers/source"
)

// A Mount is one server half and the path at which it answers: a handler of
// net/http, or a half of the lean stack. All mounts of a server have the same.
type Mount struct {
	Path    string
	Handler http.Handler
	Lean    lean.Half // may have no path, and then has the server for itself
}

// A Server serves all its mounts, and the clients' way to publish, on one
// listener.
type Server struct {
	// Log is told of handlers that panic. It is set before Serve; nil discards.
	Log io.Writer
	// Found, when set, is told which connections it ends of its own accord. It is set
	// before Listen.
	Found *source.Findings
	// Socket is what its listener and connections are given. It is set before Listen.
	Socket Socket
	// Fault, when set, is what it does wrong on purpose. It is set before Listen.
	Fault Fault
	// Guard, when set, stands between clients and all that a server on net/http has
	// to answer. It is set before Serve.
	Guard func(http.Handler) http.Handler
	// Limit, when set, bounds the connections of a server on net/http. It is set before
	// Listen.
	Limit *guard.Limit

	source *source.Source
	mounts []Mount
	stack  stack
	panics atomic.Int64
}

// A stack puts a server's halves on sockets.
type stack interface {
	listen(ctx context.Context, address string) (Listener, error)
	serve(ctx context.Context, l Listener) error
	// writes is how many write calls there have been.
	writes() int64
	// sockets are the open connections, and what the kernel has queued on them.
	sockets() (conns, bytes int64)
	reset(share float64) (conns int64)
}

// A Fault stands between a server and its connections and loads.
type Fault interface {
	// Conn is the connection as a server on net/http is to use it.
	Conn(net.Conn) net.Conn
	// Accepted is of a connection of a lean server: whether it has gone silent, if
	// it ever will; else nil.
	Accepted(now int64) (gone func(now int64) bool)
	// Begin is told of a load that is about to be published, paced by w, and
	// returns the waiter that is to pace it instead.
	Begin(l source.Load, w source.Waiter) source.Waiter
	// Injected is by how much what was written between two instants of wire.Now
	// was held back, in ns.
	Injected(from, to int64) []int64
}

// procs is how many CPUs the process may use. It is read before there is an event
// loop: each of them raises GOMAXPROCS by one while it runs, so that a server made
// beside another would have a loop for each loop of that one, too.
var procs = runtime.GOMAXPROCS(0)

// New makes a server of src with these halves. It panics when they are of both
// stacks.
func New(src *source.Source, mounts ...Mount) *Server {
	s := &Server{source: src, mounts: mounts}
	halves := 0
	for _, m := range mounts {
		if m.Lean != nil {
			halves++
		}
	}
	switch halves {
	case 0:
		s.stack = newStd(s)
	case len(mounts):
		s.stack = newLean(s)
	default:
		panic("host: halves of both stacks on one server")
	}
	return s
}

// A Listener is where a server listens.
type Listener interface {
	Addr() net.Addr
	Close() error
}

// Listen opens the address, which may end in port 0. What it opens is closed by
// Serve; or by Close, if that is not called.
func (s *Server) Listen(ctx context.Context, address string) (Listener, error) {
	l, err := s.stack.listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// drainTime is how long clients have to leave at the end.
const drainTime = 10 * time.Second

// Serve accepts connections until the context ends, then tells every client and
// waits for them to leave, ten seconds at most. Connections of clients that do
// not read are closed then, which is no error.
func (s *Server) Serve(ctx context.Context, l Listener) error { return s.stack.serve(ctx, l) }

// Drive publishes the load on the server's source as Source.Drive does, unless
// its fault is to do it otherwise.
func (s *Server) Drive(ctx context.Context, l source.Load, w source.Waiter) (published int, err error) {
	if s.Fault != nil {
		w = s.Fault.Begin(l, w)
	}
	return s.source.Drive(ctx, l, w)
}

// Reset breaks that share of the open connections, chosen at random, with RST, and
// returns how many that were.
func (s *Server) Reset(share float64) int64 { return s.stack.reset(share) }

// Panics is how many connections have ended because a handler panicked.
func (s *Server) Panics() int64 { return s.panics.Load() }

// Writes is how many write calls its connections have had.
func (s *Server) Writes() int64 { return s.stack.writes() }
