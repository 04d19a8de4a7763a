package sse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestStreamOutlivesEveryDeadline(t *testing.T) { // V7
	for name, change := range map[string]func(*http.Server, *http.Transport){
		"HTTP/1.1": func(*http.Server, *http.Transport) {},
		"HTTP/2": func(s *http.Server, tr *http.Transport) {
			s.Protocols, tr.Protocols = new(http.Protocols), new(http.Protocols)
			s.Protocols.SetUnencryptedHTTP2(true)
			tr.Protocols.SetUnencryptedHTTP2(true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src, topic := raw(0)
				l := newPipes()
				server := &http.Server{
					Handler:      New(src, Options{WriteTimeout: time.Second, Heartbeat: time.Hour}),
					ReadTimeout:  time.Second,
					WriteTimeout: time.Second,
				}
				transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.dial(), nil }}
				change(server, transport)
				go server.Serve(l)
				defer server.Close()
				defer transport.CloseIdleConnections()

				response, err := (&http.Client{Transport: transport}).Get("http://localhost/?topic=t0")
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				c := &client{nil, t, response, bufio.NewReader(response.Body)}
				c.want(hello)
				if got := fmt.Sprintf("HTTP/%d", response.ProtoMajor); !strings.HasPrefix(name, got) {
					t.Errorf("spoke %s, want %s", got, name)
				}
				for n := 1; n <= 3; n++ {
					c.want(":\n\n") // an hour later
					publish(t, topic, "x")
					c.want(event(n, "x"))
				}
			})
		})
	}
}

func TestHeartbeatComesAfterSilence(t *testing.T) { // V6
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, Options{})}
		go server.Serve(l)
		defer server.Close()

		c := get(t, l.dial(), "/?topic=t0")
		c.want(hello)
		began := wire.Now()
		at := func(want time.Duration) {
			t.Helper()
			if got := time.Duration(wire.Now() - began); got != want {
				t.Errorf("at %v, want %v", got, want)
			}
		}
		c.want(":\n\n")
		at(15 * time.Second)
		c.want(":\n\n")
		at(30 * time.Second)
		time.AfterFunc(10*time.Second, func() { publish(t, topic, "x") })
		c.want(event(1, "x"))
		at(40 * time.Second)
		c.want(":\n\n") // the event was a sign of life too
		at(55 * time.Second)
	})
}

func TestStalledReaderDelaysNobody(t *testing.T) { // V8
	t.Parallel()
	const events, size = 40, 64 << 10
	src, topic := raw(0)
	h := New(src, Options{WriteTimeout: 2 * time.Second})
	address, closed := start(t, h, func(s *http.Server) {
		s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			c.(*net.TCPConn).SetWriteBuffer(8 << 10)
			return ctx
		}
	})
	stalled := get(t, dial(t, address), "/?topic=t0")
	stalled.Conn.(*net.TCPConn).SetReadBuffer(8 << 10)
	stalled.want(hello)
	reader := get(t, dial(t, address), "/?topic=t0")
	reader.want(hello)

	payload := strings.Repeat("x", size)
	for n := 1; n <= events; n++ {
		publish(t, topic, payload) // returns although nobody reads one of the streams
		reader.want(event(n, payload))
	}
	if got, want := <-closed, stalled.LocalAddr().String(); got != want {
		t.Errorf("closed the connection of %s, want that of the stalled client %s", got, want)
	}
	if n := src.Subscribers(); n != 1 {
		t.Errorf("%d subscribers, want the one that reads", n)
	}
	publish(t, topic, "x")
	reader.want(event(events+1, "x"))
}

func TestStalledReaderIsEndedByItsWriteTimeout(t *testing.T) { // V8
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, Options{})}
		go server.Serve(l)
		defer server.Close()
		stalled, reader := get(t, l.dial(), "/?topic=t0"), get(t, l.dial(), "/?topic=t0")
		stalled.want(hello)
		reader.want(hello)
		began := wire.Now()
		for n := 1; n <= 100; n++ {
			publish(t, topic, "x")
			reader.want(event(n, "x"))
		}
		if waited := time.Duration(wire.Now() - began); waited != 0 {
			t.Errorf("the reader waited %v for the stalled client, want 0s", waited)
		}
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{10*time.Second - 1, 2}, {1, 1}} {
			<-time.After(c.after)
			synctest.Wait()
			if got := src.Subscribers(); got != c.want {
				t.Errorf("%d subscribers after %v, want %d", got, time.Duration(wire.Now()-began), c.want)
			}
		}
	})
}

func TestClientThatLeavesIsForgotten(t *testing.T) { // V14
	src, _ := raw(0)
	h := New(src, Options{})
	ended := make(chan struct{})
	address, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		ended <- struct{}{}
	}), nil)
	for range 10 {
		c := get(t, dial(t, address), "/?topic=t0")
		c.want(hello)
		if n := src.Subscribers(); n != 1 {
			t.Fatalf("%d subscribers, want 1", n)
		}
		c.Close()
		<-ended
		if n, m := src.Subscribers(), h.Connections(); n != 0 || m != 0 {
			t.Fatalf("%d subscribers and %d connections after the client left, want none", n, m)
		}
	}
}

