// Package recorder keeps what clients of a trial received: histograms and
// counters in shards that nobody fights over, merged once at the end, and for
// each client what is needed to account for every event it was owed.
package recorder

import (
	"sync"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A Recorder is one trial's record. Its shards are used concurrently, each
// under its lock; the other methods lock them one after the other.
type Recorder struct {
	shards  []*Shard
	clients []Client
	topics  int
}

// Options describe the clients of a trial.
type Options struct {
	Clients int
	First   int // number of the first of them in their crowd
	Topics  int // client i of the crowd follows topic i modulo Topics
	Shards  int // client i belongs to shard i modulo Shards
	Raw     bool
}

// New makes a recorder whose phase has not begun.
func New(o Options) *Recorder {
	r := &Recorder{clients: make([]Client, o.Clients), topics: o.Topics}
	for range o.Shards {
		r.shards = append(r.shards, &Shard{
			raw:      o.Raw,
			topics:   o.Topics,
			timeline: timeline{latency: hdr.New(), spare: hdr.New()},
			ages:     newAges(),
			delivery: hdr.New(),
			connect:  hdr.NewSparse(),
			delay:    hdr.NewSparse(),
			jitter:   hdr.NewSparse(),
			fanout:   make([][]arrival, o.Topics),
			traffic:  results.Traffic{Closed: map[string]int64{}, Refused: map[string]int64{}},
		})
	}
	for i := range r.clients {
		r.clients[i].topic = int32((o.First + i) % o.Topics)
	}
	return r
}

// Client is the account of client i.
func (r *Recorder) Client(i int) *Client { return &r.clients[i] }

// Shard is where client i records.
func (r *Recorder) Shard(i int) *Shard { return r.shards[i%len(r.shards)] }

func (r *Recorder) each(f func(*Shard)) {
	for _, s := range r.shards {
		s.Lock()
		f(s)
		s.Unlock()
	}
}

// A Live is a glance at a trial under way.
type Live struct {
	Received int64 // events so far, since the first connection
	Joined   int
	P99      time.Duration // of the latencies in slices that are over; zero before the first
}

// Live looks at the shards without stopping them for long: what takes time was
// done when a slice was over.
func (r *Recorder) Live() Live {
	var l Live
	for _, s := range r.shards {
		s.Lock()
		l.Received += s.received
		l.Joined += s.joined
		l.P99 = max(l.P99, s.p99) // the worst shard's
		s.Unlock()
	}
	return l
}

// A Shard is one part of the record. Lock it for each call that brings bytes,
// once, not for each event.
type Shard struct {
	sync.Mutex
	from, to int64
	raw      bool
	timeline

	delivery, connect *hdr.Histogram
	delay, jitter     *hdr.Histogram // of the generator
	disturbed         results.Disturbance
	fanout            [][]arrival // by life, topic and number
	topics            int
	epochs            []string // of the source's lives
	pasts             []past
	strikes           []strike
	ages              ages
	lacks             []lack
	traffic           results.Traffic
	uplink            results.Uplink
	events            results.Accounting // duplicated, reordered, gaps
	received          int64
	joined            int
	asides            [roles]*hdr.Histogram // latencies of clients that are not ordinary; nil before the first
	present           *hdr.Histogram        // latencies of clients that leave, while they are there; nil before the first
	recalled          *hdr.Histogram        // of what was due before a client was called back; nil before the first
	catchup           *hdr.Histogram        // nil before the first
	returned          int64                 // times that a client came back in the phase
	current           int64                 // those of them with nothing to catch up with
}

// An arrival is how far an event has come among the clients of a shard.
type arrival struct {
	first, last int64 // when the earliest and the latest of them had it
	got         int32
}

// maxTracked bounds the numbers whose fan-out is followed, per topic.
const maxTracked = 1 << 22

// Event records that the client has got the event, at the instant at which the
// read that brought it returned.
func (s *Shard) Event(c *Client, ev *wire.Event, now int64) {
	s.received++
	in := s.receivedIn(now)
	in.delivered++
	if in != &s.rest {
		s.traffic.Delivered++
		s.traffic.PayloadBytes += int64(len(ev.Data))
	}
	if ev.N == c.next && !c.foreign {
		c.next++
		if !c.holed {
			s.had(c, ev.Due, now)
		}
	} else if !s.irregular(c, ev.N, now) {
		return
	}
	if s.raw || ev.Due < s.from || ev.Due >= s.to {
		return
	}
	c.delivered++
	a := c.aside()
	if a != nil && s.gotAside(a, ev, now) {
		return
	}
	c.waited += now - ev.Due
	s.took(in, ev.Due, time.Duration(now-ev.Due))
	s.delivery.Record(time.Duration(now - ev.Pub))
	if a == nil {
		s.arrived(int(c.life)*s.topics+int(c.topic), ev.N, now)
	}
}

// arrived follows an event of a topic in one life of the source.
func (s *Shard) arrived(log int, n uint64, now int64) {
	track := s.fanout[log]
	if n >= uint64(len(track)) {
		if n >= maxTracked {
			return
		}
		track = append(track, make([]arrival, int(n)+1-len(track))...)
		s.fanout[log] = track
	}
	a := &track[n]
	if a.got++; a.got == 1 {
		a.first = now
	}
	a.first, a.last = min(a.first, now), max(a.last, now)
}

// irregular handles an event that is not the next one and says whether it is a
// delivery.
func (s *Shard) irregular(c *Client, n uint64, now int64) bool {
	if c.foreign {
		return false
	}
	was := c.oldest()
	order := c.take(n)
	s.moved(c, was, now)
	switch order {
	case late:
		s.events.Reordered++
	case again:
		s.events.Duplicated++
		return false
	}
	return true
}

// Damaged records that the client has got event n, at that instant, with a payload
// that does not fit its seal: it arrived, but it is lost.
func (s *Shard) Damaged(c *Client, n uint64, now int64) {
	was := c.oldest()
	if c.foreign || c.take(n) == again {
		return
	}
	c.lacks(n, n, results.LostCorrupt)
	s.moved(c, was, now)
}

// Hello records that the client is subscribed from the cursor n on, since that
// instant, and how long that took from the first byte of its connection.
func (s *Shard) Hello(c *Client, n uint64, took time.Duration, now int64) {
	s.connect.Record(took)
	if !c.joined {
		c.joined = true
		s.joined++
		c.hello, c.next, c.current = n, n+1, now
		return
	}
	// It came back without its cursor: what lies between is lost to it.
	was := c.oldest()
	c.lose(n, results.LostDisconnected)
	s.moved(c, was, now)
}

// Gap records a gap notice that came at that instant.
func (s *Shard) Gap(c *Client, g *wire.Gap, now int64) {
	s.events.Gaps++
	if g.Epoch != "" && !s.crossed(c, g.Cursor.Epoch, now) {
		return
	}
	was := c.oldest()
	if g.From > c.next {
		c.lacks(c.next, g.From-1, hole)
		c.next = g.From
	}
	c.lose(g.To, results.LostGap)
	s.moved(c, was, now)
}

// Request counts an HTTP request sent.
func (s *Shard) Request(now int64) { s.count(&s.traffic.Requests, now, 1) }

// Opened counts a connection that has been made.
func (s *Shard) Opened(now int64) { s.count(&s.traffic.Opened, now, 1) }

// Down and Up count bytes read from and written to sockets.
func (s *Shard) Down(now int64, n int) { s.count(&s.traffic.DownBytes, now, n) }
func (s *Shard) Up(now int64, n int)   { s.count(&s.traffic.UpBytes, now, n) }

// MissedPoll counts an instant at which a poll was due while the one before it
// was not answered yet.
func (s *Shard) MissedPoll(now int64) { s.count(&s.traffic.MissedPolls, now, 1) }

// SayFailed counts a message that was refused or whose connection broke, in the
// whole trial.
func (s *Shard) SayFailed() { s.traffic.SayFailed++ }

// Failed counts an attempt to connect that did not succeed, by reason, in the
// whole trial. It was begun at that instant.
func (s *Shard) Failed(reason string, begun int64) {
	s.traffic.ConnectFailed++
	s.traffic.Refused[reason]++
	if len(s.strikes) == 0 {
		return
	}
	last := &s.strikes[len(s.strikes)-1]
	last.refused++
	if last.over == 0 || begun <= last.over {
		last.vain[reason]++
	}
}

// Closed counts a connection that ended, by reason, in the whole trial.
func (s *Shard) Closed(reason string) {
	s.traffic.Closed[reason]++
	if last := len(s.strikes); last > 0 {
		s.strikes[last-1].ended[reason]++
	}
}

func (s *Shard) count(counter *int64, now int64, n int) {
	if s.during(now) {
		*counter += int64(n)
	}
}

// during says whether the instant is within the measured phase.
func (s *Shard) during(now int64) bool { return now >= s.from && now < s.to }

// A Journal is what the source says about itself after a trial.
type Journal struct {
	Topics    []source.Stamps
	Past      [][]source.Stamps // of its lives that are over, the first one first
	Taken     source.Taken      // messages of clients that are no events
	Driven    int               // events that the schedule has published
	Unwritten int64             // deliveries that live subscriptions still wait for
	From, To  int64             // the measured phase
}
