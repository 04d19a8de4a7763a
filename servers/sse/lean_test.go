package sse

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/servers/lean"
	"pushbench/servers/lean/leantest"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func stageOf(t *testing.T, src *source.Source, o Options) (*leantest.Stage, *Lean) {
	half := NewLean(src, o)
	return leantest.New(t, src, lean.Mount{Path: "/sse", Half: half}), half
}

// A leanClient reads what a lean stream says.
type leanClient struct {
	*leantest.Client
	t       *testing.T
	so      string // what has come, head included
	version string
}

func subscribe(t *testing.T, stage *leantest.Stage, version, query string, lines ...string) *leanClient {
	t.Helper()
	c := &leanClient{stage.Dial(), t, "", version}
	c.Send("GET /sse?topic=t0" + query + " HTTP/" + version + "\r\nHost: localhost\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n")
	return c
}

// body is the body so far, and whether it has ended as it should.
func (c *leanClient) body() (body string, ended bool) {
	c.t.Helper()
	c.so += c.Got()
	response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(c.so)), nil)
	if err != nil || response.StatusCode != http.StatusOK {
		c.t.Fatalf("%v in %q", err, c.so)
	}
	text, err := io.ReadAll(response.Body)
	return string(text), err == nil
}

// fresh is what is new of the body.
func (c *leanClient) fresh(before string) string {
	c.t.Helper()
	body, _ := c.body()
	if !strings.HasPrefix(body, before) {
		c.t.Fatalf("the body %q does not begin with %q", body, before)
	}
	return body[len(before):]
}

func TestLeanSendsWhatTheOtherStackSends(t *testing.T) { // V1, V2, V4, V10, V11
	for _, c := range []struct{ query, field string }{
		{"", ""}, {"&after=local-3", ""}, {"&after=local-9", ""}, {"&after=other-1", ""}, {"&after=local-3", "Last-Event-ID: local-5"}, {"&after=local-0", ""},
	} {
		src, topic := raw(4)
		publish(t, topic, "1", "2", "3\r\n4", " 5", "")
		stage, _ := stageOf(t, src, Options{})
		address, _ := start(t, New(src, Options{}), nil)
		var lines []string
		if c.field != "" {
			lines = []string{c.field}
		}
		std := get(t, dial(t, address), "/sse?topic=t0"+c.query, lines...)
		client := subscribe(t, stage, "1.1", c.query, lines...)
		opening, _ := client.body()
		for block := range strings.SplitAfterSeq(opening, "\n\n") {
			if block != "" {
				std.want(block)
			}
		}
		publish(t, topic, "6") // now that both have what there was
		stage.Run()
		std.want(client.fresh(opening))
		body, _ := client.body()
		head, _, _ := strings.Cut(client.so, "\r\n\r\n")
		for name := range std.response.Header {
			if !strings.Contains(head, "\r\n"+name+": "+std.response.Header.Get(name)+"\r\n") && name != "Date" {
				t.Errorf("the head has no %s as in %v: %s", name, std.response.Header, head)
			}
		}
		if !strings.Contains(head, "\r\nDate: ") || !strings.Contains(body, event(6, "6")) {
			t.Errorf("%s: %s\n%s", c.query, head, body)
		}
	}
}

func TestLeanRefusesWhatTheOtherStackRefuses(t *testing.T) { // V10, V13, L14
	src, _ := raw(4)
	stage, _ := stageOf(t, src, Options{})
	address, _ := start(t, New(src, Options{}), nil)
	for _, request := range []string{
		"GET /sse?topic=nowhere HTTP/1.1\r\nHost: x\r\n", "GET /sse?topic=t0&after=garbage HTTP/1.1\r\nHost: x\r\n",
		"POST /sse?topic=t0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n", "OPTIONS /sse?topic=t0 HTTP/1.1\r\nHost: x\r\n",
		"GET /sse?topic=t0 HTTP/1.1\r\nHost: x\r\nLast-Event-ID: nonsense\r\n", "HEAD /sse?topic=t0 HTTP/1.1\r\nHost: x\r\n",
		"GET /sse?topic=t0&x=" + strings.Repeat("y", 5000) + " HTTP/1.1\r\nHost: x\r\n", "HEAD /sse?topic=u HTTP/1.1\r\nHost: x\r\n",
	} {
		conn := dial(t, address)
		if _, err := io.WriteString(conn, request+"Connection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		c := stage.Dial()
		c.Send(request + "Connection: close\r\n\r\n")
		if got := c.Got(); dateless(got) != dateless(string(want)) {
			t.Errorf("%.80q is answered with\n%q, want\n%q", request, dateless(got), dateless(string(want)))
		}
	}
}

// dateless is a response without its date, its fields in order: a HEAD's length is
// left out, too, because it is of nothing.
func dateless(response string) string {
	head, body, _ := strings.Cut(response, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	slices.Sort(lines[1:])
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "Date: ") || l == "Content-Length: 0"
	})
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func TestLeanSpeaksToHTTP10(t *testing.T) { // V13
	src, topic := raw(0)
	stage, _ := stageOf(t, src, Options{})
	c := subscribe(t, stage, "1.0", "")
	publish(t, topic, "1", "2")
	stage.Run()
	publish(t, topic, "3")
	stage.Run()
	stage.Drain()
	got := c.Got()
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	want := hello + event(1, "1") + event(2, "2") + event(3, "3") + "retry: "
	if !strings.HasPrefix(head, "HTTP/1.0 200 OK\r\n") || strings.Contains(head, "chunked") || !strings.HasPrefix(body, want) {
		t.Errorf("got %q", got)
	}
}

