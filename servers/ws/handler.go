// Package ws is the server half of WebSocket (RFC 6455) on gorilla/websocket: a
// frame made once per event, and for each client one goroutine that writes and
// one that reads.
package ws

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/servers/gate"
	"pushbench/servers/request"
	"pushbench/servers/source"
)

// Options describe how connections are served. The zero value is useful.
type Options struct {
	// WriteTimeout bounds a write to a client that does not read; after it the
	// connection ends, whatever the policy. Zero means 10 s.
	WriteTimeout time.Duration
	// PongWait is how long a client may go without answering a ping. Zero means
	// 60 s.
	PongWait time.Duration
	// PingInterval is how often a client is pinged, also while events flow. Zero
	// means half of PongWait.
	PingInterval time.Duration
	// ReadLimit is the largest message from a client in bytes. Zero means 64 KiB.
	ReadLimit int64
	// Origins are the origins ("https://example.org") from which pages may
	// connect besides this server's own. Clients that send none always may: only
	// browsers can be talked into connecting with someone else's cookies.
	Origins []string
	// Slow is what happens to a client that falls off the log, or further behind
	// than Limit.
	Slow  source.Policy
	Limit source.Limit
	// PerWrite is how many events at most share a write. Zero is no limit. It is for
	// Lean: Handler writes each by itself.
	PerWrite int
}

func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, 10*time.Second) }
func (o Options) pongWait() time.Duration     { return cmp.Or(o.PongWait, time.Minute) }
func (o Options) pingInterval() time.Duration { return cmp.Or(o.PingInterval, o.pongWait()/2) }
func (o Options) readLimit() int64            { return cmp.Or(o.ReadLimit, 64<<10) }

// closeWait bounds both halves of a closing handshake.
const closeWait = time.Second

// A Handler serves a source over WebSocket. A client's text messages are
// published to the topic that it follows.
type Handler struct {
	source   *source.Source
	opts     Options
	upgrader websocket.Upgrader
	frame    func(*source.Entry) *websocket.PreparedMessage // shared by all connections
	gate     *gate.Gate
}

var _ http.Handler = (*Handler)(nil)

// New makes a Handler of src.
func New(src *source.Source, o Options) *Handler {
	h := &Handler{
		source: src,
		opts:   o,
		frame:  source.Once(src, prepare),
		gate:   gate.New(errShutdown),
	}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: o.writeTimeout(),
		// Clients say little, and what is sent is either a shared frame or a short
		// notice: an idle connection keeps no more than this.
		ReadBufferSize:  1 << 10,
		WriteBufferSize: 1 << 10,
		WriteBufferPool: new(sync.Pool),
		CheckOrigin:     h.welcome,
	}
	return h
}

// ServeHTTP upgrades the connection and returns; the connection lives on until
// the client leaves, does not read, answers no pings, or the server shuts down.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, refusal := request.Parse(h.source, r, "")
	if refusal != nil {
		refusal.Write(w)
		return
	}
	if !r.ProtoAtLeast(1, 1) { // RFC 6455, section 4.2.1, which gorilla does not check
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "WebSocket needs HTTP/1.1", http.StatusUpgradeRequired)
		return
	}
	if !h.gate.Enter() {
		w.Header().Set("Retry-After", "1")
		http.Error(w, errShutdown.Error(), http.StatusServiceUnavailable)
		return
	}
	conn, err := h.upgrader.Upgrade(unwrapping{w}, r, nil)
	if err != nil { // and answered
		h.gate.Leave()
		return
	}
	// Not the request's context, which ends when ServeHTTP returns.
	ctx, cancel := context.WithCancelCause(h.gate.Context())
	c := &connection{handler: h, conn: conn, ctx: ctx, cancel: cancel, heard: make(chan struct{})}
	opening := c.subscribe(asked, r.RemoteAddr)
	// Note: net/http keeps its buffers and the request until ServeHTTP returns,
	// some 10 KiB; so the work is done in goroutines of its own.
	go c.listen()
	go c.serve(opening)
}

// unwrapping lets gorilla hijack through middleware that has only Unwrap.
type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(u.ResponseWriter).Hijack()
}

// welcome says whether a page of the request's origin may connect.
func (h *Handler) welcome(r *http.Request) bool {
	return h.opts.welcome(r.Header.Get("Origin"), r.Host)
}

// welcome says whether a page of the origin may connect to that host.
func (o Options) welcome(origin, host string) bool {
	if origin == "" || plainOrigin(origin, host) {
		return true
	}
	if from, err := url.Parse(origin); err == nil && from.Host != "" && strings.EqualFold(from.Host, host) {
		return true
	}
	for _, allowed := range o.Origins {
		if strings.EqualFold(origin, allowed) {
			return true
		}
	}
	return false
}

// plainOrigin says whether the origin is the host's, spelt as browsers do. It
// allocates nothing; what it does not see, a parser may.
func plainOrigin(origin, host string) bool {
	name, ok := strings.CutPrefix(origin, "http://")
	if !ok {
		name, ok = strings.CutPrefix(origin, "https://")
	}
	if !ok || name == "" || name != host {
		return false
	}
	name, port, _ := strings.Cut(name, ":")
	other := func(r rune) bool { return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }
	digit := func(r rune) bool { return r < '0' || r > '9' }
	return name != "" && !strings.ContainsFunc(name, other) && !strings.ContainsFunc(port, digit)
}

// Connections is the number of connections being served.
func (h *Handler) Connections() int { return h.gate.Count() }

// Shutdown closes every connection with code 1001 and waits for that, or until
// the context ends. New requests are refused with 503. A client that does not
// read takes up to the write timeout to be rid of. http.Server.Shutdown does
// not do this: it does not know hijacked connections.
func (h *Handler) Shutdown(ctx context.Context) error {
	select {
	case <-h.gate.Close():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close %d WebSocket connections: %w", h.Connections(), context.Cause(ctx))
	}
}
