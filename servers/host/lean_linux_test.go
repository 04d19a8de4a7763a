package host

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pushbench/servers/http1"
	"pushbench/servers/lean"
	"pushbench/servers/longpoll"
	"pushbench/servers/loop"
	"pushbench/servers/source"
)

// leanServer serves on event loops until the test ends.
func leanServer(t *testing.T, src *source.Source, s Socket, mounts ...Mount) (*Server, net.Addr) {
	t.Helper()
	server := New(src, mounts...)
	server.Socket, server.Found = s, &source.Findings{}
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln) }()
	t.Cleanup(func() {
		end()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return server, ln.Addr()
}

func dial(t *testing.T, to net.Addr) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

func ask(t *testing.T, c net.Conn, request string) int {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func TestEveryCPUHasALoopAndAllShareAPort(t *testing.T) {
	const clients = 64
	if procs < 2 {
		t.Skip("needs two CPUs")
	}
	src := source.New(source.Options{}, "t0")
	server, address := leanServer(t, src, Socket{}, leanPoll(src))
	var conns []*net.TCPConn
	for range clients {
		c := dial(t, address)
		if status := ask(t, c, "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n"); status != 200 {
			t.Fatalf("answered with %d", status)
		}
		conns = append(conns, c)
	}
	all := server.stack.(*loops).all
	if len(all) != procs {
		t.Errorf("%d loops, want %d", len(all), procs)
	}
	for i, w := range all {
		n := 0
		w.ask(func(int64) {
			for range w.lean.Conns() {
				n++
			}
		})
		if n == 0 { // by chance once in 2⁶⁴
			t.Errorf("loop %d of %d has none of %d clients", i, len(all), clients)
		}
	}
	if n, _ := server.stack.sockets(); n != clients {
		t.Errorf("%d connections, want %d", n, clients)
	}
	if n := server.Writes(); n != clients {
		t.Errorf("%d writes, want %d", n, clients)
	}
	if n := server.stack.reset(0.25); n != clients/4 {
		t.Errorf("%d connections reset, want %d", n, clients/4)
	}
	if n, _ := server.stack.sockets(); n != clients-clients/4 { // asked a round later, so RST has been sent
		t.Errorf("%d connections are left, want %d", n, clients-clients/4)
	}
	resets := 0
	for _, c := range conns {
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) {
			if _, _, err := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_DONTWAIT); err == unix.ECONNRESET {
				resets++
			}
		})
	}
	if resets != clients/4 {
		t.Errorf("%d clients saw RST, want %d", resets, clients/4)
	}
}

func TestAServerBesideAnotherHasNoMoreLoops(t *testing.T) {
	src := source.New(source.Options{}, "t0")
	for range 3 {
		server, address := leanServer(t, src, Socket{}, leanPoll(src))
		ask(t, dial(t, address), "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n") // so its loops run
		if got := len(server.stack.(*loops).all); got != procs {
			t.Errorf("%d loops on %d CPUs", got, procs)
		}
	}
}

func TestALeanServerThatEndsTellsWhoIsHeld(t *testing.T) { // F1
	src := source.New(source.Options{}, "t0")
	half := longpoll.NewLean(src, longpoll.Options{})
	server := New(src, Mount{Path: "/longpoll", Lean: half})
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln) }()
	held := dial(t, ln.Addr())
	fmt.Fprint(held, "GET /longpoll?topic=t0&after=local-0 HTTP/1.1\r\nHost: x\r\n\r\n")
	for half.Held() == 0 {
		runtime.Gosched()
	}
	const request = "GET /longpoll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n"
	slow := dial(t, ln.Addr()) // in the middle of a request, and waited for
	io.WriteString(slow, request[:10])
	for n := int64(0); n < 2; n, _ = server.stack.sockets() {
	}
	server.stack.sockets() // a round later what it sent has been read
	end()
	response, err := http.ReadResponse(bufio.NewReader(held), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("answered with %s, Retry-After %q", response.Status, response.Header.Get("Retry-After"))
	}
	if _, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		t.Error("the port is still open while the last client is waited for")
	}
	if status := ask(t, slow, request[10:]); status != http.StatusServiceUnavailable {
		t.Errorf("the last client is answered with %d", status)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestALeanServerThatIsNotServedLeavesNothingOpen(t *testing.T) {
	src := source.New(source.Options{}, "t0")
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := New(src, leanPoll(src)).Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(src, leanPoll(src)).Listen(t.Context(), "192.0.2.1:1"); err == nil {
		t.Error("listens on an address that is not this machine's")
	}
	if err := ln.Close(); err != nil {
		t.Error(err)
	}
	after, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Errorf("%d files are open, were %d", len(after), len(before))
	}
}

