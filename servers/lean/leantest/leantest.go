// Package leantest is a loop without sockets and without time, so that a half of
// the lean stack can be tested byte by byte and instant by instant.
package leantest

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"pushbench/servers/alarm"
	"pushbench/servers/lean"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A Stage is a lean loop whose clock is turned by hand.
type Stage struct {
	Loop  *lean.Loop
	Found source.Findings // what the server has found
	Now   int64           // its instant
	Posts int             // how often it was woken

	timers alarm.Timers
	posted []func(now int64)
	ending []*Client
	ports  uint16
	empty  bool
}

// New makes a stage for a server of src.
func New(t testing.TB, src *source.Source, mounts ...lean.Mount) *Stage {
	t.Helper()
	st := &Stage{Now: wire.Now()}
	st.Loop = lean.NewLoop(st, src, &st.Found, mounts...)
	return st
}

// At implements lean.Clock.
func (st *Stage) At(t *alarm.Timer, instant int64, a alarm.Alarmer) {
	if instant == 0 {
		st.timers.Unset(t)
	} else {
		st.timers.Set(t, instant, a)
	}
}

// Post implements lean.Clock. It is not for other goroutines here.
func (st *Stage) Post(f func(now int64)) {
	st.Posts++
	st.posted = append(st.posted, f)
}

// Run does what a loop does before it waits: what was posted, the timers that are
// due, and the ends of connections.
func (st *Stage) Run() { st.Advance(0) }

// Advance lets time pass: every timer that is due in it fires at its instant.
func (st *Stage) Advance(d time.Duration) {
	st.settle()
	for end := st.Now + int64(d); ; {
		instant, armed := st.timers.Next()
		if !armed || instant > end {
			st.Now = end
			return
		}
		st.Now = max(st.Now, instant)
		st.timers.Pop().Alarm(st.Now)
		st.settle()
	}
}

func (st *Stage) settle() {
	for len(st.posted)+len(st.ending) > 0 {
		posted, ending := st.posted, st.ending
		st.posted, st.ending = nil, nil
		for _, f := range posted {
			f(st.Now)
		}
		for _, c := range ending {
			c.conn.Ended(st.Now, c.why)
		}
	}
}

// Drain begins the server's end.
func (st *Stage) Drain() {
	st.Loop.Drain(st.Now, func() { st.empty = true })
	st.Run()
}

// Empty says whether everyone has left after Drain.
func (st *Stage) Empty() bool { return st.empty }

// A Client is the other end of a connection, and the socket of this one.
type Client struct {
	stage  *Stage
	conn   *lean.Conn
	port   uint16
	got    []byte
	kept   []byte // written, and not taken by the kernel
	room   int    // how much the kernel still takes; negative: everything
	writes int
	paused bool
	forget bool // what is got
	heard  func()
	fin    bool // behind what was written
	ended  bool
	why    error
}

var _ lean.Socket = (*Client)(nil)

// Dial connects a client, whose kernel takes everything.
func (st *Stage) Dial() *Client {
	st.ports++
	c := &Client{stage: st, port: st.ports, room: -1}
	c.conn = st.Loop.Accept(c, st.Now)
	c.conn.Opened(st.Now)
	st.Run()
	return c
}

// Send has these bytes arrive, each piece by itself.
func (c *Client) Send(pieces ...string) {
	for _, p := range pieces {
		if !c.ended {
			c.conn.Received(c.stage.Now, []byte(p))
			c.stage.Run()
		}
	}
}

// Got is what the client has got since it was last asked.
func (c *Client) Got() string {
	got := string(c.got)
	c.got = nil
	return got
}

// Discard has the client keep nothing of what it gets from now on.
func (c *Client) Discard() { c.forget, c.got = true, nil }

// Room lets the kernel take so many bytes more, and then none.
func (c *Client) Room(n int) { c.room = n }

// Full says whether the kernel takes nothing, or all that there is and will be.
func (c *Client) Full(full bool) {
	if full {
		c.room = 0
		return
	}
	c.room = -1
	kept := c.kept
	c.kept = nil
	c.take(kept)
	if len(kept) > 0 && !c.ended {
		c.conn.Drained(c.stage.Now)
		c.stage.Run()
	}
}

// OnWrite has f called at each write call.
func (c *Client) OnWrite(f func()) { c.heard = f }

func (c *Client) take(b []byte) {
	if !c.forget {
		c.got = append(c.got, b...)
	}
}

// Hangup ends the connection on the client's side; nil is FIN.
func (c *Client) Hangup(why error) {
	if why == nil {
		why = io.EOF
	}
	c.Close(why)
	c.stage.Run()
}

// Ended says whether the connection has ended.
func (c *Client) Ended() bool { return c.ended }

// Why is why the connection has ended.
func (c *Client) Why() error { return c.why }

// Finished says whether FIN follows what was written.
func (c *Client) Finished() bool { return c.fin || c.ended }

// Paused says whether the server reads no more.
func (c *Client) Paused() bool { return c.paused }

// Writes is how many write calls there were.
func (c *Client) Writes() int { return c.writes }

// Conn is the server's end.
func (c *Client) Conn() *lean.Conn { return c.conn }

// Write implements lean.Socket.
func (c *Client) Write(b []byte) {
	if c.ended {
		return
	}
	if c.fin {
		c.Close(errors.New("leantest: written behind FIN"))
		return
	}
	c.writes++
	if c.heard != nil {
		c.heard()
	}
	n := len(b)
	if c.room >= 0 {
		n = min(n, c.room)
		c.room -= n
	}
	c.take(b[:n])
	c.kept = append(c.kept, b[n:]...)
}

// Share implements lean.Socket.
func (c *Client) Share(b []byte) { c.Write(b) }

// Backlog implements lean.Socket.
func (c *Client) Backlog() int { return len(c.kept) }

// Remote implements lean.Socket.
func (c *Client) Remote() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), c.port)
}

// Pause implements lean.Socket.
func (c *Client) Pause() { c.paused = true }

// Resume implements lean.Socket.
func (c *Client) Resume() { c.paused = false }

// CloseWrite implements lean.Socket.
func (c *Client) CloseWrite() { c.fin = true }

// Close implements lean.Socket.
func (c *Client) Close(why error) {
	if !c.ended {
		c.ended, c.why = true, why
		c.kept = nil
		c.stage.ending = append(c.stage.ending, c)
	}
}
