package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// fetch makes a request with these fields, each as "Name: value", and returns the
// answer's status, header and body.
func (s *served) fetch(t *testing.T, method, path, body string, fields ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		return answer.StatusCode, answer.Header, ""
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// token is the one that the server's page has.
func (s *served) token(t *testing.T) string {
	t.Helper()
	_, _, page := s.fetch(t, "GET", "/", "")
	found := regexp.MustCompile(`<meta name="token" content="(.*)">`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no word of a token in the page:\n%.1000s", page)
	}
	return found[1]
}

func TestAServerListensOnLoopbackAloneAndWarnsOtherwise(t *testing.T) { // X1
	if got := newServe().Flags().Lookup("listen").DefValue; got != "127.0.0.1:8080" {
		t.Errorf("it listens on %s unless told otherwise", got)
	}
	for _, tt := range []struct {
		listen string
		warns  bool
	}{{"127.0.0.1:0", false}, {"localhost:0", false}, {"[::1]:0", false}, {"0.0.0.0:0", true}, {":0", true}} {
		if l, err := net.Listen("tcp", tt.listen); err == nil {
			l.Close()
		} else if strings.HasPrefix(tt.listen, "[::1]") {
			continue // no IPv6 here
		}
		s := serve(t, "--listen", tt.listen)
		said := s.stop(t)
		if got := strings.Contains(said, "warning: reachable from other machines"); got != tt.warns {
			t.Errorf("--listen %s: warns %v, want %v: %s", tt.listen, got, tt.warns, said)
		}
	}
}

func TestTheControlsAreClosedUnlessOpened(t *testing.T) { // X9
	const own = "a-token-of-my-own"
	for _, tt := range []struct {
		args  []string
		token string // that opens them; empty: none
		shown bool   // in the page
	}{
		{nil, "the page's", true},
		{[]string{"--control", own}, own, false},
		{[]string{"--control", "off"}, "", false},
		{[]string{"--listen", "0.0.0.0:0"}, "", false},
		{[]string{"--listen", "0.0.0.0:0", "--control", own}, own, false},
	} {
		s := serve(t, tt.args...)
		shown := s.token(t)
		if (shown != "") != tt.shown {
			t.Errorf("%q: the page has the token %q", tt.args, shown)
		}
		if tt.shown {
			tt.token = shown
		}
		order := func(token string) int {
			status, _, _ := s.fetch(t, "POST", "/control", `{"rate":2}`, "Authorization: Bearer "+token)
			return status
		}
		if tt.token == "" {
			if got := order(own); got != http.StatusNotFound && got != http.StatusMethodNotAllowed {
				t.Errorf("%q: closed controls answer %d", tt.args, got)
			}
			continue
		}
		if got := order(tt.token); got != http.StatusNoContent {
			t.Errorf("%q: with the token: %d", tt.args, got)
		}
		if got := order(tt.token + "x"); got != http.StatusUnauthorized {
			t.Errorf("%q: with another token: %d", tt.args, got)
		}
	}
}

// Who reads the page has its token, so nobody else may: no other origin, and no
// page that has got this machine's address for its name.
func TestNobodyElseReadsThePage(t *testing.T) { // X5, X9
	s := serve(t, "--origins", "https://friend.example,*")
	for _, path := range []string{"/", "/control", "/poll?topic=t0", "/sse?topic=t0", "/ws?topic=t0", "/publish?topic=t0", "/nothing"} {
		status, _, body := s.fetch(t, "GET", path, "", "Host: rebound.example:8080")
		if status != http.StatusMisdirectedRequest || strings.Contains(body, "token") {
			t.Errorf("GET %s of a foreign host: %d %s", path, status, body)
		}
	}
	for _, origin := range []string{"https://friend.example", "https://other.example", "null"} {
		for _, path := range []string{"/", "/control"} {
			if _, header, _ := s.fetch(t, "GET", path, "", "Origin: "+origin); header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("a page of %s may read %s: %v", origin, path, header)
			}
		}
		status, header, _ := s.fetch(t, "POST", "/control", `{"reset":true}`, "Origin: "+origin, "Authorization: Bearer "+s.token(t))
		if status != http.StatusForbidden || header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a page of %s may order: %d %v", origin, status, header)
		}
	}
}

