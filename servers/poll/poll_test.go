package poll_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pushbench/servers/poll"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

// An answer is a response with its body, read as anybody would.
type answer struct {
	*http.Response
	raw    string
	Cursor string `json:"cursor"`
	More   bool   `json:"more"`
	Gap    *struct{ From, To, Cursor, Epoch string }
	Events []json.RawMessage `json:"events"`
}

// serve starts a server with these options and returns what asks it, on one
// connection that is kept alive.
func serve(t *testing.T, src *source.Source, o poll.Options) func(method, query string, headers ...string) answer {
	t.Helper()
	server := httptest.NewServer(poll.New(src, o))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var raw strings.Builder
	in := bufio.NewReader(io.TeeReader(conn, &raw))
	return func(method, query string, headers ...string) answer {
		t.Helper()
		raw.Reset()
		fmt.Fprintf(conn, "%s /poll?%s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, query, strings.Join(append(headers, ""), "\r\n"))
		response, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		a := answer{Response: response}
		if response.StatusCode == http.StatusOK && method == "GET" {
			if err := json.Unmarshal(body, &a); err != nil {
				t.Fatalf("read %q: %v", body, err)
			}
		}
		a.raw = raw.String()
		return a
	}
}

func publish(t *testing.T, src *source.Source, data ...string) {
	t.Helper()
	for _, d := range data {
		if _, err := src.Publish("t", wire.Message{Data: []byte(d)}); err != nil {
			t.Fatal(err)
		}
	}
}

// numbers are the numbers of the answer's events.
func (a answer) numbers() (ns []string) {
	for _, e := range a.Events {
		var event struct{ N string }
		if err := json.Unmarshal(e, &event); err != nil {
			panic(err)
		}
		ns = append(ns, event.N)
	}
	return ns
}

func TestNothingNewIsATinyAnswer(t *testing.T) { // P1
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`)
	a := ask("GET", "topic=t&after=local-1")
	if a.StatusCode != http.StatusNoContent || a.Header.Get("ETag") != `"local-1"` || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("nothing new answers %d with %v, want 204 with the ETag", a.StatusCode, a.Header)
	}
	if !strings.HasSuffix(a.raw, "\r\n\r\n") || len(a.raw) > 150 {
		t.Errorf("the answer has %d bytes, want a head of at most 150 and no body:\n%s", len(a.raw), a.raw)
	}
}

func TestWithoutACursorComesOneToBeginWith(t *testing.T) {
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`, `2`)
	a := ask("GET", "topic=t")
	if a.StatusCode != http.StatusOK || a.Cursor != "local-2" || a.Events == nil || len(a.Events) != 0 || a.More || a.Gap != nil {
		t.Errorf("the hello is %d %+v, want 200 with cursor local-2 and an empty list", a.StatusCode, a)
	}
	if got, want := a.Header.Get("ETag"), `"local-2"`; got != want {
		t.Errorf("the hello's ETag is %s, want %s", got, want)
	}
}

func TestEventsComeTogetherInOrderUpToTheLimit(t *testing.T) { // L3
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{Limit: 2})
	cursor := ask("GET", "topic=t").Header.Get("ETag")
	publish(t, src, `1`, `2`, `{"a":[3]}`)

	a := ask("GET", "topic=t", "If-None-Match: "+cursor)
	if got := a.numbers(); fmt.Sprint(got) != "[1 2]" || !a.More || a.Cursor != "local-2" {
		t.Errorf("first come %v, more %v, cursor %s", got, a.More, a.Cursor)
	}
	body := a.raw[strings.Index(a.raw, "\r\n\r\n")+4:]
	for name, want := range map[string]string{
		"ETag": `"local-2"`, "Content-Type": "application/json", "Cache-Control": "no-store",
		"Content-Length": fmt.Sprint(len(body)),
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	a = ask("GET", "topic=t", "If-None-Match: "+a.Header.Get("ETag"))
	if got := a.numbers(); fmt.Sprint(got) != "[3]" || a.More || a.Cursor != "local-3" {
		t.Errorf("then come %v, more %v, cursor %s", got, a.More, a.Cursor)
	}
}

func TestSameCursorTwiceGivesTheSameEventsTwice(t *testing.T) { // L5
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`, `2`)
	first, second := ask("GET", "topic=t&after=local-1"), ask("GET", "topic=t&after=local-1")
	if fmt.Sprint(first.numbers()) != "[2]" || string(second.Events[0]) != string(first.Events[0]) {
		t.Errorf("first %s, again %s", first.Events, second.Events)
	}
}

func TestHeaderWinsOverQuery(t *testing.T) { // V11
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`, `2`, `3`)
	if a := ask("GET", "topic=t&after=local-0", `If-None-Match: W/"local-2"`); fmt.Sprint(a.numbers()) != "[3]" {
		t.Errorf("got %v, want event 3 alone", a.numbers())
	}
}

func TestPollSlowerThanTheLogIsToldWhatExpired(t *testing.T) { // P5, D4
	src := source.New(source.Options{Keep: 3}, "t")
	ask := serve(t, src, poll.Options{Limit: 2})
	publish(t, src, `1`, `2`, `3`, `4`, `5`, `6`, `7`)
	a := ask("GET", "topic=t&after=local-1")
	if a.Gap == nil || a.Gap.From != "2" || a.Gap.To != "4" || a.Gap.Cursor != "local-4" || a.Gap.Epoch != "" {
		t.Errorf("the gap is %+v, want 2 to 4", a.Gap)
	}
	if fmt.Sprint(a.numbers()) != "[5 6]" || !a.More || a.Cursor != "local-6" {
		t.Errorf("with it come %v, more %v, cursor %s", a.numbers(), a.More, a.Cursor)
	}
}

