package publish_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pushbench/servers/publish"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func post(h http.Handler, query, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/publish?"+query, strings.NewReader(body)))
	return w
}

func TestPostIsPublishedWithItsOwnDueInstant(t *testing.T) {
	src := source.New(source.Options{}, "t")
	h := publish.New(src, publish.Options{})
	for _, body := range []string{
		`{"due":"42","type":"chat","data":{"text":"hello"}}`,
		`{"due":"0","data":"now"}`,
	} {
		if w := post(h, "topic=t", body); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
			t.Errorf("POST %s answers %d %q, want 204", body, w.Code, w.Body)
		}
	}
	entries := src.Add("t").Since(0, 10, nil).Entries
	if len(entries) != 2 {
		t.Fatalf("%d events are published, want 2", len(entries))
	}
	if e := entries[0]; e.Due != 42 || e.Type != "chat" || string(e.Data) != `{"text":"hello"}` {
		t.Errorf("published %+v", e.Event)
	}
	if e := entries[1]; e.Due != e.Pub || string(e.Data) != `"now"` {
		t.Errorf("published %+v, want it due when published", e.Event)
	}
}

func TestAPostToASourceThatAbsorbsIsTakenAndReachesNobody(t *testing.T) {
	journal := &source.Journal{}
	src := source.New(source.Options{Absorb: true, Journal: journal}, "t")
	h := publish.New(src, publish.Options{})
	if w := post(h, "topic=t", `{"due":"42","data":"up"}`); w.Code != http.StatusNoContent {
		t.Errorf("answered %d %q, want 204", w.Code, w.Body)
	}
	if w := post(h, "topic=t", `{"due":"42","data":}`); w.Code != http.StatusBadRequest {
		t.Errorf("half a message is answered %d, want 400", w.Code)
	}
	if head, taken := src.Add("t").Head(), journal.Taken(); head != 0 || len(taken.Due) != 1 || taken.Due[0] != 42 {
		t.Errorf("head %d, taken %+v", head, taken)
	}
}

func TestPostThatCannotBePublishedIsRefusedWithTheReason(t *testing.T) { // X7, V5
	src := source.New(source.Options{}, "t")
	h := publish.New(src, publish.Options{MaxBytes: 100})
	whole := `{"due":"0","data":"` + strings.Repeat("x", 79) + `"}`
	tests := []struct {
		method, query, body string
		want                int
		reason              string
	}{
		{"POST", "topic=t", whole, 204, ""},
		{"POST", "topic=t", whole + " ", 413, "too large"},
		{"POST", "topic=t", strings.Repeat("x", 1<<20), 413, "too large"},
		{"POST", "topic=t", ``, 400, "not a message"},
		{"POST", "topic=t", `{"data":1}`, 400, "not a message"},
		{"POST", "topic=t", `{"due":"0","data":nonsense}`, 400, "not JSON"},
		{"POST", "topic=t", "{\"due\":\"0\",\"data\":\"\xff\"}", 400, "not UTF-8"},
		{"POST", "topic=t", `{"due":"0","type":"gap","data":1}`, 400, "reserved"},
		{"POST", "topic=t", "{\"due\":\"0\",\"type\":\"a\nid: 7\",\"data\":1}", 400, "control characters"},
		{"POST", "topic=other", whole, 404, "no such topic"},
		{"POST", "", whole, 404, "no such topic"},
		{"POST", "topic=%zz", whole, 400, "query"},
		{"POST", "topic=t&x=" + strings.Repeat("y", 5000), whole, 414, "4 KiB"},
		{"GET", "topic=t", "", 405, "POST"},
		{"PUT", "topic=t", whole, 405, "POST"},
	}
	for _, tt := range tests {
		before := src.Add("t").Head()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, "/publish?"+tt.query, strings.NewReader(tt.body)))
		if w.Code != tt.want || !strings.Contains(w.Body.String(), tt.reason) {
			t.Errorf("%s ?%.20s %.60q answers %d %q, want %d and %q", tt.method, tt.query, tt.body, w.Code, w.Body, tt.want, tt.reason)
		}
		if allow := w.Header().Get("Allow"); (allow == "POST") != (tt.want == 405) {
			t.Errorf("%d has Allow %q", w.Code, allow)
		}
		if took := src.Add("t").Head() > before; took != (tt.want == 204) {
			t.Errorf("%s %.60q published: %v", tt.method, tt.body, took)
		}
	}
}

func TestEventsKeepTheirOwnBytes(t *testing.T) {
	const senders, each = 8, 200
	src := source.New(source.Options{Keep: senders * each}, "t")
	h := publish.New(src, publish.Options{})
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			for range each {
				post(h, "topic=t", fmt.Sprintf(`{"due":"%d","data":"%s"}`, i+1, strings.Repeat(string(rune('a'+i)), 50+i)))
			}
		})
	}
	all.Wait()
	entries := src.Add("t").Since(0, senders*each, nil).Entries
	if got, want := len(entries), senders*each; got != want {
		t.Fatalf("%d events are published, want %d", got, want)
	}
	for _, e := range entries {
		i := int(e.Due - 1)
		if want := bytes.Repeat([]byte{byte('a' + i)}, 50+i); string(e.Data) != `"`+string(want)+`"` {
			t.Errorf("the event of sender %d has data %s", i, e.Data)
		}
	}
}

func TestClientThatDoesNotSendItsBodyIsToldSo(t *testing.T) { // X6
	src := source.New(source.Options{}, "t")
	server := httptest.NewServer(publish.New(src, publish.Options{ReadTimeout: time.Millisecond}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /publish?topic=t HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
	answer, err := io.ReadAll(conn) // to its end: the connection is of no more use
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 408 ")) {
		t.Errorf("answered %q, %v, want 408", answer, err)
	}
	if got := src.Add("t").Head(); got != 0 {
		t.Errorf("%d events are published", got)
	}
}

func BenchmarkPublish(b *testing.B) {
	h := publish.New(source.New(source.Options{}, "t"), publish.Options{})
	body := wire.AppendMessage(nil, &wire.Message{Due: 1, Data: []byte(`"` + strings.Repeat("x", 100) + `"`)})
	r := httptest.NewRequest("POST", "/publish?topic=t", nil)
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
