// Package crowd is the life of the clients: when each arrives, asks, speaks and
// comes back. What is said on the wire belongs to the client halves, and moving
// the bytes to an engine.
package crowd

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/servers/source"
)

// Options describe a crowd. Rates are per second.
type Options struct {
	Clients int
	// Part is which of them are played here, where others play the rest. Each of them is
	// and does the same whoever plays it.
	Part     Part
	Topics   []string // client i follows topic i modulo their number
	Endpoint engine.Endpoint
	Half     func(*engine.Endpoint) engine.Conversation
	Sealed   bool // every payload carries a seal: check it

	// ConnectRate is how many clients arrive in a second; infinity is all at once.
	ConnectRate float64
	// Interval is the time between two polls of a client. Zero asks again as soon
	// as there is an answer: long polling.
	Interval time.Duration
	// Aligned lets all clients poll at the same instants: the worst case. They
	// are else spread uniformly over the interval.
	Aligned bool
	// Jitter is by how much each such poll comes later at most, at random. It is
	// no more than Interval.
	Jitter time.Duration
	// Think is how long a client takes between an answer and its next question
	// where it asks again without an Interval.
	Think time.Duration

	// Silence is how long a client waits for something to be read before it gives
	// its connection up and comes back: from a server that streams always, from
	// one that is asked while the answer is outstanding. Zero means for ever.
	Silence time.Duration

	// SayRate is how many messages each client sends in a second, at random
	// distances of which none is below SayApart.
	SayRate    float64
	SayApart   time.Duration
	SayPayload source.Payload
	SayPath    string // for transports that cannot carry messages themselves

	Backoff Backoff

	Conduct Conduct

	Seed uint64
}

// A Crowd is all clients of a trial, or those of its part.
type Crowd struct {
	options Options
	engine  engine.Engine
	first   int // number of the first member in the whole crowd
	members []*member
	start   int64 // when the first client is to arrive
	ramp    ramp  // by which they do

	until   atomic.Int64 // messages due from then on are not sent
	said    atomic.Int64 // messages sent, in the whole trial
	refused atomic.Int64 // messages that did not arrive
	pending atomic.Int64 // messages sent and not answered
	talking atomic.Int64 // clients that still have something to say
	expects int64        // connections without which the crowd is not complete
	joined  atomic.Int64
	given   atomic.Int64 // clients that will never join
	ready   chan struct{}
	once    sync.Once
	reason  atomic.Pointer[error]
}

// New makes the clients and arms the first alarm of each, so that client i
// connects at start + i/ConnectRate. The engine must not run yet.
func New(o Options, e engine.Engine, r *recorder.Recorder, start int64) *Crowd {
	part := o.Here()
	c := &Crowd{options: o, engine: e, first: part.First, start: start, ready: make(chan struct{}), expects: int64(part.Count * Lines(o))}
	dice := rand.New(rand.NewPCG(o.Seed, 0xc40d))
	// From a stream of their own: whether a transport polls must not change what
	// its clients say, and when.
	phases := Phases(o.Clients, o.Interval, o.Aligned, rand.New(rand.NewPCG(o.Seed, 0xfa5e)))
	endpoints := make([]engine.Endpoint, min(len(o.Topics), part.Count)) // one for each topic of the part
	for k := range endpoints {
		endpoints[k] = o.Endpoint
		endpoints[k].Topic = o.Topics[(part.First+k)%len(o.Topics)]
	}
	squads := make(map[*recorder.Shard]*squad)
	members := make([]member, part.Count)
	c.members = make([]*member, part.Count)
	for range part.First {
		dice.Uint64() // of those before
	}
	for own := range members {
		i := part.First + own // in the whole crowd
		endpoint, shard := &endpoints[own%len(endpoints)], r.Shard(own)
		if squads[shard] == nil {
			squads[shard] = &squad{c, r, shard}
		}
		half := o.Half(endpoint)
		_, asks := half.(engine.Asker)
		m := &members[own]
		*m = member{
			squad:  squads[shard],
			half:   half,
			number: uint32(own),
			asks:   asks,
			phase:  start + int64(phases[i]),
			dice:   uint32(dice.Uint64()),
		}
		m.line = e.Line(own, m)
		arrival := c.arrival(i)
		m.line.At(arrival)
		c.equip(m, i, endpoint, arrival)
		c.members[own] = m
	}
	c.assign()
	return c
}

// Phases are when in the interval each client polls: one in each n-th of it, in
// random order, so that the load is even and no client is special.
func Phases(n int, interval time.Duration, aligned bool, dice *rand.Rand) []time.Duration {
	phases := make([]time.Duration, n)
	if aligned || interval == 0 {
		return phases
	}
	for i, slot := range dice.Perm(n) {
		phases[i] = time.Duration((float64(slot) + dice.Float64()) / float64(n) * float64(interval))
	}
	return phases
}

// Ready is closed when every client has had its hello, and the connection over
// which it speaks if that is another one; or will never have them.
func (c *Crowd) Ready() <-chan struct{} { return c.ready }

// Refused is why some client was turned away for good, and how many were.
func (c *Crowd) Refused() (int, error) {
	if why := c.reason.Load(); why != nil {
		return int(c.given.Load()), *why
	}
	return 0, nil
}

func (c *Crowd) arrived(count *atomic.Int64) {
	count.Add(1)
	if c.joined.Load()+c.given.Load() == c.expects {
		c.once.Do(func() { close(c.ready) })
	}
}

// Speak lets every client say what it has to say between the two instants of
// wire.Now. It is an open loop: a message that is due
// while the client still waits for the answer to another is sent late.
func (c *Crowd) Speak(start, end int64) {
	if c.options.SayRate <= 0 {
		return
	}
	c.until.Store(end)
	for i, m := range c.members {
		c.engine.Do(i, func(int64) { m.voice.begin(start) })
	}
}

// Hush ends that early: nothing due from now on is sent.
func (c *Crowd) Hush(now int64) {
	c.until.Store(min(now, c.until.Load()))
	for i, m := range c.members {
		if m.voice != nil {
			c.engine.Do(i, func(int64) { m.voice.hush() })
		}
	}
}

// Unsaid is how many clients still have something to say: each at least one
// message that is due.
func (c *Crowd) Unsaid() int64 { return c.talking.Load() }

// turnedAway notes a connection that will never be, and why.
func (c *Crowd) turnedAway(why error) {
	c.reason.CompareAndSwap(nil, &why)
	c.arrived(&c.given)
}

// Speech is how many messages have been sent, are known not to have arrived, and
// how many messages or answers to them are still to come.
func (c *Crowd) Speech() (said, refused, pending int64) {
	pending = c.talking.Load() + c.pending.Load() // in this order: a message goes from the one to the other
	return c.said.Load(), c.refused.Load(), pending
}