func TestGapAloneIsAnAnswer(t *testing.T) { // P5, D7
	src := source.New(source.Options{Keep: -1}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`, `2`)
	a := ask("GET", "topic=t&after=local-0")
	if a.StatusCode != http.StatusOK || a.Gap == nil || a.Gap.To != "2" || len(a.Events) != 0 || a.Cursor != "local-2" {
		t.Errorf("a log that keeps nothing answers %d %+v", a.StatusCode, a)
	}
	if a = ask("GET", "topic=t&after="+a.Cursor); a.StatusCode != http.StatusNoContent {
		t.Errorf("the gap's cursor answers %d, want 204", a.StatusCode)
	}
}

func TestCursorOfAnotherLifeGetsANoticeAndAllThereIs(t *testing.T) { // L6, V10, D5
	src := source.New(source.Options{Epoch: "now"}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`, `2`)
	for _, cursor := range []string{"before-1", "before-99", "now-3", "now-18446744073709551615"} {
		epoch, _, _ := strings.Cut(cursor, "-")
		a := ask("GET", "topic=t&after="+cursor)
		if a.Gap == nil || a.Gap.Epoch != epoch || fmt.Sprint(a.numbers()) != "[1 2]" || a.Cursor != "now-2" {
			t.Errorf("%s gets gap %+v, events %v, cursor %s", cursor, a.Gap, a.numbers(), a.Cursor)
		}
	}
}

func TestRefusals(t *testing.T) { // L6, L14
	ask := serve(t, source.New(source.Options{}, "t"), poll.Options{})
	for _, tt := range []struct {
		method, query, header string
		want                  int
	}{
		{"GET", "topic=other", "", 404},
		{"GET", "topic=t&after=garbage", "", 400},
		{"GET", "topic=t", `If-None-Match: "a-1", "b-2"`, 400},
		{"GET", "topic=t&x=" + strings.Repeat("y", 5000), "", 414},
		{"POST", "topic=t", "Content-Length: 0", 405},
		{"PUT", "topic=t", "Content-Length: 0", 405},
	} {
		var headers []string
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		if a := ask(tt.method, tt.query, headers...); a.StatusCode != tt.want {
			t.Errorf("%s %.40s answers %d, want %d", tt.method, tt.query, a.StatusCode, tt.want)
		}
	}
}

func TestHeadIsTheHeadOfTheAnswer(t *testing.T) {
	src := source.New(source.Options{}, "t")
	ask := serve(t, src, poll.Options{})
	publish(t, src, `1`)
	head, get := ask("HEAD", "topic=t&after=local-0"), ask("GET", "topic=t&after=local-0")
	if head.StatusCode != 200 || head.Header.Get("ETag") != `"local-1"` || !strings.HasSuffix(head.raw, "\r\n\r\n") {
		t.Errorf("HEAD answers:\n%s", head.raw)
	}
	if got, want := head.Header.Get("Content-Length"), get.Header.Get("Content-Length"); got != want {
		t.Errorf("HEAD has Content-Length %s, GET %s", got, want)
	}
}

func TestRawEventsAreJSONStrings(t *testing.T) {
	src := source.New(source.Options{Raw: true}, "t")
	ask := serve(t, src, poll.Options{})
	texts := []string{"a\r\nb\n\n", `"]}`, "", "é\x00😀"}
	publish(t, src, texts...)
	a := ask("GET", "topic=t&after=local-0")
	for i, want := range texts {
		var got string
		if err := json.Unmarshal(a.Events[i], &got); err != nil || got != want {
			t.Errorf("event %d is %s, %v, want the string %q", i, a.Events[i], err, want)
		}
	}
}

func TestServerThatEndsSaysWhenToComeBack(t *testing.T) { // F1
	src := source.New(source.Options{}, "t")
	h := poll.New(src, poll.Options{})
	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/poll?topic=t", nil))
	if w.Code != http.StatusServiceUnavailable || !slices.Contains([]string{"1", "2", "3"}, w.Header().Get("Retry-After")) {
		t.Errorf("after Shutdown: %d, Retry-After %q, want 503 and 1 to 3", w.Code, w.Header().Get("Retry-After"))
	}
}

// The two benchmarks belong together: what a request costs on a real connection,
// and what of that is not net/http's.
func BenchmarkPoll(b *testing.B) {
	src := source.New(source.Options{}, "t")
	if _, err := src.Publish("t", wire.Message{Data: []byte(`"the price of one share rose by a little"`)}); err != nil {
		b.Fatal(err)
	}
	b.Run("nothing", func(b *testing.B) { benchmark(b, poll.New(src, poll.Options{}), "local-1") })
	b.Run("event", func(b *testing.B) { benchmark(b, poll.New(src, poll.Options{}), "local-0") })
}

func BenchmarkMinimalHandler(b *testing.B) {
	body := []byte(strings.Repeat("x", 220))
	b.Run("nothing", func(b *testing.B) {
		benchmark(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", r.URL.Query().Get("after"))
			w.WriteHeader(http.StatusNoContent)
		}), "local-1")
	})
	b.Run("event", func(b *testing.B) {
		benchmark(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", r.URL.Query().Get("after"))
			w.Header().Set("Content-Type", "application/json")
			w.Write(body)
		}), "local-0")
	})
}

func benchmark(b *testing.B, h http.Handler, after string) {
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	question := []byte("GET /poll?topic=t&after=" + after + " HTTP/1.1\r\nHost: x\r\n\r\n")
	answer := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		conn.Write(question)
		if _, err := conn.Read(answer); err != nil {
			b.Fatal(err)
		}
	}
}
