package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"pushbench/results/choose"
	"pushbench/results/compare"
)

// AnswerFormats are those of an answer.
var AnswerFormats = Menu[*choose.Answer]{
	{"table", "aligned columns for a terminal", writeAnswerTable, false},
	{"markdown", "to paste into an issue", writeAnswerMarkdown, false},
	{"json", "for programs", writeAnswerJSON, false},
	{"html", "a page that needs nothing else", writeAnswerHTML, false},
}

// A chapter is sentences under a heading, all of it printable.
type chapter struct {
	title string
	texts []string
}

// writeAnswerTable writes for a terminal.
func writeAnswerTable(w io.Writer, a *choose.Answer, o Options) error {
	var b bytes.Buffer
	wrap(&b, profileOf(a), o.width())
	b.WriteByte('\n')
	wrap(&b, printable(a.Text), o.width())
	b.WriteByte('\n')
	if err := drawParts(&b, answerGrids(a), o); err != nil {
		return err
	}
	for _, c := range chapters(a) {
		fmt.Fprintf(&b, "\n%s\n", c.title)
		for _, text := range c.texts {
			wrap(&b, "- "+text, o.width())
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeAnswerMarkdown writes as GitHub's Markdown reads it.
func writeAnswerMarkdown(w io.Writer, a *choose.Answer, _ Options) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n**%s**\n\n", inMarkdown.Replace(profileOf(a)), inMarkdown.Replace(printable(a.Text)))
	if err := drawMarks(&b, answerGrids(a)); err != nil {
		return err
	}
	for _, c := range chapters(a) {
		fmt.Fprintf(&b, "\n%s\n\n", inMarkdown.Replace(c.title))
		listMarks(&b, c.texts)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeAnswerJSON writes for programs. Its form is a promise: members may be
// added, none changes.
func writeAnswerJSON(w io.Writer, a *choose.Answer, _ Options) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Schema int `json:"schema"`
		*choose.Answer
	}{documentSchema, a})
}

// answerGrids are the answer's tables: the ranking, what a month takes, what each
// transport's servers do, and what that costs where there are prices.
func answerGrids(a *choose.Answer) []grid {
	all := []grid{rankingGrid(a), monthGrid(a)}
	if g := workGrid(a); len(g.lines) > 0 {
		all = append(all, g)
	}
	if a.Prices != nil {
		if g := billGrid(a); len(g.lines) > 0 {
			all = append(all, g)
		}
	}
	if len(a.Sensitivity) > 0 {
		all = append(all, sensitivityGrid(a))
	}
	return all
}

// profileOf is the product in a line.
func profileOf(a *choose.Answer) string {
	name := a.Profile.Name
	if name != "" {
		name += ": "
	}
	return printable(name + a.Profile.String())
}

// rankingGrid has what decides.
func rankingGrid(a *choose.Answer) grid {
	g := grid{heads: [][2]string{{"transport", ""}, {"meets", "all"}, {"promises", "p99 ms"}, {"promises", "worst ms"}, {"servers", ""}, {"bound by", ""}}}
	if a.Prices != nil {
		g.heads = append(g.heads, [2]string{a.Prices.Currency, "a month"})
	}
	g.heads = append(g.heads, [2]string{"beside", "the first"}, [2]string{"terms miss", "CPU by %"})
	for i, p := range a.Ranking {
		meets := "yes"
		if !p.Fits {
			meets = "no"
		}
		line := []string{printable(p.Transport), meets, absent, absent, absent, absent}
		if is := p.Predicted; is != nil {
			line = append(line[:2], milli(p.P99), milli(p.Worst), spread(is.Servers, 1), is.BoundBy)
		}
		if a.Prices != nil {
			cost := absent
			if is := p.Predicted; is != nil && is.Cost != nil {
				cost = spread(*is.Cost, 1)
			}
			line = append(line, cost)
		}
		beside := absent
		if p.Beside != nil && p.Beside.N > 0 {
			beside = spread(*p.Beside, 1) + " ×"
		} else if i == 0 && p.Predicted != nil {
			beside = "1 ×"
		}
		g.lines = append(g.lines, append(line, beside, number(100*p.Misfit)))
	}
	return g
}

// monthGrid has what a product's month takes of each.
func monthGrid(a *choose.Answer) grid {
	g := grid{heads: [][2]string{{"at this scale", ""}, {"CPUs", "busy"}, {"memory", "GiB"}, {"egress", "TB/month"}, {"requests", "million/month"}, {"clients", "/server"}, {"measured", "clients"}}}
	for _, p := range a.Ranking {
		is := p.Predicted
		if is == nil {
			continue
		}
		g.lines = append(g.lines, []string{printable(p.Transport), spread(is.CPUs, 1), spread(is.Memory, 1<<30), spread(is.Egress, 1e12),
			number(is.Requests / 1e6), number(math.Round(is.PerServer)), number(math.Round(is.PerServer / is.Extent))})
	}
	return g
}

// workGrid is the CPU time, term by term: what a sceptic multiplies and adds up.
func workGrid(a *choose.Answer) grid {
	g := grid{heads: [][2]string{{"CPU time", ""}, {"of each", ""}, {"in a second", ""}, {"µs", "each"}, {"CPUs", ""}}}
	for _, p := range a.Ranking {
		is := p.Predicted
		if is == nil {
			continue
		}
		name := printable(p.Transport)
		add := func(cells ...string) {
			g.lines = append(g.lines, append([]string{name}, cells...))
			name = ""
		}
		for _, t := range is.Terms {
			if matters(t, is) {
				add(t.Term, number(t.Amount), spread(t.Each, 1), number(t.CPUs))
			}
		}
		add("together", "", "", spread(is.CPUs, 1))
	}
	return g
}

// matters says whether a term is as much as a thousandth of the whole, or may be; JSON
// has the others, too.
func matters(t choose.Term, of *choose.Prediction) bool {
	least := of.CPUs.Median / 1000
	return t.CPUs >= least || t.Hi != nil && *t.Hi >= least
}

// billGrid is what a month's money goes for. A price of zero buys nothing.
func billGrid(a *choose.Answer) grid {
	g := grid{heads: [][2]string{{"a month in", a.Prices.Currency}}}
	var paid []int
	for _, p := range a.Ranking {
		if p.Predicted == nil {
			continue
		}
		if len(g.lines) == 0 {
			for i, post := range p.Predicted.Posts {
				if a.Prices.Of(post.Price) > 0 {
					paid = append(paid, i)
					g.heads = append(g.heads, [2]string{post.Price, ""})
				}
			}
			g.heads = append(g.heads, [2]string{"together", ""})
		}
		line := []string{printable(p.Transport)}
		for _, i := range paid {
			line = append(line, number(p.Predicted.Posts[i].Cost))
		}
		g.lines = append(g.lines, append(line, spread(*p.Predicted.Cost, 1)))
	}
	return g
}

// sensitivityGrid is what would win at other prices.
func sensitivityGrid(a *choose.Answer) grid {
	g := grid{heads: [][2]string{{"price", ""}, {"times", ""}, {"is", a.Prices.Currency}, {"a month", a.Prices.Currency}, {"then", ""}}}
	for _, s := range a.Sensitivity {
		then := strings.Join(s.Winners, ", ")
		if !s.Changed {
			then = "the same"
		}
		g.lines = append(g.lines, []string{s.Price, number(s.Times), number(s.Value), number(s.Total), then})
	}
	return g
}

// chapters are the answer's sentences.
func chapters(a *choose.Answer) []chapter {
	flips := make([]string, len(a.Flips))
	for i, f := range a.Flips {
		flips[i] = f.Text
	}
	if len(flips) == 0 {
		flips = []string{"nothing within reach changes the answer"}
	}
	all := []chapter{
		newChapter("decided by", a.DecidedBy.By+": "+strings.TrimPrefix(a.DecidedBy.Text, a.DecidedBy.By+": ")),
		newChapter("the answer changes", flips...),
	}
	for _, p := range a.Ranking {
		all = append(all, newChapter(p.Transport, reasons(p)...))
	}
	return append(all, newChapter("assumed", a.Assumptions...), newChapter("measured in", origin(a)...))
}

func newChapter(title string, texts ...string) chapter {
	c := chapter{title: printable(title)}
	for _, text := range texts {
		c.texts = append(c.texts, printable(text))
	}
	return c
}

// reasons are what speaks for one transport and against it, and what its servers
// are made of.
func reasons(p choose.Place) (texts []string) {
	for _, r := range p.Requirements {
		word := "meets"
		if !r.Met {
			word = "BREAKS"
		}
		texts = append(texts, word+" "+r.Key+": "+r.Text)
	}
	if is := p.Predicted; is != nil {
		for _, b := range is.Bounds {
			texts = append(texts, bounded(b))
		}
		for _, h := range is.Memories {
			texts = append(texts, fmt.Sprintf("memory: %s %s of %s KiB", number(math.Round(h.N)), h.Of, spread(h.Each, 1<<10)))
		}
	}
	for _, text := range p.Cautions {
		texts = append(texts, "mind: "+text)
	}
	return texts
}

// bounded says how many servers something needs. Parts of one that nobody would
// notice are all the same.
func bounded(b choose.Bound) string {
	servers := spread(b.Servers, 1) + " servers"
	if most := b.Servers.Hi; b.Servers.Median < 0.001 && (most == nil || *most < 0.001) {
		servers = "less than 0.001 servers"
	}
	return fmt.Sprintf("%s by %s: %s", servers, b.By, b.Text)
}

// origin is the run that all of it is from.
func origin(a *choose.Answer) []string {
	from := fmt.Sprintf("%s of %s on %s, %s", a.Source.Scenario, a.Source.Started.Format("2006-01-02"), a.Source.CPU, a.Source.Go)
	if len(a.Source.CPUs) > 0 {
		from += ", server on " + cpus(a.Source.CPUs)
	}
	texts := []string{from, "terms miss CPU by: how far the sum of a transport's terms is from the CPU time that was measured, at the load where it is farthest; intervals are that much wider"}
	if a.Source.File != "" {
		texts = append(texts, a.Source.File)
	}
	return texts
}

// spread is a median with its interval, in a unit.
func spread(s compare.Stat, unit float64) string {
	text := number(s.Median / unit)
	if s.Lo != nil && s.Hi != nil {
		if lo, hi := number(*s.Lo/unit), number(*s.Hi/unit); lo != hi {
			text += " (" + lo + " to " + hi + ")"
		}
	}
	return text
}

// milli is a length of time in ms.
func milli(d time.Duration) string { return number(float64(d) / float64(time.Millisecond)) }
