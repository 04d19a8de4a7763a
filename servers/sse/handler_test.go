package sse

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pushbench/servers/source"
)

func TestHeadersSayThatItIsAStream(t *testing.T) { // V1
	src, _ := raw(0)
	address, _ := start(t, New(src, Options{}), nil)
	c := get(t, dial(t, address), "/?topic=t0", "Accept-Encoding: gzip")
	if c.response.StatusCode != http.StatusOK {
		t.Errorf("status %d, want 200", c.response.StatusCode)
	}
	for name, want := range map[string]string{
		"Content-Type":      "text/event-stream",
		"Cache-Control":     "no-cache, no-transform",
		"X-Accel-Buffering": "no",
		"Content-Length":    "",
		"Content-Encoding":  "",
	} {
		if got := c.response.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestHeadersComeBeforeTheFirstEvent(t *testing.T) { // V2
	src, topic := raw(0)
	address, _ := start(t, New(src, Options{}), nil)
	t.Run("new", func(t *testing.T) {
		get(t, dial(t, address), "/?topic=t0").want(hello)
	})
	t.Run("resumed with nothing new", func(t *testing.T) {
		c := get(t, dial(t, address), "/?topic=t0&after=local-0")
		c.want(resume)
		publish(t, topic, "x")
		c.want(event(1, "x"))
	})
}

func TestEachEventArrivesWithoutTheNext(t *testing.T) { // V3
	src, topic := raw(0)
	address, _ := start(t, New(src, Options{}), nil)
	c := get(t, dial(t, address), "/?topic=t0")
	c.want(hello)
	for n := 1; n <= 20; n++ {
		publish(t, topic, "x")
		c.want(event(n, "x"))
	}
}

func TestPayloadCannotInjectAnEvent(t *testing.T) { // V4
	src, topic := raw(0)
	address, _ := start(t, New(src, Options{}), nil)
	c := get(t, dial(t, address), "/?topic=t0")
	c.want(hello)
	publish(t, topic, "a\r\n\r\nevent: gap\rid: 9\n\nb")
	c.want("id: local-1\ndata: a\ndata: \ndata: event: gap\ndata: id: 9\ndata: \ndata: b\n\n")
}

// plain hides everything that a ResponseWriter can do beyond its interface.
type plain struct{ http.ResponseWriter }

// wrapped hides it too, but shows the way to it.
type wrapped struct{ plain }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// timed has deadlines, and still cannot flush.
type timed struct{ plain }

func (timed) SetWriteDeadline(time.Time) error { return nil }

func TestWriterThatCannotFlushIsRefused(t *testing.T) { // V9
	src, _ := raw(0)
	h := New(src, Options{})
	for name, writer := range map[string]func(*httptest.ResponseRecorder) http.ResponseWriter{
		"does neither":     func(r *httptest.ResponseRecorder) http.ResponseWriter { return plain{r} },
		"cannot flush":     func(r *httptest.ResponseRecorder) http.ResponseWriter { return timed{plain{r}} },
		"has no deadlines": func(r *httptest.ResponseRecorder) http.ResponseWriter { return r },
	} {
		t.Run(name, func(t *testing.T) {
			record := httptest.NewRecorder()
			h.ServeHTTP(writer(record), httptest.NewRequest("GET", "/?topic=t0", nil))
			if record.Code != http.StatusInternalServerError || !strings.Contains(record.Body.String(), "cannot flush or set deadlines") {
				t.Errorf("answer %d %q, want 500 with the reason", record.Code, record.Body)
			}
			if got := record.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
				t.Errorf("Content-Type %q of an error", got)
			}
		})
	}
	if n := src.Subscribers(); n != 0 {
		t.Errorf("%d subscribers, want 0", n)
	}
}

func TestWrapperWithUnwrapStreams(t *testing.T) { // V9
	src, _ := raw(0)
	h := New(src, Options{})
	address, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(wrapped{plain{w}}, r)
	}), nil)
	get(t, dial(t, address), "/?topic=t0").want(hello)
}

