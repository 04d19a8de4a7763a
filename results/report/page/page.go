// Package page is one HTML document that needs nothing else: no network, no
// script to be read, no second file. It is readable on a telephone and on paper, in
// light and in dark. Who has something to show fills in a Page; all text is
// escaped here.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"unicode"
)

// A Page is a document.
type Page struct {
	Title    string
	Lead     string // what it is about, in a sentence or two
	Sections []Section
}

// A Section is a chapter; the list of them leads the page.
type Section struct {
	Title string
	Parts []Part
}

var (
	//go:embed page.html
	templates string
	//go:embed style.css
	style string
	//go:embed script.js
	script string
)

// pages are parsed when there is one to be written: a server that is measured is
// the same program.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("").Parse(templates)) })

// policy allows what is in the file, by its hash, and nothing else: a name that
// had found its way around the escaping could do nothing either.
func policy() template.HTML {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return template.HTML(fmt.Sprintf(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src %s; script-src %s">`,
		hash(style), hash(script)))
}

// Write writes the document.
func (p Page) Write(w io.Writer) error {
	type section struct {
		ID, Title string
		Parts     []template.HTML
	}
	document := struct {
		Title, Lead string
		Policy      template.HTML
		Style       template.CSS
		Script      template.JS
		Sections    []section
	}{p.Title, p.Lead, policy(), template.CSS(style), template.JS(script), nil}
	for i, s := range p.Sections {
		parts, err := htmlOf(s.Parts)
		if err != nil {
			return fmt.Errorf("write section %q: %w", s.Title, err)
		}
		document.Sections = append(document.Sections, section{fmt.Sprintf("s%d-%s", i+1, slug(s.Title)), s.Title, parts})
	}
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, "page", document); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// slug is a title as a part of an address.
func slug(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, title)
}
