package host

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"pushbench/servers/longpoll"
	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/ws"
)

// descriptors is how many files this process has open; false where that cannot be
// told.
func descriptors() (int, bool) {
	open, err := os.ReadDir("/proc/self/fd")
	return len(open), err == nil
}

// A life is a server from its beginning to its end, with a client on each transport
// that is there when it ends.
func life(t *testing.T, address string, mounts func(*source.Source) []Mount) string {
	t.Helper()
	src := source.New(source.Options{}, "t0")
	server := New(src, mounts(src)...)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	l, err := server.Listen(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	var leaving sync.WaitGroup
	for _, path := range []string{"/poll?topic=t0", "/longpoll?topic=t0&after=local-0", "/sse?topic=t0", "/ws?topic=t0"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path)
		r := bufio.NewReader(c)
		if path[1] != 'l' { // which is answered when the server ends
			if _, err := r.ReadString('\n'); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		leaving.Go(func() { // as clients do that are told: by the end, or by a close frame
			r.ReadBytes(0x88)
			c.Close()
		})
	}
	end()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	leaving.Wait()
	return l.Addr().String()
}

func TestAHundredLivesLeaveNothingBehind(t *testing.T) { // F3
	stacks := map[string]func(*source.Source) []Mount{
		"std": func(s *source.Source) []Mount {
			return []Mount{
				{Path: "/poll", Handler: poll.New(s, poll.Options{})}, {Path: "/longpoll", Handler: longpoll.New(s, longpoll.Options{})},
				{Path: "/sse", Handler: sse.New(s, sse.Options{})}, {Path: "/ws", Handler: ws.New(s, ws.Options{})},
			}
		},
	}
	if CanLean {
		stacks["lean"] = func(s *source.Source) []Mount {
			return []Mount{
				{Path: "/poll", Lean: poll.NewLean(s, poll.Options{})}, {Path: "/longpoll", Lean: longpoll.NewLean(s, longpoll.Options{})},
				{Path: "/sse", Lean: sse.NewLean(s, sse.Options{})}, {Path: "/ws", Lean: ws.NewLean(s, ws.Options{})},
			}
		}
	}
	for name, mounts := range stacks {
		t.Run(name, func(t *testing.T) {
			leak := goleak.IgnoreCurrent()
			address := life(t, "127.0.0.1:0", mounts) // the first one opens what stays, such as the runtime's poller
			before, known := descriptors()
			for range 99 {
				life(t, address, mounts) // on the same port, which each must have given back
			}
			goleak.VerifyNone(t, leak)
			if after, _ := descriptors(); known && after > before {
				t.Errorf("%d descriptors are open, %d were after the first life", after, before)
			}
		})
	}
}