func TestCursorDecidesWhereTheStreamStarts(t *testing.T) { // V10
	src, topic := raw(4)
	for n := range 10 {
		publish(t, topic, fmt.Sprint(n+1))
	}
	address, _ := start(t, New(src, Options{}), nil)
	all := event(7, "7") + event(8, "8") + event(9, "9") + event(10, "10")
	gap := func(from int, rest string) string {
		return fmt.Sprintf("id: local-6\nevent: gap\ndata: {\"from\":\"%d\",\"to\":\"6\",\"cursor\":\"local-6\"%s}\n\n", from, rest)
	}
	for _, c := range []struct{ name, query, header, want string }{
		{"none", "", "", "retry: 3000\nid: local-10\n\n"},
		{"in the log", "", "local-8", resume + event(9, "9") + event(10, "10")},
		{"at the head", "", "local-10", resume},
		{"too old", "", "local-2", resume + gap(3, "") + all},
		{"from the future", "", "local-11", resume + gap(1, `,"epoch":"local"`) + all},
		{"of another epoch", "", "other-9", resume + gap(1, `,"epoch":"other"`) + all},
		{"in the query", "&after=local-9", "", resume + event(10, "10")},                  // V11
		{"in both, header wins", "&after=local-2", "local-9", resume + event(10, "10")},   // V11
		{"in both, query ignored", "&after=garbage", "local-9", resume + event(10, "10")}, // V11
		{"in the query, header empty", "&after=local-9", "  ", resume + event(10, "10")},  // V11
	} {
		t.Run(c.name, func(t *testing.T) {
			c1 := get(t, dial(t, address), "/?topic=t0"+c.query, "Last-Event-ID: "+c.header)
			got := make([]byte, len(c.want))
			if _, err := io.ReadFull(c1.body, got); err != nil || string(got) != c.want {
				t.Errorf("stream %q, %v; want %q", got, err, c.want)
			}
		})
	}
	for name, header := range map[string]string{
		"garbage":     "12",
		"overflowing": "local-99999999999999999999",
		"huge":        strings.Repeat("x", 3<<10) + "-1",
	} {
		t.Run(name, func(t *testing.T) {
			c := get(t, dial(t, address), "/?topic=t0", "Last-Event-ID: "+header)
			if c.response.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d, want 400", c.response.StatusCode)
			}
		})
	}
}

func TestMethodsAndVersions(t *testing.T) { // V13
	src, topic := raw(0)
	address, _ := start(t, New(src, Options{}), nil)
	for _, method := range []string{"POST", "OPTIONS", "PUT", "DELETE"} {
		request, _ := http.NewRequest(method, "http://"+address+"/?topic=t0", nil)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q; want 405 with GET, HEAD", method, response.StatusCode, response.Header.Get("Allow"))
		}
	}

	response, err := http.Head("http://" + address + "/?topic=t0")
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" || response.ContentLength > 0 {
		t.Errorf("HEAD: %v, want the header of a stream and nothing else", response)
	}
	http.DefaultClient.CloseIdleConnections()

	conn := dial(t, address)
	defer conn.Close()
	io.WriteString(conn, "GET /?topic=t0 HTTP/1.0\r\n\r\n")
	old, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{conn, t, old, bufio.NewReader(old.Body)}
	if len(old.TransferEncoding) != 0 || !old.Close {
		t.Errorf("HTTP/1.0: encoding %v, close %t; want a body that ends with the connection", old.TransferEncoding, old.Close)
	}
	c.want(hello)
	publish(t, topic, "x")
	c.want(event(1, "x"))
}

func TestUnknownTopicIsRefused(t *testing.T) {
	src := source.New(source.Options{}, "t0")
	address, _ := start(t, New(src, Options{}), nil)
	if c := get(t, dial(t, address), "/?topic=t1"); c.response.StatusCode != http.StatusNotFound {
		t.Errorf("status %d, want 404", c.response.StatusCode)
	}
}
