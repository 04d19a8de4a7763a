package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"pushbench/browser"
	"pushbench/browser/browsertest"
	"pushbench/loadgen/target"
)

// A served is a server of this program, as a user starts it.
type served struct {
	url  string
	said []string // before it listened
	end  context.CancelFunc
	rest chan string // what it said from then on, when it has ended
}

// serve starts one on a free port; it ends with the test.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	errs, out := io.Pipe()
	s := &served{end: cancel, rest: make(chan string, 1)}
	go func() {
		run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), io.Discard, out)
		out.Close()
	}()
	t.Cleanup(func() {
		cancel()
		errs.Close()
	})
	buffered := bufio.NewReader(errs)
	for s.url == "" {
		line, err := buffered.ReadString('\n')
		if err != nil {
			break
		}
		s.said = append(s.said, strings.TrimSuffix(line, "\n"))
		_, s.url, _ = strings.Cut(s.said[len(s.said)-1], "listening on ")
	}
	if s.url == "" {
		t.Fatalf("serve %q does not listen: %q", args, s.said)
	}
	go func() {
		rest, _ := io.ReadAll(buffered)
		s.rest <- string(rest)
	}()
	return s
}

// stop ends the server and returns all that it has said.
func (s *served) stop(t *testing.T) string {
	t.Helper()
	s.end()
	return strings.Join(s.said, "\n") + "\n" + <-s.rest
}

// ordered is the status with which a server that takes orders answers a GET.
func ordered(t *testing.T, path string) int {
	t.Helper()
	child, err := target.Start(t.Context(), target.Config{Executable: program(t), Args: []string{"serve", "--orders", "--listen", "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	defer child.Stop()
	answer, err := http.Get("http://" + child.Address.String() + path)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// open opens the server's page.
func (s *served) open(t *testing.T, o browser.Options) *browser.Browser {
	t.Helper()
	b := browsertest.Start(t, o)
	if err := b.Open(t.Context(), s.url+"/"); err != nil {
		t.Fatal(err)
	}
	return b
}

// script runs JavaScript in the page and returns what it does, as text.
func script(t *testing.T, b *browser.Browser, text string) string {
	t.Helper()
	var got any
	if err := b.Evaluate(t.Context(), text, &got); err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	return fmt.Sprint(got)
}

// await has the page wait until the JavaScript condition holds; the test's own
// limit bounds it.
func await(t *testing.T, b *browser.Browser, condition string) {
	t.Helper()
	script(t, b, fmt.Sprintf(`new Promise((done) => {
		const look = () => { if (%s) done('yes'); else setTimeout(look, 20); };
		look();
	})`, condition))
}

// allOf is true when the condition holds of every lane.
func allOf(condition string) string {
	return fmt.Sprintf("lanes.length === 4 && lanes.every((lane) => %s)", condition)
}

func TestThePageIsAClientOfAllFourTransports(t *testing.T) {
	s := serve(t, "-r", "20/s")
	b := s.open(t, browser.Options{})
	await(t, b, allOf(`lane.figures.events > 20 && lane.find('.pill').textContent === 'open'`))
	await(t, b, `at('textbook').childElementCount >= 3`)
	if got := script(t, b, `lanes.map((l) => [l.figures.missed, l.figures.repeated]).flat().join()`); got != "0,0,0,0,0,0,0,0" {
		t.Errorf("missed and repeated are %s", got)
	}
	if said := b.Console(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
	for _, request := range b.Requests() {
		host := strings.TrimPrefix(s.url, "http://")
		if !strings.HasPrefix(request, "http://"+host+"/") && !strings.HasPrefix(request, "ws://"+host+"/") && request != "data:," {
			t.Errorf("it asks for %s", request)
		}
	}
}
