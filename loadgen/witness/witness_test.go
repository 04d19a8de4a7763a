package witness

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	sseclient "pushbench/loadgen/sse"
	wsclient "pushbench/loadgen/ws"
	"pushbench/servers/source"
	"pushbench/servers/sse"
	"pushbench/servers/wire"
	"pushbench/servers/ws"
)

// look wants something seen, and returns it.
func look(t *testing.T, f func(context.Context) (bool, string, error)) (bool, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	holds, text, err := f(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return holds, text
}

func TestAPlainClientReadsAnEventStream(t *testing.T) {
	holds, text := look(t, plainClient)
	if !holds || !strings.Contains(text, "200 OK with text/event-stream") || !strings.Contains(text, "WebSocket's address by 400") {
		t.Errorf("%v: %s", holds, text)
	}
}

func TestAHandlerWithNothingButNetHTTPIsAnEventStream(t *testing.T) {
	if holds, text := look(t, plainServer); !holds {
		t.Error(text)
	}
	for what, h := range map[string]http.HandlerFunc{
		"an answer of another type": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "data: hello\n\n") },
		"an answer that ends":       func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/event-stream") },
		"a refusal":                 func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
	} {
		holds, text := look(t, func(ctx context.Context) (bool, string, error) { return plainHandler(ctx, h) })
		if holds || !strings.Contains(text, "not understood") {
			t.Errorf("%s is understood: %s", what, text)
		}
	}
}

func TestAHalfThatWasCutOffIsGivenWhatItMissedOnAStreamAlone(t *testing.T) {
	holds, text := look(t, resumeHalves)
	if !holds || !strings.Contains(text, "had first missed last") || !strings.Contains(text, "had first last") {
		t.Errorf("%v: %s", holds, text)
	}
}

func TestAPlainClientThatNamesItsLastEventIsGivenWhatItMissed(t *testing.T) {
	holds, text := look(t, resumePlain)
	if !holds || !strings.Contains(text, "told to wait 700 ms, had missed last") {
		t.Errorf("%v: %s", holds, text)
	}
}

// An amnesiac is an event stream that heeds no Last-Event-ID.
type amnesiac struct{ *sse.Handler }

func (a amnesiac) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Header.Del("Last-Event-ID")
	a.Handler.ServeHTTP(w, r)
}

