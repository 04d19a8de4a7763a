package ws

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestPingIsAnsweredDuringBroadcast(t *testing.T) { // W6
	const events, pings = 3000, 200
	src, topic := raw(events)
	address, _ := start(t, New(src, Options{PingInterval: time.Millisecond}))
	c := open(t, dial(t, address), "/?topic=t0")
	c.want(text, hello)
	go func() {
		for range events {
			publish(t, topic, "x")
		}
	}()
	go func() {
		for i := range pings {
			io.WriteString(c, masked(final|websocket.PingMessage, fmt.Sprint(i)))
		}
	}()
	for got, pongs := 0, 0; got < events || pongs < pings; {
		header, payload, err := c.frame()
		if err != nil {
			t.Fatalf("after %d events and %d pongs: %v", got, pongs, err)
		}
		switch header[0] {
		case text:
			got++
		case final | websocket.PingMessage:
		case final | websocket.PongMessage:
			if want := fmt.Sprint(pongs); string(payload) != want {
				t.Fatalf("pong %q, want %q", payload, want)
			}
			pongs++
		default:
			t.Fatalf("frame %#x %q", header[0], payload)
		}
	}
}

// virtual opens a connection in virtual time.
func virtual(t *testing.T, o Options, f func(t *testing.T, c *client, topic *source.Topic)) {
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(4)
		h := New(src, o)
		l := newPipes()
		server := &http.Server{Handler: h}
		go server.Serve(l)
		defer server.Close()
		c := open(t, l.dial(), "/?topic=t0")
		c.want(text, hello)
		f(t, c, topic)
		c.Close()
		synctest.Wait()
		if n, m := src.Subscribers(), h.Connections(); n != 0 || m != 0 {
			t.Errorf("%d subscribers and %d connections at the end, want none", n, m)
		}
	})
}

func TestClientWithoutPongIsClosed(t *testing.T) { // W7
	virtual(t, Options{}, func(t *testing.T, c *client, _ *source.Topic) {
		began := wire.Now()
		c.want(final|websocket.PingMessage, "")
		if got := time.Duration(wire.Now() - began); got != 30*time.Second {
			t.Errorf("pinged after %v, want 30s", got)
		}
		c.wantClose(websocket.ClosePolicyViolation, "no pong")
		if got := time.Duration(wire.Now() - began); got != time.Minute {
			t.Errorf("closed after %v, want 1m", got)
		}
		c.wantEnd()
	})
}

func TestClientWithPongStays(t *testing.T) { // W7
	virtual(t, Options{PongWait: 10 * time.Second, PingInterval: 9 * time.Second}, func(t *testing.T, c *client, topic *source.Topic) {
		for range 100 {
			c.want(final|websocket.PingMessage, "")
			c.send(masked(final|websocket.PongMessage, ""))
		}
		publish(t, topic, "x")
		c.want(text, "x")
	})
}

func TestStalledReaderDelaysNobody(t *testing.T) { // W8
	t.Parallel()
	const events, size = 40, 64 << 10
	src, topic := raw(0)
	address, closed := start(t, New(src, Options{WriteTimeout: 2 * time.Second}))
	stalled := open(t, dial(t, address), "/?topic=t0")
	stalled.Conn.(*net.TCPConn).SetReadBuffer(8 << 10)
	stalled.want(text, hello)
	reader := open(t, dial(t, address), "/?topic=t0")
	reader.want(text, hello)

	payload := strings.Repeat("x", size)
	for range events {
		publish(t, topic, payload) // returns although one of the clients does not read
		reader.want(text, payload)
	}
	if got, want := <-closed, stalled.LocalAddr().String(); got != want {
		t.Errorf("closed the connection of %s, want that of the stalled client %s", got, want)
	}
	if n := src.Subscribers(); n != 1 {
		t.Errorf("%d subscribers, want the one that reads", n)
	}
	publish(t, topic, "x")
	reader.want(text, "x")
}

func TestWrittenEventsAreKnownToBeWritten(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, c *client, topic *source.Topic) {
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
			c.want(text, "x")
			wrote(n)
		}
	})
}

