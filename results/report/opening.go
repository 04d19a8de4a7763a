package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// opening is what somebody sees who looks at nothing else: who is first and
// whether that is shown, the verdicts, the table, and what decided.
func opening(run *results.Run, rows []compare.Row, first grid) []page.Part {
	rankings := compare.Rankings(run)
	told := sentences(run, rows)
	parts := []page.Part{page.Headline(headline(run, rows, rankings, told))}
	if state := states(run, rows); len(state) > 0 {
		parts = append(parts, state)
	}
	switch {
	case len(run.Capacity) > 0:
		parts = append(parts, page.Gallery(capacityFigures(run)))
	case len(rankings) == 1:
		column := []page.Part{ranked(rankings[0], rows)}
		if figure, drawn := rankingFigure(rankings[0], rows); drawn {
			parts = append(parts, page.Columns{column, {figure}})
		} else {
			parts = append(parts, column...)
		}
	case len(rankings) > 1:
		parts = append(parts, rankedByLoad(rankings))
	}
	if len(rows) > 0 || len(run.Capacity) > 0 {
		t := first.table()
		t.Note = "Medians over valid trials, below them 95 % intervals. – stands where a number would claim more than was measured."
		if len(run.Capacity) > 0 {
			t.Note = ""
		}
		parts = append(parts, t)
	}
	if len(told) > 0 {
		parts = append(parts, page.Heading("What decided"), toned(told))
	}
	return parts
}

// headline is the one sentence.
func headline(run *results.Run, rows []compare.Row, rankings []compare.Ranking, told []sentence) string {
	ranked := slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Ranked })
	switch {
	case len(run.Capacity) > 0 && len(told) > len(run.Capacity): // what differs stands behind what each holds
		return stopped(told[len(run.Capacity)].text)
	case len(run.Capacity) > 0:
		return capacityHeadline(run.Capacity)
	case len(rows) == 0:
		return "Nothing has been measured."
	case !ranked:
		return "Nothing can be ranked: too few trials are valid."
	case len(rankings) == 0:
		return alone(rows)
	case len(rankings) > 1:
		return leading(rankings, rows)
	}
	r := rankings[0]
	var names, untold []string
	name := namesOf(rows)
	for _, p := range r.Leaders() {
		if p.Untold {
			untold = append(untold, name(p.Cell))
		} else {
			names = append(names, name(p.Cell))
		}
	}
	title := printable(r.Metric.Title)
	switch best := r.Places[0].Metrics[r.Metric.Name]; {
	case !r.Told:
		return fmt.Sprintf("Too few trials for an answer: no difference in %s can be shown.", title)
	case len(untold) > 0:
		return fmt.Sprintf("Too few blocks for a whole answer in %s: %s cannot be told from %s.", title, listed(untold), listed(names))
	case len(names) == len(r.Places):
		return fmt.Sprintf("No difference in %s is shown between %s.", title, listed(names))
	case len(names) > 1:
		return fmt.Sprintf("No difference in %s is shown between %s; the others are behind.", title, listed(names))
	default:
		return fmt.Sprintf("%s is first in %s: %s.", names[0], title, withInterval(best, r.Metric.Unit))
	}
}

// alone says what can be said of rows of which no two can be compared.
func alone(rows []compare.Row) string {
	ranked := slices.DeleteFunc(slices.Clone(rows), func(r compare.Row) bool {
		return !r.Ranked || r.Arm != "" || r.Transport == results.Baseline && len(rows) > 1
	})
	if len(ranked) != 1 {
		return "No two rows of the same load can be compared."
	}
	for _, name := range []string{"latency_p99", "latency_p50", "throughput"} {
		if s, known := ranked[0].Metrics[name]; known {
			m, _ := results.MetricOf(name)
			return fmt.Sprintf("%s has a %s of %s; there is nothing to compare it with.", printable(compare.Label(ranked[0].Cell, rows)), m.Title, withInterval(s, m.Unit))
		}
	}
	return "One row is ranked, and there is nothing to compare it with."
}

