package longpoll_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/servers/longpoll"
	"pushbench/servers/source"
)

func TestMoreWaitersThanTheLimitAreToldToComeBack(t *testing.T) { // L13
	synctest.Test(t, func(t *testing.T) {
		const limit = 3
		src := source.New(source.Options{}, "t")
		h := longpoll.New(src, longpoll.Options{Hold: time.Hour, MaxHeld: limit})
		ask := func(after uint64) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/?topic=t&after=local-%d", after), nil))
			return w
		}
		answers := make(chan int, limit)
		for range limit {
			go func() { answers <- ask(0).Code }()
		}
		synctest.Wait()
		if got := h.Held(); got != limit {
			t.Fatalf("%d requests are held, want %d", got, limit)
		}
		w := ask(0)
		if w.Code != http.StatusServiceUnavailable || !slices.Contains([]string{"1", "2", "3"}, w.Header().Get("Retry-After")) {
			t.Errorf("one more is answered with %d, Retry-After %q, want 503 and 1 to 3", w.Code, w.Header().Get("Retry-After"))
		}
		// Who needs not wait is answered, however many do.
		publish(t, src, 1)
		for range limit {
			if code := <-answers; code != http.StatusOK {
				t.Errorf("a held request is answered with %d", code)
			}
		}
		for range limit {
			go func() { answers <- ask(1).Code }()
		}
		synctest.Wait()
		if code := ask(0).Code; code != http.StatusOK {
			t.Errorf("a request for an event that is there is answered with %d while %d wait", code, h.Held())
		}
		publish(t, src, 1)
		for range limit {
			<-answers
		}
	})
}
