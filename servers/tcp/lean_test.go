//go:build linux

package tcp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"pushbench/servers/host"
	"pushbench/servers/source"
	"pushbench/servers/tcp"
	"pushbench/servers/wire"
)

// patience ends a test that hangs; no test measures by it.
const patience = 20 * time.Second

// A stand is a server on a port of its own.
type stand struct {
	*testing.T
	source  *source.Source
	half    *tcp.Lean
	server  *host.Server
	address string
	stop    context.CancelFunc
	ended   chan error
}

func serve(t *testing.T, o tcp.Options, s source.Options) *stand {
	t.Helper()
	s.Epoch = "E"
	src := source.New(s, "t0", "t1")
	half := tcp.NewLean(src, o)
	server := host.New(src, host.Mount{Path: "/tcp", Lean: half})
	l, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	st := &stand{t, src, half, server, l.Addr().String(), stop, make(chan error, 1)}
	go func() { st.ended <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-st.ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		st.ended <- nil
	})
	return st
}

// dial connects, and says that.
func (st *stand) dial(said string) net.Conn {
	st.Helper()
	conn, err := net.Dial("tcp", st.address)
	if err != nil {
		st.Fatal(err)
	}
	st.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, said); err != nil {
		st.Fatal(err)
	}
	return conn
}

func asking(query string) string { return "GET /tcp?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n" }

// framed is a frame as either side sends it.
func framed(content string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(content)))) + content
}

// wants reads just that.
func (st *stand) wants(conn net.Conn, want string) {
	st.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		st.Fatalf("got %q (%v), want %q", got[:n], err, want)
	}
}

// wantsEnd reads to the end of the connection, and nothing before it.
func (st *stand) wantsEnd(conn net.Conn) {
	st.Helper()
	if rest, err := io.ReadAll(conn); len(rest) > 0 || err != nil {
		st.Fatalf("got %q (%v), want the end of the connection", rest, err)
	}
}

// publish publishes the bare text and returns its event's frame.
func (st *stand) publish(text string) string {
	st.Helper()
	if _, err := st.source.Publish("t0", wire.Message{Data: []byte(text)}); err != nil {
		st.Fatal(err)
	}
	return framed("e" + text)
}

func TestASubscriptionIsFramesFromTheFirstByteOn(t *testing.T) { // D6 V10
	st := serve(t, tcp.Options{}, source.Options{Raw: true, Keep: 2})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0"))
	for _, text := range []string{"one", "", "two\n", strings.Repeat("x", 70_000)} {
		st.wants(conn, st.publish(text))
	}
	st.wants(st.dial(asking("topic=t0")), framed("hE-4"))
	st.wants(st.dial(asking("topic=t0&after=E-4")), framed(""))
	st.wants(st.dial(asking("topic=t0&after=E-3")), framed("")+framed("e"+strings.Repeat("x", 70_000)))
	st.wants(st.dial(asking("topic=t0&after=E-1")), framed("")+framed(`g{"from":"2","to":"2","cursor":"E-2"}`)+framed("etwo\n"))
	st.wants(st.dial(asking("topic=t0&after=D-3")), framed("")+framed(`g{"from":"1","to":"2","cursor":"E-2","epoch":"D"}`)+framed("etwo\n"))
}

func TestWhatCannotBeServedIsRefusedAsHTTP(t *testing.T) { // V10 L6
	st := serve(t, tcp.Options{}, source.Options{})
	for request, want := range map[string]string{
		asking("topic=t9"):                                                    "HTTP/1.1 404 ",
		asking("topic=t0&after=what"):                                         "HTTP/1.1 400 ",
		asking("topic=t0&after=E.-1"):                                         "HTTP/1.1 400 ",
		"HEAD /tcp?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n":                      "HTTP/1.1 405 ",
		"POST /tcp?topic=t0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n": "HTTP/1.1 405 ",
	} {
		st.wants(st.dial(request), want)
	}
	if n := st.source.Subscribers() + st.half.Connections(); n != 0 {
		t.Errorf("%d are subscribed, though all were refused", n)
	}
}

