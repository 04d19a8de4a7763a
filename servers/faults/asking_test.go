package faults_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"pushbench/servers/faults"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A half that only notes what it is asked for.
type listening struct {
	asked *http.Request
	down  bool
}

func (l *listening) ServeHTTP(_ http.ResponseWriter, r *http.Request) { l.asked = r }

func (l *listening) Shutdown(context.Context) error {
	l.down = true
	return nil
}

func TestRewritesReachTheCursorWhereverItIs(t *testing.T) { // D11
	src := source.New(source.Options{Epoch: "now", Keep: 4}, "a", "b")
	for range 10 {
		if _, err := src.Publish("a", wire.Message{Data: []byte(`1`)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		fault, topic, cursor string
		wantTopic, want      string
	}{
		{"ignore-cursor", "a", "now-8", "a", "now-10"},
		{"ignore-cursor", "a", "", "a", ""},
		{"ignore-cursor", "a", "rubbish", "a", "rubbish"},
		{"repeat-last", "a", "now-8", "a", "now-7"},
		{"repeat-last", "a", "now-0", "a", "now-0"},
		{"hide-gap", "a", "now-3", "a", "now-6"},
		{"hide-gap", "a", "now-8", "a", "now-8"},
		{"hide-gap", "a", "then-3", "a", "then-3"},
		{"forget-epoch", "a", "then-8", "a", "now-8"},
		{"accept-garbage", "a", "rubbish", "a", ""},
		{"accept-garbage", "a", "now-8", "a", "now-8"},
		{"wrong-topic", "a", "now-8", "b", "now-8"},
		{"wrong-topic", "b", "", "a", ""},
		{"wrong-topic", "c", "now-1", "c", "now-1"},
	} {
		for _, place := range []string{"query", "Last-Event-ID", "If-None-Match"} {
			query := url.Values{"topic": {tt.topic}}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			switch {
			case tt.cursor == "":
			case place == "query":
				query.Set("after", tt.cursor)
			default:
				query.Set("after", "now-1") // the header wins
				r.Header.Set(place, tt.cursor)
			}
			r.URL.RawQuery = query.Encode()
			before := r.URL.RawQuery
			half := new(listening)
			fault(t, tt.fault).Wrap(src, half).ServeHTTP(nil, r)
			got := half.asked.Header.Get(place)
			if got == "" {
				got = half.asked.URL.Query().Get("after")
			}
			if topic := half.asked.URL.Query().Get("topic"); topic != tt.wantTopic || got != tt.want {
				t.Errorf("%s makes topic %q, cursor %q of topic %q, cursor %q in %s, want %q, %q",
					tt.fault, topic, got, tt.topic, tt.cursor, place, tt.wantTopic, tt.want)
			}
			if r.URL.RawQuery != before {
				t.Errorf("%s changed the client's own request", tt.fault)
			}
		}
	}
}

func TestEveryFaultDoesSomethingAndCanBeShutDown(t *testing.T) {
	values := map[string]string{"": "", "[=N]": "", "=LENGTH": "=1s", "=LENGTH@INSTANT": "=1s@1s", "=N@INSTANT": "=1@1s", "=LAW": "=constant:1s"}
	src := source.New(source.Options{}, "a")
	near, _ := net.Pipe()
	names := map[string]bool{}
	for _, k := range faults.All {
		half := new(listening)
		f := fault(t, k.Name+values[k.Takes])
		wrapped := f.Wrap(src, half)
		if k.Name == "" || k.Does == "" || names[k.Name] {
			t.Errorf("fault %q that %q is not named, or twice", k.Name, k.Does)
		}
		names[k.Name] = true
		if f.View == nil && wrapped == http.Handler(half) && f.Conn(near) == near {
			t.Errorf("%s does nothing", k.Name)
		}
		if err := wrapped.(interface{ Shutdown(context.Context) error }).Shutdown(t.Context()); err != nil || !half.down {
			t.Errorf("%s keeps a shutdown from the half: %v", k.Name, err)
		}
	}
}

func TestNoFaultDoesNothing(t *testing.T) {
	var f faults.Fault
	half, w := new(listening), source.Timer{}
	near, _ := net.Pipe()
	if f.Wrap(nil, half) != http.Handler(half) || f.Conn(near) != near || f.Begin(source.Load{}, w) != w || f.Injected(0, 1) != nil {
		t.Error("the zero fault stands in the way")
	}
}
