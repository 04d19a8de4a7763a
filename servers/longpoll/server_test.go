package longpoll_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/longpoll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A pipe is a listener without a network, so that its connections live in
// virtual time.
type pipe struct {
	conns chan net.Conn
	once  sync.Once
}

func (p *pipe) Accept() (net.Conn, error) {
	if c, ok := <-p.conns; ok {
		return c, nil
	}
	return nil, errors.New("closed")
}
func (p *pipe) Close() error   { p.once.Do(func() { close(p.conns) }); return nil }
func (p *pipe) Addr() net.Addr { return &net.IPAddr{} }

func TestHoldOutlivesTheServersTimeouts(t *testing.T) { // L1, V7
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "t")
		server := &http.Server{
			Handler:      longpoll.New(src, longpoll.Options{Hold: 20 * time.Second}),
			ReadTimeout:  time.Second,
			WriteTimeout: 2 * time.Second,
		}
		l := &pipe{conns: make(chan net.Conn)}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		near, far := net.Pipe()
		l.conns <- far

		in := bufio.NewReader(near)
		// All on one connection: a request must not leave its deadlines behind.
		for i, event := range []bool{false, true, false} {
			start := time.Now()
			fmt.Fprintf(near, "GET /?topic=t&after=local-%d HTTP/1.1\r\nHost: x\r\n\r\n", src.Add("t").Head())
			want, status := 20*time.Second, http.StatusNoContent
			if event {
				want, status = 15*time.Second, http.StatusOK
				time.AfterFunc(want, func() { publish(t, src, 1) })
			}
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("answer %d: %v", i, err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Errorf("body %d: %v", i, err)
			}
			if took := time.Since(start); took != want || response.StatusCode != status {
				t.Errorf("answer %d is %d after %v, want %d after %v", i, response.StatusCode, took, status, want)
			}
		}
		near.Close()
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func TestClientThatHangsUpReleasesItsRequest(t *testing.T) { // L7
	h := longpoll.New(source.New(source.Options{}, "t"), longpoll.Options{Hold: time.Hour})
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		close(ended)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /?topic=t&after=local-0 HTTP/1.1\r\nHost: x\r\n\r\n")
	for h.Held() == 0 {
		runtime.Gosched()
	}
	conn.Close()
	<-ended
	if got := h.Held(); got != 0 {
		t.Errorf("%d requests are held", got)
	}
}

func TestNoEventIsLostBetweenAnswerAndNextRequest(t *testing.T) { // L4
	const clients, events = 8, 2000
	src := source.New(source.Options{Keep: events}, "t")
	server := httptest.NewServer(longpoll.New(src, longpoll.Options{Limit: 16}))
	defer server.Close()
	var subscribed, all sync.WaitGroup
	subscribed.Add(clients)
	for range clients {
		all.Go(func() {
			hello := sync.OnceFunc(subscribed.Done)
			defer hello()
			cursor, want := "", uint64(1)
			for want <= events {
				request, _ := http.NewRequest("GET", server.URL+"?topic=t", nil)
				if cursor != "" {
					request.Header.Set("If-None-Match", cursor)
				}
				response, err := server.Client().Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				var b struct{ Events []json.RawMessage }
				err = json.NewDecoder(response.Body).Decode(&b)
				response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("answered %d: %v", response.StatusCode, err)
					return
				}
				hello()
				cursor = response.Header.Get("ETag")
				for _, raw := range b.Events {
					var e wire.Event
					if err := wire.ParseEvent(&e, raw); err != nil || e.N != want {
						t.Errorf("event %d came where %d was next: %v", e.N, want, err)
						return
					}
					want++
				}
			}
		})
	}
	subscribed.Wait()
	publish(t, src, events)
	all.Wait()
}
