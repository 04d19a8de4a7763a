package guard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Anyone is the origin that stands for all of them.
const Anyone = "*"

// Origins are the origins ("https://example.org") whose pages may read what the
// server says and send to it, beside those of the server itself. Those that are
// named may do so with credentials; where Anyone is among them, all others may
// without, as the Fetch standard wants it (section 3.2.5).
type Origins []string

// Check says what is wrong with an origin: it must be as browsers write it, since
// it is compared letter by letter.
func (o Origins) Check() error {
	for _, origin := range o {
		if origin == Anyone {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || strings.Contains(u.Host, Anyone) || origin != strings.ToLower(u.Scheme+"://"+u.Host) ||
			u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
			return fmt.Errorf("origin %q: want one as browsers write it, as https://example.org or http://localhost:3000, or %s", origin, Anyone)
		}
	}
	return nil
}

// welcome says whether a page of the origin may read, and with credentials.
func (o Origins) welcome(origin string) (read, credentials bool) {
	if slices.Contains(o, origin) && origin != Anyone {
		return true, true
	}
	return slices.Contains(o, Anyone), false
}

// own says whether the origin is the one at which the request arrived.
func own(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// What pages of other origins may use: the transports' own fields, and the
// content types of messages.
const (
	methods = "GET, HEAD, POST"
	sent    = "Cache-Control, Content-Type, If-None-Match, Last-Event-ID"
	exposed = "ETag, Retry-After"
)

// Handler lets pages of those origins use the handler (Fetch, section 3.2), and
// keeps all others from changing anything with it: reading is for browsers to
// forbid, but a POST of text is sent without asking. Private paths are the server's
// own pages' alone.
func (o Origins) Handler(next http.Handler, private ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		if len(o) > 0 { // or caches would give one origin's answer to another
			header.Add("Vary", "Origin")
		}
		origin := r.Header.Get("Origin")
		if origin == "" || own(origin, r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		read, credentials := o.welcome(origin)
		if slices.Contains(private, r.URL.Path) {
			read, credentials = false, false
		}
		switch {
		case credentials:
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
		case read:
			header.Set("Access-Control-Allow-Origin", Anyone)
		}
		preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
		switch {
		case !read && (preflight || r.Method != http.MethodGet && r.Method != http.MethodHead):
			http.Error(w, fmt.Sprintf("pages of %.100q are not among those that may use this server", origin), http.StatusForbidden)
		case preflight:
			header.Set("Access-Control-Allow-Methods", methods)
			header.Set("Access-Control-Allow-Headers", sent)
			header.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
		default:
			if read {
				header.Set("Access-Control-Expose-Headers", exposed)
			}
			next.ServeHTTP(w, r)
		}
	})
}
