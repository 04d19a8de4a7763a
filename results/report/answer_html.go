package report

import (
	"io"
	"strconv"

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
		first.Parts = append(first.Parts, page.Heading(c.title), listOf(c.texts))
	}
	takes := page.Section{Title: "What it takes"}
	for _, g := range grids {
		takes.Parts = append(takes.Parts, g.table())
	}
	reasons := page.Section{Title: "Reasons, line by line"}
	for _, c := range all[2:] {
		reasons.Parts = append(reasons.Parts, page.Heading(c.title), listOf(c.texts))
	}
	return page.Page{Title: title, Lead: profileOf(a), Sections: []page.Section{first, takes, reasons}}.Write(w)
}

// placesOf are the transports in order. Those that win share the first place.
func placesOf(a *choose.Answer) page.Ranking {
	var places page.Ranking
	for i, p := range a.Ranking {
		place := page.Place{Rank: strconv.Itoa(i + 1), Name: printable(p.Transport), Value: absent, Tone: page.Quiet}
		if is := p.Predicted; is != nil {
			place.Value = number(is.Servers.Median) + " servers"
			place.Note = interval(is.Servers)
			if place.Note != "" {
				place.Note += "; "
			}
			place.Note += promised(p)
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

func promised(p choose.Place) string {
	return "p99 " + milli(p.P99) + " ms, at worst " + milli(p.Worst) + " ms"
}

func listOf(texts []string) page.List {
	var shown []string
	for _, text := range texts {
		shown = append(shown, printable(text))
	}
	return page.Sentences(page.Plain, shown)
}
