package sse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// patience ends a test that hangs; no test measures by it.
const patience = 20 * time.Second

// start serves h on a loopback address. Each connection that the server has
// closed is told by its client's address on the channel.
func start(t *testing.T, h http.Handler, change func(*http.Server)) (address string, closed <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan string, 1024)
	server := &http.Server{
		Handler:  h,
		ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				gone <- c.RemoteAddr().String()
			}
		},
	}
	if change != nil {
		change(server)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String(), gone
}

// A client reads a stream over a connection of its own.
type client struct {
	net.Conn
	t        *testing.T
	response *http.Response
	body     *bufio.Reader
}

// get sends a request with these lines of header and reads the response's.
func get(t *testing.T, conn net.Conn, target string, lines ...string) *client {
	t.Helper()
	t.Cleanup(func() { conn.Close() })
	request := "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{conn, t, response, bufio.NewReader(response.Body)}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// block reads up to an empty line.
func (c *client) block() string {
	c.t.Helper()
	var block strings.Builder
	for {
		line, err := c.body.ReadString('\n')
		block.WriteString(line)
		if err != nil {
			c.t.Fatalf("read block: %v (so far %.200q)", err, block.String())
		}
		if line == "\n" {
			return block.String()
		}
	}
}

// want reads a block and compares it.
func (c *client) want(block string) {
	c.t.Helper()
	if got := c.block(); got != block {
		c.t.Fatalf("block %.200q, want %.200q", got, block)
	}
}

// event is the block of a raw event without a type.
func event(n int, data string) string { return fmt.Sprintf("id: local-%d\ndata: %s\n\n", n, data) }

const (
	hello  = "retry: 3000\nid: local-0\n\n"
	resume = "retry: 3000\n\n"
)

// raw is a source of bare payloads with one topic.
func raw(keep int) (*source.Source, *source.Topic) {
	src := source.New(source.Options{Raw: true, Keep: keep}, "t0")
	return src, src.Topics()[0]
}

func publish(t *testing.T, topic *source.Topic, payloads ...string) {
	t.Helper()
	for _, payload := range payloads {
		if _, err := topic.Publish(wire.Message{Data: []byte(payload)}); err != nil {
			t.Error(err)
		}
	}
}

// shutdown ends h and fails unless every stream has ended.
func shutdown(t *testing.T, h *Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if n := h.Connections(); n != 0 {
		t.Errorf("%d connections after Shutdown, want 0", n)
	}
}

// pipes is a listener whose connections are in memory, so that virtual time
// passes while they are idle.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

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
		return nil, errors.New("closed")
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
