package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/loop"
)

// account says what TCP_INFO means for a client. The kernel counts a FIN as a
// byte received; that there was one is seen from the state, unless a reset has
// come after it.
//
// Note: tcpi_bytes_acked counts the SYN, and lags by a round trip; what was sent
// less what was sent again is the stream itself.
func account(info *unix.TCPInfo) Tally {
	t := Tally{
		SegmentsDown:  int64(info.Segs_in),
		SegmentsUp:    int64(info.Segs_out),
		Retransmitted: int64(info.Total_retrans),
		BytesDown:     int64(info.Bytes_received),
		BytesUp:       int64(info.Bytes_sent - info.Bytes_retrans),
	}
	if info.State == unix.BPF_TCP_CLOSE_WAIT {
		t.BytesDown--
	}
	return t
}

// accountOf asks for a connection of a loop.
func accountOf(c *loop.Conn) (Tally, error) {
	var info unix.TCPInfo
	switch err := c.Info(&info); {
	case errors.Is(err, unix.EBADF): // there never was a socket
		return Tally{}, nil
	case err != nil:
		return Tally{}, err
	}
	return account(&info), nil
}

// A round asks the lines of one shard, a chunk in every round of their loop.
type round struct {
	loop  *loop.Loop
	lines [][]loopLine
	sum   Tally
	done  chan<- answer // has room for the answer
}

type answer struct {
	Tally
	err error
}

// chunk is how many lines are kept together, and asked in a row. A question takes
// about a microsecond; and one line more, with what Go's allocator keeps beside them,
// would be over the 4 KiB in which it keeps as many as these.
const chunk = 63

func (r *round) ask(int64) {
	if len(r.lines) == 0 {
		r.done <- answer{Tally: r.sum}
		return
	}
	began := threadTime()
	for i := range r.lines[0] {
		l := &r.lines[0][i]
		if l.past != nil {
			r.sum.Add(*l.past)
		}
		if l.conn == nil {
			continue
		}
		live, err := accountOf(l.conn)
		if err != nil {
			r.done <- answer{err: err}
			return
		}
		r.sum.Add(live)
	}
	r.sum.Took += threadTime() - began
	r.lines = r.lines[1:]
	r.loop.Post(r.ask)
}

// threadTime is the CPU time that the calling thread has had; a loop has one to
// itself.
func threadTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// Tally implements Tallier.
func (e *loops) Tally(ctx context.Context) (Tally, error) {
	answers := make(chan answer, len(e.parts))
	for _, p := range e.parts {
		r := &round{loop: p.loop, lines: p.lines, done: answers}
		p.loop.Post(r.ask)
	}
	var sum Tally
	for range e.parts {
		select {
		case a := <-answers:
			if a.err != nil {
				return Tally{}, a.err
			}
			sum.Add(a.Tally)
		case <-e.over:
			return Tally{}, errEnded
		case <-ctx.Done():
			return Tally{}, context.Cause(ctx)
		}
	}
	return sum, nil
}

// tallyOf asks for a connection of the standard library.
func tallyOf(conn net.Conn) (Tally, error) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return Tally{}, fmt.Errorf("read TCP_INFO: %T is no socket", conn)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return Tally{}, fmt.Errorf("read TCP_INFO: %w", err)
	}
	var info *unix.TCPInfo
	var refused error
	err = raw.Control(func(fd uintptr) {
		info, refused = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	})
	if err := errors.Join(err, refused); err != nil {
		return Tally{}, fmt.Errorf("read TCP_INFO: %w", err)
	}
	return account(info), nil
}
