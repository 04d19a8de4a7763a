package batch

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/reads"
)

// A redirect is an answer after which to ask at once, and of which nobody learns
// anything.
func TestAQuestionIsAskedAgainWhereARedirectLeads(t *testing.T) { // C6
	c := New(&endpoint)
	first := string(c.Open(nil, cursor))
	for _, status := range []int{301, 302, 303, 307, 308} {
		reads.Each(t, respond(status, "Location: /other?x=1\r\n", "this has moved"), func(name string, r reads.Reads) {
			told, _, err := r.To(c)
			if err != nil || len(told) > 0 || c.Asking() != engine.Eager {
				t.Fatalf("%d %s: told %q, %v, asking %d", status, name, told, err, c.Asking())
			}
			want := strings.Replace(first, "/poll?topic=a%26b&after=E-4", "/other?x=1", 1)
			if sent := string(c.Ask(nil)); sent != want || want == first {
				t.Fatalf("%d %s: asks with %q, want %q", status, name, sent, want)
			}
			told, _, err = reads.Reads{[]byte(answer(at(4)))}.To(c)
			if err != nil || len(told) > 0 || c.Asking() != engine.Idle {
				t.Fatalf("%d %s: told %q, %v, asking %d", status, name, told, err, c.Asking())
			}
			if sent := string(c.Ask(nil)); sent != first {
				t.Fatalf("%d %s: the next question is %q, want %q", status, name, sent, first)
			}
		})
	}
}

func TestARedirectBehindWhichTheConnectionEndsIsFollowedOnTheNext(t *testing.T) { // C6
	for _, response := range []string{
		respond(302, "Location: /other\r\nConnection: close\r\n", "moved"),
		"HTTP/1.1 302 X\r\nLocation: /other\r\n\r\nuntil the end",
	} {
		reads.Each(t, response, func(name string, r reads.Reads) {
			c := New(&endpoint)
			first := string(c.Open(nil, cursor))
			if _, _, err := r.To(c); !errors.Is(err, engine.ErrMoved) || c.Asking() != engine.Eager {
				t.Fatalf("%q %s: %v, asking %d", response, name, err, c.Asking())
			}
			if sent := string(c.Open(nil, cursor)); !strings.HasPrefix(sent, "GET /other HTTP/1.1\r\n") {
				t.Fatalf("%q %s: the next connection asks with %q", response, name, sent)
			}
			if sent := string(c.Open(nil, cursor)); sent != first {
				t.Fatalf("%q %s: the one after that asks with %q, want %q", response, name, sent, first)
			}
		})
	}
}

func TestARowOfRedirectsEnds(t *testing.T) { // C6
	c := New(&endpoint)
	c.Open(nil, cursor)
	for hop := range 20 {
		if _, _, err := (reads.Reads{[]byte(respond(302, fmt.Sprintf("Location: /%d\r\n", hop), ""))}).To(c); err != nil {
			t.Fatalf("redirect %d: %v", hop+1, err)
		}
		c.Ask(nil)
	}
	_, _, err := reads.Reads{[]byte(respond(302, "Location: /\r\n", ""))}.To(c)
	refused, ok := errors.AsType[*engine.StatusError](err)
	if want := (engine.StatusError{Code: 302}); !ok || !cmp.Equal(want, *refused) || !engine.Final(err) {
		t.Errorf("one too many: %v, want a final refusal", err)
	}
}
