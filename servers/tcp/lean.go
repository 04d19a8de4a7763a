// Package tcp is the server half of the baseline: frames with a length in front,
// straight on TCP. It is no transport that anybody would choose, but the least that
// still resumes at a cursor and tells of gaps: what others take beyond it is what
// their protocol takes. It exists on the lean stack only.
//
// A client asks with the head of an HTTP request, as it would ask the others, and is
// refused with an HTTP response. Otherwise all that follows, from the first byte on,
// is frames: four bytes, most significant first, that say how many follow, and those.
// What the server sends begins with the byte that says what it is: h and a cursor, e
// and an event, g and the notice of a gap. What a client sends is a message. A frame of
// nothing is a sign of life, and the first one where a client has a cursor already.
package tcp

import (
	"bytes"
	"cmp"
	"net/http"
	"sync/atomic"
	"time"

	"pushbench/servers/broadcast"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// Options describe how connections are served. The zero value is useful.
type Options struct {
	// WriteTimeout is how long what was written may wait for the kernel to take it.
	// Zero means 10 s.
	WriteTimeout time.Duration
	// Heartbeat is how long a connection is silent before a sign of life goes out.
	// Zero means 15 s.
	Heartbeat time.Duration
	// ReadLimit is the largest message from a client in bytes. Zero means 64 KiB.
	ReadLimit int
	// PerWrite is how many events share a write at most. Zero: all that a client lacks.
	PerWrite int
	// Slow is what happens to a client that falls off the log, or further behind
	// than Limit.
	Slow  source.Policy
	Limit source.Limit
}

func (o Options) heartbeat() time.Duration { return cmp.Or(o.Heartbeat, 15*time.Second) }
func (o Options) readLimit() int           { return cmp.Or(o.ReadLimit, 64<<10) }

// A Lean serves a source. A client's messages are published to the topic that it
// follows.
type Lean struct {
	source *source.Source
	opts   Options
	rule   source.Rule                 // of its clients
	frame  func(*source.Entry) *[]byte // shared by all connections
	count  atomic.Int64
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half of src.
func NewLean(src *source.Source, o Options) *Lean {
	return &Lean{source: src, opts: o, rule: source.Rule{Policy: o.Slow, Limit: o.Limit}, frame: source.Once(src, func(e *source.Entry) *[]byte {
		frame := appendEvent(make([]byte, 0, head+1+len(e.Bytes)), e)
		return &frame
	})}
}

// Connections is the number of connections being served.
func (l *Lean) Connections() int { return int(l.count.Load()) }

// Part implements lean.Half.
func (l *Lean) Part(loop *lean.Loop) lean.Part {
	return &part{lean: l, loop: loop, station: broadcast.New(loop, framing{l.frame}, broadcast.Options{
		PerWrite: l.opts.PerWrite, WriteTimeout: l.opts.WriteTimeout, Interval: l.opts.heartbeat(),
	})}
}

// A part is the half on one loop.
type part struct {
	lean     *Lean
	loop     *lean.Loop
	station  *broadcast.Station
	draining bool
	room     []byte // for what is said to one client
}

var _ lean.Part = (*part)(nil)

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	asked, refusal := request.Read(p.lean.source, r, nil)
	switch {
	case refusal != nil:
		c.Answer(now, refusal.Response(second))
	case string(r.Method) == http.MethodHead:
		c.Answer(now, http1.NewError(http.StatusMethodNotAllowed, "method HEAD: subscribe with GET", second, "Allow: GET"))
	case p.draining:
		c.Answer(now, http1.NewError(http.StatusServiceUnavailable, "server is shutting down", second, "Retry-After: 1"))
	default:
		p.begin(c, now, asked)
	}
}

// Drain implements lean.Part. A client learns from the end of its connection that the
// server has gone.
func (p *part) Drain(now int64) {
	p.draining = true
	p.station.Leave(now)
}

// begin takes the connection of a client over.
func (p *part) begin(c *lean.Conn, now int64, asked request.Subscription) {
	s := &session{part: p}
	var sub *source.Subscription
	if asked.Cursor.IsZero() {
		var newest uint64
		sub, newest = asked.Topic.SubscribeHead()
		p.room = appendHello(p.room[:0], asked.Topic.Cursor(newest))
	} else {
		after, gap := asked.Topic.Resume(asked.Cursor)
		sub = asked.Topic.Subscribe(after)
		p.room = append(p.room[:0], alive...)
		if gap != nil {
			p.room = appendGap(p.room, gap)
		}
	}
	c.Stream(s)
	c.Write(p.room)
	p.lean.count.Add(1)
	s.Join(p.station, c, sub.FollowAs(&p.lean.rule, c), now)
}

// A session is one client's connection.
type session struct {
	broadcast.Reader
	part *part
	held []byte // of a message that is split over reads
	left bool   // is to end as soon as all is written
}

var _ broadcast.Client = (*session)(nil)

// Received implements lean.Stream: it takes the client's messages.
func (s *session) Received(now int64, b []byte) {
	if s.left {
		return
	}
	whole := b
	if len(s.held) > 0 {
		s.held = append(s.held, b...)
		whole = s.held
	}
	for {
		content, rest, length, complete := cut(whole)
		switch {
		case length > s.part.lean.opts.readLimit():
			s.leave(now)
			return
		case !complete:
			s.keep(rest)
			return
		case length > 0 && s.say(content) != nil:
			s.leave(now)
			return
		}
		whole = rest
	}
}

// keep is for what of a message has come so far.
func (s *session) keep(rest []byte) {
	switch {
	case len(rest) == 0:
		s.held = nil // most clients say little: it is not worth keeping
	case len(rest) == len(s.held): // all of it: nothing has become whole
	default:
		s.held = append(make([]byte, 0, len(rest)), rest...)
	}
}

// say publishes what a client says.
func (s *session) say(content []byte) error {
	m, err := wire.ParseMessage(content)
	if err != nil {
		return err
	}
	m.Data = bytes.Clone(m.Data) // the log keeps it, and the buffer is used again
	return s.Topic().Say(m)
}

// Drained implements lean.Stream.
func (s *session) Drained(now int64) {
	left := s.left // or its policy may make it leave just now, and see to its end
	if s.Reader.Drained(now) && left {
		s.finish(now)
	}
}

// Alarm implements lean.Holder: the kernel has not taken what was written.
func (s *session) Alarm(int64) {
	if s.Waiting() {
		s.Conn().Close(broadcast.ErrUnread)
	}
}

// Ended implements lean.Holder.
func (s *session) Ended(int64, error) {
	s.Stop()
	s.part.lean.count.Add(-1)
}

// Tend implements broadcast.Client.
func (s *session) Tend(now int64) (again int64) {
	interval := int64(s.part.lean.opts.heartbeat())
	if !s.left && !s.Waiting() && s.Spoke()+interval <= now {
		s.Send(now, alive)
	}
	return max(s.Spoke(), now-interval) + interval
}

// TooSlow implements broadcast.Client.
func (s *session) TooSlow(now int64) { s.leave(now) }

// Leave implements broadcast.Client.
func (s *session) Leave(now int64) { s.leave(now) }

// leave ends the connection as soon as what is under way is written.
func (s *session) leave(now int64) {
	if s.left {
		return
	}
	s.left, s.held = true, nil
	s.Stop()
	if !s.Waiting() {
		s.finish(now)
	}
}

func (s *session) finish(now int64) {
	s.Finish(now)
	s.part.lean.count.Add(-1)
}
