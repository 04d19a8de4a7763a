package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"sync/atomic"

	"pushbench/servers/broadcast"
	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// A Lean is the server half of WebSocket on the lean stack, without a library. It
// keeps the promises of Handler, and answers the same bytes with the same.
type Lean struct {
	source *source.Source
	opts   Options
	rule   source.Rule // of its clients
	frames framing
	count  atomic.Int64
}

var _ lean.Half = (*Lean)(nil)

// NewLean makes the half of src.
func NewLean(src *source.Source, o Options) *Lean {
	return &Lean{source: src, opts: o, rule: source.Rule{Policy: o.Slow, Limit: o.Limit}, frames: framing{source.Once(src, func(e *source.Entry) *[]byte {
		frame := appendFrame(make([]byte, 0, len(e.Bytes)+10), opText, e.Bytes)
		return &frame
	})}}
}

// Connections is the number of connections being served.
func (l *Lean) Connections() int { return int(l.count.Load()) }

// Part implements lean.Half.
func (l *Lean) Part(loop *lean.Loop) lean.Part {
	return &part{lean: l, loop: loop, station: broadcast.New(loop, l.frames, broadcast.Options{
		PerWrite:     l.opts.PerWrite,
		WriteTimeout: l.opts.writeTimeout(),
		Interval:     min(l.opts.pingInterval(), l.opts.pongWait()),
	})}
}

// framing makes the frames of messages to clients.
type framing struct {
	frame func(*source.Entry) *[]byte
}

// Event implements broadcast.Framing.
func (f framing) Event(e *source.Entry) []byte { return *f.frame(e) }

// Append implements broadcast.Framing.
func (f framing) Append(dst []byte, r *source.Reading) []byte {
	if r.Gap != nil {
		dst = appendFrame(dst, opText, appendGap(nil, r.Gap))
	}
	for _, e := range r.Entries {
		dst = append(dst, *f.frame(e)...)
	}
	return dst
}

// A part is the half on one loop.
type part struct {
	lean     *Lean
	loop     *lean.Loop
	station  *broadcast.Station
	draining bool
	room     []byte // for what is said to one client
	text     []byte // and for what is in it
}

var _ lean.Part = (*part)(nil)

// Serve implements lean.Part. It refuses in the order in which Handler.ServeHTTP
// and gorilla do.
func (p *part) Serve(c *lean.Conn, now int64, r *http1.Request) {
	second := p.loop.Second(now)
	asked, refusal := request.Read(p.lean.source, r, nil)
	if refusal != nil {
		c.Answer(now, refusal.Response(second))
		return
	}
	if c.Minor() == 0 { // section 4.2.1
		c.Answer(now, http1.NewError(http.StatusUpgradeRequired, "WebSocket needs HTTP/1.1", second, "Upgrade: websocket"))
		return
	}
	if p.draining {
		c.Answer(now, http1.NewError(http.StatusServiceUnavailable, errShutdown.Error(), second, "Retry-After: 1"))
		return
	}
	if status := p.lean.opts.judge(r); status != http.StatusSwitchingProtocols {
		c.Answer(now, http1.NewError(status, http.StatusText(status), second, "Sec-Websocket-Version: 13"))
		return
	}
	if c.Behind() > 0 {
		// Who speaks before the handshake is complete (section 4.1) gets no answer from
		// gorilla either.
		c.Close(errEarly)
		return
	}
	p.open(c, now, asked, r.Field("Sec-Websocket-Key"))
}

// judge is the status that answers a handshake.
func (o Options) judge(r *http1.Request) int {
	switch {
	case !r.HasToken("Connection", "upgrade"), !r.HasToken("Upgrade", "websocket"):
		return http.StatusBadRequest
	case string(r.Method) != http.MethodGet:
		return http.StatusMethodNotAllowed
	case !r.HasToken("Sec-Websocket-Version", "13"):
		return http.StatusBadRequest
	case !o.admits(r.Field("Origin"), r.Host):
		return http.StatusForbidden
	case !isKey(r.Field("Sec-Websocket-Key")):
		return http.StatusBadRequest
	}
	return http.StatusSwitchingProtocols
}

// admits is welcome, and keeps nothing of what most clients send.
func (o Options) admits(origin, host []byte) bool {
	return len(origin) == 0 || plainOrigin(string(origin), string(host)) || o.welcome(string(origin), string(host))
}

// isKey says whether the challenge is 16 bytes in Base64 (section 4.1).
func isKey(key []byte) bool {
	var room [64]byte
	if base64.StdEncoding.DecodedLen(len(key)) > len(room) {
		return false
	}
	n, err := base64.StdEncoding.Decode(room[:], key)
	return err == nil && n == 16
}

// appendAgreement appends the answer to a good handshake (section 4.2.2).
func appendAgreement(dst, key []byte) []byte {
	const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	var room [64]byte
	sum := sha1.Sum(append(append(room[:0], key...), guid...))
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = base64.StdEncoding.AppendEncode(dst, sum[:])
	return append(dst, "\r\n\r\n"...)
}

// open begins the session of a client that has been accepted.
func (p *part) open(c *lean.Conn, now int64, asked request.Subscription, key []byte) {
	o := &p.lean.opts
	s := &session{part: p, ping: now + int64(o.pingInterval()), pong: now + int64(o.pongWait())}
	opening := appendAgreement(p.room[:0], key)
	var sub *source.Subscription
	if asked.Cursor.IsZero() {
		var head uint64
		sub, head = asked.Topic.SubscribeHead()
		p.text = appendHello(p.text[:0], asked.Topic.Cursor(head))
		opening = appendFrame(opening, opText, p.text)
	} else {
		after, gap := asked.Topic.Resume(asked.Cursor)
		sub = asked.Topic.Subscribe(after)
		if gap != nil {
			opening = appendFrame(opening, opText, appendGap(nil, gap))
		}
	}
	p.room = opening
	c.Stream(s)
	c.Write(opening)
	p.lean.count.Add(1)
	s.Join(p.station, c, sub.FollowAs(&p.lean.rule, c), now)
}

// Drain implements lean.Part: every connection is closed with code 1001.
func (p *part) Drain(now int64) {
	p.draining = true
	p.station.Leave(now)
}
