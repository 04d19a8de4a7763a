package loop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// crowdEnv makes the test binary the other half of a test with more connections
// than one process has descriptors for at both ends: "ADDRESS COUNT BYTES".
const crowdEnv = "LOOP_TEST_CROWD"

const greeting = 100 // bytes that each of the crowd is sent

// members is the handler of all connections of the crowd.
type members struct {
	loop            *Loop
	remote          netip.AddrPort
	dial, want, got int
	failed          error
	stop            func()
}

// Opened dials the next: never more at a time than a listener's queue holds.
func (m *members) Opened(*Conn, int64) {
	if m.dial > 0 {
		m.dial--
		m.loop.Dial(netip.Addr{}, m.remote, m)
	}
}

func (m *members) Received(_ *Conn, _ int64, b []byte) {
	if m.got += len(b); m.got == m.want {
		fmt.Println("received", m.got)
	}
}

func (m *members) Ended(_ *Conn, _ int64, why error) {
	m.failed = why
	m.stop()
}

// crowd connects as often as it is told, says when it has received everything,
// and stays until its standard input ends.
func crowd(task string) int {
	m := new(members)
	var remote string
	var bytes int
	if _, err := fmt.Sscan(task, &remote, &m.dial, &bytes); err != nil {
		fmt.Println(err)
		return 1
	}
	m.remote, m.want = netip.MustParseAddrPort(remote), m.dial*bytes
	l, err := New(Options{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	m.loop = l
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	for range min(m.dial, 256) {
		m.Opened(nil, 0)
	}
	if err := l.Run(ctx); err != nil || m.failed != nil {
		fmt.Println(err, m.failed)
		return 1
	}
	return 0
}

// A host is the handler of all connections that the crowd made.
type host struct {
	opened, ended int
	conns         []*Conn
	full, empty   chan struct{}
}

func (h *host) Opened(c *Conn, _ int64) {
	h.conns[h.opened] = c
	if h.opened++; h.opened == len(h.conns) {
		close(h.full)
	}
}

func (h *host) Received(*Conn, int64, []byte) {}

func (h *host) Ended(*Conn, int64, error) {
	if h.ended++; h.ended == len(h.conns) {
		close(h.empty)
	}
}

func TestTenThousandConnectionsOnOneLoop(t *testing.T) {
	n := 10_000
	if raceEnabled {
		n = 500
	}
	h := &host{conns: make([]*Conn, n), full: make(chan struct{}), empty: make(chan struct{})}
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ln := listen(t, l, ListenOptions{}, func(*Conn) Handler { return h })
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", crowdEnv, ln.Addr(), n, greeting))
	child.Stderr = os.Stderr
	in, _ := child.StdinPipe()
	out, _ := child.StdoutPipe()
	before := heap()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- l.Run(ctx) }()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		said <- strings.TrimSpace(line)
	}()
	select {
	case <-h.full:
	case line := <-said:
		t.Fatalf("the crowd gave up: %s", line)
	}
	l.Post(func(int64) {
		for _, c := range h.conns {
			c.Write(noise(greeting))
		}
	})
	if got, want := <-said, fmt.Sprint("received ", n*greeting); got != want {
		t.Errorf("the crowd says %q, want %q", got, want)
	}
	if per := (heap() - before) / n; per > 300 && !raceEnabled {
		t.Errorf("a connection takes %d bytes of the heap, want at most 300", per)
	} else {
		t.Logf("a connection takes %d bytes of the heap", per)
	}
	in.Close()
	if err := child.Wait(); err != nil {
		t.Errorf("the crowd ended with %v", err)
	}
	<-h.empty
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// heap is the live heap in bytes.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