// leading says at how many loads a row is among the first.
func leading(rankings []compare.Ranking, rows []compare.Row) string {
	var names []string
	times := map[string]int{}
	told := 0
	metrics := map[string]bool{}
	for _, r := range rankings {
		if !r.Told {
			continue
		}
		told++
		metrics[r.Metric.Title] = true
		for _, p := range r.Leaders() {
			name := printable(p.Transport)
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			times[name]++
		}
	}
	if told == 0 {
		return "Too few trials for an answer: no difference can be shown at any load."
	}
	slices.SortStableFunc(names, func(a, b string) int { return times[b] - times[a] })
	var words []string
	for _, name := range names {
		words = append(words, fmt.Sprintf("%s at %d", name, times[name]))
	}
	what := "the metric of each"
	if len(metrics) == 1 {
		what = rankings[0].Metric.Title
	}
	return fmt.Sprintf("Of %d %s, first or level with the first in %s: %s.", told, ranks(rankings), what, listed(words))
}

// ranks is what there is a ranking of each of.
func ranks(rankings []compare.Ranking) string {
	switch r := rankings[0]; r.Stack {
	case "":
		return "loads"
	case strings.TrimPrefix(r.At, "on "):
		return "stacks"
	}
	return "loads and stacks"
}

func stopped(text string) string {
	if text == "" {
		return text
	}
	return strings.TrimSuffix(text, ".") + "."
}

func withInterval(s compare.Stat, unit string) string {
	text := amount(s.Median, unit)
	if between := interval(s); between != "" {
		text += " (" + between + ")"
	}
	return text
}

// states say how far the run came, whether its rows can be trusted and what it was
// held to, the worst first.
func states(run *results.Run, rows []compare.Row) page.List {
	var l page.List
	if run.Status != results.Complete {
		l = append(l, page.Item{Text: printable(fmt.Sprintf("%s after %d of %d trials", run.Status, len(run.Trials), run.Planned)), Tone: page.Bad})
	}
	doubtful := 0
	for _, r := range rows {
		if !r.Ranked {
			doubtful++
		}
	}
	switch {
	case len(rows) == 0:
	case len(run.Capacity) > 0: // a probe is not there to be ranked
	case doubtful > 0:
		l = append(l, page.Item{Text: fmt.Sprintf("%d of %d rows cannot be ranked, because too few of their trials are valid: see Warnings", doubtful, len(rows)), Tone: page.Bad})
	default:
		text := fmt.Sprintf("verdict valid: all %d rows are ranked", len(rows))
		if len(rows) == 1 {
			text = "verdict valid"
		}
		l = append(l, page.Item{Text: text, Tone: page.Good})
	}
	for _, text := range demands(run) {
		tone := page.Good
		if strings.HasPrefix(text, "FAILED") {
			tone = page.Bad
		} else if strings.HasPrefix(text, "SLO not kept") {
			tone = page.Doubt
		}
		l = append(l, page.Item{Text: text, Tone: tone})
	}
	return l
}

// ranked are a ranking's places, and behind them the rows that have none.
func ranked(r compare.Ranking, rows []compare.Row) page.Ranking {
	var places page.Ranking
	label, name := compare.Labels(rows), namesOf(rows)
	has := map[string]bool{}
	for i, p := range r.Places {
		has[label(p.Cell)] = true
		s := p.Metrics[r.Metric.Name]
		place := page.Place{Rank: fmt.Sprint(p.Rank), Name: name(p.Cell), Value: amount(s.Median, r.Metric.Unit)}
		first := r.Places[p.Rank-1].Cell
		var notes []string
		if between := interval(s); between != "" {
			notes = append(notes, "95 %: "+between)
		}
		switch {
		case !r.Told:
			place.Rank = absent
		case p.Untold:
			place.Rank = absent
			notes = append(notes, fmt.Sprintf("cannot be told from %s: intervals need %d blocks with a valid value of both, there are %d", name(first), compare.MinTrials, p.Common))
		case p.Rank <= i: // it shares the place
			notes = append(notes, "no difference shown to "+name(first))
		case p.Rank > 1:
			than := fmt.Sprintf("%s× that of place %d", number(p.Behind.Median), placeBefore(r, p.Rank))
			if r.Metric.Better == results.More {
				than = fmt.Sprintf("place %d has %s× as much", placeBefore(r, p.Rank), number(p.Behind.Median))
			}
			notes = append(notes, fmt.Sprintf("%s (%s)", than, p.Behind.Range(number)))
		}
		place.Note = strings.Join(notes, "; ")
		places = append(places, place)
	}
	for _, row := range rows {
		if has[label(row.Cell)] {
			continue
		}
		value, why := verdict(row), "not ranked"
		if row.Ranked {
			value, why = absent, r.Metric.Title+" cannot be told"
			if row.Arm != "" {
				why = "the same measured again"
			}
		}
		places = append(places, page.Place{Rank: absent, Name: name(row.Cell), Value: value, Note: why, Tone: page.Quiet})
	}
	return places
}