func TestLeanCoalescesWhatAClientLacks(t *testing.T) { // V3, V12
	for _, perWrite := range []int{0, 1, 3} {
		src, topic := raw(0)
		stage, _ := stageOf(t, src, Options{PerWrite: perWrite})
		c := subscribe(t, stage, "1.1", "")
		before := c.Writes()
		var want strings.Builder
		for n := range 7 {
			publish(t, topic, fmt.Sprint(n))
			want.WriteString(event(n+1, fmt.Sprint(n)))
		}
		stage.Run()
		writes := map[int]int{0: 1, 1: 7, 3: 3}[perWrite]
		if got := c.fresh(hello); got != want.String() || c.Writes()-before != writes {
			t.Errorf("%d per write: %d writes of %q, want %d", perWrite, c.Writes()-before, got, writes)
		}
	}
}

func TestLeanEndsEachStreamInOrder(t *testing.T) { // F1, F2
	src, topic := raw(0)
	stage, half := stageOf(t, src, Options{Retry: time.Second})
	waits := map[string]bool{}
	var clients []*leanClient
	for range 20 {
		clients = append(clients, subscribe(t, stage, "1.1", ""))
	}
	full := subscribe(t, stage, "1.1", "")
	full.Full(true)
	publish(t, topic, "1")
	stage.Run()
	stage.Drain()
	full.Full(false)
	opening := "retry: 1000\nid: local-0\n\n" + event(1, "1")
	for _, c := range append(clients, full) {
		body, ended := c.body()
		last := strings.TrimPrefix(body, opening)
		var ms int
		if _, err := fmt.Sscanf(last, "retry: %d\n\n", &ms); err != nil || !ended || ms < 1000 || ms >= 2000 {
			t.Errorf("the last words are %q, the body ends: %v", last, ended)
		}
		waits[last] = true
		c.Hangup(io.EOF)
	}
	if len(waits) < 10 {
		t.Errorf("all shall come back at the same time: %v", waits)
	}
	if n := half.Connections(); n != 0 || topic.Subscribers() != 0 {
		t.Errorf("%d connections, %d subscribers are left", n, topic.Subscribers())
	}
	late := stage.Dial()
	late.Send("GET /sse?topic=t0 HTTP/1.1\r\nHost: x\r\n\r\n")
	if got := late.Got(); !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "Retry-After: 1\r\n") {
		t.Errorf("who comes then is answered with %q", got)
	}
}

func TestLeanHeartbeatsFollowSilence(t *testing.T) { // V6, N6
	const interval = 16 * time.Second
	src, topic := raw(0)
	stage, _ := stageOf(t, src, Options{Heartbeat: interval})
	beats := func(c *leanClient) int {
		body, _ := c.body()
		return strings.Count(body, string(heartbeat))
	}
	early := subscribe(t, stage, "1.1", "")
	stage.Advance(interval / 2)
	later := subscribe(t, stage, "1.0", "")
	publish(t, topic, "1") // both have been told something now
	stage.Run()
	stage.Advance(interval - time.Second)
	if beats(early)+beats(later) != 0 {
		t.Error("a heartbeat before its time")
	}
	stage.Advance(time.Second + interval/16)
	if beats(early) != 1 || beats(later) != 1 {
		t.Errorf("%d and %d heartbeats after an interval of silence", beats(early), beats(later))
	}
	early.Full(true)
	publish(t, topic, "2")
	stage.Run()
	stage.Advance(5 * time.Second)
	early.Full(false)
	stage.Advance(10 * interval)
	// Each comes up to the sixteenth part of an interval late.
	if got := beats(later); got < 1+9 || got > 1+10 {
		t.Errorf("%d heartbeats in ten intervals", got-1)
	}
}

func TestLeanHeartbeatsAreNotForWhoCannotRead(t *testing.T) { // V6, Q2
	src, topic := raw(0)
	stage, _ := stageOf(t, src, Options{Heartbeat: time.Second, WriteTimeout: time.Hour})
	c := subscribe(t, stage, "1.1", "")
	c.Full(true)
	publish(t, topic, "1")
	stage.Run()
	stage.Advance(time.Minute)
	c.Full(false)
	if got := c.fresh(hello); got != event(1, "1") {
		t.Errorf("after a minute in which nothing went out, %q comes", got)
	}
}

