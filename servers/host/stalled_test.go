package host

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/wire"
	"pushbench/servers/ws"
)

// What a client does not read waits in its connection's buffers and in the log,
// which all share: a queue for each would be a megabyte for each here.
func TestClientsThatDoNotReadCostTheirBuffersAndNoMore(t *testing.T) { // Q3, Q7
	const clients, events, size, buffer = 200, 256, 4 << 10, 16 << 10
	for name, half := range map[string]func(*source.Source) http.Handler{
		"sse": func(s *source.Source) http.Handler { return sse.New(s, sse.Options{}) },
		"ws":  func(s *source.Source) http.Handler { return ws.New(s, ws.Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			src := source.New(source.Options{Keep: events, KeepBytes: 1 << 30}, "t0")
			server := New(src, Mount{Path: "/", Handler: half(src)})
			server.Socket = Socket{SendBuffer: buffer}
			ctx, cancel := context.WithCancel(t.Context())
			ln, err := server.Listen(ctx, "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx, ln) }()
			before := server.weigh()

			var conns []net.Conn
			for range clients {
				c, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				c.(*net.TCPConn).SetReadBuffer(buffer)
				fmt.Fprint(c, "GET /?topic=t0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
					"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
				if _, err := c.Read(make([]byte, 12)); err != nil { // the head of the answer is all that it reads
					t.Fatal(err)
				}
				conns = append(conns, c)
			}
			for src.Subscribers() < clients {
			}
			data := []byte(`"` + strings.Repeat("x", size) + `"`)
			for range events { // nobody who does not read holds this up
				if _, err := src.Publish("t0", wire.Message{Data: data}); err != nil {
					t.Fatal(err)
				}
			}
			behind := 0
			src.Topics()[0].Written(func(wrote uint64) {
				if wrote < events {
					behind++
				}
			})
			if behind != clients {
				t.Errorf("%d of %d clients lack something", behind, clients)
			}
			log := int64(events * 2 * (size + 256)) // the events and a transport's frames of them
			stalled := server.weigh()
			if grown, most := stalled.Heap-before.Heap, log+clients*(64<<10); grown > most {
				t.Errorf("the heap has grown by %d KiB, want %d at most", grown>>10, most>>10)
			}
			// The kernel doubles the buffer, and charges what it takes to keep a segment.
			if most := int64(clients * 4 * buffer); stalled.Sockets > most {
				t.Errorf("%d KiB are queued in sockets, want %d at most", stalled.Sockets>>10, most>>10)
			}

			for _, c := range conns {
				c.(*net.TCPConn).SetLinger(0)
				c.Close()
			}
			after := server.weigh()
			for after.Conns > 0 || src.Subscribers() > 0 {
				after = server.weigh()
			}
			if after.Sockets != 0 {
				t.Errorf("%d bytes are queued when all have left", after.Sockets)
			}
			if grown, most := after.Heap-before.Heap, log+4<<20; grown > most {
				t.Errorf("the heap is %d KiB larger when all have left, want %d at most", grown>>10, most>>10)
			}
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}
