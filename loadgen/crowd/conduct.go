package crowd

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
)

// A Conduct describes clients that do more than receive, or less. Which ones
// that are is drawn from the seed. Instants count from Crowd.Behave.
type Conduct struct {
	// Slow is how many read only Speed bytes of payload a second: zero is none, and
	// infinity all there is, so that they are like the others but kept apart.
	Slow  int
	Speed float64
	// Vanish is how many lose their network, and when.
	Vanish   int
	VanishAt time.Duration
	// Leave is how many go away, and when. Each comes back after LeaveFor and up to
	// LeaveOver more.
	Leave                        int
	LeaveAt, LeaveFor, LeaveOver time.Duration
	// Stay is how long all others stay in the mean before they go away, for Away, and
	// stay again. Zero: for good.
	Stay, Away time.Duration
}

// ErrLeft is why a client that goes away ends its connection.
var ErrLeft = errors.New("left")

// A conduct is where a client with one stands.
type conduct struct {
	role     recorder.Role
	doing    doing
	calm     bool  // it has been told to be an ordinary client
	next     int64 // when it does something of its own accord; zero: not by the clock
	back     int64 // when it comes back, if that is fixed
	stalled  int64 // since when it is slow, or has vanished, on a connection
	address  netip.AddrPort
	taken    int   // bytes of payload that it has read while slow, and not yet rested for
	failures uint8 // connections that ended while it was slow, and count as failures
}

type doing uint8

const (
	receives doing = iota
	lags           // reads slowly, or nothing
	leaves         // has said so, and waits for the server to end the connection
	away
	vanished
)

// farewell is how long a client that leaves waits for the server to end the
// connection.
const farewell = time.Second

// again is how soon a client that would leave looks again whether it is there.
const again = 10 * time.Millisecond

// recall is how long it takes until all are back who are away when the crowd is
// calmed: as one, they would be a storm of their own.
const recall = time.Second

// assign gives as many clients a role as the options say.
func (c *Crowd) assign() {
	o := &c.options.Conduct
	roles := []struct {
		role recorder.Role
		n    int
	}{{recorder.Slow, o.Slow}, {recorder.Vanishing, o.Vanish}, {recorder.Leaving, o.Leave}}
	drawn := rand.New(rand.NewPCG(c.options.Seed, 0xc0d)).Perm(c.options.Clients)
	for _, r := range roles {
		n := min(r.n, len(drawn))
		c.play(drawn[:n], r.role)
		drawn = drawn[n:]
	}
	if o.Stay > 0 {
		c.play(drawn, recorder.Churning)
	}
}

// play gives the role to those of the clients that are members.
func (c *Crowd) play(clients []int, r recorder.Role) {
	part := c.options.Here()
	for _, i := range clients {
		if part.holds(i) {
			c.members[i-part.First].play(r)
		}
	}
}

func (m *member) play(r recorder.Role) {
	m.conduct = &conduct{role: r}
	m.account().Play(r)
}

// Behave lets every client that has a conduct begin with it at the instant.
func (c *Crowd) Behave(start int64) {
	c.conducted(func(m *member, _ int64) {
		o := &c.options.Conduct
		switch d := m.conduct; {
		case d.role == recorder.Slow:
			if !math.IsInf(o.Speed, 1) {
				d.next = start
			}
		case d.role == recorder.Vanishing:
			d.next = start + int64(o.VanishAt)
		case o.Stay > 0:
			d.next = start + m.stay()
		default:
			d.next = start + int64(o.LeaveAt)
			d.back = d.next + int64(o.LeaveFor) + int64(m.roll()*float64(o.LeaveOver))
		}
	})
}

// Calm ends it: who is slow reads all there is, who is away comes back, and
// nobody leaves any more, so that everybody learns what there is for them. Who
// has vanished has vanished.
func (c *Crowd) Calm() {
	c.conducted(func(m *member, now int64) {
		d := m.conduct
		if d.calm || d.doing == vanished {
			return
		}
		d.calm, d.next = true, 0
		switch d.doing {
		case lags:
			d.doing, m.heard = receives, now
			m.read(true)
		case leaves:
			d.next = now + int64(farewell)
		case away:
			d.next = now + int64(m.roll()*float64(recall))
		}
	})
}

// conducted calls f for every member that has a conduct, where its callbacks are
// called.
func (c *Crowd) conducted(f func(m *member, now int64)) {
	for i, m := range c.members {
		if m.conduct != nil {
			c.engine.Do(i, func(now int64) {
				f(m, now)
				m.rearm()
			})
		}
	}
}

