package longpoll_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"pushbench/servers/longpoll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// A writer is a response writer that keeps what it is given, and nothing else.
type writer struct {
	header http.Header
	status int
	body   []byte
}

func (w *writer) Header() http.Header    { return w.header }
func (w *writer) WriteHeader(status int) { w.status = status }
func (w *writer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body = b
	return len(b), nil
}

func TestEventAtTheVeryEndOfTheHoldIsNeverLost(t *testing.T) { // L9
	synctest.Test(t, func(t *testing.T) {
		const repetitions, hold = 100_000, time.Second
		src := source.New(source.Options{Keep: 4}, "t")
		topic, err := src.Topic("t")
		if err != nil {
			t.Fatal(err)
		}
		h := longpoll.New(src, longpoll.Options{Hold: hold})
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/longpoll", nil)
		w := &writer{header: make(http.Header)}
		ask := func(after uint64) (event bool) {
			r.URL.RawQuery = "topic=t&after=local-" + strconv.FormatUint(after, 10)
			w.status, w.body = 0, nil
			clear(w.header)
			h.ServeHTTP(w, r)
			switch {
			case w.status == http.StatusNoContent && w.body == nil:
				if got, want := w.header.Get("ETag"), topic.Cursor(after).String(); got != `"`+want+`"` {
					t.Fatalf("204 with ETag %s, want %s", got, want)
				}
				return false
			case w.status == http.StatusOK:
				var b wire.Batch
				var e wire.Event
				rest, err := wire.CutBatch(&b, w.body)
				if err == nil {
					rest, err = wire.CutNext(&e, rest)
				}
				if err != nil || len(rest) != 0 || e.N != after+1 || b.Cursor.N != after+1 {
					t.Fatalf("200 with %s, want event %d alone", w.body, after+1)
				}
				return true
			}
			t.Fatalf("answered %d with body %q, neither an event nor nothing", w.status, w.body)
			return false
		}

		random := rand.New(rand.NewPCG(9, 1))
		published := make(chan struct{}, 1)
		say := func() {
			if _, err := topic.Publish(wire.Message{Due: 1, Data: []byte(`1`)}); err != nil {
				t.Error(err)
			}
			published <- struct{}{}
		}
		var answered [2]int // at the very moment: with the event, and with nothing
		for n := range uint64(repetitions) {
			offset := time.Duration(random.IntN(3) - 1)
			time.AfterFunc(hold+offset, say)
			event := ask(n)
			if want := offset < 0; offset != 0 && event != want {
				t.Fatalf("an event %v off the end of the hold: answered %v", offset, event)
			}
			if offset == 0 && event {
				answered[0]++
			} else if offset == 0 {
				answered[1]++
			}
			if !event && !ask(n) {
				t.Fatalf("event %d is lost to the next request too", n+1)
			}
			<-published
		}
		if answered[0] == 0 || answered[1] == 0 {
			t.Errorf("at the very moment %d got the event and %d nothing: this was no race", answered[0], answered[1])
		}
	})
}

// A hook is a response writer that tells when its request is about to be held:
// there was nothing to answer, and the wait has not begun.
type hook struct {
	*httptest.ResponseRecorder
	before func()
}

func (h hook) SetWriteDeadline(time.Time) error { h.before(); return nil }

func TestWhatHappensJustBeforeTheWaitIsNotMissed(t *testing.T) { // L4, L9, F1
	synctest.Test(t, func(t *testing.T) {
		src := source.New(source.Options{}, "t")
		h := longpoll.New(src, longpoll.Options{})
		for _, tt := range []struct {
			what   string
			before func()
			want   int
		}{
			{"an event", func() { publish(t, src, 1) }, http.StatusOK},
			{"the end of the server", func() {
				if err := h.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			}, http.StatusServiceUnavailable},
		} {
			target := "/longpoll?topic=t&after=" + src.Add("t").Cursor(src.Add("t").Head()).String()
			w, start := hook{httptest.NewRecorder(), tt.before}, time.Now()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", target, nil))
			if took := time.Since(start); w.Code != tt.want || took != 0 {
				t.Errorf("after %s: answered %d after %v, want %d at once", tt.what, w.Code, took, tt.want)
			}
		}
	})
}

func TestTenThousandHeldRequestsAreReleasedByOneEvent(t *testing.T) { // L8
	synctest.Test(t, func(t *testing.T) {
		const clients = 10_000
		src := source.New(source.Options{}, "t")
		h := longpoll.New(src, longpoll.Options{})
		answered := make(chan *writer, clients)
		for range clients {
			go func() {
				w := &writer{header: make(http.Header)}
				h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/longpoll?topic=t&after=local-0", nil))
				answered <- w
			}()
		}
		synctest.Wait()
		if got := h.Held(); got != clients {
			t.Fatalf("%d requests are held, want %d", got, clients)
		}
		publish(t, src, 1)
		first := <-answered
		for range clients - 1 {
			w := <-answered
			if w.status != http.StatusOK || w.header.Get("ETag") != `"local-1"` {
				t.Fatalf("answered %d %v", w.status, w.header)
			}
			if unsafe.SliceData(w.body) != unsafe.SliceData(first.body) {
				t.Fatal("the same answer was encoded twice")
			}
		}
	})
}

// BenchmarkRelease reports how long one event takes to the last of 10,000 held
// requests, and how that compares to the first.
func BenchmarkRelease(b *testing.B) { // L8
	const clients = 10_000
	src := source.New(source.Options{}, "t")
	h := longpoll.New(src, longpoll.Options{})
	var first, last time.Duration
	after := uint64(0)
	for b.Loop() {
		b.StopTimer()
		answered := make(chan int64, clients)
		target := "/longpoll?topic=t&after=local-" + strconv.FormatUint(after, 10)
		for range clients {
			r := httptest.NewRequestWithContext(b.Context(), "GET", target, nil)
			go func() {
				h.ServeHTTP(&writer{header: make(http.Header)}, r)
				answered <- wire.Now()
			}()
		}
		for h.Held() < clients {
			runtime.Gosched()
		}
		b.StartTimer()
		start := wire.Now()
		publish(b, src, 1)
		after++
		from, to := int64(1<<62), int64(0)
		for range clients {
			at := <-answered
			from, to = min(from, at), max(to, at)
		}
		first += time.Duration(from - start)
		last += time.Duration(to - start)
	}
	b.ReportMetric(float64(last.Microseconds())/float64(b.N), "µs-to-last")
	b.ReportMetric(float64(last)/float64(first), "last/first")
}
