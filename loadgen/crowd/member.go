package crowd

import (
	"errors"
	"math/rand/v2"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/servers/wire"
)

// A member is one client: the caller of its line and the listener of its half. What
// it takes is two lines of the CPU's cache: with ten thousand of them, memory is
// most of what an event costs beside the kernel.
type member struct {
	*squad
	line    engine.Line
	half    engine.Conversation
	voice   *voice   // nil: it only listens
	conduct *conduct // nil: it does nothing but receive
	heard   int64    // when it last read something, or began to expect something

	cursor   wire.Cursor
	dialled  int64 // when this attempt began
	next     int64 // when to connect or, while connected, to ask next; zero: not by the clock
	phase    int64 // one of the instants at which it polls
	number   uint32
	dice     uint32
	failures uint8 // connections that ended since the server last said something of use
	struck   uint8 // the fault that has cost it its connection, while it has not come back; see recorder.Cut
	healed   uint8 // the last one that it has come back from
	asks     bool  // its half is an engine.Asker: the polling transports
	open     bool
	joined   bool
	gone     bool // turned away for good
	spared   bool // by a late outcry, once
}

// A squad is what members of one shard have in common.
type squad struct {
	crowd  *Crowd
	record *recorder.Recorder
	shard  *recorder.Shard
}

// account is what the client has been told. The shard must be locked.
func (m *member) account() *recorder.Client { return m.record.Client(int(m.number)) }

// asker is the half of a client that asks.
func (m *member) asker() engine.Asker { return m.half.(engine.Asker) }

// Alarm implements engine.Caller.
func (m *member) Alarm(now int64) {
	if next := m.conduct.alarm(); next != 0 && now >= next {
		m.act(now)
	}
	switch {
	case m.gone || m.conduct.is(vanished):
	case !m.open && m.next == 0 && m.dialled == 0: // its arrival
		m.dial(now)
	case !m.open && m.next != 0 && now >= m.next:
		m.dial(now)
	case m.open && !m.conduct.is(leaves):
		m.tick(now)
	}
	m.rearm()
}

func (m *member) dial(now int64) {
	m.next, m.dialled = 0, now
	if m.joined {
		m.shard.Lock()
		m.shard.Tried(now)
		m.shard.Unlock()
	}
	m.line.Dial()
}

// rearm asks for the earliest of what the clock still has to bring.
func (m *member) rearm() {
	next := m.next
	switch {
	case m.open && m.conduct.is(leaves):
		next = 0
	case m.open:
		next = earliest(earliest(next, m.voice.alarm()), m.outcry())
	}
	if m.conduct != nil {
		next = earliest(next, m.conduct.next)
	}
	if m.conduct.is(vanished) {
		next = 0
	}
	m.line.At(next)
}

func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// ErrSilent is why a client hangs up that has heard nothing for too long.
var ErrSilent = errors.New("heard nothing for too long")

// outcry is when the silence will have been too long; zero where nothing is
// expected.
//
// Note: the alarm is not set anew with each read, which would cost more than
// the read. It is set at the latest when it goes off too early.
func (m *member) outcry() int64 {
	if m.crowd.options.Silence == 0 || m.conduct.is(lags) || m.asks && m.asker().Asking() != engine.Waiting {
		return 0
	}
	return m.heard + int64(m.crowd.options.Silence)
}

// An outcry that comes later than punctual says that this side was held up, and
// perhaps what would have broken the silence lies unread: it gets a respite.
const (
	punctual = 10 * time.Millisecond
	respite  = 200 * time.Millisecond
)

// tick does what is due while connected.
func (m *member) tick(now int64) {
	if at := m.outcry(); at != 0 && now >= at {
		late := now - at
		m.heard = now // some engines end the connection later: once is enough
		if late > int64(punctual) && !m.spared {
			m.spared = true
			m.heard += int64(respite - m.crowd.options.Silence)
			return
		}
		m.line.HangUp(ErrSilent)
		return
	}
	m.spared = false
	if m.next != 0 && now >= m.next {
		if m.asker().Asking() == engine.Waiting {
			// It neither overlaps nor piles up: this instant is simply missed.
			m.shard.Lock()
			m.shard.MissedPoll(now)
			m.shard.Unlock()
		} else {
			m.ask(now)
		}
		m.next = m.nextPoll(now)
	}
	m.voice.tick(now)
}