// stay is how long a client stays this time: exponential, so that how long it has
// been there says nothing about when it leaves.
func (m *member) stay() int64 {
	return 1 + int64(-math.Log(1-m.roll())*float64(m.crowd.options.Conduct.Stay))
}

// is says what the client is doing; one without a conduct receives.
func (d *conduct) is(what doing) bool { return d != nil && d.doing == what }

// alarm is when it does something of its own accord.
func (d *conduct) alarm() int64 {
	if d == nil {
		return 0
	}
	return d.next
}

// act does what is due.
func (m *member) act(now int64) {
	d := m.conduct
	d.next = 0
	switch d.doing {
	case receives:
		switch d.role {
		case recorder.Slow:
			d.doing = lags
			m.lag(now)
		case recorder.Vanishing:
			m.vanish(now)
		default:
			m.leave(now)
		}
	case lags:
		m.read(true)
	case leaves:
		m.line.HangUp(ErrLeft)
	case away:
		m.comeBack(now)
	}
}

// lag begins to read slowly on a connection, which the server may find out.
func (m *member) lag(now int64) {
	d := m.conduct
	if line, ok := m.line.(engine.Vanisher); ok && m.open && d.stalled == 0 {
		d.stalled, d.address = now, line.Local()
	}
	if m.crowd.options.Conduct.Speed == 0 {
		m.read(false)
	}
}

// read goes on reading, or stops.
func (m *member) read(on bool) {
	line, ok := m.line.(engine.Pauser)
	switch {
	case !ok:
	case on:
		line.Resume()
	default:
		line.Pause()
	}
}

// rest stops reading for as long as a slow client takes for the payload of what it
// has just read. Note: headers and frames cost it nothing, or one of the same speed
// would get fewer events over a transport that has more of them.
func (m *member) rest(now int64) {
	d := m.conduct
	if speed := m.crowd.options.Conduct.Speed; speed > 0 && d.taken > 0 {
		m.read(false)
		d.next = now + int64(float64(d.taken)/speed*float64(time.Second))
		d.taken = 0
		m.rearm()
	}
}

// vanish loses the network, and with it everything that is to come.
func (m *member) vanish(now int64) {
	d := m.conduct
	line, able := m.line.(engine.Vanisher)
	if m.open {
		if !able || line.Vanish() != nil {
			return // it goes on to receive, and nobody takes it for vanished
		}
		d.stalled, d.address = now, line.Local()
	}
	d.doing = vanished
	m.next = 0
	m.shard.Lock()
	m.account().Is(recorder.Vanished)
	m.shard.Unlock()
}

// leave goes away, by the transport's own farewell if it has one.
func (m *member) leave(now int64) {
	d := m.conduct
	if !m.open {
		d.next = now + int64(again)
		return
	}
	d.doing = leaves
	if half, ok := m.half.(engine.Leaver); ok {
		scratch := getScratch()
		*scratch = half.Leave((*scratch)[:0])
		said := len(*scratch)
		m.shard.Lock()
		m.shard.Up(now, said)
		m.shard.Unlock()
		m.line.Send(*scratch)
		putScratch(scratch)
		if said > 0 {
			d.next = now + int64(farewell)
			return
		}
	}
	m.line.HangUp(ErrLeft)
}

// left notes that the client is away.
func (m *member) left(now int64) {
	d := m.conduct
	d.doing = away
	switch {
	case d.calm:
		d.next = now + int64(m.roll()*float64(recall))
	case d.back != 0:
		d.next = max(now+1, d.back)
	default:
		d.next = now + int64(m.crowd.options.Conduct.Away)
	}
}

// comeBack connects again; of what was due meanwhile nothing is lost but what has
// fallen off the log.
func (m *member) comeBack(now int64) {
	d := m.conduct
	d.doing = receives
	m.shard.Lock()
	m.shard.Returns(m.account(), now)
	m.shard.Unlock()
	if m.crowd.options.Conduct.Stay > 0 && !d.calm {
		d.next = now + m.stay()
	}
	m.dial(now)
}

// A Stall is that a client stopped to keep up, or vanished, on a connection.
type Stall struct {
	Role   recorder.Role
	Client netip.AddrPort
	At     int64 // wire.Now
}

// Stalls are all of them, for after the engine has stopped.
func (c *Crowd) Stalls() []Stall {
	var all []Stall
	for _, m := range c.members {
		if d := m.conduct; d != nil && d.stalled != 0 {
			all = append(all, Stall{d.role, d.address, d.stalled})
		}
	}
	return all
}

// Some says whether any client has a conduct.
func (o Conduct) Some() bool { return o.Slow > 0 || o.Vanish > 0 || o.Leave > 0 || o.Stay > 0 }
