package sse

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
	"pushbench/servers/wire"
)

const sentOn = "HTTP/1.1 307 X\r\nLocation: /other?x=1\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\nid: Z-9\n\n"

func TestAStreamIsAskedForWhereARedirectLeads(t *testing.T) { // C6
	after := wire.Cursor{Epoch: "E", N: 4}
	want := "GET /other?x=1 HTTP/1.1\r\nHost: example.test:80\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\nLast-Event-ID: E-4\r\n\r\n"
	again := New(&endpoint)
	again.Open(nil, after)
	reads.Each(t, sentOn+respond(framed(5, "", "1")), func(name string, r reads.Reads) {
		again.Open(nil, after)
		_, _, _ = r[:len(r)/2].To(again)
		again.Open(nil, after)
		told, out, err := r.To(again)
		if err != nil || string(out) != want || !cmp.Equal(reads.Told{event(5, "", "1")}, told) {
			t.Fatalf("%s: told %q, sent %q, %v", name, told, out, err)
		}
		if again.(engine.Follower).Followed() {
			t.Fatalf("%s: it has arrived, and says that it still follows", name)
		}
	})
}

func TestTheRequestThatFollowsIsARequest(t *testing.T) { // C6
	c := New(&endpoint).(*Conversation)
	c.Open(nil, wire.Cursor{})
	if c.Followed() {
		t.Error("nobody has sent it anywhere")
	}
	if _, out, err := (reads.Reads{[]byte(sentOn)}).To(c); err != nil || !strings.HasPrefix(string(out), "GET /other") || strings.Contains(string(out), "Last-Event-ID") || !c.Followed() {
		t.Errorf("sent %q, %v; followed: %v", out, err, c.Followed())
	}
}

func TestARedirectThatEndsTheConnectionIsFollowedOnTheNext(t *testing.T) { // C6
	for _, response := range []string{
		"HTTP/1.1 302 X\r\nLocation: /other\r\nConnection: close\r\nContent-Length: 9\r\n\r\n",
		"HTTP/1.1 302 X\r\nLocation: /other\r\n\r\nuntil the end",
		"HTTP/1.0 302 X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
	} {
		reads.Each(t, response, func(name string, r reads.Reads) {
			c := New(&endpoint)
			first := string(c.Open(nil, wire.Cursor{}))
			told, out, err := r.To(c)
			if !errors.Is(err, engine.ErrMoved) || engine.Final(err) || len(told)+len(out) > 0 {
				t.Fatalf("%q %s: %v, told %q, sent %q", response, name, err, told, out)
			}
			if sent := string(c.Open(nil, wire.Cursor{})); !strings.HasPrefix(sent, "GET /other HTTP/1.1\r\n") {
				t.Fatalf("%q %s: the next connection asks with %q", response, name, sent)
			}
			if sent := string(c.Open(nil, wire.Cursor{})); sent != first {
				t.Fatalf("%q %s: the one after that asks with %q, want %q", response, name, sent, first)
			}
		})
	}
}
