package crowd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/sse"
	"pushbench/servers/wire"
)

// patience ends a test that hangs; no test measures by it.
const patience = 20 * time.Second

// However a stream ends, the next one is asked for behind the last event that had
// come whole, and no event is told twice.
func TestAStreamIsResumedBehindItsLastWholeEvent(t *testing.T) { // C7 C8 C9 C10
	block := func(n uint64) string {
		e := wire.Event{N: n, Due: wire.Now(), Pub: wire.Now(), Wall: wire.Wall(), Data: []byte(`"x"`)}
		return fmt.Sprintf("id: e-%d\ndata: %s\n\n", n, wire.AppendEvent(nil, &e))
	}
	half := func(n uint64) string { return block(n)[:30] }
	chunk := func(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	lives := []struct {
		asked string // with this Last-Event-ID
		says  string
		upto  uint64 // the last event that the client has before the stream ends
		reset bool   // and not in good order
	}{
		{"", chunk("id: e-0\n\n") + chunk(block(1)+half(2)), 1, false},
		{"e-1", chunk(block(2) + half(3)), 2, true},
		{"e-2", "", 2, false},
		{"e-2", chunk(": nothing yet\n\n"), 2, true},
		{"e-2", chunk(block(3)), 3, false},
		{"e-3", chunk(block(4)), 4, false}, // that one lives on
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	address := listener.Addr().(*net.TCPAddr).AddrPort()
	for kind, e := range engines(t, address) {
		v := visiting(t, e, Options{Clients: 1, Half: sse.New, Endpoint: engine.Endpoint{Host: address.String(), Path: "/sse"}})
		var asked, want []string
		for i, life := range lives {
			conn, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			request, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				t.Fatal(err)
			}
			asked, want = append(asked, request.Header.Get("Last-Event-ID")), append(want, life.asked)
			io.WriteString(conn, head+life.says)
			all(v.Crowd, func(m *member) bool { return m.joined && m.cursor.N == life.upto })
			switch {
			case i == len(lives)-1: // it would come back once more
				continue
			case life.reset:
				conn.(*net.TCPConn).SetLinger(0)
			default:
				io.WriteString(conn, "0\r\n\r\n")
			}
			conn.Close()
		}
		trial := v.leave()
		if !slices.Equal(asked, want) {
			t.Errorf("%s: asked behind %q, want %q", kind, asked, want)
		}
		if got := trial.Traffic; got.Delivered != 4 || got.Closed["ended"]+got.Closed["reset"] < int64(len(lives)-1) {
			t.Errorf("%s: %d deliveries of 4 events, connections ended for %v", kind, got.Delivered, got.Closed)
		}
	}
}
