package lean

import (
	"iter"
	"net/http"
	"time"

	"pushbench/servers/alarm"
	"pushbench/servers/http1"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// How long clients may take. They are those of the other stack.
const (
	headTimeout  = 10 * time.Second // for the head of a request
	idleTimeout  = 2 * time.Minute  // for the next one
	writeTimeout = 10 * time.Second // to read an answer, where its half does not say
	lastTimeout  = time.Second      // to hear the other side out at the end
)

// A Clock is the timers of an event loop, and the way in for other goroutines.
type Clock interface {
	At(t *alarm.Timer, instant int64, a alarm.Alarmer)
	Post(f func(now int64))
}

// A Mount is a half and the path at which it answers. Without a path it has every
// connection from its first byte on, and stands alone.
type Mount struct {
	Path string
	Half Half
}

// A Loop is what a server has on one event loop: its connections, and its part of
// each half. Everything is for the event loop's goroutine, if not said otherwise.
type Loop struct {
	clock    Clock
	source   *source.Source
	found    *source.Findings
	routes   []route
	raw      Part        // of a mount without a path
	conns    rows[*Conn] // each knows its place
	draining bool
	empty    func() // told when the last connection is gone, while draining

	parser http1.Parser // of all connections
	behind int          // bytes that came behind the head of the request that is served
	second int64        // of the wall clock
	turn   int64        // when the next one begins
	news   bulletin
}

type route struct {
	path string
	part Part
}

// NewLoop makes what a server of src has on the loop of that clock. Findings may
// be nil.
func NewLoop(clock Clock, src *source.Source, found *source.Findings, mounts ...Mount) *Loop {
	l := &Loop{clock: clock, source: src, found: found}
	l.news.open(clock)
	for _, m := range mounts {
		part := m.Half.Part(l)
		if m.Path == "" {
			l.raw = part
		} else {
			l.routes = append(l.routes, route{m.Path, part})
		}
	}
	return l
}

// Source is what the loop's parts serve.
func (l *Loop) Source() *source.Source { return l.source }

// At arms a timer of a part's own.
func (l *Loop) At(t *alarm.Timer, instant int64, a alarm.Alarmer) { l.clock.At(t, instant, a) }

// Watch has h told, from now on and for good, when the topic has news: once,
// however many events that are. Who looks into the log after that misses nothing.
func (l *Loop) Watch(t *source.Topic, h Herald) { l.news.watch(t, h) }

// Draining says whether the server is about to end.
func (l *Loop) Draining() bool { return l.draining }

// Second is the second of the wall clock at an instant that is not long past: the
// Date of a response. Looking at the clock for each one would cost as much as
// finding the answer.
func (l *Loop) Second(now int64) int64 {
	if now >= l.turn {
		wall := wire.Wall()
		l.second, l.turn = wall/1e9, now+1e9-wall%1e9
	}
	return l.second
}

// Conns are the connections. None may come or go meanwhile.
func (l *Loop) Conns() iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		for i := range l.conns.len() {
			if !yield(*l.conns.at(i)) {
				return
			}
		}
	}
}

// Drain begins the end: everyone is told, who is idle is let go, and then is called
// when the last connection has ended.
func (l *Loop) Drain(now int64, then func()) {
	l.draining, l.empty = true, then
	if l.raw != nil {
		l.raw.Drain(now)
	}
	for _, r := range l.routes {
		r.part.Drain(now)
	}
	for c := range l.Conns() {
		c.drain()
	}
	if l.conns.len() == 0 {
		then()
	}
}

// serve finds who answers the request. The paths are few, and compared one by one.
func (l *Loop) serve(c *Conn, now int64, r *http1.Request) {
	for i := range l.routes {
		if string(r.Path) == l.routes[i].path {
			l.routes[i].part.Serve(c, now, r)
			return
		}
	}
	second := l.Second(now)
	switch {
	case string(r.Path) != "*" && r.Moved != "":
		c.Answer(now, http1.NewResponse(http.StatusTemporaryRedirect, nil, second, "Location: "+r.Moved))
	case string(r.Path) != "*":
		c.Answer(now, http1.NewError(http.StatusNotFound, "404 page not found", second))
	case string(r.Method) == http.MethodOptions: // RFC 9110, section 9.3.7
		c.Answer(now, http1.NewResponse(http.StatusOK, nil, second))
	default:
		c.Refuse(now, http1.NewResponse(http.StatusBadRequest, nil, second))
	}
}