func TestStalledReaderIsEndedByItsWriteTimeout(t *testing.T) { // W8
	synctest.Test(t, func(t *testing.T) {
		src, topic := raw(0)
		l := newPipes()
		server := &http.Server{Handler: New(src, Options{})}
		go server.Serve(l)
		defer server.Close()
		stalled, reader := open(t, l.dial(), "/?topic=t0"), open(t, l.dial(), "/?topic=t0")
		stalled.want(text, hello)
		reader.want(text, hello)
		began := wire.Now()
		for range 100 {
			publish(t, topic, "x")
			reader.want(text, "x")
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
		reader.Close()
		synctest.Wait()
	})
}

// behind publishes more than the log keeps while the connection is stuck in a
// write: a pipe takes nothing that is not read.
func behind(t *testing.T, policy source.Policy, then func(c *client)) {
	virtual(t, Options{Slow: policy}, func(t *testing.T, c *client, topic *source.Topic) {
		synctest.Wait()
		publish(t, topic, "1")
		synctest.Wait() // it is being written
		publish(t, topic, numbers(10)[1:]...)
		c.want(text, "1")
		then(c)
	})
}

func TestSlowClientIsToldWhatItMissed(t *testing.T) { // Q1
	behind(t, source.Skip, func(c *client) {
		c.want(text, `{"gap":{"from":"2","to":"6","cursor":"local-6"}}`)
		for _, n := range numbers(10)[6:] {
			c.want(text, n)
		}
	})
}

func TestSlowClientIsDisconnectedWithAReason(t *testing.T) { // Q1, Q4
	behind(t, source.Disconnect, func(c *client) {
		c.wantClose(websocket.CloseTryAgainLater, "too slow")
		c.send(masked(final|websocket.CloseMessage, string(websocket.FormatCloseMessage(websocket.CloseTryAgainLater, ""))))
		c.wantEnd()
	})
}

func TestReplayMeetsLiveEvents(t *testing.T) { // V12, D6
	const events, clients = 2000, 8
	src, topic := raw(events)
	address, _ := start(t, New(src, Options{}))
	go publish(t, topic, numbers(events)...)
	done := make(chan struct{})
	for i := range clients {
		target := "/?topic=t0"
		if i%2 == 0 {
			target += "&after=local-0"
		}
		c := open(t, dial(t, address), target)
		go func() {
			defer func() { done <- struct{}{} }()
			next := 1
			if i%2 != 0 {
				_, payload, _ := c.frame()
				if n, err := fmt.Sscanf(string(payload), `{"hello":"local-%d"}`, &next); n != 1 {
					t.Errorf("client %d: first message %q: %v", i, payload, err)
					return
				}
				next++
			}
			for ; next <= events; next++ {
				if _, got, err := c.frame(); err != nil || string(got) != fmt.Sprint(next) {
					t.Errorf("client %d: %q, %v; want event %d", i, got, err, next)
					return
				}
			}
		}()
	}
	for range clients {
		<-done
	}
}

func TestClientThatLeavesIsForgotten(t *testing.T) { // V14
	src, _ := raw(0)
	address, closed := start(t, New(src, Options{}))
	for range 10 {
		c := open(t, dial(t, address), "/?topic=t0")
		c.want(text, hello)
		c.Close() // without a closing handshake
		<-closed
		if n := src.Subscribers(); n != 0 {
			t.Fatalf("%d subscribers after the client left, want 0", n)
		}
	}
}

func TestMessageOfAClientReachesItsTopic(t *testing.T) {
	src := source.New(source.Options{}, "t0", "t1")
	address, _ := start(t, New(src, Options{}))
	sender, other := open(t, dial(t, address), "/?topic=t1"), open(t, dial(t, address), "/?topic=t1")
	sender.want(text, hello)
	other.want(text, hello)
	sender.send(masked(text, string(wire.AppendMessage(nil, &wire.Message{Due: 5, Type: "say", Data: []byte(`{"a":1}`)}))))
	for _, c := range []*client{sender, other} {
		_, payload, err := c.frame()
		if err != nil {
			t.Fatal(err)
		}
		var got wire.Event
		if err := wire.ParseEvent(&got, payload); err != nil || got.N != 1 || got.Due != 5 || got.Type != "say" || string(got.Data) != `{"a":1}` {
			t.Errorf("received %s, %v", payload, err)
		}
	}
}
