package transporttest_test

import (
	"net/http"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	longpollclient "pushbench/loadgen/longpoll"
	pollclient "pushbench/loadgen/poll"
	sseclient "pushbench/loadgen/sse"
	"pushbench/loadgen/transporttest"
	wsclient "pushbench/loadgen/ws"
	"pushbench/servers/faults"
	"pushbench/servers/longpoll"
	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/ws"
)

var subjects = []transporttest.Subject{
	{Name: "poll", Path: "/poll", Half: pollclient.New, Interval: 5 * time.Millisecond,
		Serve: func(s *source.Source) http.Handler { return poll.New(s, poll.Options{}) }},
	{Name: "longpoll", Path: "/longpoll", Half: longpollclient.New,
		Serve: func(s *source.Source) http.Handler { return longpoll.New(s, longpoll.Options{}) }},
	{Name: "sse", Path: "/sse", Half: sseclient.New,
		Serve: func(s *source.Source) http.Handler { return sse.New(s, sse.Options{}) }},
	{Name: "ws", Path: "/ws", Half: wsclient.New,
		Serve: func(s *source.Source) http.Handler { return ws.New(s, ws.Options{}) }},
}

func TestTransports(t *testing.T) {
	for _, s := range subjects {
		s.Engine = func(o engine.Options) (engine.Engine, error) { return engine.NewGoroutine(o), nil }
		t.Run(s.Name+"/goroutine", func(t *testing.T) { transporttest.Run(t, s) })
		s.Engine = engine.NewLoop
		t.Run(s.Name+"/loop", func(t *testing.T) { transporttest.Run(t, s) })
	}
}

func TestFaults(t *testing.T) {
	for _, s := range subjects {
		s.Engine = func(o engine.Options) (engine.Engine, error) { return engine.NewGoroutine(o), nil }
		for _, f := range faults.All {
			t.Run(s.Name+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				s, honest := s, s.Serve
				s.View = f.View
				s.Serve = func(src *source.Source) http.Handler { return f.Wrap(src, honest(src)) }
				for name, err := range transporttest.Failures(t.Context(), s, 2*time.Second) {
					t.Logf("%s|%s|%s: %v", s.Name, f.Name, name, err)
				}
			})
		}
	}
}
