package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/wire"
	"pushbench/servers/ws"
)

// pipes is a listener whose connections are in memory, so that they live in
// virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newPipes() *pipes {
	done := make(chan struct{})
	return &pipes{make(chan net.Conn), done, sync.OnceFunc(func() { close(done) })}
}

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestAClientThatDoesNotReadKeepsNobodyFromLeaving(t *testing.T) { // F1
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "t0")
		server := New(src,
			Mount{Path: "/sse", Handler: sse.New(src, sse.Options{WriteTimeout: time.Hour})},
			Mount{Path: "/ws", Handler: ws.New(src, ws.Options{})})
		l := newPipes()
		ctx, end := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, l) }()

		stalled := l.dial()
		defer stalled.Close()
		fmt.Fprint(stalled, "GET /sse?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
		dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return l.dial(), nil }}
		polite, _, err := dialer.Dial("ws://localhost/ws?topic=t0", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer polite.Close()
		if _, _, err := polite.ReadMessage(); err != nil { // the hello
			t.Fatal(err)
		}
		synctest.Wait()
		start := wire.Now()
		end()
		_, _, err = polite.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != websocket.CloseGoingAway {
			t.Errorf("the WebSocket ended with %v, want close 1001", err)
		}
		if took := time.Duration(wire.Now() - start); took != 0 {
			t.Errorf("the WebSocket was told after %v, want at once", took)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if took := time.Duration(wire.Now() - start); took != drainTime {
			t.Errorf("Serve ended after %v, want %v", took, drainTime)
		}
	})
}

func TestASlowSenderOfAHeaderIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := New(source.New(source.Options{}, "t0"))
		l := newPipes()
		ctx, end := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, l) }()
		conn := l.dial()
		defer conn.Close()
		start := wire.Now()
		var sender sync.WaitGroup
		sender.Go(func() {
			for range 60 {
				if _, err := io.WriteString(conn, "G"); err != nil {
					return
				}
				<-time.After(time.Second)
			}
		})
		io.Copy(io.Discard, conn)
		if took := time.Duration(wire.Now() - start); took != 10*time.Second {
			t.Errorf("ended after %v, want 10 s", took)
		}
		sender.Wait()
		end()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
}

func TestAPanicEndsItsConnectionAloneAndIsCounted(t *testing.T) { // F4
	var log bytes.Buffer
	src := source.New(source.Options{}, "t0")
	server := New(src,
		Mount{Path: "/sse", Handler: sse.New(src, sse.Options{})},
		Mount{Path: "/panic", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("of this very test") })})
	server.Log = &log
	ctx, end := context.WithCancel(t.Context())
	l, err := server.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	url := "http://" + l.Addr().String()
	stream, err := http.Get(url + "/sse?topic=t0")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	for range 3 {
		if response, err := http.Get(url + "/panic"); err == nil {
			response.Body.Close()
			t.Error("a handler that panics answered")
		}
	}
	if _, err := src.Publish("t0", wire.Message{Data: []byte("7")}); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stream.Body)
	for said := ""; !strings.HasPrefix(said, "data: "); {
		if said, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("the stream beside it ended: %v", err)
		}
	}
	server.stack.(*std).http.ErrorLog.Print("http: TLS handshake error: connection reset by peer")
	end()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if got := log.String(); strings.Count(got, "of this very test") != 3 || strings.Contains(got, "reset") {
		t.Errorf("logged %q, want the panics alone", got)
	}
	if got := server.Panics(); got != 3 {
		t.Errorf("%d panics counted, want 3", got)
	}
}

func TestTheLastWordLeavesTheOtherDirectionOpen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	server := New(source.New(source.Options{}))
	far, err := countingListener{listener, server.stack.(*std)}.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	io.WriteString(far, "bye\n")
	if err := far.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(near); string(got) != "bye\n" || err != nil {
		t.Errorf("read %q, %v; want the last word and the end", got, err)
	}
	io.WriteString(near, "and you\n")
	if got, err := bufio.NewReader(far).ReadString('\n'); got != "and you\n" || err != nil {
		t.Errorf("heard %q, %v after the last word", got, err)
	}
	if n := server.Writes(); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}
