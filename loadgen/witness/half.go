package witness

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"pushbench/loadgen/engine"
	sseclient "pushbench/loadgen/sse"
	wsclient "pushbench/loadgen/ws"
	"pushbench/servers/wire"
)

// A follower is a client half on a connection of its own.
type follower struct {
	half   engine.Conversation
	to     string
	conn   net.Conn
	asked  string // the last request, or the handshake
	cursor wire.Cursor
	hello  bool
	heard  []string
}

func (f *follower) Hello(c wire.Cursor) { f.cursor, f.hello = c, true }
func (f *follower) Event(ev *wire.Event) {
	f.heard, f.cursor.N = append(f.heard, string(ev.Data)), ev.N
}
func (f *follower) Gap(g *wire.Gap)       { f.cursor = g.Cursor }
func (f *follower) said(text string) bool { return strings.Contains(strings.Join(f.heard, "\n"), text) }

// newFollower makes one of a stage's path, which is not connected yet.
func newFollower(address, path string, half func(*engine.Endpoint) engine.Conversation) *follower {
	return &follower{to: address, half: half(&engine.Endpoint{Host: address, Path: path, Topic: "t0", Raw: true})}
}

// connect opens a connection, to resume after the cursor when that is not zero.
func (f *follower) connect(ctx context.Context, after wire.Cursor) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", f.to)
	if err != nil {
		return err
	}
	f.conn, f.hello = conn, false
	request := f.half.Open(nil, after)
	f.asked = string(request)
	_, err = conn.Write(request)
	return err
}

// until reads until that is so.
func (f *follower) until(ctx context.Context, so func() bool) error {
	defer context.AfterFunc(ctx, func() { f.conn.Close() })()
	in := make([]byte, 4<<10)
	for !so() {
		n, err := f.conn.Read(in)
		if err != nil {
			return err
		}
		answer, err := f.half.Receive(in[:n], nil, f)
		if err != nil {
			return err
		}
		if len(answer) == 0 {
			continue
		}
		if _, err := f.conn.Write(answer); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) close() {
	if f.conn != nil {
		f.conn.Close()
	}
}

// resumeHalves cuts an event stream and a WebSocket off and lets each come back
// with what its standard has to say where it was: an event stream the ID of the
// last event, a WebSocket nothing.
func resumeHalves(ctx context.Context) (bool, string, error) {
	s, end, err := build()
	if err != nil {
		return false, "", err
	}
	defer end()
	return resumeOn(ctx, s)
}

func resumeOn(ctx context.Context, s *stage) (bool, string, error) {
	stream, socket := newFollower(s.address, "/sse", sseclient.New), newFollower(s.address, "/ws", wsclient.New)
	defer stream.close()
	defer socket.close()
	both := []*follower{stream, socket}
	for _, f := range both {
		if err := f.connect(ctx, wire.Cursor{}); err != nil {
			return false, "", err
		}
		if err := f.until(ctx, func() bool { return f.hello }); err != nil {
			return false, "", fmt.Errorf("subscribe: %w", err)
		}
	}
	if err := s.publish("first"); err != nil {
		return false, "", err
	}
	for _, f := range both {
		if err := f.until(ctx, func() bool { return f.said("first") }); err != nil {
			return false, "", fmt.Errorf("read the first event: %w", err)
		}
	}
	s.cut()
	if err := s.subscribers(ctx, 0); err != nil {
		return false, "", err
	}
	if err := s.publish("missed"); err != nil {
		return false, "", err
	}
	last := stream.cursor
	if err := stream.connect(ctx, last); err != nil {
		return false, "", err
	}
	if err := socket.connect(ctx, wire.Cursor{}); err != nil {
		return false, "", err
	}
	if err := s.subscribers(ctx, 2); err != nil {
		return false, "", err
	}
	if err := s.publish("last"); err != nil {
		return false, "", err
	}
	for _, f := range both {
		if err := f.until(ctx, func() bool { return f.said("last") }); err != nil {
			return false, "", fmt.Errorf("read the last event: %w", err)
		}
	}
	told := stream.half.(interface{ Retry() time.Duration }).Retry()
	named := strings.Contains(stream.asked, "Last-Event-ID: "+last.String()+"\r\n")
	streamHas, socketHas := strings.Join(stream.heard, " "), strings.Join(socket.heard, " ")
	holds := told == retry && named && streamHas == "first missed last" && socketHas == "first last"
	return holds, fmt.Sprintf("of the events first, missed and last, with the connection cut after the first: the event stream was told to wait %s, "+
		"came back with Last-Event-ID (%t) and had %s; the WebSocket was opened again at the same address and had %s; both come back because they are told to", told, named, streamHas, socketHas), nil
}
