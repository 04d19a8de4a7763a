package sse

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"pushbench/servers/broadcast"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// A Lean is the server half of Server-Sent Events on the lean stack. It keeps the
// promises of Handler, and sends the same.
type Lean struct {
	source *source.Source
	opts   Options
	rule   source.Rule                // of its clients
	frame  func(*source.Entry) *chunk // shared by all streams
	count  atomic.Int64
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half of src.
func NewLean(src *source.Source, o Options) *Lean {
	return &Lean{source: src, opts: o, rule: source.Rule{Policy: o.Slow, Limit: o.Limit}, frame: source.Once(src, func(e *source.Entry) *chunk {
		return newChunk(appendEvent(make([]byte, 0, len(e.Bytes)+128), src.Epoch(), e))
	})}
}

// Connections is the number of streams being served.
func (l *Lean) Connections() int { return int(l.count.Load()) }

// Part implements lean.Half.
func (l *Lean) Part(loop *lean.Loop) lean.Part {
	o := broadcast.Options{PerWrite: l.opts.PerWrite, WriteTimeout: l.opts.writeTimeout(), Interval: l.opts.heartbeat()}
	return &part{
		lean:    l,
		loop:    loop,
		chunked: broadcast.New(loop, chunked{l.frame}, o),
		plain:   broadcast.New(loop, whole{l.frame}, o),
	}
}

// A part is the half on one loop.
type part struct {
	lean           *Lean
	loop           *lean.Loop
	chunked, plain *broadcast.Station
	draining       bool
	room, head     []byte // for what is said to one client
}

var _ lean.Part = (*part)(nil)

// fields are of every stream: see Handler.ServeHTTP.
var fields = []string{"Cache-Control: no-cache, no-transform", "Content-Type: text/event-stream", "X-Accel-Buffering: no"}

// Serve implements lean.Part. A cursor in Last-Event-ID wins, as in
// Handler.ServeHTTP.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	asked, refusal := request.Read(p.lean.source, r, r.Field("Last-Event-ID"))
	switch {
	case refusal != nil:
		c.Answer(now, refusal.Response(second))
		return
	case p.draining:
		c.Answer(now, http1.NewError(http.StatusServiceUnavailable, errShutdown.Error(), second, "Retry-After: 1"))
		return
	case string(r.Method) == http.MethodHead:
		c.Answer(now, http1.NewResponse(http.StatusOK, nil, second, fields...))
		return
	}
	p.stream(c, now, asked, second)
}

// Drain implements lean.Part: every client is told when to come back.
func (p *part) Drain(now int64) {
	p.draining = true
	p.chunked.Leave(now)
	p.plain.Leave(now)
}

// A flow is one client's stream on the lean stack.
type flow struct {
	broadcast.Reader
	part  *part
	plain bool
	last  farewell // how it ends; zero: it goes on
}

// A farewell is what is said to a client at the end.
type farewell uint8

const (
	late farewell = iota + 1 // it did not keep up
	soon                     // it shall come back, in a while
)

var _ broadcast.Client = (*flow)(nil)

// stream begins the stream of a client that has been accepted.
func (p *part) stream(c *lean.Conn, now int64, asked request.Subscription, second int64) {
	o := &p.lean.opts
	f := &flow{part: p, plain: c.Minor() == 0}
	opening := appendRetry(p.room[:0], o.retry())
	var sub *source.Subscription
	if asked.Cursor.IsZero() {
		var head uint64
		sub, head = asked.Topic.SubscribeHead()
		opening = appendHello(opening, asked.Topic.Cursor(head))
	} else {
		after, gap := asked.Topic.Resume(asked.Cursor)
		sub = asked.Topic.Subscribe(after)
		opening = append(opening, '\n')
		if gap != nil {
			opening = appendGap(opening, gap)
		}
	}
	p.room = opening
	c.Stream(f)
	p.head = f.appendHead(p.head[:0], opening, second)
	c.Write(p.head)
	station := p.chunked
	if f.plain {
		station = p.plain
	}
	p.lean.count.Add(1)
	f.Join(station, c, sub.FollowAs(&p.lean.rule, c), now)
}

// appendHead appends the response's head with the first blocks behind it.
//
// Note: the stream is the connection's last response, which is said.
func (f *flow) appendHead(dst, opening []byte, second int64) []byte {
	if f.plain {
		dst = append(dst, "HTTP/1.0 200 OK\r\n"...)
	} else {
		dst = append(dst, "HTTP/1.1 200 OK\r\n"...)
	}
	for _, field := range fields {
		dst = append(append(dst, field...), "\r\n"...)
	}
	dst = append(dst, "Date: "...)
	dst = time.Unix(second, 0).UTC().AppendFormat(dst, http.TimeFormat)
	dst = append(dst, "\r\nConnection: close\r\n"...)
	if f.plain {
		dst = append(dst, "\r\n"...)
		return append(dst, opening...)
	}
	dst = append(dst, "Transfer-Encoding: chunked\r\n\r\n"...)
	return appendChunk(dst, opening)
}

// Received implements lean.Stream. A client has nothing to say.
func (f *flow) Received(int64, []byte) {}

// Drained implements lean.Stream.
func (f *flow) Drained(now int64) {
	if f.Reader.Drained(now) && f.last != 0 {
		f.finish(now)
	}
}

// Alarm implements lean.Holder: the kernel has not taken what was written.
func (f *flow) Alarm(int64) {
	if f.Waiting() {
		f.Conn().Close(broadcast.ErrUnread)
	}
}

// Ended implements lean.Holder.
func (f *flow) Ended(int64, error) {
	f.Stop()
	f.part.lean.count.Add(-1)
}

// Tend implements broadcast.Client: a client that has been told nothing for as
// long as a heartbeat gets one.
func (f *flow) Tend(now int64) (again int64) {
	interval := int64(f.part.lean.opts.heartbeat())
	if f.last == 0 && !f.Waiting() && f.Spoke()+interval <= now {
		f.Send(now, f.framed(heartbeat))
	}
	return max(f.Spoke(), now-interval) + interval
}

// TooSlow implements broadcast.Client.
func (f *flow) TooSlow(now int64) { f.leave(now, late) }

// Leave implements broadcast.Client.
func (f *flow) Leave(now int64) { f.leave(now, soon) }

// leave ends the stream as soon as the client can be written to.
func (f *flow) leave(now int64, last farewell) {
	if f.last != 0 {
		return
	}
	f.Stop()
	f.last = last
	if !f.Waiting() {
		f.finish(now)
	}
}

func (f *flow) finish(now int64) {
	last := tooSlow
	if f.last == soon {
		retry := f.part.lean.opts.retry()
		last = append(appendRetry(nil, retry+rand.N(retry)), '\n')
	}
	end := f.framed(last)
	if !f.plain {
		end = append(end, lastChunk...)
	}
	f.Conn().Write(end)
	f.Finish(now)
	f.part.lean.count.Add(-1)
}

// framed is a block for this client alone, valid until the next one.
func (f *flow) framed(block []byte) []byte {
	if f.part.room = f.part.room[:0]; f.plain {
		f.part.room = append(f.part.room, block...)
	} else {
		f.part.room = appendChunk(f.part.room, block)
	}
	return f.part.room
}
