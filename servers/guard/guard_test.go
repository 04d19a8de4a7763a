package guard_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"pushbench/servers/guard"
)

var inside = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })

func TestAForeignNameForThisMachineIsRefused(t *testing.T) { // X5
	h := guard.Hosts(inside)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 418, "127.0.0.1": 418, "127.9.9.9:1": 418, "[::1]:8080": 418, "[::1]": 418, "[::ffff:127.0.0.1]:80": 418,
		"localhost": 418, "LOCALHOST:8080": 418, "localhost.:8080": 418, "app.localhost:3": 418,
		"": 421, "example.org": 421, "example.org:8080": 421, "localhost.example.org": 421, "notlocalhost": 421, "127.0.0.1.example.org": 421,
		"10.0.0.1:8080": 421, "0.0.0.0:8080": 421, "[fe80::1]:80": 421, "2130706433": 421, "127.1": 421, "localhost:80:80": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("Host: %s: %d, want %d", host, w.Code, want)
		}
	}
}

func TestLoopbackIsTold(t *testing.T) { // X1
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.3.2.1:1": true, "[::1]:1": true, "0.0.0.0:1": false, "[::]:1": false, "192.0.2.1:1": false, "[2001:db8::1]:1": false,
	} {
		at, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := guard.Loopback(at); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestOriginsAreWrittenAsBrowsersWriteThem(t *testing.T) { // X3
	for origin, right := range map[string]bool{
		"https://example.org": true, "http://localhost:3000": true, "http://[::1]:80": false, "*": true, "https://example.org:8443": true,
		"": false, "null": false, "example.org": false, "https://example.org/": false, "https://Example.org": false, "https://*.example.org": false,
		"https://example.org:443": false, "http://example.org:80": false, "https://user@example.org": false, "https://": false, "https://a b": false,
	} {
		if err := (guard.Origins{origin}).Check(); (err == nil) != right {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

// A crossing is a request from a page of an origin, and what the browser of that
// page is told.
type crossing struct {
	method, path, origin, asks string // asks: Access-Control-Request-Method
	status                     int
	allowed, credentials       string
}

func cross(t *testing.T, origins guard.Origins, all []crossing) {
	t.Helper()
	h := origins.Handler(inside, "/private")
	for _, c := range all {
		r := httptest.NewRequest(c.method, "http://127.0.0.1:8080"+c.path, nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.asks != "" {
			r.Header.Set("Access-Control-Request-Method", c.asks)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		header := w.Header()
		if w.Code != c.status || header.Get("Access-Control-Allow-Origin") != c.allowed || header.Get("Access-Control-Allow-Credentials") != c.credentials {
			t.Errorf("%v %+v: %d with %v", origins, c, w.Code, header)
		}
		if (header.Get("Vary") == "Origin") != (len(origins) > 0) {
			t.Errorf("%v %+v: Vary %q", origins, c, header.Values("Vary"))
		}
		if preflight := c.status == http.StatusNoContent; preflight != (header.Get("Access-Control-Allow-Headers") != "") {
			t.Errorf("%v %+v: %v", origins, c, header)
		}
	}
}

func TestPagesOfOtherOriginsGetOnlyWhatIsTheirs(t *testing.T) { // X3, X4
	const one, two = "https://one.example", "https://two.example"
	cross(t, guard.Origins{one}, []crossing{
		{"GET", "/sse", "", "", 418, "", ""},
		{"GET", "/sse", "http://127.0.0.1:8080", "", 418, "", ""}, // its own page
		{"GET", "/sse", one, "", 418, one, "true"},
		{"POST", "/publish", one, "", 418, one, "true"},
		{"OPTIONS", "/poll", one, "GET", 204, one, "true"},
		{"OPTIONS", "/poll", one, "", 418, one, "true"}, // no preflight
		{"GET", "/sse", two, "", 418, "", ""},           // which its browser keeps from it
		{"POST", "/publish", two, "", 403, "", ""},      // which would be done by then
		{"OPTIONS", "/publish", two, "POST", 403, "", ""},
		{"GET", "/sse", "null", "", 418, "", ""},
		{"GET", "/sse", "https://one.example.evil", "", 418, "", ""},
		{"GET", "/sse", "https://ONE.example", "", 418, "", ""},
		{"GET", "/sse", "http://one.example", "", 418, "", ""},
		{"GET", "/sse", "https://one.example:444", "", 418, "", ""},
		{"GET", "/private", one, "", 418, "", ""},
		{"OPTIONS", "/private", one, "POST", 403, "", ""},
		{"POST", "/private", one, "", 403, "", ""},
		{"POST", "/private", "http://127.0.0.1:8080", "", 418, "", ""},
	})
	cross(t, guard.Origins{"*", one}, []crossing{
		{"GET", "/sse", one, "", 418, one, "true"},
		{"GET", "/sse", two, "", 418, "*", ""},
		{"GET", "/sse", "*", "", 418, "*", ""},
		{"GET", "/sse", "null", "", 418, "*", ""},
		{"OPTIONS", "/poll", two, "GET", 204, "*", ""},
		{"GET", "/private", two, "", 418, "", ""},
	})
	cross(t, nil, []crossing{
		{"GET", "/sse", one, "", 418, "", ""},
		{"POST", "/publish", one, "", 403, "", ""},
		{"POST", "/publish", "", "", 418, "", ""},
		{"POST", "/publish", "http://127.0.0.1:8080", "", 418, "", ""},
		{"POST", "/publish", "http://127.0.0.1:8081", "", 403, "", ""},
	})
}

func TestConnectionsAreCountedByAddressAndInAll(t *testing.T) { // X8
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	l := &guard.Limit{Total: 3, PerAddress: 2}
	for i, tt := range []struct {
		from netip.Addr
		want bool
	}{{a, true}, {a, true}, {a, false}, {b, true}, {b, false}} {
		if got := l.Enter(tt.from); got != tt.want {
			t.Errorf("%d: %v enters: %v", i, tt.from, got)
		}
	}
	l.Leave(a)
	if l.Refused() != 2 || !l.Enter(b) || l.Enter(b) || l.Refused() != 3 {
		t.Errorf("%d refused", l.Refused())
	}
	l.Leave(a)
	l.Leave(b)
	l.Leave(b)
	for range 2 {
		if !l.Enter(a) {
			t.Error("what has left is counted")
		}
	}
	var none *guard.Limit
	if !none.Enter(a) || none.Refused() != 0 {
		t.Error("no limit limits")
	}
}
