package browser_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pushbench/browser"
	"pushbench/browser/browsertest"
)

func TestAMissingBrowserSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROMIUM", "")
	_, err := browser.Start(t.Context(), browser.Options{})
	if !errors.Is(err, browser.ErrNone) || !strings.Contains(err.Error(), "apt-get install -y chromium") {
		t.Errorf("%v", err)
	}
	t.Setenv("CHROMIUM", "/nowhere/chromium")
	if _, err := browser.Find(); !errors.Is(err, browser.ErrNone) || !strings.Contains(err.Error(), `"/nowhere/chromium"`) {
		t.Errorf("%v", err)
	}
}

func TestTheEnvironmentNamesTheBrowser(t *testing.T) {
	own := filepath.Join(t.TempDir(), "my-chromium")
	if err := os.WriteFile(own, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHROMIUM", own)
	if got, err := browser.Find(); got != own || err != nil {
		t.Errorf("found %q (%v), want %q", got, err, own)
	}
}

func TestABrowserThatDoesNotStartIsAnError(t *testing.T) {
	own := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(own, []byte("#!/bin/sh\necho no display >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHROMIUM", own)
	if b, err := browser.Start(t.Context(), browser.Options{}); err == nil || !strings.Contains(err.Error(), own) {
		t.Errorf("%v, %v", b, err)
	}
}

// What the page does is what the test must see: without that, tests of pages that
// do nothing would prove nothing.
func TestABrowserTellsWhatAPageDoes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!DOCTYPE html><title>a page</title><body><p id="a">text</p><img src="/missing.png">
			<script>console.warn('so it', 7); document.title = 'changed'; setTimeout(() => { throw new Error('thrown') })</script>`)
	}))
	defer server.Close()
	b := browsertest.Start(t, browser.Options{Width: 640, Height: 480})
	if err := b.Open(t.Context(), server.URL+"/"); err != nil {
		t.Fatal(err)
	}
	var title string
	if err := b.Evaluate(t.Context(), `new Promise(done => setTimeout(() => done(document.title)))`, &title); err != nil || title != "changed" {
		t.Errorf("title %q: %v", title, err)
	}
	console := strings.Join(b.Console(), "\n")
	for _, want := range []string{"so it", "7", "thrown", "404"} {
		if !strings.Contains(console, want) {
			t.Errorf("the console does not say %q:\n%s", want, console)
		}
	}
	if got := b.Requests(); !slices.Contains(got, server.URL+"/") || !slices.Contains(got, server.URL+"/missing.png") {
		t.Errorf("requests %v", got)
	}
	shot, err := b.Screenshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil || size.Width != 640 || size.Height < 480 {
		t.Errorf("a picture of %d × %d: %v", size.Width, size.Height, err)
	}
	if err := b.Evaluate(t.Context(), `throw new Error('mine')`, nil); err == nil || !strings.Contains(err.Error(), "mine") {
		t.Errorf("%v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Open(canceled, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestABrowserIsAsItsOptionsSay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(`<!DOCTYPE html><meta name="viewport" content="width=device-width"><title>plain</title><script>document.title = 'scripted'</script>`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dark := range []bool{false, true} {
		b := browsertest.Start(t, browser.Options{Width: 400, Height: 700, Dark: dark, NoScript: true, Offline: true})
		if err := b.Open(t.Context(), "file://"+file); err != nil {
			t.Fatal(err)
		}
		var seen struct {
			Title string
			Dark  bool
			Wide  int
		}
		script := `({Title: document.title, Dark: matchMedia('(prefers-color-scheme: dark)').matches, Wide: innerWidth})`
		if err := b.Evaluate(t.Context(), script, &seen); err != nil {
			t.Fatal(err)
		}
		if seen.Title != "plain" || seen.Dark != dark || seen.Wide != 400 {
			t.Errorf("dark %v: %+v", dark, seen)
		}
	}
}

func TestOfflineNothingIsReached(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	for _, offline := range []bool{false, true} {
		b := browsertest.Start(t, browser.Options{Offline: offline})
		var said string
		script := fmt.Sprintf(`fetch('%s/%v', {mode: 'no-cors'}).then(() => 'reached', e => 'failed')`, server.URL, offline)
		if err := b.Evaluate(t.Context(), script, &said); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{false: "reached", true: "failed"}[offline]; said != want {
			t.Errorf("offline %v: %s", offline, said)
		}
	}
	close(asked)
	for path := range asked {
		if path != "/false" {
			t.Errorf("offline, %s was asked for", path)
		}
	}
}
