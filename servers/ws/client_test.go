package ws

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// patience ends a test that hangs; no test measures by it.
const patience = 20 * time.Second

// watched are connections whose end on the server's side is told.
type watched struct {
	net.Listener
	closed chan string // addresses of their clients
}

type watchedConn struct {
	*net.TCPConn
	closed chan string
}

func (w watched) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tcp := c.(*net.TCPConn)
	tcp.SetWriteBuffer(8 << 10) // so that a client that does not read is noticed soon
	return watchedConn{tcp, w.closed}, nil
}

func (c watchedConn) Close() error {
	err := c.TCPConn.Close()
	if err == nil { // the first time
		c.closed <- c.RemoteAddr().String()
	}
	return err
}

// start serves h on a loopback address. Each connection that the server has
// closed is told by its client's address on the channel.
func start(t *testing.T, h http.Handler) (address string, closed <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := watched{l, make(chan string, 1024)}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(w)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String(), w.closed
}

// A client speaks WebSocket over a raw connection.
type client struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// upgrade is the header of a good handshake.
const upgrade = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"

// handshake sends a request and returns what the server answered.
func handshake(t *testing.T, conn net.Conn, request string) (*client, *http.Response) {
	t.Helper()
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{conn, t, in}, response
}

// open shakes hands and fails unless the server agrees.
func open(t *testing.T, conn net.Conn, target string) *client {
	t.Helper()
	c, response := handshake(t, conn, "GET "+target+" HTTP/1.1\r\n"+upgrade)
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d, want 101", response.StatusCode)
	}
	return c
}

const (
	text  = 0x80 | websocket.TextMessage
	final = 0x80
)

// frame reads one frame with its header.
func (c *client) frame() (header, payload []byte, err error) {
	header = make([]byte, 10)
	if _, err := io.ReadFull(c.in, header[:2]); err != nil {
		return nil, nil, err
	}
	length, size := uint64(header[1]), 2
	switch length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if _, err := io.ReadFull(c.in, header[2:size]); err != nil {
		return nil, nil, err
	}
	switch size {
	case 4:
		length = uint64(binary.BigEndian.Uint16(header[2:]))
	case 10:
		length = binary.BigEndian.Uint64(header[2:])
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(c.in, payload)
	return header[:size], payload, err
}

// want reads a frame and compares it.
func (c *client) want(first byte, payload string) {
	c.t.Helper()
	header, got, err := c.frame()
	if err != nil {
		c.t.Fatalf("read frame: %v, want %.100q", err, payload)
	}
	if header[0] != first || string(got) != payload {
		c.t.Fatalf("frame %#x %.100q, want %#x %.100q", header[0], got, first, payload)
	}
}

// wantClose skips messages up to a close frame and compares that.
func (c *client) wantClose(code int, reason string) {
	c.t.Helper()
	for {
		header, payload, err := c.frame()
		if err != nil {
			c.t.Fatalf("read frame: %v, want close %d", err, code)
		}
		if header[0] == final|websocket.CloseMessage {
			if want := string(websocket.FormatCloseMessage(code, reason)); string(payload) != want {
				c.t.Fatalf("close frame %q, want %q", payload, want)
			}
			return
		}
	}
}

// wantEnd fails unless the server has nothing more to say.
func (c *client) wantEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		c.t.Fatalf("then %q, %v; want the end", rest, err)
	}
}

// masked is a short frame as a client sends it, with an all-zero mask.
func masked(first byte, payload string) string {
	header := []byte{first, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		header[1] = 0x80 | 126
		header = binary.BigEndian.AppendUint16(header, uint16(len(payload)))
	}
	return string(header) + "\x00\x00\x00\x00" + payload
}

func (c *client) send(frames string) {
	c.t.Helper()
	if _, err := io.WriteString(c, frames); err != nil {
		c.t.Fatal(err)
	}
}

const hello = `{"hello":"local-0"}`

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

// shutdown ends h and fails unless every connection has ended.
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

// numbers are the decimal numbers from 1 to n.
func numbers(n int) []string {
	return strings.Fields(strings.Trim(fmt.Sprint(sequence(n)), "[]"))
}

func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i + 1
	}
	return s
}
