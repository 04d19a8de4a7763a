package longpoll_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/longpoll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// An answer is what a request got, and after how much (virtual) time.
type answer struct {
	*httptest.ResponseRecorder
	took   time.Duration
	Cursor string `json:"cursor"`
	More   bool   `json:"more"`
	Gap    *struct{ From, To, Cursor, Epoch string }
	Events []struct{ N string } `json:"events"`
}

// ask makes one request and waits for its answer.
func ask(ctx context.Context, t *testing.T, h http.Handler, query string) answer {
	t.Helper()
	a, start := answer{ResponseRecorder: httptest.NewRecorder()}, time.Now()
	h.ServeHTTP(a, httptest.NewRequestWithContext(ctx, "GET", "/longpoll?"+query, nil))
	a.took = time.Since(start)
	if a.Code == http.StatusOK {
		if err := json.Unmarshal(a.Body.Bytes(), &a); err != nil {
			t.Errorf("read %q: %v", a.Body, err)
		}
	}
	return a
}

// later makes a request and returns where its answer will be.
func later(ctx context.Context, t *testing.T, h http.Handler, query string) <-chan answer {
	answers := make(chan answer, 1)
	go func() { answers <- ask(ctx, t, h, query) }()
	return answers
}

func publish(t testing.TB, src *source.Source, events int) {
	t.Helper()
	for range events {
		if _, err := src.Publish("t", wire.Message{Data: []byte(`1`)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoEventWithinTheHoldTime(t *testing.T) { // L1
	for _, hold := range []time.Duration{0, time.Second, 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			src := source.New(source.Options{}, "t")
			publish(t, src, 3)
			a := ask(t.Context(), t, longpoll.New(src, longpoll.Options{Hold: hold}), "topic=t&after=local-3")
			if a.Code != http.StatusNoContent || a.Header().Get("ETag") != `"local-3"` || a.Body.Len() != 0 {
				t.Errorf("answered %d %v %q, want 204 with the same cursor", a.Code, a.Header(), a.Body)
			}
			if a.Header().Get("Cache-Control") != "no-store" {
				t.Error("the answer may be stored")
			}
			want := hold
			if want == 0 {
				want = 25 * time.Second // the documented default
			}
			if a.took != want {
				t.Errorf("held %v, want %v", a.took, want)
			}
		})
	}
}

func TestWhatIsKnownIsAnsweredAtOnce(t *testing.T) { // L2, L3, L6
	tests := map[string]struct {
		query  string
		events string
		cursor string
		more   bool
		gap    string // from-to of epoch
	}{
		"no cursor":           {"topic=t", "[]", "now-9", false, ""},
		"an event waiting":    {"topic=t&after=now-8", "[{9}]", "now-9", false, ""},
		"several, in order":   {"topic=t&after=now-7", "[{8} {9}]", "now-9", false, ""},
		"more than the limit": {"topic=t&after=now-6", "[{7} {8}]", "now-8", true, ""},
		"fell off the log":    {"topic=t&after=now-2", "[{6} {7}]", "now-7", true, "3-5 of "},
		"another epoch":       {"topic=t&after=before-9", "[{6} {7}]", "now-7", true, "1-5 of before"},
		"from the future":     {"topic=t&after=now-10", "[{6} {7}]", "now-7", true, "1-5 of now"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := source.New(source.Options{Epoch: "now", Keep: 4}, "t")
				publish(t, src, 9)
				a := ask(t.Context(), t, longpoll.New(src, longpoll.Options{Limit: 2}), tt.query)
				if a.Code != http.StatusOK || a.took != 0 {
					t.Fatalf("answered %d after %v, want 200 at once", a.Code, a.took)
				}
				gap := ""
				if a.Gap != nil {
					gap = fmt.Sprintf("%s-%s of %s", a.Gap.From, a.Gap.To, a.Gap.Epoch)
				}
				if got := fmt.Sprint(a.Events); got != tt.events || a.More != tt.more || a.Cursor != tt.cursor || gap != tt.gap {
					t.Errorf("got events %s, more %v, cursor %s, gap %q", got, a.More, a.Cursor, gap)
				}
				if got, want := a.Header().Get("ETag"), `"`+tt.cursor+`"`; got != want {
					t.Errorf("ETag %s, want %s", got, want)
				}
			})
		})
	}
}

