package http1

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// target reads what is asked for into Path, Query and Moved.
func (r *Request) target(target []byte) error {
	raw, query, _ := bytes.Cut(target, question)
	if plainPath(raw) && printable(query) {
		r.Path, r.Query = raw, query
		return nil
	}
	return r.uncommonTarget(string(target))
}

// uncommonTarget is target for whatever else is allowed: escapes, the absolute
// form, the authority of a CONNECT, the asterisk.
func (r *Request) uncommonTarget(target string) error {
	connect := string(r.Method) == http.MethodConnect
	if connect && !strings.HasPrefix(target, "/") {
		target = "http://" + target
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return errMalformed
	}
	r.Path, r.Query, r.Host = []byte(u.Path), []byte(u.RawQuery), []byte(u.Host)
	if escaped := u.EscapedPath(); !connect && target != "*" {
		if straight := clean(escaped); straight != escaped {
			r.Moved = (&url.URL{Path: straight, RawQuery: u.RawQuery}).String()
		}
	}
	return nil
}

// plainPath says whether a path means what it says and goes there straight.
func plainPath(p []byte) bool {
	if len(p) == 0 || p[0] != '/' {
		return false
	}
	for i, c := range p {
		if !inPath[c] || c == '/' && i+1 < len(p) && (p[i+1] == '/' || p[i+1] == '.') {
			return false
		}
	}
	return true
}

// clean is the path without detours; a last slash stays.
func clean(p string) string {
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	straight := path.Clean(p)
	if strings.HasSuffix(p, "/") && straight != "/" {
		straight += "/"
	}
	return straight
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