func TestReplayMeetsLiveEvents(t *testing.T) { // V12, D6
	const events, clients = 2000, 8
	src, topic := raw(events)
	h := New(src, Options{})
	address, _ := start(t, h, nil)
	go func() {
		for n := 1; n <= events; n++ {
			publish(t, topic, fmt.Sprint(n))
		}
	}()
	done := make(chan struct{})
	for i := range clients {
		conn := dial(t, address)
		target := "/?topic=t0"
		if i%2 == 0 {
			target += "&after=local-0"
		}
		c := get(t, conn, target)
		go func() {
			defer func() { done <- struct{}{} }()
			next := 1
			if opening := c.block(); opening != resume {
				fmt.Sscanf(opening, "retry: 3000\nid: local-%d", &next)
				next++
			}
			for ; next <= events; next++ {
				if got, want := c.block(), event(next, fmt.Sprint(next)); got != want {
					t.Errorf("client %d: %q, want %q", i, got, want)
					return
				}
			}
		}()
	}
	for range clients {
		<-done
	}
}

func TestWrittenEventsAreKnownToBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, Options{})}
		go server.Serve(l)
		defer server.Close()
		c := get(t, l.dial(), "/?topic=t0")
		c.want(hello)
		for n := 1; n <= 3; n++ {
			publish(t, topic, "x")
			wrote := func(want int) {
				t.Helper()
				synctest.Wait()
				topic.Written(func(got uint64) {
					if got != uint64(want) {
						t.Errorf("written up to %d, want %d", got, want)
					}
				})
			}
			wrote(n - 1) // the pipe takes it when it is read
			c.want(event(n, "x"))
			wrote(n)
		}
	})
}

// behind starts a stream over a pipe, which takes nothing that is not read, and
// publishes more than the log keeps while the stream is stuck in a write.
func behind(t *testing.T, policy source.Policy, then func(c *client)) {
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(4)
		h := New(src, Options{Slow: policy, WriteTimeout: time.Hour})
		l := newPipes()
		server := &http.Server{Handler: h}
		go server.Serve(l)
		defer server.Close()
		c := get(t, l.dial(), "/?topic=t0")
		c.want(hello)
		synctest.Wait()
		publish(t, topic, "1")
		synctest.Wait() // it is being written
		for n := 2; n <= 10; n++ {
			publish(t, topic, fmt.Sprint(n))
		}
		c.want(event(1, "1"))
		then(c)
		c.Close()
		synctest.Wait()
		if n := src.Subscribers(); n != 0 {
			t.Errorf("%d subscribers, want 0", n)
		}
	})
}

func TestSlowClientIsToldWhatItMissed(t *testing.T) { // Q1
	behind(t, source.Skip, func(c *client) {
		c.want("id: local-6\nevent: gap\ndata: {\"from\":\"2\",\"to\":\"6\",\"cursor\":\"local-6\"}\n\n")
		for n := 7; n <= 10; n++ {
			c.want(event(n, fmt.Sprint(n)))
		}
	})
}

func TestSlowClientIsDisconnectedWithAReason(t *testing.T) { // Q1, Q4
	behind(t, source.Disconnect, func(c *client) {
		c.want(": too slow\n\n")
		if rest, err := io.ReadAll(c.body); len(rest) != 0 || err != nil {
			t.Errorf("then %q, %v; want the end of the stream", rest, err)
		}
	})
}

func TestShutdownEndsEveryStream(t *testing.T) { // F1
	src, topic := raw(0)
	h := New(src, Options{Retry: 5 * time.Second})
	address, _ := start(t, h, nil)
	var clients []*client
	for range 5 {
		c := get(t, dial(t, address), "/?topic=t0")
		c.want("retry: 5000\nid: local-0\n\n")
		clients = append(clients, c)
	}
	publish(t, topic, "x")
	for _, c := range clients {
		c.want(event(1, "x"))
	}
	shutdown(t, h)
	for _, c := range clients {
		var retry int
		if last := c.block(); !strings.HasPrefix(last, "retry: ") {
			t.Errorf("last block %q, want one with retry", last)
		} else if fmt.Sscanf(last, "retry: %d\n\n", &retry); retry < 5000 || retry >= 10000 {
			t.Errorf("told to come back after %d ms, want 5000 to 9999", retry)
		}
		if rest, err := io.ReadAll(c.body); len(rest) != 0 || err != nil {
			t.Errorf("then %q, %v; want the end of the stream", rest, err)
		}
	}
	late := get(t, dial(t, address), "/?topic=t0")
	if late.response.StatusCode != http.StatusServiceUnavailable || late.response.Header.Get("Retry-After") == "" {
		t.Errorf("after Shutdown: %d, want 503 with Retry-After", late.response.StatusCode)
	}
	shutdown(t, h) // again
}

func TestShutdownEndsWithItsContext(t *testing.T) { // F1
	synctest.Test(t, func(t *testing.T) {
		src, _ := raw(0)
		h := New(src, Options{WriteTimeout: time.Hour})
		l := newPipes()
		server := &http.Server{Handler: h}
		go server.Serve(l)
		defer server.Close()
		get(t, l.dial(), "/?topic=t0") // does not read its hello
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := h.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown with a client that does not read: %v, want its deadline", err)
		}
		server.Close()
		synctest.Wait()
		if n := h.Connections(); n != 0 {
			t.Errorf("%d connections after the server closed them, want 0", n)
		}
	})
}
