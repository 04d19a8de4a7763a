package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/page"
)

// publishedGrid shows what others have published of the run's load, and what the
// run says of the same. The sentences below it say of what each is, and whose.
func publishedGrid(run *results.Run, all []compare.Beside) grid {
	publications := run.Published()
	g := grid{heads: [][2]string{{"published", ""}, {"by", ""}, {"unit", ""}, {"theirs", ""}, {"ours", "median"}, {"95 %", "interval"}, {"ours ÷", "theirs"}}}
	for _, b := range all {
		p := publications[b.Publication]
		by := mark(b.Publication)
		if derivation(p) != "" {
			by += " derived"
		}
		line := []string{printable(figureName(b.Figure)), by, printable(p.Unit), number(b.Value), absent, absent, absent}
		if b.Why == "" {
			line[4], line[6] = number(b.Ours.Median), number(b.Ratio.Median)
			if b.Ours.Lo != nil && b.Ours.Hi != nil {
				line[5] = number(*b.Ours.Lo) + " to " + number(*b.Ours.Hi)
			}
		}
		g.lines = append(g.lines, line)
	}
	return g
}

// mark is how the table names a publication.
func mark(publication int) string { return "[" + strconv.Itoa(publication+1) + "]" }

// figureName says of which row a figure is: "longpoll ÷ ws clients=100".
func figureName(f results.Figure) string {
	var name strings.Builder
	name.WriteString(f.Transport)
	if f.Over != "" {
		name.WriteString(" ÷ " + f.Over)
	}
	for _, key := range slices.Sorted(maps.Keys(f.At)) {
		name.WriteString(" " + key[strings.LastIndexByte(key, '.')+1:] + "=" + f.At[key])
	}
	return name.String()
}

// metricTitle says of what a publication's figures are.
func metricTitle(p results.Publication) string {
	if m, ok := results.MetricOf(p.Metric); ok {
		return m.Title
	}
	return p.Metric // of a newer program
}

// publications are sentences about what was published: whose each is and how its
// set-up differs, and why nothing of ours stands beside a figure.
func publications(run *results.Run) []string {
	var texts []string
	all := compare.Published(run)
	for i, p := range run.Published() {
		text := mark(i) + " " + metricTitle(p) + ": " + p.Source + "; their set-up: " + oneLine(p.Differs)
		if how := derivation(p); how != "" {
			text += "; derived, it does not stand there so: " + how
		}
		texts = append(texts, printable(text))
		whys := map[string][]string{}
		for _, b := range all {
			if b.Publication == i && b.Why != "" {
				whys[b.Why] = append(whys[b.Why], figureName(b.Figure))
			}
		}
		for _, why := range slices.Sorted(maps.Keys(whys)) {
			texts = append(texts, printable(fmt.Sprintf("%s nothing of ours stands beside %s: %s", mark(i), named(whys[why]), why)))
		}
	}
	return texts
}

// derivation is how figures follow from what was published; "" where they are it.
func derivation(p results.Publication) string { return oneLine(p.Derived) }

// publishedParts are what others have published beside what the run says of the
// same, whose it is, and what of their set-up is not as here: the point of a replay.
func publishedParts(run *results.Run) []page.Part {
	beside := compare.Published(run)
	if len(beside) == 0 {
		return nil
	}
	return []page.Part{publishedGrid(run, beside).table(), page.Sentences(page.Plain, publications(run))}
}

// oneLine is a text that may have been written in several.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// A published is a figure in JSON.
type published struct {
	Source  string `json:"source"`
	Differs string `json:"differs"`
	Derived string `json:"derived,omitempty"`
	Metric  string `json:"metric"`
	Unit    string `json:"unit"`
	results.Figure
	Publication int           `json:"publication"` // which of the run's, from 1, as tables and CSV name it
	Ours        *compare.Stat `json:"ours,omitempty"`
	Ratio       *compare.Stat `json:"ratio,omitempty"` // ours over theirs
	Why         string        `json:"why,omitempty"`   // there is nothing of ours
}

// publishedOf are the run's published figures for programs.
func publishedOf(run *results.Run) []published {
	var all []published
	publications := run.Published()
	for _, b := range compare.Published(run) {
		p := publications[b.Publication]
		one := published{Source: p.Source, Differs: oneLine(p.Differs), Derived: derivation(p), Metric: p.Metric, Unit: p.Unit,
			Figure: b.Figure, Publication: b.Publication + 1, Why: b.Why}
		if b.Why == "" {
			one.Ours, one.Ratio = &b.Ours, &b.Ratio
		}
		all = append(all, one)
	}
	return all
}

// writePublished adds lines for each figure, under the name of a metric: theirs,
// and ours over theirs. Which publication it is of tells lines apart as an axis does,
// since two may have counted the same.
func writePublished(out sheet, run *results.Run) {
	publications := run.Published()
	for _, b := range compare.Published(run) {
		p := publications[b.Publication]
		var axes []string
		for _, key := range slices.Sorted(maps.Keys(b.At)) {
			axes = append(axes, key+"="+b.At[key])
		}
		if b.Over != "" {
			axes = append(axes, "over="+b.Over)
		}
		axes = append(axes, fmt.Sprintf("publication=%d", b.Publication+1))
		theirs := "published_"
		if derivation(p) != "" {
			theirs = "derived_"
		}
		write := func(metric, unit string, s compare.Stat) {
			out.Write([]string{run.Scenario, b.Transport, "", strings.Join(axes, " "), "", "", "", "",
				metric, unit, exact(&s.Median), exact(s.Lo), exact(s.Hi), "", ""})
		}
		write(theirs+p.Metric, p.Unit, compare.Stat{Median: b.Value})
		if b.Why == "" {
			write(theirs+"ratio_"+p.Metric, "ratio", b.Ratio)
		}
	}
}