func TestLeanConnectionsAreGivenWhatTheServerIsTold(t *testing.T) { // Q6
	src := source.New(source.Options{}, "t0")
	server, address := leanServer(t, src, Socket{SendBuffer: 16 << 10, Unacknowledged: 1500 * time.Millisecond}, leanPoll(src))
	dial(t, address)
	seen := 0
	for seen == 0 { // until it is accepted
		for _, w := range server.stack.(*loops).all {
			w.ask(func(int64) {
				for c := range w.lean.Conns() {
					seen++
					socketOf(c).Control(func(fd uintptr) {
						buffer, _ := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF)
						patience, _ := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
						if buffer != 32<<10 || patience != 1500 { // the kernel doubles the first
							t.Errorf("SO_SNDBUF %d, TCP_USER_TIMEOUT %d ms", buffer, patience)
						}
					})
				}
			})
		}
	}
}

func TestALeanServerNamesAPeerThatTCPGivesUp(t *testing.T) { // Q6, C13
	src := source.New(source.Options{}, "t0")
	server, address := leanServer(t, src, Socket{Unacknowledged: 50 * time.Millisecond}, leanPoll(src))
	c := dial(t, address)
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
	raw.Control(func(fd uintptr) { err = loop.Deafen(int(fd)) })
	if err != nil {
		t.Fatal(err)
	}
	// The first answer may have been acknowledged; this one cannot be.
	fmt.Fprint(c, "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
	for len(server.Found.All()) == 0 {
		runtime.Gosched()
	}
	if got := server.Found.All(); len(got) != 1 || got[0].Client != c.LocalAddr().String() || got[0].What != source.GivenUp {
		t.Errorf("found %+v, want %s given up", got, c.LocalAddr())
	}
}

// An echo is a half without a path: its connections are its from the first byte.
type echo struct{}

func (echo) Part(*lean.Loop) lean.Part { return echo{} }
func (echo) Drain(int64)               {}

func (echo) Serve(c *lean.Conn, _ int64, r *http1.Request) {
	if r == nil {
		c.Stream(echoing{c})
	}
}

type echoing struct{ conn *lean.Conn }

func (e echoing) Received(_ int64, b []byte) { e.conn.Write(b) }
func (e echoing) Drained(int64)              {}
func (e echoing) Alarm(int64)                {}
func (e echoing) Ended(int64, error)         {}

func TestAHalfWithoutAPathSpeaksNoHTTP(t *testing.T) {
	src := source.New(source.Options{}, "t0")
	_, address := leanServer(t, src, Socket{}, Mount{Lean: echo{}})
	c := dial(t, address)
	const said = "GET /publish HTTP/1.1\r\n\r\n"
	io.WriteString(c, said)
	got := make([]byte, len(said))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != said {
		t.Errorf("heard %q, %v", got, err)
	}
	c.SetLinger(0) // nobody ends it in the drain
	c.Close()
}

func TestHalvesOfBothStacksDoNotMix(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a server was made of both")
		}
	}()
	src := source.New(source.Options{}, "t0")
	New(src, stdPoll(src), leanPoll(src))
}

// Hostile clients, on real sockets: each is answered as net/http answers, and the
// next client is served at once.
func TestHostileClientsAreBounded(t *testing.T) { // V13, W9
	src := source.New(source.Options{}, "t0")
	server, address := leanServer(t, src, Socket{}, leanPoll(src))
	const head = "GET /poll?topic=t0 HTTP/1.1\r\nHost: x\r\n"
	for _, tt := range []struct {
		name, sent string
		status     int
	}{
		{"a head without end", head + "X: " + strings.Repeat("y", 1<<20), 431},
		{"a thousand headers too many", head + strings.Repeat("X: y\r\n", 1<<17), 431},
		{"a long query", "GET /poll?topic=t0&x=" + strings.Repeat("y", 5000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		{"a body without end", "POST /publish?topic=t0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 1024), 413},
		{"a long body", "POST /publish?topic=t0 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1000000), 413},
		{"binary noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" + strings.Repeat("\xff\x00", 1<<19), 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, address)
			go io.WriteString(c, tt.sent) // which may be cut off
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.status {
				t.Errorf("answered with %s, want %d", response.Status, tt.status)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				t.Errorf("the answer is cut off: %v", err)
			}
			if status := ask(t, dial(t, address), head+"\r\n"); status != 200 {
				t.Errorf("the next client is answered with %d", status)
			}
		})
	}
	t.Run("reset in the middle", func(t *testing.T) {
		for _, sent := range []string{"", head, head + "\r\n", "POST /publish?topic=t0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"} {
			c := dial(t, address)
			io.WriteString(c, sent)
			c.SetLinger(0)
			c.Close()
		}
	})
	for { // all of them leave nothing behind
		if n, _ := server.stack.sockets(); n == 0 {
			break
		}
		server.stack.reset(1)
	}
}
