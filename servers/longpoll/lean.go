package longpoll

import (
	"sync/atomic"

	"pushbench/servers/answer"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// A Lean is a Handler on the lean stack: an event answers all who wait for it in
// one go, with the same bytes where they stand at the same cursor.
type Lean struct {
	source *source.Source
	desk   *answer.Desk
	opts   Options
	held   atomic.Int64
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half.
func NewLean(src *source.Source, o Options) *Lean {
	return &Lean{source: src, desk: answer.NewDesk(src, o.limit()), opts: o}
}

// Held is how many requests are being held.
func (h *Lean) Held() int { return int(h.held.Load()) }

// Part implements lean.Half.
func (h *Lean) Part(l *lean.Loop) lean.Part {
	return &part{Lean: h, loop: l, reader: request.NewReader(h.source, "If-None-Match"), rooms: make(map[*source.Topic]*room)}
}

// A part is the half on one loop.
type part struct {
	*Lean
	loop   *lean.Loop
	reader *request.Reader
	rooms  map[*source.Topic]*room
}

// A room is who waits for one topic on one loop.
type room struct {
	part    *part
	topic   *source.Topic
	waiting lean.Audience[*hold]
}

// A hold is one client that waits. It stays with its connection and is used for
// every request of it.
type hold struct {
	conn  *lean.Conn
	room  *room
	after uint64
	seat  lean.Seat
}

// Serve implements lean.Part.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	if p.loop.Draining() {
		c.Answer(now, answer.UnavailableResponse(second))
		return
	}
	s, refusal := p.reader.Read(r)
	if refusal != nil {
		c.Answer(now, refusal.Response(second))
		return
	}
	in := p.room(s.Topic) // before the log is looked into, so that no event falls between
	a := p.first(s, c)
	switch {
	case a != nil:
		c.Deliver(now, a.Response(second), p.opts.writeTimeout())
	case !p.enter():
		c.Answer(now, answer.BusyResponse(second))
	default:
		in.hold(c, now, s.Cursor.N)
	}
}

// first is what there is to answer at once, nil for nothing. Most come back with
// the newest event, and that is seen without looking into the log.
func (p *part) first(s request.Subscription, c *lean.Conn) *answer.Answer {
	client := ""
	if p.source.Pacing() {
		client = c.Name()
	} else if s.Cursor == s.Topic.Cursor(s.Topic.Tip()) {
		return nil
	}
	if a := p.desk.First(s, client); !a.Nothing() {
		return a
	}
	return nil
}

// room is the topic's, and made when the first one asks for it.
func (p *part) room(t *source.Topic) *room {
	in, known := p.rooms[t]
	if !known {
		in = &room{part: p, topic: t}
		p.rooms[t] = in
		p.loop.Watch(t, p)
	}
	return in
}

// enter counts one more who waits, unless there are as many as may be.
func (p *part) enter() bool {
	if n := p.held.Add(1); p.opts.MaxHeld > 0 && n > int64(p.opts.MaxHeld) {
		p.held.Add(-1)
		return false
	}
	return true
}

func (in *room) hold(c *lean.Conn, now int64, after uint64) {
	h, known := c.Holder().(*hold)
	if !known {
		h = &hold{conn: c}
	}
	h.room, h.after = in, after
	in.waiting.Join(h, &h.seat)
	c.Hold(h)
	c.Expire(now + int64(in.part.opts.hold()))
}

// News implements lean.Herald.
func (p *part) News(now int64, t *source.Topic) {
	in, second := p.rooms[t], p.loop.Second(now)
	var last uint64 // the cursor for which the answer is
	var a *answer.Answer
	for h := range in.waiting.All(p.source.Rotate()) {
		if a == nil || h.after != last {
			last, a = h.after, p.desk.After(t, h.after)
		}
		if !a.Nothing() { // else it asked when it was new already
			h.leave()
			h.conn.Deliver(now, a.Response(second), p.opts.writeTimeout())
		}
	}
}

// leave ends the waiting.
func (h *hold) leave() {
	h.room.waiting.Leave(&h.seat)
	h.room.part.held.Add(-1)
}

// Alarm implements lean.Holder: the hold time is over. It looks once more, so that
// an event of that very moment does not have to wait for the next request.
func (h *hold) Alarm(now int64) {
	p := h.room.part
	h.leave()
	h.conn.Deliver(now, p.desk.After(h.room.topic, h.after).Response(p.loop.Second(now)), p.opts.writeTimeout())
}

// Ended implements lean.Holder.
func (h *hold) Ended(int64, error) { h.leave() }

// Drain implements lean.Part: all who wait are told to come back.
func (p *part) Drain(now int64) {
	second := p.loop.Second(now)
	for _, in := range p.rooms {
		for h := range in.waiting.All(false) {
			h.leave()
			h.conn.Answer(now, answer.UnavailableResponse(second)) // each another time
		}
	}
}