func TestMessagesComeInAnySplit(t *testing.T) { // D1 W1
	st := serve(t, tcp.Options{}, source.Options{})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0"))
	said := framed(`{"due":"7","data":1}`) + framed("") + framed(`{"due":"8","type":"a","data":"`+strings.Repeat("x", 300)+`"}`) + framed(`{"due":"9","data":[]}`)
	for _, size := range []int{1, 2, 3, 7, 100, len(said)} {
		for rest := said; rest != ""; {
			n := min(size, len(rest))
			if _, err := io.WriteString(conn, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		for _, want := range []string{`"due":"7",`, `"due":"8",`, `"due":"9",`} {
			var length [4]byte
			if _, err := io.ReadFull(conn, length[:]); err != nil {
				t.Fatal(err)
			}
			frame := make([]byte, binary.BigEndian.Uint32(length[:]))
			if _, err := io.ReadFull(conn, frame); err != nil || frame[0] != 'e' || !strings.Contains(string(frame), want) {
				t.Fatalf("in pieces of %d: got %q (%v), want an event with %s", size, frame, err, want)
			}
		}
	}
}

func TestAMessageIsKeptBeyondTheReadThatBroughtIt(t *testing.T) { // D9
	st := serve(t, tcp.Options{}, source.Options{Raw: true})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0"))
	for _, text := range []string{`"first"`, `"other"`} { // which the read of the other would overwrite
		if _, err := io.WriteString(conn, framed(`{"due":"7","data":`+text+`}`)); err != nil {
			t.Fatal(err)
		}
		st.wants(conn, framed("e"+text))
	}
	topic, err := st.source.Topic("t0")
	if err != nil {
		t.Fatal(err)
	}
	if first := topic.Since(0, 1, nil).Entries[0]; string(first.Bytes) != `"first"` {
		t.Errorf("the log keeps %q of the first message", first.Bytes)
	}
}

func TestMessagesMayFollowTheRequestAtOnce(t *testing.T) { // W1
	st := serve(t, tcp.Options{}, source.Options{})
	st.dial(asking("topic=t0&after=E-0") + framed(`{"due":"7","data":1}`))
	watching := st.dial(asking("topic=t0&after=E-0"))
	st.wants(watching, framed(""))
	var first [5]byte
	if _, err := io.ReadFull(watching, first[:]); err != nil || first[4] != 'e' {
		t.Errorf("got %q (%v), want an event", first, err)
	}
}

func TestWhatIsNoMessageEndsTheConnection(t *testing.T) { // W6 R11
	st := serve(t, tcp.Options{ReadLimit: 100}, source.Options{})
	for name, said := range map[string]string{
		"no message":            framed("hello"),
		"data that is not JSON": framed(`{"due":"7","data":nothing}`),
		"too long":              framed(`{"due":"7","data":"` + strings.Repeat("x", 100) + `"}`),
		"a length beyond all":   "\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) { // W6
			conn := st.dial(asking("topic=t1"))
			st.wants(conn, framed("hE-0"))
			if _, err := io.WriteString(conn, said); err != nil {
				t.Fatal(err)
			}
			st.wantsEnd(conn)
		})
	}
}

func TestASilentConnectionGetsSignsOfLife(t *testing.T) { // V8 C13
	st := serve(t, tcp.Options{Heartbeat: 20 * time.Millisecond}, source.Options{})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0")+framed("")+framed("")+framed(""))
}

func TestAWriteHasNoMoreEventsThanItMay(t *testing.T) {
	const events = 300
	for most, want := range map[int]int64{1: events, 3: events / 3} {
		st := serve(t, tcp.Options{PerWrite: most}, source.Options{Raw: true, Keep: events})
		var all strings.Builder
		for i := range events {
			all.WriteString(st.publish(fmt.Sprint(i)))
		}
		before := st.server.Writes()
		st.wants(st.dial(asking("topic=t0&after=E-0")), framed("")+all.String())
		if got := st.server.Writes() - before - 1; got != want { // one is the sign of life
			t.Errorf("%d events, %d to a write at most: %d writes, want %d", events, most, got, want)
		}
	}
	st := serve(t, tcp.Options{}, source.Options{Raw: true, Keep: events})
	var all strings.Builder
	for i := range events {
		all.WriteString(st.publish(fmt.Sprint(i)))
	}
	st.wants(st.dial(asking("topic=t0&after=E-0")), framed("")+all.String())
	if got := st.server.Writes(); got > 4 {
		t.Errorf("%d events that a client lacks took %d writes", events, got)
	}
}

func TestAClientThatIsTooSlowIsDisconnected(t *testing.T) { // Q4
	st := serve(t, tcp.Options{Slow: source.Disconnect}, source.Options{Raw: true, Keep: 4})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0"))
	large := strings.Repeat("x", 1<<20)
	for range 64 { // beyond all that sockets hold
		st.publish(large)
	}
	for {
		if _, err := io.CopyN(io.Discard, conn, 1<<20); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAShutdownEndsEveryConnection(t *testing.T) { // F1
	st := serve(t, tcp.Options{}, source.Options{})
	conn := st.dial(asking("topic=t0"))
	st.wants(conn, framed("hE-0"))
	st.stop()
	st.wantsEnd(conn)
	conn.Close()
	if err := <-st.ended; err != nil {
		t.Error(err)
	}
	st.ended <- nil
	if n := st.source.Subscribers() + st.half.Connections(); n != 0 {
		t.Errorf("%d are subscribed to a server that has ended", n)
	}
}
