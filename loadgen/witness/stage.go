package witness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/wire"
	"pushbench/servers/ws"
)

// retry is how long an event stream tells its clients to stay away: long enough
// to be told from coming back at once.
const retry = 700 * time.Millisecond

// A stage is a server with one topic, on which events are bare text.
type stage struct {
	topic   *source.Topic
	mux     *http.ServeMux
	address string

	mu    sync.Mutex
	conns []net.Conn
	asked []asked
	began map[string]int // answers, by path
}

// asked is a request for a stream or a WebSocket.
type asked struct {
	path   string
	lastID string
	at     time.Time
}

// A half serves one transport, and can be told to end.
type half interface {
	http.Handler
	Shutdown(context.Context) error
}

// build starts a stage of our servers that ends with the function that it returns.
func build() (*stage, func(), error) {
	src := source.New(source.Options{Raw: true}, "t0")
	return serve(src, sse.New(src, sse.Options{Retry: retry}), ws.New(src, ws.Options{}))
}

// serve starts a stage of these.
func serve(src *source.Source, stream, socket half) (*stage, func(), error) {
	s := &stage{topic: src.Topics()[0], mux: http.NewServeMux(), began: map[string]int{}}
	s.mux.Handle("/sse", s.noting(stream))
	s.mux.Handle("/ws", s.noting(socket))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("listen: %w", err)
	}
	s.address = l.Addr().String()
	server := &http.Server{Handler: s.mux, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), ReadHeaderTimeout: patience}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(listener{l, s}) // until it is closed
	}()
	return s, func() {
		server.Close()
		<-ended
		s.cut()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		// Their connections are gone: what is left of them ends at once.
		_ = errors.Join(stream.Shutdown(ctx), socket.Shutdown(ctx))
	}, nil
}

func (s *stage) url(path string) string { return "http://" + s.address + path }

// noting notes who asks for what.
func (s *stage) noting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, asked{r.URL.Path, r.Header.Get("Last-Event-ID"), time.Now()})
		s.mu.Unlock()
		h.ServeHTTP(&beginning{ResponseWriter: w, stage: s, path: r.URL.Path}, r)
	})
}

// A beginning notes when an answer's body begins: a stream's is subscribed then.
type beginning struct {
	http.ResponseWriter
	stage *stage
	path  string
	begun bool
}

func (b *beginning) Write(text []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.stage.mu.Lock()
		b.stage.began[b.path]++
		b.stage.mu.Unlock()
	}
	return b.ResponseWriter.Write(text)
}

// Unwrap lets http.ResponseController have what the writer can do.
func (b *beginning) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// begun is how many answers have begun of the path.
func (s *stage) begun(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began[path]
}

// requests are those for the path so far.
func (s *stage) requests(path string) (all []asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a.path == path {
			all = append(all, a)
		}
	}
	return all
}

// listener keeps the connections that it accepts, so that they can be cut.
type listener struct {
	net.Listener
	stage *stage
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.stage.mu.Lock()
		l.stage.conns = append(l.stage.conns, c)
		l.stage.mu.Unlock()
	}
	return c, err
}

// cut ends every connection under its user's feet, as a network does.
func (s *stage) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

// publish publishes a text.
func (s *stage) publish(text string) error {
	_, err := s.topic.Publish(wire.Message{Data: []byte(text)})
	return err
}

// subscribers waits until there are so many.
func (s *stage) subscribers(ctx context.Context, n int) error {
	return s.until(ctx, func() bool { return s.topic.Subscribers() == n })
}

// until waits until that is so.
func (s *stage) until(ctx context.Context, so func() bool) error {
	glance := time.NewTicker(5 * time.Millisecond)
	defer glance.Stop()
	for !so() {
		select {
		case <-glance.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
