package page

import (
	"bytes"
	"fmt"
	"html/template"

	"pushbench/results"
	"pushbench/results/report/chart"
)

// A Part is something in a section: one of the types below.
type Part interface {
	html() (template.HTML, error)
}

// A Tone is how something is meant. It is never told by colour alone: the words
// say it, too.
type Tone string

const (
	Plain Tone = ""
	Good  Tone = "good"
	Doubt Tone = "doubt"
	Bad   Tone = "bad"
	Quiet Tone = "quiet" // it matters less
)

// ToneOf is the tone of a verdict.
func ToneOf(s results.State) Tone {
	switch s {
	case results.Valid:
		return Good
	case results.Suspect:
		return Doubt
	}
	return Bad
}

// Text is a paragraph.
type Text string

// A Headline is the one sentence that somebody reads who reads one.
type Headline string

// A Heading begins something within a section.
type Heading string

// A List is sentences.
type List []Item

// An Item is one of them.
type Item struct {
	Text string
	Tone Tone
}

// Sentences are a list of them, all of one tone.
func Sentences(tone Tone, texts []string) List {
	var l List
	for _, text := range texts {
		l = append(l, Item{text, tone})
	}
	return l
}

// A Ranking is places in order.
type Ranking []Place

// A Place is one of them.
type Place struct {
	Rank  string // "1"; several may share one
	Name  string
	Value string // with its unit
	Note  string // its interval, or what else is to be known
	Tone  Tone
}

// A Table has a head of two lines and the rows' names in its first column.
type Table struct {
	Name  string
	Heads [][2]string // a title and a unit each
	Lines []Line
	Note  string // below it
	Words bool   // cells are text and not numbers
}

// A Line is a row of a table.
type Line []Cell

// A Cell is one of its fields.
type Cell struct {
	Text   string
	Note   string // smaller, below it: an interval
	Tone   Tone
	Metric string // the metric's name, for programs
	Exact  string // the number with all its digits, for programs
}

// Cells are fields of nothing but text.
func Cells(texts ...string) Line {
	var l Line
	for _, text := range texts {
		l = append(l, Cell{Text: text})
	}
	return l
}

// A Figure is a picture with what is to be known of it.
type Figure struct {
	Picture chart.Picture
	Note    string
	Table   *Table // the numbers that are drawn; nil where a table has them anyway
}

// A Gallery is figures beside each other where there is room.
type Gallery []Figure

// Columns stand beside each other where there is room.
type Columns [][]Part

// Facts are names with what they are.
type Facts []Fact

// A Fact is one of them.
type Fact struct{ Name, Value string }

// A Command is one to be copied.
type Command string

// A Fold is what is shown to who asks for it; on paper all is.
type Fold struct {
	Title string
	Parts []Part
}

func (t Text) html() (template.HTML, error)     { return execute("text", t) }
func (h Headline) html() (template.HTML, error) { return execute("headline", h) }
func (h Heading) html() (template.HTML, error)  { return execute("heading", h) }
func (r Ranking) html() (template.HTML, error)  { return execute("ranking", r) }
func (t Table) html() (template.HTML, error)    { return execute("table", t) }
func (f Facts) html() (template.HTML, error)    { return execute("facts", f) }
func (c Command) html() (template.HTML, error)  { return execute("command", c) }

func (l List) html() (template.HTML, error) {
	if len(l) == 0 {
		return "", nil
	}
	return execute("list", l)
}

func (f Figure) html() (template.HTML, error) {
	type key struct {
		Name   string
		Sample template.HTML
	}
	view := struct {
		Figure
		SVG  template.HTML
		Keys []key
	}{Figure: f, SVG: template.HTML(f.Picture.SVG)} // chart has escaped what is in it
	for _, k := range f.Picture.Keys {
		view.Keys = append(view.Keys, key{k.Name, template.HTML(k.SVG)})
	}
	return execute("figure", view)
}

func (g Gallery) html() (template.HTML, error) {
	var figures []template.HTML
	for _, f := range g {
		one, err := f.html()
		if err != nil {
			return "", err
		}
		figures = append(figures, one)
	}
	return execute("gallery", figures)
}

func (c Columns) html() (template.HTML, error) {
	var columns [][]template.HTML
	for _, parts := range c {
		column, err := htmlOf(parts)
		if err != nil {
			return "", err
		}
		columns = append(columns, column)
	}
	return execute("columns", columns)
}

func (f Fold) html() (template.HTML, error) {
	parts, err := htmlOf(f.Parts)
	if err != nil {
		return "", err
	}
	return execute("fold", struct {
		Title string
		Parts []template.HTML
	}{f.Title, parts})
}

func htmlOf(parts []Part) (all []template.HTML, err error) {
	for _, p := range parts {
		one, err := p.html()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func execute(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return template.HTML(b.String()), nil // which the template has escaped
}
