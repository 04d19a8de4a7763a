package live_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"pushbench/servers/live"
)

func get(t *testing.T, o live.Options) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	live.New(o).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w
}

func TestThePageCanOnlyRunWhatItCameWith(t *testing.T) { // X10
	w := get(t, live.Options{Topic: "t0", Transports: []string{"sse"}, Size: 64})
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'none'") ||
		strings.Contains(policy, "unsafe") || strings.Contains(policy, " *;") {
		t.Errorf("policy %q", policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, element := range []string{"script", "style"} {
		found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(w.Body.String(), -1)
		if len(found) != 1 {
			t.Fatalf("%d elements %s, want one", len(found), element)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("policy %q does not know its own %s: %s", policy, element, want)
		}
	}
	if foreign := regexp.MustCompile(`(src|href)="[^"]*"`).FindAllString(w.Body.String(), -1); len(foreign) != 1 || foreign[0] != `href="data:,"` {
		t.Errorf("it refers to %q", foreign)
	}
}

func TestWhatThePageIsToldIsTextInIt(t *testing.T) { // X10
	evil := `"><script>alert(1)</script>{{.}}`
	body := get(t, live.Options{Topic: evil, Transports: []string{evil}, Token: evil, Textbook: evil}).Body.String()
	if strings.Contains(body, "<script>alert") || strings.Count(body, "<script") != 1 {
		t.Errorf("what it is told has become part of it:\n%.1000s", body)
	}
	if got := strings.Count(body, "&lt;script&gt;alert(1)"); got != 5 {
		t.Errorf("it tells %d times what it was told, want 5:\n%.1000s", got, body)
	}
}

func TestThePageIsAtOneAddressForReading(t *testing.T) {
	page := live.New(live.Options{})
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", 200}, {"HEAD", "/", 200}, {"GET", "/other", 404}, {"GET", "/../", 404}, {"POST", "/", 405}, {"OPTIONS", "/", 405},
	} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
	}
}
