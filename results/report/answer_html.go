package report

import (
	"io"
	"strconv"
	"strings"

	"pushbench/results/choose"
	"pushbench/results/report/page"
)

// writeAnswerHTML writes a page by itself: the answer and what decided first, then
// what it takes, and then the reasons of each transport.
func writeAnswerHTML(w io.Writer, a *choose.Answer, _ Options) error {
	title := "Which transport?"
	if a.Profile.Name != "" {
		title = printable(a.Profile.Name) + ": which transport?"
	}
	grids, all := answerGrids(a), chapters(a)
	first := page.Section{Title: "The answer", Parts: []page.Part{page.Headline(printable(a.Text)), placesOf(a)}}
	for _, c := range all[:2] { // what decided, and what would change it
		first.Parts = append(first.Parts, page.Heading(c.title), page.Sentences(page.Plain, c.texts))
	}
	takes := page.Section{Title: "What it takes"}
	for _, g := range grids {
		takes.Parts = append(takes.Parts, g.table())
	}
	reasons := page.Section{Title: "Reasons, line by line"}
	for _, c := range all[2:] {
		reasons.Parts = append(reasons.Parts, page.Heading(c.title), page.Sentences(page.Plain, c.texts))
	}
	return page.Page{Title: title, Lead: profileOf(a), Sections: []page.Section{first, takes, reasons}}.Write(w)
}

// placesOf are the transports in order. Those that win share the first place.
func placesOf(a *choose.Answer) page.Ranking {
	var places page.Ranking
	for i, p := range a.Ranking {
		place := page.Place{Rank: strconv.Itoa(i + 1), Name: printable(p.Transport), Value: absent, Tone: page.Quiet}
		if is := p.Predicted; is != nil {
			place.Value, place.Note = takes(a, is), notes(a, p)
		}
		switch {
		case p.Winner:
			place.Rank, place.Tone = "1", page.Good
		case !p.Fits:
			place.Rank, place.Tone = absent, page.Bad
			place.Note = broken(p)
		}
		places = append(places, place)
	}
	return places
}

// broken is the first requirement that the transport breaks.
func broken(p choose.Place) string {
	for _, r := range p.Requirements {
		if !r.Met {
			return "breaks " + r.Key
		}
	}
	return ""
}

// takes is what decides: money where there are prices, else servers.
func takes(a *choose.Answer, is *choose.Prediction) string {
	if a.Prices != nil && is.Cost != nil {
		return number(is.Cost.Median) + " " + printable(a.Prices.Currency) + " a month"
	}
	return servers(is.Servers.Median)
}

// notes stand behind it: its interval, what it is made of, and what it promises.
func notes(a *choose.Answer, p choose.Place) string {
	var texts []string
	add := func(text string) {
		if text != "" {
			texts = append(texts, text)
		}
	}
	is := p.Predicted
	if a.Prices != nil && is.Cost != nil {
		add(interval(*is.Cost))
		add(servers(is.Servers.Median))
	} else {
		add(interval(is.Servers))
	}
	add("p99 " + milli(p.P99) + " ms, at worst " + milli(p.Worst) + " ms")
	return strings.Join(texts, "; ")
}

func servers(n float64) string {
	if n == 1 {
		return "1 server"
	}
	return number(n) + " servers"
}
