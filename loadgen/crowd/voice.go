package crowd

import (
	"math"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/uplink"
	"pushbench/servers/wire"
)

// A voice is how a member speaks: through its own connection where the
// transport carries messages, else by POST over a second one. It has its own
// line and alarm in the second case.
type voice struct {
	member  *member
	sayer   engine.Sayer   // the half itself, or nil
	post    *uplink.Sender // or this
	line    engine.Line    // of post
	payload func() []byte
	due     int64 // of the next message; zero: silent
	open    bool  // post's line
	dialled int64 // when its attempt to connect began; zero without any
	joined  bool  // has been connected once
	talking bool  // has something to say still
	muted   bool  // due, but the half is not ready: waits for what it receives
}

// equip gives a member its voice, when members speak at all.
func (c *Crowd) equip(m *member, i int, e *engine.Endpoint, arrival int64) {
	if c.options.SayRate <= 0 {
		return
	}
	v := &voice{member: m, payload: c.options.SayPayload.Maker(c.options.Seed ^ uint64(i)<<20)}
	m.voice = v
	if sayer, ok := m.half.(engine.Sayer); ok {
		v.sayer = sayer
		return
	}
	to := *e
	to.Path = c.options.SayPath
	v.post = uplink.New(&to)
	v.line = c.engine.Line(i-c.first, v)
	v.line.At(arrival) // not with its first message: connecting is not part of the load
}

// Lines is how many connections each client needs.
func Lines(o Options) int {
	if o.SayRate <= 0 {
		return 1
	}
	if _, ok := o.Half(&o.Endpoint).(engine.Sayer); ok {
		return 1
	}
	return 2
}

// begin lets the voice speak from the instant start on.
func (v *voice) begin(start int64) {
	v.due, v.talking = start, true
	v.member.crowd.talking.Add(1)
	v.advance(v.first())
	v.settle()
	if v.sayer != nil {
		v.member.rearm()
		return
	}
	v.line.At(v.due)
}

// first is from an instant that knows nothing of the client to its next message, in
// seconds: what is left of a distance in which it lies. That is less than the least
// one for a share of apart·rate of the clients, evenly, and for the others as a
// distance is. Uniform over the mean distance, which was tried first, is right for a
// steady beat only: else the load swings until clients have lost their step.
func (v *voice) first() float64 {
	o := &v.member.crowd.options
	least := o.SayApart.Seconds()
	if v.member.roll() < least*o.SayRate {
		return v.member.roll() * least
	}
	return v.distance()
}

// distance is from one message to the next, in seconds: exponential, as of people
// who do not wait for each other, above the least one.
func (v *voice) distance() float64 {
	o := &v.member.crowd.options
	least := o.SayApart.Seconds()
	return least - math.Log(1-v.member.roll())*max(0, 1/o.SayRate-least)
}

// advance moves due on by so many seconds.
func (v *voice) advance(seconds float64) {
	v.due += max(1, int64(seconds*float64(time.Second)))
	if v.due >= v.member.crowd.until.Load() {
		v.due = 0
	}
}

// settle notes that there is nothing left to say, after the last message has been
// counted as sent: at no instant is it in neither count.
func (v *voice) settle() {
	if v.talking && v.due == 0 {
		v.talking = false
		v.member.crowd.talking.Add(-1)
	}
}

// hush drops what is not due yet when the crowd is to be silent.
func (v *voice) hush() {
	if v.due >= v.member.crowd.until.Load() {
		v.due = 0
		v.settle()
	}
}

// alarm is when the member's own line must wake for the voice, if it has one.
func (v *voice) alarm() int64 {
	if v == nil || v.sayer == nil || v.due == 0 {
		return 0
	}
	if v.muted = !v.sayer.Ready(); v.muted {
		return 0
	}
	return v.due
}

// tick says over the member's own line what is due.
func (v *voice) tick(now int64) {
	for v != nil && v.sayer != nil && v.due != 0 && now >= v.due && v.sayer.Ready() {
		scratch := getScratch()
		*scratch = v.sayer.Say((*scratch)[:0], v.message())
		v.count(now, len(*scratch), false)
		v.member.line.Send(*scratch)
		putScratch(scratch)
	}
}

// message is the one that is due, and moves on to the next.
func (v *voice) message() *wire.Message {
	m := &wire.Message{Due: v.due, Data: v.payload()}
	v.advance(v.distance())
	return m
}

func (v *voice) count(now int64, bytes int, request bool) {
	shard := v.member.shard
	shard.Lock()
	shard.Said(now, bytes, request)
	shard.Unlock()
	v.member.crowd.said.Add(1)
	v.settle()
}

// Alarm implements engine.Caller for the second connection.
func (v *voice) Alarm(now int64) {
	switch {
	case !v.open && v.dialled == 0:
		v.dialled = now
		v.line.Dial()
	case v.open:
		v.speak(now)
	}
}

// speak posts the message that is due unless one is on its way.
func (v *voice) speak(now int64) {
	if !v.post.Ready() || v.due == 0 {
		return
	}
	if now < v.due {
		v.line.At(v.due)
		return
	}
	scratch := getScratch()
	*scratch = v.post.Say((*scratch)[:0], v.message())
	v.member.crowd.pending.Add(1)
	v.count(now, len(*scratch), true)
	v.line.Send(*scratch)
	putScratch(scratch)
}

// Connected implements engine.Caller.
func (v *voice) Connected(now int64) {
	v.open = true
	v.post.Open()
	shard := v.member.shard
	shard.Lock()
	shard.OpenedToSpeak(now)
	shard.Unlock()
	if !v.joined {
		v.joined = true
		v.member.crowd.arrived(&v.member.crowd.joined)
	}
	v.speak(now)
}

// Received implements engine.Caller.
func (v *voice) Received(now int64, b []byte) {
	shard := v.member.shard
	shard.Lock()
	shard.Acknowledged(now, len(b))
	shard.Unlock()
	done, err := v.post.Receive(b)
	if done {
		v.member.crowd.pending.Add(-1)
	}
	if err != nil {
		v.line.HangUp(err)
		return
	}
	v.speak(now)
}

// Ended implements engine.Caller. A message without an answer may or may not
// have been published: it is counted as failed and not sent again.
func (v *voice) Ended(now int64, why error) {
	wasOpen := v.open
	failed := wasOpen && !v.post.Ready()
	answered := !failed && v.member.crowd.options.answered(why)
	begun := v.dialled
	v.open, v.dialled = false, 0
	shard := v.member.shard
	shard.Lock()
	switch {
	case answered:
	case wasOpen:
		shard.Closed("uplink " + Reason(why))
	default:
		shard.Failed("uplink "+Reason(why), begun)
	}
	if failed {
		shard.SayFailed()
	}
	shard.Unlock()
	if failed {
		v.member.crowd.refused.Add(1)
		v.member.crowd.pending.Add(-1)
	}
	switch final := engine.Final(why); {
	case answered && v.due != 0:
		v.line.At(max(now+1, v.due)) // connecting is part of a message that needs its own
	case answered:
	case final && !v.joined:
		v.joined = true
		v.member.crowd.turnedAway(why)
	case !final && (v.talking || !v.joined):
		v.line.At(now + 1 + int64(v.member.wait(why)))
	}
}
