package request_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pushbench/servers/request"
	"pushbench/servers/source"
	"pushbench/servers/wire"
)

func TestCursorOfTheHeaderWinsOverTheQuery(t *testing.T) { // V11
	src := source.New(source.Options{}, "a b", "t")
	tests := []struct {
		target, header string
		want           wire.Cursor
	}{
		{"/?topic=t", "", wire.Cursor{}},
		{"/?topic=t&after=e-1", "", wire.Cursor{Epoch: "e", N: 1}},
		{"/?topic=t&after=e-1", "f-2", wire.Cursor{Epoch: "f", N: 2}},
		{"/?topic=t", "f-2", wire.Cursor{Epoch: "f", N: 2}},
		{"/?topic=t&after=garbage", "f-2", wire.Cursor{Epoch: "f", N: 2}},
		{"/?after=e-1&topic=a%20b&other=ignored", "", wire.Cursor{Epoch: "e", N: 1}},
		{"/?topic=t&after=e%2D3", "", wire.Cursor{Epoch: "e", N: 3}},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			s, refusal := request.Parse(src, httptest.NewRequest(method, tt.target, nil), tt.header)
			if refusal != nil || s.Cursor != tt.want || s.Topic == nil {
				t.Errorf("Parse(%s %s, header %q) = %+v, %v, want cursor %v", method, tt.target, tt.header, s, refusal, tt.want)
			}
		}
	}
}

func TestRequestThatCannotBeServedIsRefused(t *testing.T) { // L6, L14, V10, V13
	src := source.New(source.Options{}, "t")
	tests := []struct {
		method, target, header string
		want                   int
	}{
		{"POST", "/?topic=t", "", http.StatusMethodNotAllowed},
		{"DELETE", "/?topic=t", "", http.StatusMethodNotAllowed},
		{"OPTIONS", "/", "", http.StatusMethodNotAllowed},
		{"GET", "/", "", http.StatusNotFound},
		{"GET", "/?topic=", "", http.StatusNotFound},
		{"GET", "/?topic=other", "", http.StatusNotFound},
		{"GET", "/?topic=t&after=garbage", "", http.StatusBadRequest},
		{"GET", "/?topic=t&after=e-18446744073709551616", "", http.StatusBadRequest},
		{"GET", "/?topic=t", "garbage", http.StatusBadRequest},
		{"GET", "/?topic=t", strings.Repeat("9", 5000), http.StatusBadRequest},
		{"GET", "/?topic=%zz", "", http.StatusBadRequest},
		{"GET", "/?topic=t&after=e-1&x=" + strings.Repeat("y", 4096), "", http.StatusRequestURITooLong},
	}
	for _, tt := range tests {
		_, refusal := request.Parse(src, httptest.NewRequest(tt.method, tt.target, nil), tt.header)
		if refusal == nil || refusal.Status != tt.want {
			t.Errorf("Parse(%s %.60s, header %.20q) refuses with %+v, want %d", tt.method, tt.target, tt.header, refusal, tt.want)
			continue
		}
		w := httptest.NewRecorder()
		refusal.Write(w)
		if w.Code != tt.want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("the refusal answers %d as %q, want %d as text", w.Code, w.Header().Get("Content-Type"), tt.want)
		}
		if w.Body.Len() > 400 {
			t.Errorf("the refusal repeats %d bytes", w.Body.Len())
		}
		if got, want := w.Header().Get("Allow") == "GET, HEAD", tt.want == http.StatusMethodNotAllowed; got != want {
			t.Errorf("status %d has Allow %q", w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestEntityTagIsReadWithoutItsDress(t *testing.T) {
	for header, want := range map[string]string{
		"": "", `"e-1"`: "e-1", `W/"e-1"`: "e-1", "*": "", "e-1": "e-1", `"e-1", "e-2"`: `e-1", "e-2`,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if header != "" {
			r.Header.Set("If-None-Match", header)
		}
		if got := request.ETag(r); got != want {
			t.Errorf("ETag(%s) = %q, want %q", header, got, want)
		}
	}
}

func FuzzParseAnswersAnything(f *testing.F) { // R11
	f.Add("GET", "topic=t&after=e-1", "")
	f.Add("GET", "topic=t", `"e-1"`)
	f.Add("POST", "topic=%zz;", "W/")
	f.Fuzz(func(t *testing.T, method, query, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.URL.RawQuery = method, query
		r.Header["If-None-Match"] = []string{header}
		s, refusal := request.Parse(source.New(source.Options{}, "t"), r, request.ETag(r))
		if refusal == nil && (s.Topic == nil || !s.Cursor.IsZero() && wire.CheckEpoch(s.Cursor.Epoch) != nil) {
			t.Errorf("Parse lets %s %q with %q pass as %+v", method, query, header, s)
		}
		if refusal != nil && (refusal.Status < 400 || refusal.Status > 499 || refusal.Error() == "") {
			t.Errorf("Parse refuses with %d, %v", refusal.Status, refusal)
		}
	})
}
