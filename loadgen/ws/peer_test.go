package ws

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

var (
	endpoint = engine.Endpoint{Host: "example.test:80", Path: "/ws", Topic: "a&b"}
	cursor   = wire.Cursor{Epoch: "E", N: 4}
)

// A tape is a connection without another side: what is written to it is kept,
// and what can be read from it is put there.
type tape struct {
	written, unread bytes.Buffer
}

func (t *tape) Write(b []byte) (int, error)    { return t.written.Write(b) }
func (t *tape) Read(b []byte) (int, error)     { return t.unread.Read(b) }
func (*tape) Close() error                     { return nil }
func (*tape) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*tape) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*tape) SetDeadline(time.Time) error      { return nil }
func (*tape) SetReadDeadline(time.Time) error  { return nil }
func (*tape) SetWriteDeadline(time.Time) error { return nil }

// A server is gorilla's side of a connection that a request has opened.
type server struct {
	*websocket.Conn
	tape *tape
}

// answered is gorilla's server after the opening handshake in request. Frames
// that it writes have at most about that many bytes.
func answered(t testing.TB, request []byte, frame int) *server {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		t.Fatal(err)
	}
	tape := new(tape)
	up := websocket.Upgrader{WriteBufferSize: frame}
	conn, err := up.Upgrade(&hijacked{tape: tape}, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &server{conn, tape}
}

// sent is what the server has written since the last call.
func (s *server) sent() []byte {
	b := bytes.Clone(s.tape.written.Bytes())
	s.tape.written.Reset()
	return b
}

type hijacked struct {
	http.ResponseWriter
	tape *tape
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.tape, bufio.NewReadWriter(bufio.NewReader(h.tape), bufio.NewWriter(h.tape)), nil
}

// reader is gorilla's client, agreed with a server that then sends frames.
func reader(t testing.TB, frames []byte) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) {
		return &agreeing{tape: new(tape), t: t, frames: frames}, nil
	}}
	conn, response, err := d.Dial("ws://example.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return conn
}

// agreeing answers the first thing that is written as gorilla's server does.
type agreeing struct {
	*tape
	t      testing.TB
	frames []byte
	agreed bool
}

func (a *agreeing) Write(b []byte) (int, error) {
	if !a.agreed {
		a.agreed = true
		a.unread.Write(answered(a.t, b, 0).sent())
		a.unread.Write(a.frames)
	}
	return len(b), nil
}