func TestGapAloneIsAnsweredAtOnce(t *testing.T) { // L6, D7
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{Keep: -1}, "t")
		h := longpoll.New(src, longpoll.Options{})
		for _, query := range []string{"topic=t&after=local-1", "topic=t&after=before-0"} {
			publish(t, src, 2)
			if a := ask(t.Context(), t, h, query); a.Code != http.StatusOK || a.Gap == nil || len(a.Events) != 0 || a.took != 0 {
				t.Errorf("%s answers %d %+v after %v, want the gap at once", query, a.Code, a.Gap, a.took)
			}
		}
	})
}

func TestHeldRequestIsAnsweredByAnEventOfItsTopicOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "t", "other")
		h := longpoll.New(src, longpoll.Options{})
		held := later(t.Context(), t, h, "topic=t&after=local-0")
		synctest.Wait()
		if _, err := src.Publish("other", wire.Message{Data: []byte(`1`)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := h.Held(); got != 1 {
			t.Fatalf("%d requests are held after another topic's event, want 1", got)
		}
		publish(t, src, 1)
		if a := <-held; a.Code != http.StatusOK || fmt.Sprint(a.Events) != "[{1}]" || a.took != 0 {
			t.Errorf("answered %d %v after %v", a.Code, a.Events, a.took)
		}
		if got := h.Held(); got != 0 {
			t.Errorf("%d requests are held after the answer", got)
		}
	})
}

func TestLostAnswerIsGivenAgain(t *testing.T) { // L5
	src := source.New(source.Options{}, "t")
	h := longpoll.New(src, longpoll.Options{})
	publish(t, src, 2)
	first := ask(t.Context(), t, h, "topic=t&after=local-0")
	again := ask(t.Context(), t, h, "topic=t&after=local-0")
	if got, want := again.Body.String(), first.Body.String(); got != want || len(first.Events) != 2 {
		t.Errorf("the second answer is %s, the first was %s", got, want)
	}
}

func TestClientThatLeavesIsForgotten(t *testing.T) { // L7
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine stays
		src := source.New(source.Options{}, "t")
		h := longpoll.New(src, longpoll.Options{})
		ctx, leave := context.WithCancel(t.Context())
		held := later(ctx, t, h, "topic=t&after=local-0")
		synctest.Wait()
		if got := h.Held(); got != 1 {
			t.Fatalf("%d requests are held, want 1", got)
		}
		leave()
		if a := <-held; a.took != 0 || a.Code != http.StatusServiceUnavailable {
			t.Errorf("ended with %d after %v, want at once and not as an answer", a.Code, a.took)
		}
		if got := h.Held(); got != 0 {
			t.Errorf("%d requests are held after the client has left", got)
		}
	})
}

func TestShutdownReleasesWhoIsHeldAndRefusesWhoComes(t *testing.T) { // F1
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "t")
		h := longpoll.New(src, longpoll.Options{})
		var held []<-chan answer
		for range 3 {
			held = append(held, later(t.Context(), t, h, "topic=t&after=local-0"))
		}
		synctest.Wait()
		if err := h.Shutdown(t.Context()); err != nil || h.Held() != 0 {
			t.Errorf("Shutdown = %v with %d requests held", err, h.Held())
		}
		held = append(held, later(t.Context(), t, h, "topic=t&after=local-0"), later(t.Context(), t, h, "topic=t"))
		for i, answers := range held {
			if a := <-answers; a.Code != http.StatusServiceUnavailable || !slices.Contains([]string{"1", "2", "3"}, a.Header().Get("Retry-After")) || a.took != 0 {
				t.Errorf("request %d: %d, Retry-After %q, after %v", i, a.Code, a.Header().Get("Retry-After"), a.took)
			}
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Errorf("a second Shutdown = %v", err)
		}
	})
}

func TestRefusals(t *testing.T) { // L6, L14
	h := longpoll.New(source.New(source.Options{}, "t"), longpoll.Options{})
	for _, tt := range []struct {
		method, query string
		want          int
	}{
		{"GET", "topic=other", 404},
		{"GET", "topic=t&after=garbage", 400},
		{"GET", "topic=t&x=" + strings.Repeat("y", 5000), 414},
		{"POST", "topic=t", 405},
		{"DELETE", "topic=t", 405},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, "/longpoll?"+tt.query, nil))
		if w.Code != tt.want {
			t.Errorf("%s %.40s answers %d, want %d", tt.method, tt.query, w.Code, tt.want)
		}
	}
}
