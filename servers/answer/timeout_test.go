package answer_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/longpoll"
	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// single is a listener that has one connection to give.
type single struct {
	conns chan net.Conn
}

func (s single) Accept() (net.Conn, error) {
	if c, ok := <-s.conns; ok {
		return c, nil
	}
	return nil, errors.New("closed")
}

func (s single) Close() error { close(s.conns); return nil }
func (single) Addr() net.Addr { return &net.IPAddr{} }

func TestClientThatNeverReadsLosesItsConnection(t *testing.T) {
	const timeout, large = 4 * time.Second, 1 << 20
	for name, half := range map[string]func(*source.Source) http.Handler{
		"poll":     func(s *source.Source) http.Handler { return poll.New(s, poll.Options{WriteTimeout: timeout}) },
		"longpoll": func(s *source.Source) http.Handler { return longpoll.New(s, longpoll.Options{WriteTimeout: timeout}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := source.New(source.Options{}, "t")
				if _, err := src.Publish("t", wire.Message{Data: []byte(`"` + strings.Repeat("x", large) + `"`)}); err != nil {
					t.Fatal(err)
				}
				closed := make(chan struct{})
				server := &http.Server{Handler: half(src), ConnState: func(_ net.Conn, state http.ConnState) {
					if state == http.StateClosed {
						close(closed)
					}
				}}
				near, far := net.Pipe()
				defer near.Close()
				l := single{make(chan net.Conn, 1)}
				l.conns <- far
				go server.Serve(l)
				defer server.Close()

				start := wire.Now()
				if _, err := fmt.Fprint(near, "GET /?topic=t&after=local-0 HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(near, make([]byte, 100)); err != nil {
					t.Fatal(err)
				}
				select {
				case <-closed:
				case <-time.After(time.Hour):
					t.Fatal("the server waits for ever")
				}
				if took := time.Duration(wire.Now() - start); took != timeout {
					t.Errorf("closed after %v, want %v", took, timeout)
				}
			})
		})
	}
}
