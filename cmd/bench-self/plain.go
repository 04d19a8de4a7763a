package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A plainServer is what most would write first: a channel per stream, a flush
// per event, a mutex around everything. It has no log to resume from, no
// deadlines and no accounting, and so shows what ours pay for those.
type plainServer struct {
	clients int
	begin   chan struct{} // closed when all clients have asked

	mu      sync.Mutex
	asked   map[string]bool // by remote address
	streams map[chan []byte]bool
	events  [][]byte
	news    chan struct{} // closed at the next event
}

// servePlain serves one transport until it is ended, and starts its events as
// the floor's server does.
func servePlain(ctx context.Context, args []string, _, errs io.Writer) error {
	flags := flag.NewFlagSet("bench-self plain", flag.ContinueOnError)
	transport := flags.String("transport", "sse", "")
	port := flags.Int("port", 0, "")
	clients := flags.Int("clients", 1000, "")
	rate := flags.Float64("rate", 10, "")
	if err := parse(flags, args, errs); err != nil {
		return err
	}
	p := &plainServer{
		clients: *clients,
		begin:   make(chan struct{}),
		asked:   map[string]bool{},
		streams: map[chan []byte]bool{},
		news:    make(chan struct{}),
	}
	handler := map[string]http.HandlerFunc{"poll": p.poll, "longpoll": p.longpoll, "sse": p.sse, "ws": p.ws}[*transport]
	if handler == nil || !(*rate > 0) {
		return fmt.Errorf("no transport %q at %g events/s", *transport, *rate)
	}
	mux := http.NewServeMux()
	mux.Handle("/"+*transport, handler)
	server := http.Server{Addr: address(*port), Handler: mux}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	go p.publish(ctx, *transport, time.Duration(float64(time.Second) / *rate))
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// publish frames each event once and hands it to every stream.
func (p *plainServer) publish(ctx context.Context, transport string, every time.Duration) {
	select {
	case <-p.begin:
	case <-ctx.Done():
		return
	}
	padding := strings.Repeat("x", eventSize)
	start := wire.Now() + int64(lead)
	for n := uint64(1); ; n++ {
		due := start + int64(n-1)*int64(every)
		if (source.Timer{}).WaitUntil(ctx, due) != nil {
			return
		}
		e := wire.Event{N: n, Due: due, Pub: wire.Now(), Wall: wire.Wall(), Data: []byte(`""`)}
		room := max(0, eventSize-len(wire.AppendEvent(nil, &e)))
		e.Data = strconv.AppendQuote(nil, padding[:room])
		event := wire.AppendEvent(nil, &e)
		p.mu.Lock()
		p.events = append(p.events, event)
		close(p.news)
		p.news = make(chan struct{})
		if transport == "sse" {
			event = fmt.Appendf(nil, "id: plain-%d\ndata: %s\n\n", n, event)
		}
		for stream := range p.streams {
			stream <- event
		}
		p.mu.Unlock()
	}
}

// ask notes that the client of this request is there.
func (p *plainServer) ask(r *http.Request) {
	if len(p.asked) == p.clients || p.asked[r.RemoteAddr] {
		return
	}
	if p.asked[r.RemoteAddr] = true; len(p.asked) == p.clients {
		close(p.begin)
	}
}

// join makes a stream; leave forgets it.
func (p *plainServer) join(r *http.Request) chan []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ask(r)
	stream := make(chan []byte, 1024)
	p.streams[stream] = true
	return stream
}

func (p *plainServer) leave(stream chan []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, stream)
}

func (p *plainServer) sse(w http.ResponseWriter, r *http.Request) {
	stream := p.join(r)
	defer p.leave(stream)
	w.Header().Set("Content-Type", "text/event-stream")
	io.WriteString(w, "id: plain-0\n\n")
	flusher := w.(http.Flusher)
	flusher.Flush()
	for {
		select {
		case event := <-stream:
			w.Write(event)
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (p *plainServer) ws(w http.ResponseWriter, r *http.Request) {
	var upgrader websocket.Upgrader
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	stream := p.join(r)
	defer p.leave(stream)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				return
			}
		}
	}()
	c.WriteMessage(websocket.TextMessage, []byte(`{"hello":"plain-0"}`))
	for {
		select {
		case event := <-stream:
			if c.WriteMessage(websocket.TextMessage, event) != nil {
				return
			}
		case <-gone:
			return
		}
	}
}

func (p *plainServer) poll(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.ask(r)
	events := p.events
	p.mu.Unlock()
	answer(w, r, events)
}

func (p *plainServer) longpoll(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.ask(r)
	events, news := p.events, p.news
	p.mu.Unlock()
	if after, resumed := cursor(r); resumed && after == len(events) {
		select {
		case <-news:
		case <-r.Context().Done():
			return
		}
		p.mu.Lock()
		events = p.events
		p.mu.Unlock()
	}
	answer(w, r, events)
}

// answer sends the events after the request's cursor.
func answer(w http.ResponseWriter, r *http.Request, events [][]byte) {
	w.Header().Set("ETag", fmt.Sprintf(`"plain-%d"`, len(events)))
	after, resumed := cursor(r)
	if resumed && after == len(events) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if !resumed {
		after = len(events)
	}
	w.Header().Set("Content-Type", "application/json")
	body := fmt.Appendf(nil, `{"cursor":"plain-%d","more":false,"events":[`, len(events))
	for i, event := range events[after:] {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, event...)
	}
	w.Write(append(body, "]}"...))
}

func cursor(r *http.Request) (after int, resumed bool) {
	number, ok := strings.CutPrefix(r.FormValue("after"), "plain-")
	after, err := strconv.Atoi(number)
	return after, ok && err == nil
}