func TestLeanHeartbeatsReachEveryone(t *testing.T) {
	const interval, clients = 16 * time.Second, 3*128 + 7 // several handfuls
	src, _ := raw(0)
	stage, _ := stageOf(t, src, Options{Heartbeat: interval})
	var all []*leanClient
	for range clients {
		all = append(all, subscribe(t, stage, "1.1", ""))
	}
	all[5].Hangup(io.EOF)
	all[300].Hangup(io.EOF)
	stage.Advance(interval + interval/16 + time.Second)
	for i, c := range all {
		want := 1
		if i == 5 || i == 300 {
			want = 0
		}
		if body, _ := c.body(); strings.Count(body, string(heartbeat)) != want {
			t.Fatalf("client %d has had %q", i, body)
		}
	}
}

func TestLeanTreatsSlowClientsByTheirPolicy(t *testing.T) { // V8, Q1, Q2, Q4
	gap := func(from, to int) string {
		cursor := wire.Cursor{Epoch: "local", N: uint64(to)}
		return string(appendGap(nil, &wire.Gap{From: uint64(from), To: uint64(to), Cursor: cursor}))
	}
	for _, c := range []struct {
		options Options
		want    string
		ends    bool
	}{
		{Options{}, gap(2, 6) + event(7, "7") + event(8, "8") + event(9, "9") + event(10, "10"), false},
		{Options{Limit: source.Limit{Events: 2}}, gap(2, 10), false},
		{Options{Slow: source.Disconnect}, string(tooSlow), true},
	} {
		src, topic := raw(4)
		stage, _ := stageOf(t, src, c.options)
		slow, quick := subscribe(t, stage, "1.1", ""), subscribe(t, stage, "1.1", "")
		slow.Full(true)
		before := hello
		for n := 1; n <= 10; n++ {
			publish(t, topic, fmt.Sprint(n))
			stage.Run()
			if got := quick.fresh(before); got != event(n, fmt.Sprint(n)) {
				t.Errorf("beside a slow client event %d comes as %q", n, got)
			}
			before += event(n, fmt.Sprint(n))
		}
		slow.Full(false)
		_, ended := slow.body()
		if got := slow.fresh(hello + event(1, "1")); got != c.want || ended != c.ends {
			t.Errorf("%+v: a slow client gets %q, ends %v; want %q, %v", c.options, got, ended, c.want, c.ends)
		}
	}
}

func TestLeanGivesUpWhoNeverReads(t *testing.T) { // V8
	src, topic := raw(0)
	stage, half := stageOf(t, src, Options{WriteTimeout: 5 * time.Second})
	c := subscribe(t, stage, "1.1", "")
	stage.Advance(time.Hour) // a stream outlives whatever a request may take
	if c.Finished() {
		t.Fatal("a client that reads is given up")
	}
	c.Full(true)
	publish(t, topic, "1")
	stage.Run()
	stage.Advance(5*time.Second - 1)
	if c.Finished() {
		t.Error("given up before the timeout")
	}
	stage.Advance(1)
	if !c.Finished() || half.Connections() != 0 || topic.Subscribers() != 0 {
		t.Errorf("ended %v, %d connections, %d subscribers", c.Finished(), half.Connections(), topic.Subscribers())
	}
}

func TestLeanLetsGoOfWhoLeaves(t *testing.T) { // V14
	src, topic := raw(0)
	stage, half := stageOf(t, src, Options{})
	c := subscribe(t, stage, "1.1", "")
	c.Send("whatever")
	if half.Connections() != 1 || topic.Subscribers() != 1 || c.Finished() {
		t.Error("a stream ends because its client speaks")
	}
	c.Hangup(io.EOF)
	if half.Connections() != 0 || topic.Subscribers() != 0 {
		t.Errorf("%d connections, %d subscribers are left", half.Connections(), topic.Subscribers())
	}
}

func TestLeanShowsWhatAViewShows(t *testing.T) { // D11
	odd := &source.View{Show: func(fresh []*source.Entry, _ *source.Entry) (shown []*source.Entry, upto uint64) {
		for _, e := range fresh {
			if e.N%2 == 1 {
				shown = append(shown, e)
			}
		}
		return shown, fresh[len(fresh)-1].N
	}}
	src := source.New(source.Options{Raw: true, View: odd}, "t0")
	topic := src.Topics()[0]
	stage, _ := stageOf(t, src, Options{})
	c := subscribe(t, stage, "1.1", "")
	for n := 1; n <= 6; n++ {
		publish(t, topic, fmt.Sprint(n))
		stage.Run()
	}
	if got := c.fresh(hello); got != event(1, "1")+event(3, "3")+event(5, "5") {
		t.Errorf("got %q", got)
	}
	topic.Written(func(n uint64) {
		if n != 6 {
			t.Errorf("written up to %d, want 6: what is not shown does not wait", n)
		}
	})
}