func TestAStreamThatHeedsNoIDDoesNotResume(t *testing.T) {
	for what, build := range map[string]func(*source.Source) half{
		"without the ID":        func(src *source.Source) half { return amnesiac{sse.New(src, sse.Options{Retry: retry})} },
		"without the same wait": func(src *source.Source) half { return sse.New(src, sse.Options{Retry: 2 * retry}) },
	} {
		for who, of := range map[string]func(context.Context, *stage) (bool, string, error){"our halves": resumeOn, "a plain client": resumePlainOn} {
			src := source.New(source.Options{Raw: true}, "t0")
			s, end, err := serve(src, build(src), ws.New(src, ws.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			if holds, text := look(t, func(ctx context.Context) (bool, string, error) { return of(ctx, s) }); holds {
				t.Errorf("%s, by %s: %s", what, who, text)
			}
			end()
		}
	}
}

// A pretender is a browser as far as the pages here need one: it reads what they
// ask for and does that with our client halves.
type pretender struct {
	all sync.WaitGroup
	// Of a page that resumes:
	forgets   bool // the event stream comes back without an ID
	hasty     bool // and at once
	stays     bool // or not at all
	reconnect bool // the WebSocket comes back, too
	// Of a page that opens streams:
	allows int  // how many at once
	sticks bool // no other one follows
}

func (p *pretender) Open(ctx context.Context, url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	switch page := string(text); {
	case strings.Contains(page, "<title>resume<"):
		p.all.Go(func() { p.resume(ctx, strings.TrimSuffix(url, "/")) })
	case strings.Contains(page, "<title>connections<"):
		p.all.Go(func() { p.connect(url) })
	default:
		return errors.New("a page that nobody knows")
	}
	return nil
}

// resume follows both as the page says.
func (p *pretender) resume(ctx context.Context, url string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address := strings.TrimPrefix(url, "http://")
	stream, socket := newFollower(address, "/sse", sseclient.New), newFollower(address, "/ws", wsclient.New)
	defer stream.close()
	defer socket.close()
	var both sync.WaitGroup
	for _, f := range []*follower{stream, socket} {
		both.Go(func() {
			if f.connect(ctx, wire.Cursor{}) == nil {
				_ = f.until(ctx, func() bool { return f.said("first") })
			}
		})
	}
	both.Wait()
	post := func(path string, seen any) {
		text, _ := json.Marshal(seen)
		if response, err := http.Post(url+path, "application/json", strings.NewReader(string(text))); err == nil {
			response.Body.Close()
		}
	}
	post("/heard", nil)
	_ = socket.until(ctx, func() bool { return socket.said("last") }) // until it is cut
	if p.reconnect {
		if socket.connect(ctx, socket.cursor) != nil {
			return
		}
	}
	if p.stays {
		return
	}
	if !p.hasty {
		<-time.After(retry)
	}
	after := stream.cursor
	if p.forgets {
		after = wire.Cursor{}
	}
	if stream.connect(ctx, after) != nil || stream.until(ctx, func() bool { return stream.said("last") }) != nil {
		return
	}
	post("/told", map[string]any{"events": stream.heard, "frames": socket.heard, "closed": 1})
}

// connect opens as many streams as it may, and another one for each that ends.
func (p *pretender) connect(url string) {
	room := make(chan struct{}, wanted)
	for range p.allows {
		room <- struct{}{}
	}
	var all sync.WaitGroup
	for i := range wanted {
		all.Go(func() {
			select {
			case <-room:
			case <-time.After(patience):
				return
			}
			response, err := http.Get(fmt.Sprintf("%shold?n=%d", url, i))
			if err != nil {
				return
			}
			defer response.Body.Close()
			for lines := bufio.NewScanner(response.Body); lines.Scan(); {
				if lines.Text() == "event: end" {
					if !p.sticks {
						room <- struct{}{}
					}
					return
				}
			}
		})
	}
	all.Wait()
}

func TestABrowserThatComesBackWithTheLastIDResumes(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		browser *pretender
		holds   bool
		says    string
	}{
		"as the standard says":       {&pretender{}, true, "had first missed last; the WebSocket was opened once and closed once"},
		"without an ID":              {&pretender{forgets: true}, false, `Last-Event-ID ""`},
		"without waiting":            {&pretender{hasty: true}, false, "(told 700ms)"},
		"not at all":                 {&pretender{stays: true}, false, "did not come back"},
		"with its WebSocket as well": {&pretender{reconnect: true}, false, "opened twice"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			holds, text := look(t, func(ctx context.Context) (bool, string, error) { return resumeBrowser(ctx, c.browser) })
			if holds != c.holds || !strings.Contains(text, c.says) {
				t.Errorf("%v: %s, want %v with %q", holds, text, c.holds, c.says)
			}
			c.browser.all.Wait()
		})
	}
}

func TestABrowsersConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		browser *pretender
		holds   bool
		says    string
	}{
		"six":                 {&pretender{allows: 6}, true, "6 were opened at once (HTTP/1.1), and another one"},
		"five":                {&pretender{allows: 5}, false, "5 were opened at once"},
		"as many as it likes": {&pretender{allows: wanted}, false, "all of 8 event streams"},
		"six, and no others":  {&pretender{allows: 6, sticks: true}, false, "no other one"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			holds, text := look(t, func(ctx context.Context) (bool, string, error) { return connections(ctx, c.browser, plateau/3) })
			if holds != c.holds || !strings.Contains(text, c.says) {
				t.Errorf("%v: %s, want %v with %q", holds, text, c.holds, c.says)
			}
		})
	}
}

func TestWithoutABrowserItsSightsSayWhy(t *testing.T) {
	all := Look(t.Context(), Options{Lacks: "needs Chromium", Claims: []string{"resume", "six-connections"}})
	if len(all) != 4 || !all[0].Told || !all[1].Told || all[2].Told || all[2].Text != "needs Chromium" || all[3].Told || all[3].Claim != "six-connections" {
		t.Errorf("%+v", all)
	}
	if all := Look(t.Context(), Options{Claims: []string{"faster"}}); len(all) != 0 {
		t.Errorf("looked for what nobody asked: %+v", all)
	}
}

// A browser that cannot be asked.
type deaf struct{}

var errDeaf = errors.New("gone")

func (deaf) Open(context.Context, string) error { return errDeaf }

func TestALookThatFailsTellsNothing(t *testing.T) {
	all := Look(t.Context(), Options{Browser: deaf{}, Name: "a browser", Claims: []string{"six-connections"}})
	if len(all) != 1 || all[0].Told || !strings.Contains(all[0].Text, errDeaf.Error()) {
		t.Errorf("%+v", all)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, s := range Look(ctx, Options{Lacks: "none", Claims: []string{"plain-http"}}) {
		if s.Told || s.Text != "enough" {
			t.Errorf("after the end: %+v", s)
		}
	}
}
