package loop

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"pushbench/servers/alarm"
	"pushbench/servers/wire"
)

// Options of a Loop.
type Options struct {
	// ReadBuffer is how much one read takes at most, in bytes. All connections of
	// the loop share the buffer. Zero means 64 KiB.
	ReadBuffer int
	// MaxBacklog is how many bytes of one connection are kept for a kernel that
	// does not take them. Zero means 1 MiB.
	MaxBacklog int
	// ReceiveBuffer is SO_RCVBUF of the connections that are dialled, in bytes: the
	// kernel doubles it, and takes no more than net.core.rmem_max. Zero leaves it to
	// the kernel.
	ReceiveBuffer int
	// Observer is told how late the loop is. Nil: nobody is, and nothing is measured.
	Observer Observer
}

// Counters say what a Loop has done since it was made.
type Counters struct {
	Reads, Writes     int64 // system calls that moved data, or tried to write some
	BytesIn, BytesOut int64
}

// A Loop drives connections and timers on one thread; see the package for who
// may call what.
type Loop struct {
	poller        poller
	buffer        []byte
	maxBacklog    int
	receiveBuffer int
	conns         []*Conn // by descriptor: small numbers, and dense
	listeners     map[int]*Listener
	timers        alarm.Timers
	ending        []ending // told, and closed, at the end of the round
	settling      []ending
	counters      Counters
	gauge         *gauge // nil: nobody observes
	stopping      bool
	done          int64 // when the last round was, if that is known; else zero
	taken         []func(now int64)

	mu     sync.Mutex // guards what follows
	posted []func(now int64)
	wake   int  // an eventfd: makes the poller return
	closed bool // wake is
}

type ending struct {
	conn  *Conn
	why   error
	reset bool
}

// New makes a loop. Only Run releases what it holds; a loop that is not wanted
// after all is run with a context that has ended.
func New(o Options) (*Loop, error) {
	l := &Loop{
		buffer:        make([]byte, cmp.Or(o.ReadBuffer, 64<<10)),
		maxBacklog:    cmp.Or(o.MaxBacklog, 1<<20),
		receiveBuffer: o.ReceiveBuffer,
		listeners:     make(map[int]*Listener),
	}
	if o.Observer != nil {
		l.gauge = newGauge(l, o.Observer)
	}
	if err := l.poller.open(); err != nil {
		return nil, fmt.Errorf("make event loop: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err == nil {
		l.wake = wake
		err = l.poller.watch(unix.EPOLL_CTL_ADD, wake, ofPosts, unix.EPOLLIN)
	}
	if err != nil {
		unix.Close(l.poller.fd)
		return nil, fmt.Errorf("make event loop: %w", err)
	}
	return l, nil
}

// Run drives the loop on the calling goroutine until ctx ends, and then returns
// nil; any other error is the kernel's refusal to wait for events. Before it
// returns it resets every connection, without calling Ended, and closes every
// listener. A loop runs once.
//
// In every round each connection that is ready gets one read, then the timers
// that are due fire. Neither has more than a batch of turns, so nobody waits for
// long behind a peer that never stops sending.
func (l *Loop) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	processor(1)
	defer processor(-1)
	// The kernel lets a sleep of this thread end up to 50 µs late, to save wakes;
	// zero, afterwards, restores that.
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1000, 0, 0, 0)
	defer unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
	defer l.release()
	stop := context.AfterFunc(ctx, func() { l.Post(func(int64) { l.stopping = true }) })
	defer stop()
	if l.gauge != nil {
		l.gauge.start()
	}
	for l.stopping = ctx.Err() != nil; !l.stopping; {
		if err := l.round(); err != nil {
			return err
		}
	}
	return nil
}

var processors sync.Mutex

// processor adds to how many goroutines the runtime lets run at once. A loop
// sleeps without telling the runtime and so keeps the processor it runs on; the
// program's other goroutines shall not have one less for that.
func processor(more int) {
	processors.Lock()
	defer processors.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + more)
}

func (l *Loop) round() error {
	n, err := l.wait()
	if err != nil {
		return err
	}
	for i := range n {
		l.dispatch(&l.poller.events[i])
	}
	l.done = l.timers.Fire(batch)
	l.settle()
	return nil
}

// wait takes what is ready, and sleeps only when there is nothing to do.
//
// Note: how long depends on the clock, and many a round is a single read, of which
// looking at it once more is some hundredths.
func (l *Loop) wait() (int, error) {
	if len(l.ending) > 0 {
		return l.poller.wait(0)
	}
	if instant, armed := l.timers.Next(); armed {
		if l.done == 0 {
			l.done = wire.Now()
		}
		return l.poller.wait(max(0, instant-l.done))
	}
	return l.poller.wait(-1)
}

func (l *Loop) dispatch(e *unix.EpollEvent) {
	switch e.Pad {
	case ofConn:
		if c := l.conns[e.Fd]; c != nil {
			c.ready(e.Events)
		}
	case ofListener:
		if ln := l.listeners[int(e.Fd)]; ln != nil {
			ln.accept()
		}
	case ofPosts:
		l.runPosted()
	}
}

