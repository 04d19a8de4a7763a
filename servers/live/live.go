// Package live is the page that shows a browser all transports of a server side by
// side: one document with everything in it, which asks nothing of any other host.
package live

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strings"
)

//go:embed page.html style.css lane.js transports.js main.js
var files embed.FS

// Options are what the page is told of its server.
type Options struct {
	// Topic is what its lanes follow.
	Topic string
	// Transports are those that the server has; there is a lane for each.
	Transports []string
	// Token opens the server's controls to the page. Empty: who opens the page
	// brings it, behind the # of the address, or does without.
	Token string
	// Controls says whether there are any.
	Controls bool
	// Rate is the events a second on the topic, and Size the bytes of their data, at
	// the beginning.
	Rate float64
	Size int
	// Textbook is the address of a stream on this server that shows what the format
	// has. Empty: there is none.
	Textbook string
}

// A Page is the document with its header.
type Page struct {
	body   []byte
	policy string
}

// New makes the page. Its parts are embedded, so it cannot fail.
func New(o Options) *Page {
	style := read("style.css")
	script := read("lane.js") + read("transports.js") + read("main.js")
	page := template.Must(template.New("page").Parse(read("page.html")))
	var body bytes.Buffer
	err := page.Execute(&body, struct {
		Options
		Lanes     string
		SizePower int
		Style     template.CSS
		Script    template.JS
	}{o, strings.Join(o.Transports, " "), power(o.Size), template.CSS(style), template.JS(script)})
	if err != nil {
		panic("live: " + err.Error())
	}
	// The server has two more names on a machine of its own, and to a browser each is
	// another origin: the page shows what that means.
	const connect = "'self' http://localhost:* http://127.0.0.1:*"
	return &Page{body.Bytes(), fmt.Sprintf("default-src 'none'; connect-src %s; script-src %s; style-src %s; img-src data:; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'", connect, hash(script), hash(style))}
}

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic("live: " + err.Error())
	}
	return string(text)
}

// hash is a source of a policy that lets exactly this text run (CSP level 3,
// section 2.3.1).
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// power is the nearest power of two.
func power(size int) int {
	return int(math.Round(math.Log2(float64(max(size, 1)))))
}

// Body is the document.
func (p *Page) Body() []byte { return p.body }

// Fields are the header of the answer, each as "Name: value". Nobody else may
// keep the page, put it in a frame or read it, because it may hold a token.
func (p *Page) Fields() []string {
	return []string{
		"Cache-Control: no-store",
		"Content-Security-Policy: " + p.policy,
		"Content-Type: text/html; charset=utf-8",
		"Cross-Origin-Resource-Policy: same-origin",
		"Referrer-Policy: no-referrer",
		"X-Content-Type-Options: nosniff",
		"X-Frame-Options: DENY",
	}
}

// ServeHTTP implements http.Handler: at "/" alone, since a mux asks it for all that
// nobody else has.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the page is there for GET", http.StatusMethodNotAllowed)
		return
	}
	for _, field := range p.Fields() {
		name, value, _ := strings.Cut(field, ": ")
		w.Header().Set(name, value)
	}
	w.Write(p.body)
}