// nextPoll is the first of the client's own instants after now, a little later
// if polls have a jitter: they keep to the schedule however long an answer takes.
func (m *member) nextPoll(now int64) int64 {
	interval := int64(m.crowd.options.Interval)
	if !m.asks || interval == 0 {
		return 0
	}
	next := m.phase
	if passed := now - m.phase; passed >= 0 {
		next += (passed/interval + 1) * interval
	}
	if jitter := m.crowd.options.Jitter; jitter > 0 {
		next += int64(m.roll() * float64(jitter))
	}
	return next
}

func (m *member) ask(now int64) {
	m.heard = now
	scratch := getScratch()
	*scratch = m.asker().Ask((*scratch)[:0])
	m.shard.Lock()
	m.shard.Request(now)
	m.shard.Up(now, len(*scratch))
	m.shard.Unlock()
	m.line.Send(*scratch)
	putScratch(scratch)
}

// Connected implements engine.Caller.
func (m *member) Connected(now int64) {
	m.open, m.spared, m.heard = true, false, now
	if m.conduct.is(vanished) {
		m.vanish(now)
		return
	}
	scratch := getScratch()
	*scratch = m.half.Open((*scratch)[:0], m.cursor)
	m.shard.Lock()
	m.shard.Opened(now)
	m.shard.Request(now)
	m.shard.Up(now, len(*scratch))
	m.account().Is(m.state())
	m.shard.Unlock()
	m.line.Send(*scratch)
	putScratch(scratch)
	m.next = m.nextPoll(now)
	if m.conduct.is(lags) {
		m.lag(now)
	}
	m.rearm()
}

// state is what the client can still get, for the accounting.
func (m *member) state() recorder.State {
	switch {
	case !m.open:
		return recorder.Down
	case m.asks:
		return recorder.Asking
	}
	return recorder.Up
}

// Received implements engine.Caller.
func (m *member) Received(now int64, b []byte) {
	scratch := getScratch()
	m.heard = now
	m.shard.Lock()
	m.shard.Down(now, len(b))
	answer, err := m.half.Receive(b, (*scratch)[:0], m)
	if err == nil && m.asks {
		answer = m.askAgain(now, answer)
	} else if err == nil && len(answer) > 0 && m.followed() {
		m.shard.Request(now)
	}
	if err == nil && m.struck != 0 {
		m.shard.Restored(m.struck, now)
		m.struck, m.healed = 0, m.struck
	}
	m.shard.Up(now, len(answer))
	m.shard.Unlock()
	*scratch = answer
	if len(answer) > 0 {
		m.line.Send(answer)
	}
	putScratch(scratch)
	if m.conduct.is(lags) {
		m.rest(now)
	}
	switch {
	case err != nil:
		m.line.HangUp(err)
	case m.voice != nil && m.voice.muted, m.thinks():
		m.rearm() // this may have been what it waited for
	}
}

// askAgain appends the next request when there is reason not to wait for the
// clock. The shard is locked.
func (m *member) askAgain(now int64, out []byte) []byte {
	asker := m.asker()
	asking := asker.Asking()
	if asking == engine.Waiting {
		return out
	}
	m.failures = 0
	switch o := &m.crowd.options; {
	case asking != engine.Eager && o.Interval != 0: // by the clock
	case asking != engine.Eager && o.Think != 0:
		m.next = now + int64(o.Think)
	default:
		m.shard.Request(now)
		return asker.Ask(out)
	}
	return out
}

// thinks says whether the client asks again only after a while.
func (m *member) thinks() bool { return m.crowd.options.Think != 0 && m.next != 0 }

// Hello implements engine.Listener. It is called, as those below are, while the
// shard is locked, of bytes that were read when the client last heard.
func (m *member) Hello(c wire.Cursor) {
	m.failures = 0
	m.cursor = c
	m.shard.Enter(m.account(), c.Epoch, m.heard)
	m.shard.Hello(m.account(), c.N, time.Duration(m.heard-m.dialled), m.heard)
	if !m.joined {
		m.joined = true
		m.crowd.arrived(&m.crowd.joined)
	}
}

