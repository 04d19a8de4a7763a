package host

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"

	"pushbench/servers/lean"
	"pushbench/servers/loop"
	"pushbench/servers/publish"
)

// CanLean says whether this system has event loops.
const CanLean = true

// maxBacklog keeps the loop's bound out of the way: a half writes nothing on top
// of a backlog, so it is one answer, or what was taken from the log at once.
const maxBacklog = math.MaxInt

// A loops is the lean stack: an event loop for each CPU, each with a listener of
// its own on the same port, and the connections that the kernel gives it.
type loops struct {
	server *Server
	mounts []lean.Mount
	all    []*worker
}

// A worker is one event loop of a server.
type worker struct {
	server   *Server
	events   *loop.Loop
	lean     *lean.Loop
	listener *loop.Listener
	ended    chan struct{} // closed when the loop has
	err      error         // why, from then on
}

func newLean(s *Server) stack {
	k := &loops{server: s}
	alone := false
	for _, m := range s.mounts {
		k.mounts = append(k.mounts, lean.Mount{Path: m.Path, Half: m.Lean})
		alone = alone || m.Path == ""
	}
	if !alone {
		k.mounts = append(k.mounts, lean.Mount{Path: "/publish", Half: publish.NewLean(s.source, publish.Options{})})
	}
	return k
}

func (k *loops) listen(_ context.Context, address string) (Listener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	at := tcp.AddrPort()
	if !at.Addr().IsValid() { // no host is every address of this machine
		at = netip.AddrPortFrom(netip.IPv6Unspecified(), at.Port())
	}
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	for range procs {
		w, err := k.start(at, k.server.Socket.Share || procs > 1)
		if err != nil {
			k.Close()
			return nil, err
		}
		k.all = append(k.all, w)
		at = w.listener.Addr() // with the port that the first one has got
	}
	return k, nil
}

// start makes a loop that listens, and does not run it yet.
func (k *loops) start(at netip.AddrPort, share bool) (*worker, error) {
	events, err := loop.New(loop.Options{MaxBacklog: maxBacklog})
	if err != nil {
		return nil, err
	}
	w := &worker{server: k.server, events: events, ended: make(chan struct{})}
	w.lean = lean.NewLoop(events, k.server.source, k.server.Found, k.mounts...)
	socket := k.server.Socket
	w.listener, err = events.Listen(at, loop.ListenOptions{
		SharePort:      share,
		SendBuffer:     socket.SendBuffer,
		Unacknowledged: socket.Unacknowledged,
	}, w.accept)
	if err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

// discard releases a loop that has not run.
func (w *worker) discard() {
	over, end := context.WithCancel(context.Background())
	end()
	w.events.Run(over)
}

// Addr implements Listener.
func (k *loops) Addr() net.Addr { return net.TCPAddrFromAddrPort(k.all[0].listener.Addr()) }

// Close implements Listener, for a server that does not serve after all.
func (k *loops) Close() error {
	for _, w := range k.all {
		w.discard()
	}
	k.all = nil
	return nil
}

// serve runs the loops. One that fails ends all.
func (k *loops) serve(ctx context.Context, _ Listener) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	failed := make(chan struct{})
	fail := sync.OnceFunc(func() { close(failed) })
	for _, w := range k.all {
		go func() {
			defer close(w.ended)
			if w.err = w.events.Run(running); w.err != nil {
				fail()
			}
		}()
	}
	select {
	case <-failed:
	case <-ctx.Done():
		k.drain(ctx)
	}
	stop()
	var failure error
	for _, w := range k.all {
		<-w.ended
		if w.err != nil {
			failure = errors.Join(failure, fmt.Errorf("serve: %w", w.err))
		}
	}
	return failure
}

// drain tells every client and waits for them to leave.
func (k *loops) drain(ctx context.Context) {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	var left sync.WaitGroup
	for _, w := range k.all {
		empty := make(chan struct{})
		w.events.Post(func(now int64) {
			w.listener.Close()
			w.lean.Drain(now, func() { close(empty) })
		})
		left.Go(func() {
			select {
			case <-empty:
			case <-w.ended:
			case <-limit.Done():
			}
		})
	}
	left.Wait()
}

// ask has the loop call f and waits for that; false when the loop has ended.
func (w *worker) ask(f func(now int64)) bool {
	answered := make(chan struct{})
	w.events.Post(func(now int64) {
		f(now)
		close(answered)
	})
	select {
	case <-answered:
		return true
	case <-w.ended:
		return false
	}
}

func (k *loops) writes() (sum int64) {
	for _, w := range k.all {
		read := func(int64) { sum += w.events.Counters().Writes }
		if !w.ask(read) {
			read(0)
		}
	}
	return sum
}

func (k *loops) sockets() (conns, bytes int64) {
	for _, w := range k.all {
		w.ask(func(int64) {
			for c := range w.lean.Conns() {
				conns++
				socketOf(c).Control(func(fd uintptr) { bytes += socketMemory(fd) })
			}
		})
	}
	return conns, bytes
}

// reset ends that share of the open connections, chosen at random, with RST.
func (k *loops) reset(share float64) (count int64) {
	type open struct {
		*worker
		*lean.Conn
	}
	var all []open
	for _, w := range k.all {
		w.ask(func(int64) {
			for c := range w.lean.Conns() {
				all = append(all, open{w, c})
			}
		})
	}
	rand.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	chosen := make(map[*worker][]*lean.Conn)
	for _, c := range all[:min(len(all), int(math.Round(share*float64(len(all)))))] {
		chosen[c.worker] = append(chosen[c.worker], c.Conn)
	}
	for w, conns := range chosen {
		w.ask(func(int64) {
			for _, c := range conns {
				socketOf(c).Reset(errReset)
			}
			count += int64(len(conns))
		})
	}
	return count
}

// errReset is why a connection ended that was chosen.
var errReset = errors.New("reset by order")