func TestOtherOriginsReadWhatTheyAreAllowedTo(t *testing.T) { // X2, X3, X4
	const friend, stranger = "https://friend.example", "https://stranger.example"
	s := serve(t, "--origins", friend, "--hold", "1ms")
	upgrade := []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="}
	for _, path := range []string{"/poll?topic=t0", "/longpoll?topic=t0", "/sse?topic=t0", "/textbook?topic=textbook"} {
		for origin, want := range map[string]string{friend: friend, stranger: ""} {
			status, header, _ := s.fetch(t, "GET", path, "", "Origin: "+origin)
			if status != 200 || header.Get("Access-Control-Allow-Origin") != want || header.Get("Vary") != "Origin" {
				t.Errorf("GET %s from %s: %d %v", path, origin, status, header)
			}
		}
		status, header, _ := s.fetch(t, "OPTIONS", path, "", "Origin: "+friend, "Access-Control-Request-Method: GET",
			"Access-Control-Request-Headers: last-event-id")
		if status != 204 || !strings.Contains(header.Get("Access-Control-Allow-Headers"), "Last-Event-ID") {
			t.Errorf("preflight of %s: %d %v", path, status, header)
		}
	}
	for origin, want := range map[string]int{friend: 204, stranger: 403} {
		if got, _, body := s.fetch(t, "POST", "/publish?topic=t0", `{"due":"0","data":1}`, "Origin: "+origin); got != want {
			t.Errorf("a post from %s: %d %s", origin, got, body)
		}
	}
	for origin, want := range map[string]int{
		friend: 101, s.url: 101, strings.ToUpper(friend): 101, "": 101,
		stranger: 403, "null": 403, friend + ":8443": 403, friend + ".evil": 403, "http://127.0.0.1:1": 403,
	} {
		if got := s.upgrade(t, origin, upgrade); got != want {
			t.Errorf("a WebSocket from %q: %d, want %d", origin, got, want)
		}
	}
}

// upgrade asks for a WebSocket and returns the status.
func (s *served) upgrade(t *testing.T, origin string, fields []string) int {
	t.Helper()
	if origin != "" {
		fields = append([]string{"Origin: " + origin}, fields...)
	}
	host := strings.TrimPrefix(s.url, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /ws?topic=t0 HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", host, strings.Join(fields, "\r\n"))
	var status int
	if _, err := fmt.Fscanf(c, "HTTP/1.1 %d", &status); err != nil {
		t.Fatal(err)
	}
	return status
}

func TestConnectionsBeyondTheLimitAreToldSo(t *testing.T) { // X8
	s := serve(t, "--max-connections", "2")
	host := strings.TrimPrefix(s.url, "http://")
	ask := func() (net.Conn, string) {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET /poll?topic=t0 HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		b := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
		return c, string(b[len("HTTP/1.1 "):])
	}
	var open []net.Conn
	for i, want := range []string{"200", "200", "503", "503"} {
		c, got := ask()
		defer c.Close()
		if got != want {
			t.Errorf("connection %d: %s, want %s", i+1, got, want)
		}
		open = append(open, c)
	}
	open[0].Close()
	for { // until the server has noticed, which the test's own limit bounds
		c, got := ask()
		c.Close()
		if got == "200" {
			break
		}
	}
	if said := s.stop(t); !regexp.MustCompile(`pushbench: \d+ connections were refused`).MatchString(said) {
		t.Errorf("it does not say that it refused some: %s", said)
	}
}

func TestWhatGuardsAServerIsCheckedFirst(t *testing.T) { // R1
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--control", "short"}, "a token of 5 bytes, want at least 16"},
		{[]string{"--origins", "example.org"}, `origin "example.org": want one as browsers write it`},
		{[]string{"--max-connections", "-1"}, "want zero or more"},
		{[]string{"--max-per-address", "-1"}, "want zero or more"},
		{[]string{"--orders", "--control", "0123456789abcdef"}, "--control is for servers that people look at"},
		{[]string{"--orders", "--origins", "*"}, "--origins is for servers that people look at"},
		{[]string{"--stack", "lean", "--origins", "*"}, "--origins needs --stack std"},
	} {
		var out, errs strings.Builder
		code := run(t.Context(), append([]string{"serve", "--listen", "127.0.0.1:0"}, tt.args...), strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%q: exit code %d: %s", tt.args, code, &errs)
		}
	}
}

// What is measured carries nothing of all this.
func TestAMeasuredServerHasNoPage(t *testing.T) { // X9
	for path, want := range map[string]int{"/": 404, "/control": 404, "/textbook?topic=textbook": 404, "/poll?topic=t0": 200} {
		if got := ordered(t, path); got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
}
