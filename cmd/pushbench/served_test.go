package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"pushbench/loadgen/target"
	"pushbench/servers/host"
)

// A served is a server of this program, as a user starts it.
type served struct {
	url  string
	said []string // before it listened
	end  context.CancelFunc
	rest chan string // what it said from then on, when it has ended
}

// serve starts one on a free port; it ends with the test.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	errs, out := io.Pipe()
	s := &served{end: cancel, rest: make(chan string, 1)}
	go func() {
		run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), io.Discard, out)
		out.Close()
	}()
	t.Cleanup(func() {
		cancel()
		errs.Close()
	})
	buffered := bufio.NewReader(errs)
	for s.url == "" {
		line, err := buffered.ReadString('\n')
		if err != nil {
			break
		}
		s.said = append(s.said, strings.TrimSuffix(line, "\n"))
		_, s.url, _ = strings.Cut(s.said[len(s.said)-1], "listening on ")
	}
	if s.url == "" {
		t.Fatalf("serve %q does not listen: %q", args, s.said)
	}
	go func() {
		rest, _ := io.ReadAll(buffered)
		s.rest <- string(rest)
	}()
	return s
}

// stop ends the server and returns all that it has said.
func (s *served) stop(t *testing.T) string {
	t.Helper()
	s.end()
	return strings.Join(s.said, "\n") + "\n" + <-s.rest
}

// ordered is the status with which a server that takes orders answers a GET.
func ordered(t *testing.T, path string) int {
	t.Helper()
	child, err := target.Start(t.Context(), target.Config{Executable: program(t), Args: []string{"serve", "--orders", "--listen", "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	defer child.Stop()
	answer, err := http.Get("http://" + child.Address.String() + path)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// onBothStacks runs a test on a server of each stack.
func onBothStacks(t *testing.T, f func(t *testing.T, s *served), args ...string) {
	for _, stack := range stacks {
		if stack == leanLoop && !host.CanLean {
			continue
		}
		t.Run(stack, func(t *testing.T) { f(t, serve(t, append(args, "--stack", stack)...)) })
	}
}

// dial opens a connection and sends what is given.
func (s *served) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *served) host() string { return strings.TrimPrefix(s.url, "http://") }