// namesOf names the rows' cells for a reader.
func namesOf(rows []compare.Row) func(results.Cell) string {
	label := compare.Labels(rows)
	return func(c results.Cell) string { return printable(label(c)) }
}

// placeBefore is the rank before that one.
func placeBefore(r compare.Ranking, rank int) int {
	before := 1
	for _, p := range r.Places {
		if p.Rank < rank {
			before = p.Rank
		}
	}
	return before
}

// rankedByLoad is a line for each load, from the first to the last.
func rankedByLoad(rankings []compare.Ranking) page.Table {
	t := page.Table{Name: "ranking", Words: true, Heads: [][2]string{{"at", ""}, {"by", ""}, {"from the first to the last", ""}},
		Note: "Medians. ~ stands where no difference is shown to the first of the same rank, ? where too few blocks tell, < where one is shown."}
	for _, r := range rankings {
		var beside []compare.Row // those of its load
		for _, p := range r.Places {
			beside = append(beside, p.Row)
		}
		name := namesOf(beside)
		var text strings.Builder
		for i, p := range r.Places {
			switch {
			case i > 0 && !r.Told:
				text.WriteString(", ")
			case p.Untold:
				text.WriteString(" ? ")
			case i > 0 && p.Rank == i+1:
				text.WriteString(" < ")
			case i > 0:
				text.WriteString(" ~ ")
			}
			fmt.Fprintf(&text, "%s %s", name(p.Cell), number(p.Metrics[r.Metric.Name].Median))
		}
		if !r.Told {
			text.WriteString(" (too few trials to tell)")
		}
		by := r.Metric.Title
		if r.Metric.Unit != "count" && r.Metric.Unit != "ratio" {
			by += " in " + r.Metric.Unit
		}
		t.Lines = append(t.Lines, page.Cells(printable(r.At), printable(by), text.String()))
	}
	return t
}

// rankingFigure draws the places with their intervals.
func rankingFigure(r compare.Ranking, rows []compare.Row) (page.Figure, bool) {
	picture := chart.Ranges{Title: printable(capitalised(r.Metric.Title)), Axis: chart.Axis{Title: axisTitle(r.Metric)}}
	var transports, words []string
	for _, p := range r.Places {
		transports = append(transports, p.Transport)
	}
	var values []float64
	inks := chart.Distinct(transports)
	label := namesOf(rows)
	for i, p := range r.Places {
		s := p.Metrics[r.Metric.Name]
		name := label(p.Cell)
		picture.Ranges = append(picture.Ranges, chart.Range{Name: name, Ink: inks[i], Value: s.Median, Lo: s.Lo, Hi: s.Hi, Note: withInterval(s, r.Metric.Unit)})
		words = append(words, name+" "+withInterval(s, r.Metric.Unit))
		values = append(values, s.Median)
	}
	picture.Axis.Log = wide(values)
	picture.Text = picture.Title + ", medians with 95 % intervals: " + listed(words)
	drawn, ok := picture.Draw()
	return page.Figure{Picture: drawn}, ok
}

// wide says that values lie so far apart that the small ones would not be seen on
// a linear axis.
func wide(values []float64) bool {
	values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !(v > 0) })
	return len(values) > 1 && slices.Max(values) > 12*slices.Min(values)
}

// axisTitle is a metric's with its unit.
func axisTitle(m results.Metric) string {
	if m.Unit == "count" || m.Unit == "ratio" {
		return m.Title
	}
	return m.Title + ", " + m.Unit
}

// capitalised begins a title as a sentence does.
func capitalised(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// tones are what findings mean.
var tones = map[compare.Kind]page.Tone{
	compare.TooFew:   page.Doubt,
	compare.Unranked: page.Bad,
	compare.Phantom:  page.Doubt,
}

func toned(told []sentence) page.List {
	var l page.List
	for _, one := range told {
		l = append(l, page.Item{Text: one.text, Tone: tones[one.kind]})
	}
	return l
}