// receive reads into the loop's buffer. Of some reads it also tells when the
// kernel got the bytes, by the wall clock; otherwise that is zero.
func (l *Loop) receive(fd int) (n int, stamp int64, errno unix.Errno) {
	if l.gauge.asks() {
		return l.gauge.receive(fd)
	}
	n, errno = receive(fd, l.buffer)
	return n, 0, errno
}

// settle tells handlers which connections have ended. Those that end meanwhile
// have their turn in the next round: a handler whose every dial fails at once
// cannot keep the loop here.
func (l *Loop) settle() {
	if len(l.ending) == 0 {
		return
	}
	l.done = 0 // what follows takes its time
	l.settling, l.ending = l.ending, l.settling[:0]
	for _, e := range l.settling {
		e.conn.handler.Ended(e.conn, wire.Now(), e.why)
		l.close(e.conn, e.reset)
	}
	clear(l.settling)
}

func (l *Loop) close(c *Conn, reset bool) {
	if c.fd < 0 {
		return
	}
	if reset {
		abort(int(c.fd))
	}
	l.conns[c.fd] = nil
	unix.Close(int(c.fd))
	c.fd = -1
}

// add makes c the connection of its descriptor.
func (l *Loop) add(c *Conn, events uint32) error {
	if err := l.poller.watch(unix.EPOLL_CTL_ADD, int(c.fd), ofConn, events); err != nil {
		return err
	}
	c.watched = events
	if need := int(c.fd) + 1; need > cap(l.conns) {
		// By half would be one more copy for each that lies about.
		grown := make([]*Conn, need, 2*need)
		copy(grown, l.conns)
		l.conns = grown
	} else if need > len(l.conns) {
		l.conns = l.conns[:need]
	}
	l.conns[c.fd] = c
	return nil
}

// Dial starts to connect and returns at once; Opened or Ended follows, also when
// the attempt fails immediately. A local address other than the zero value is
// the source address; the port is the kernel's choice either way.
func (l *Loop) Dial(local netip.Addr, remote netip.AddrPort, h Handler) *Conn {
	c := &Conn{loop: l, handler: h, fd: -1}
	fd, err := socket(remote.Addr())
	if err != nil {
		c.end(err, false)
		return c
	}
	c.fd = int32(fd)
	l.gauge.timestamps(fd)
	if err := l.connect(c, local, remote); err != nil {
		unix.Close(fd)
		c.fd = -1
		c.end(err, false)
	}
	return c
}

func (l *Loop) connect(c *Conn, local netip.Addr, remote netip.AddrPort) error {
	fd := int(c.fd)
	if l.receiveBuffer > 0 {
		// Before the handshake, in which the peer is told how far its window scales.
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, l.receiveBuffer); err != nil {
			return os.NewSyscallError("setsockopt SO_RCVBUF", err)
		}
	}
	if local.IsValid() {
		// Without this option bind would choose the port before the peer is known,
		// and one address could have as many connections as ports, not as many to
		// each peer.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return os.NewSyscallError("setsockopt IP_BIND_ADDRESS_NO_PORT", err)
		}
		if err := unix.Bind(fd, sockaddr(netip.AddrPortFrom(local, 0))); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	if err := unix.Connect(fd, sockaddr(remote)); err != nil && err != unix.EINPROGRESS {
		return os.NewSyscallError("connect", err)
	}
	return l.add(c, unix.EPOLLIN|unix.EPOLLOUT)
}

// A Timer is one alarm of a loop.
type Timer = alarm.Timer

// An Alarmer is called when a Timer is due.
type Alarmer = alarm.Alarmer

// At arms t to call a at the instant (wire.Now), or later if the loop is busy,
// and replaces what t was armed for. Zero disarms. Timers fire in the order of
// their instants, each once; of equal instants any may be first.
func (l *Loop) At(t *Timer, instant int64, a Alarmer) {
	if instant == 0 {
		l.timers.Unset(t)
	} else {
		l.timers.Set(t, instant, a)
	}
}

// Counters are for use on the loop, and after Run.
func (l *Loop) Counters() Counters { return l.counters }

// Post has the loop call f, after what was posted before, and wakes it. Any
// goroutine may call it at any time; it never waits for the loop. Once Run has
// ended, f is dropped.
func (l *Loop) Post(f func(now int64)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	if l.posted = append(l.posted, f); len(l.posted) > 1 {
		return // whoever posted the first one has woken the loop
	}
	// Under the lock, so that wake cannot be closed, and its number given to
	// something else, in between.
	one := binary.NativeEndian.AppendUint64(make([]byte, 0, 8), 1)
	unix.Write(l.wake, one)
}

func (l *Loop) runPosted() {
	var count [8]byte
	unix.Read(l.wake, count[:])
	l.mu.Lock()
	l.taken, l.posted = l.posted, l.taken[:0]
	l.mu.Unlock()
	for _, f := range l.taken {
		f(wire.Now())
	}
	clear(l.taken)
}

func (l *Loop) release() {
	for _, c := range l.conns {
		if c != nil {
			c.state, c.out = ended, nil
			l.close(c, true)
		}
	}
	for _, ln := range l.listeners {
		ln.Close()
	}
	unix.Close(l.poller.fd)
	l.mu.Lock()
	defer l.mu.Unlock()
	unix.Close(l.wake)
	l.closed, l.posted = true, nil
}
