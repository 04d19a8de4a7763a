package http1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/servers/wire"
)

var named = engine.Endpoint{Host: "example.test:8080", Path: "/a/poll", Topic: "t"}

// lines are the field lines of an answer that sends the client there.
func lines(location string) []byte { return []byte("Server: x\r\nLocation: " + location + "\r\n") }

func TestARedirectIsFollowedWithinItsServer(t *testing.T) { // C6
	after := wire.Cursor{Epoch: "E", N: 4}
	for location, want := range map[string]string{
		"/b":                               "/b",
		"/b?topic=t&after=E-4":             "/b?topic=t&after=E-4",
		"http://example.test:8080/b?x=1#y": "/b?x=1",
		"HTTP://Example.TEST:8080":         "/",
		"//example.test:8080/b":            "/b",
		"b":                                "/a/b",
		"../b":                             "/b",
		"?x=1":                             "/a/poll?x=1",
		"#y":                               "/a/poll?topic=t&after=E-4",
		"/ü b":                             "/%C3%BC%20b",
		"/100%25":                          "/100%25",
		"/\t":                              "/",
	} {
		var none *Redirection
		r, err := none.Next(307, lines(location), &named, after)
		if err != nil || !r.Due() {
			t.Errorf("to %q: %v", location, err)
			continue
		}
		if got, want := string(r.AppendRequest(nil, &named, after)), "GET "+want+" HTTP/1.1\r\nHost: example.test:8080\r\n"; got != want {
			t.Errorf("to %q: request %q, want %q", location, got, want)
		}
		if got, want := string(r.AppendRequest(nil, &named, after)), string(AppendRequest(nil, "GET", &named, after)); r.Due() || got != want {
			t.Errorf("to %q: the next request is %q, want %q", location, got, want)
		}
	}
	// A port that is not said is that of plain HTTP.
	e := named
	e.Host = "example.test"
	if _, err := (*Redirection)(nil).Next(302, lines("http://example.test:80/b"), &e, after); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeFollowedSaysWhy(t *testing.T) { // C6
	for location, want := range map[string]string{
		"":                             "that does not say where to",
		"http://example.test/b":        `to "http://example.test/b", which is another server than example.test:8080`,
		"http://example.test:8081/":    "another server",
		"http://localhost:8080/":       "another server",
		"https://example.test:8080/":   "another server",
		"mailto:x":                     "another server",
		"http:b":                       "another server",
		"http://example.test:port/":    "no address",
		"/%zz":                         "no address",
		"/?a b":                        "no address",
		"/?ü":                          "no address",
		"/?" + strings.Repeat(" ", 9):  "", // of which nothing is left
		"http://[::1/":                 "no address",
		"/" + strings.Repeat("x", 500): "",
	} {
		r, err := (*Redirection)(nil).Next(308, lines(location), &named, wire.Cursor{})
		if want == "" {
			if err != nil {
				t.Errorf("to %.64q: %v", location, err)
			}
			continue
		}
		refused, ok := errors.AsType[*engine.StatusError](err)
		if !ok || refused.Code != 308 || !engine.Final(err) || !strings.Contains(fmt.Sprint(err), want) || r.Due() {
			t.Errorf("to %.64q: %v, want a final refusal with status 308: %s", location, err, want)
		}
	}
	if _, err := (*Redirection)(nil).Next(301, []byte("Server: x\r\n"), &named, wire.Cursor{}); err == nil {
		t.Error("a redirect without a location is followed")
	}
}

func TestRedirectsInARowAreBounded(t *testing.T) { // C6
	var r *Redirection
	var want strings.Builder
	want.WriteString("/a/")
	for i := range MaxRedirects {
		var err error
		step := fmt.Sprintf("%d/", i)
		want.WriteString(step)
		if r, err = r.Next(302, lines(step), &named, wire.Cursor{}); err != nil {
			t.Fatalf("redirect %d: %v", i+1, err)
		}
		r.AppendRequest(nil, &named, wire.Cursor{})
	}
	if r.target != want.String() {
		t.Errorf("the last one leads to %q, want %q: each is read where it was found", r.target, want.String())
	}
	_, err := r.Next(302, lines("/"), &named, wire.Cursor{})
	if err == nil || !engine.Final(err) || !strings.Contains(err.Error(), "more than 20 redirects in a row") {
		t.Errorf("one more: %v", err)
	}
}

func TestOnlySomeStatusesSendOn(t *testing.T) { // C6
	for status := range 600 {
		want := map[int]bool{301: true, 302: true, 303: true, 307: true, 308: true}[status]
		if got := Redirects(status); got != want {
			t.Errorf("status %d sends on: %v, want %v", status, got, want)
		}
	}
}
