package crowd

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/poll"
	"pushbench/loadgen/recorder"
	"pushbench/loadgen/sse"
	"pushbench/results"
	longpollserver "pushbench/servers/longpoll"
	pollserver "pushbench/servers/poll"
	"pushbench/servers/source"
	sseserver "pushbench/servers/sse"
	"pushbench/servers/wire"
)

// engines are both, for one address.
func engines(t *testing.T, address netip.AddrPort) map[string]engine.Engine {
	t.Helper()
	o := engine.Options{Remote: address, Shards: 2}
	loop, err := engine.NewLoop(o)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]engine.Engine{"loop": loop, "goroutine": engine.NewGoroutine(o)}
}

// A visit is a crowd on real sockets.
type visit struct {
	*Crowd
	record *recorder.Recorder
	leave  func() *results.Trial // ends it
}

func visiting(t *testing.T, e engine.Engine, o Options) visit {
	t.Helper()
	o.Topics, o.ConnectRate, o.Seed, o.Backoff = source.TopicNames(1), 1e6, 3, Backoff{Kind: None}
	r := recorder.New(recorder.Options{Clients: o.Clients, Topics: 1, Shards: e.Shards()})
	r.Measure(0, math.MaxInt64)
	c := New(o, e, r, wire.Now())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return visit{c, r, func() *results.Trial {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		var trial results.Trial
		if err := r.Snapshot(&trial, nil); err != nil {
			t.Fatal(err)
		}
		return &trial
	}}
}

// askers are the halves that ask over HTTP for what can be asked for again.
var askers = []struct {
	name     string
	half     func(*engine.Endpoint) engine.Conversation
	interval time.Duration
	serve    func(*source.Source) http.Handler
}{
	{"poll", poll.New, 10 * time.Millisecond, func(s *source.Source) http.Handler { return pollserver.New(s, pollserver.Options{}) }},
	{"longpoll", longpoll.New, 0, func(s *source.Source) http.Handler { return longpollserver.New(s, longpollserver.Options{}) }},
	{"sse", sse.New, 0, func(s *source.Source) http.Handler { return sseserver.New(s, sseserver.Options{}) }},
}

// ways are the statuses by which a maze sends on, one after the other.
var ways = []int{301, 302, 303, 307, 308}

// maze sends each request on by every way before h answers it, and counts all.
func maze(h http.Handler, closing bool, requests *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	for i, status := range ways {
		mux.HandleFunc(fmt.Sprintf("GET /%d", i), func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			if closing {
				w.Header().Set("Connection", "close")
			}
			to := url.URL{Path: fmt.Sprintf("/%d", i+1), RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, to.String(), status)
		})
	}
	mux.HandleFunc(fmt.Sprintf("GET /%d", len(ways)), func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		h.ServeHTTP(w, r)
	})
	return mux
}

func TestClientsGoWhereTheirServerSendsThem(t *testing.T) { // C6
	const clients, events = 4, 3
	steps := int64(len(ways) + 1)
	for _, a := range askers {
		for _, closing := range []bool{false, true} {
			src := source.New(source.Options{Epoch: "e"}, source.TopicNames(1)...)
			var served atomic.Int64
			server := httptest.NewServer(maze(a.serve(src), closing, &served))
			address := netip.MustParseAddrPort(server.Listener.Addr().String())
			for kind, e := range engines(t, address) {
				name := fmt.Sprintf("%s, %s, connections closed behind redirects: %v", a.name, kind, closing)
				served.Store(0)
				first := src.Topics()[0].Head()
				v := visiting(t, e, Options{
					Clients: clients, Half: a.half, Interval: a.interval, Endpoint: engine.Endpoint{Host: address.String(), Path: "/0"},
				})
				<-v.Ready()
				for range events {
					if _, err := src.Publish("t0", wire.Message{Data: []byte(`1`)}); err != nil {
						t.Fatal(err)
					}
				}
				all(v.Crowd, func(m *member) bool { return m.cursor.N == first+events })
				trial := v.leave()
				if n, why := v.Refused(); n > 0 || trial.Traffic.Delivered != clients*events {
					t.Errorf("%s: %d deliveries, want %d; %d turned away: %v", name, trial.Traffic.Delivered, clients*events, n, why)
				}
				// One of each client may be under way when they leave.
				made, got := trial.Traffic.Requests, served.Load()
				if made < got || made > got+clients || got < steps*clients {
					t.Errorf("%s: %d requests made, %d served, want as many, and %d for each question of %d clients", name, made, got, steps, clients)
				}
				opened := int64(clients)
				if closing {
					opened = steps * clients
				}
				if a.name == "sse" && (made != steps*clients || trial.Traffic.Opened != opened) {
					t.Errorf("%s: %d requests on %d connections, want %d on %d", name, made, trial.Traffic.Opened, steps*clients, opened)
				}
				if broken := trial.Traffic.Closed; len(broken) > 0 {
					t.Errorf("%s: connections broke: %v", name, broken)
				}
				if n := trial.Traffic.Opened; !closing && n != clients {
					t.Errorf("%s: %d connections of %d clients", name, n, clients)
				}
			}
			server.Close()
		}
	}
}

func TestWhoIsSentInCirclesIsTurnedAway(t *testing.T) { // C6
	const clients, most = 3, 21
	for _, a := range askers {
		var served atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served.Add(1)
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		}))
		address := netip.MustParseAddrPort(server.Listener.Addr().String())
		for kind, e := range engines(t, address) {
			served.Store(0)
			v := visiting(t, e, Options{
				Clients: clients, Half: a.half, Interval: a.interval, Endpoint: engine.Endpoint{Host: address.String(), Path: "/0"},
			})
			<-v.Ready()
			trial := v.leave()
			if n, why := v.Refused(); n != clients || !strings.Contains(fmt.Sprint(why), "more than 20 redirects in a row") {
				t.Errorf("%s, %s: %d turned away for %v", a.name, kind, n, why)
			}
			if made, got := trial.Traffic.Requests, served.Load(); got != most*clients || made != got {
				t.Errorf("%s, %s: %d requests made and %d served, want %d of each of %d clients", a.name, kind, made, got, most, clients)
			}
		}
		server.Close()
	}
}