// Event implements engine.Listener.
func (m *member) Event(ev *wire.Event) {
	m.failures = 0
	if ev.N > m.cursor.N {
		m.cursor.N = ev.N
	}
	if m.conduct.is(lags) {
		m.conduct.taken += len(ev.Data)
	}
	if m.crowd.options.Sealed && !wire.Sealed(ev.Data) {
		m.shard.Damaged(m.account(), ev.N, m.heard)
		return
	}
	m.shard.Event(m.account(), ev, m.heard)
}

// Gap implements engine.Listener.
func (m *member) Gap(g *wire.Gap) {
	m.failures = 0
	m.cursor = g.Cursor
	m.shard.Gap(m.account(), g, m.heard)
}

// Ended implements engine.Caller.
func (m *member) Ended(now int64, why error) {
	if m.conduct.is(vanished) {
		return
	}
	wasOpen, poll := m.open, int64(0)
	if wasOpen {
		poll = m.next
	}
	m.open, m.next = false, 0
	moved := errors.Is(why, engine.ErrMoved)
	answered := moved || m.asks && m.crowd.options.answered(why)
	m.shard.Lock()
	if m.conduct.is(leaves) {
		why = ErrLeft
	}
	switch {
	case answered: // it asks again on the next one
	case wasOpen:
		m.account().Is(recorder.Down)
		m.shard.Closed(Reason(why))
	default:
		m.account().Is(recorder.Down)
		m.shard.Failed(Reason(why), m.dialled)
	}
	if wasOpen && m.struck == 0 && !answered && !m.conduct.is(leaves) {
		m.struck = m.shard.Cut(Reason(why), m.healed)
	}
	m.shard.Unlock()
	switch {
	case m.conduct.is(leaves):
		m.left(now)
	case moved:
		m.next = now + 1
	case answered:
		m.failures = 0
		m.next = m.nextQuestion(now, poll)
	case engine.Final(why):
		m.gone = true
		if !m.joined {
			m.crowd.turnedAway(why)
		}
	default:
		m.next = now + 1 + int64(m.wait(why))
		if m.joined {
			// A poller's first question is a poll like any other, at its own instant.
			m.next = max(m.next, m.nextPoll(m.next))
		}
	}
	m.rearm()
}

// nextQuestion is when to ask again over another connection, after an answer that
// was the last of its own; poll is when the client would have asked on that one.
func (m *member) nextQuestion(now, poll int64) int64 {
	switch o := &m.crowd.options; {
	case m.asker().Asking() == engine.Eager:
		return now + 1
	case o.Interval == 0:
		return now + 1 + int64(o.Think)
	}
	return max(now+1, poll)
}

// answered says whether a connection has ended as it was asked to: behind its
// answer.
func (o *Options) answered(why error) bool {
	return o.Endpoint.Close && errors.Is(why, engine.ErrEnded)
}

// wait is how long to stay away: what the back-off says, after what the server
// asked for. The one is added to the other, because whoever is told the same time
// as everybody else would come back with everybody else.
func (m *member) wait(why error) time.Duration {
	if m.conduct.is(lags) {
		// Whoever is slow is not much better off for having got something: coming back
		// at once, to be too slow again, would be a loop.
		m.failures = max(m.failures, m.conduct.failures)
		m.conduct.failures = min(m.conduct.failures+1, doublings)
	}
	wait := m.crowd.options.Backoff.wait(int(m.failures), m.roll())
	m.failures = min(m.failures+1, doublings)
	if refused, ok := errors.AsType[*engine.StatusError](why); ok {
		return wait + refused.RetryAfter
	}
	if told, ok := m.half.(interface{ Retry() time.Duration }); ok && errors.Is(why, engine.ErrEnded) {
		return wait + told.Retry() // HTML standard, section 9.2.3: the reconnection time
	}
	return wait
}

// roll is a uniform number below 1 from four bytes of state, where a generator
// of the library's would take more than the rest of an idle client.
func (m *member) roll() float64 {
	r := rand.New(rand.NewPCG(uint64(m.dice), 0x0d1ce))
	m.dice = r.Uint32()
	return r.Float64()
}
