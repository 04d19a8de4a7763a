package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
)

// A Finding is a sentence about a run.
type Finding struct {
	Kind   Kind
	Metric string // "" when it is about none
	Text   string
}

// Kind is what a finding says.
type Kind string

const (
	Difference   Kind = "difference"
	NoDifference Kind = "no-difference" // none shown, which is not the same as none
	TooFew       Kind = "too-few"       // trials for an interval
	Unranked     Kind = "unranked"
	// Of what was measured twice to be compared with itself:
	Resolution Kind = "resolution" // the smallest difference that could have been seen
	Phantom    Kind = "phantom"    // a difference is shown where there is none
	// Of a search:
	Capacity Kind = "capacity"
	// Of transports that were measured on several stacks, or beside the baseline:
	Stack    Kind = "stack"
	Distance Kind = "distance"
)

// A question is a metric worth a sentence.
type question struct {
	metric  string
	says    string // of a difference: which cell, how much, than which
	closest bool   // also asked of the best two, not only of best and worst
	instead bool   // asked only when none of those before it could be
	noisy   bool   // also asked of what is compared with itself: it has noise to show
}

var questions = append([]question{
	{"latency_p99", "%s has a %s lower latency p99 than %s", true, false, true},
	{"latency_p50", "%s has a %s lower latency p50 than %s", true, true, true},
	{"throughput", "%s delivers %s more events per second than %s", true, true, true},
}, prices...)

// latest are the questions where only the latest value matters to a client: how
// long it looks at one that is out of date. What a latency is of such an event
// that another has replaced before anybody looked, is nobody's concern.
//
// Note: of the mean and not of a percentile, because where events are rare most
// of the time there is nothing to lack, and every percentile of that is zero.
var latest = append([]question{
	{"staleness_mean", "%s has a %s lower mean staleness than %s", true, false, true},
	{"throughput", "%s delivers %s more events per second than %s", true, true, true},
}, prices...)

// prices are what it takes.
var prices = []question{
	{"server_cpu_per_event", "%s delivers an event for %s less server CPU than %s", true, false, true},
	{"server_rss_per_client", "%s takes %s less server memory per client than %s", false, false, true},
	{"down_bytes_per_event", "%s takes %s fewer bytes down per event than %s", false, false, false},
	// Where clients speak: an event's price then holds what their messages cost, too.
	{"uplink_p99", "%s has a %s lower uplink time p99 than %s", false, false, true},
	{"server_cpu_per_message", "%s carries a message or an event for %s less server CPU than %s", false, false, true},
	{"uplink_bytes_per_message", "%s takes %s fewer bytes per message on its way up than %s", false, false, false},
}

// questionsOf are those worth asking of the run, by what its scenario says of
// its events.
func questionsOf(run *results.Run) []question {
	var s struct {
		Value string `json:"value"`
	}
	// A scenario of another shape says nothing of it.
	if json.Unmarshal(run.Executed, &s) == nil && s.Value == "latest" {
		return latest
	}
	return questions
}

// Findings are the sentences that a run's ranked rows allow, the most useful
// first: how far to trust it, where it compares a transport with itself, and
// then what differs at each point of the axes. One for each row that is not
// ranked comes last. Those of a search are its capacities, and its rows are none.
func Findings(run *results.Run) []Finding {
	if len(run.Capacity) > 0 {
		return capacities(run.Capacity)
	}
	rows := Rows(run)
	all := append(again(run, rows), disturbed(run, rows)...)
	loads := points(run, rows)
	if most, few := tooFew(rows); few {
		if slices.ContainsFunc(loads, func(p *comparison) bool { return len(p.rows) >= 2 }) {
			all = append(all, Finding{TooFew, "", fmt.Sprintf(fewTrials, MinTrials, most)})
		}
		loads = nil
	}
	for _, p := range loads {
		p.answer()
		all = append(all, p.findings...)
	}
	all = append(all, acrossStacks(run, rows)...)
	all = append(all, distances(run, rows)...)
	for _, r := range rows {
		if !r.Ranked {
			all = append(all, Finding{Unranked, "", fmt.Sprintf("%s is not ranked: %s", Label(r.Cell, rows), r.Validity())})
		}
	}
	return all
}

const fewTrials = "no difference can be shown: intervals need %d valid trials of each, there are %d"

// tooFew says that no ranked row has as many valid trials as an interval needs,
// and how many there are at most.
func tooFew(rows []Row) (most int, few bool) {
	for _, r := range rows {
		if r.Ranked {
			most = max(most, r.Trials.Valid)
		}
	}
	return most, most < MinTrials
}

// A comparison collects findings about the ranked rows of one point of the axes.
type comparison struct {
	run      *results.Run
	rows     []Row  // ranked, each cell once
	at       string // the point's name before each sentence; "" when it is the only one
	stack    string // of all rows; "" when the run has no other, or nothing else differs
	findings []Finding
	pairs    []*pair // all that were asked about
}

// A pair are two rows of which questions were asked.
type pair struct {
	names string   // "sse and ws"
	asked int      // questions
	few   []string // titles of the metrics with too few blocks
	least int      // blocks of those
	most  int
}

func (c *comparison) add(kind Kind, metric, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if c.at != "" {
		text = "at " + c.where() + ": " + text
	} else if c.stack != "" {
		text = c.where() + ": " + text
	}
	c.findings = append(c.findings, Finding{kind, metric, text})
}

// answer asks every question of the rows; of one of several points only what
// tells the best two apart, or nobody would read the answers.
func (c *comparison) answer() {
	if len(c.rows) < 2 {
		return
	}
	if most, few := tooFew(c.rows); few {
		c.add(TooFew, "", fewTrials, MinTrials, most)
		return
	}
	for _, q := range asked(c.run, c.rows) {
		m, have := c.order(q)
		best, second, worst := have[0], have[1], have[len(have)-1]
		if q.closest || len(have) == 2 && c.at == "" {
			c.ask(q, m, best, second)
		}
		if len(have) > 2 && c.at == "" {
			c.ask(q, m, best, worst)
		}
	}
	c.scarce()
}

// about is the pair of two rows, in whatever order.
func (c *comparison) about(a, b Row) *pair {
	place := func(of Row) int {
		return slices.IndexFunc(c.rows, func(r Row) bool { return key(r.Cell) == key(of.Cell) })
	}
	if place(a) > place(b) {
		a, b = b, a
	}
	names := Label(a.Cell, c.rows) + " and " + Label(b.Cell, c.rows)
	at := slices.IndexFunc(c.pairs, func(p *pair) bool { return p.names == names })
	if at < 0 {
		at = len(c.pairs)
		c.pairs = append(c.pairs, &pair{names: names, least: MinTrials})
	}
	return c.pairs[at]
}

// scarce says, once for all, between which rows nothing can be told for want of
// blocks with a valid value of both.
func (c *comparison) scarce() {
	var texts []string
	least, most := MinTrials, 0
	for _, p := range c.pairs {
		if len(p.few) == 0 {
			continue
		}
		text := p.names
		if len(p.few) < p.asked { // of the other metrics something is told
			text += " in " + strings.Join(p.few, " and ")
		}
		texts = append(texts, text)
		least, most = min(least, p.least), max(most, p.most)
	}
	if len(texts) == 0 {
		return
	}
	are := fmt.Sprint(least)
	if most > least {
		are = fmt.Sprintf("%d to %d", least, most)
	}
	noun := "difference"
	if len(texts) > 1 {
		noun = "differences"
	}
	c.add(TooFew, "", "no %s can be shown between %s: intervals need %d blocks with a valid value of both, there are %s", noun, strings.Join(texts, ", "), MinTrials, are)
}

// asked are the run's questions that can be asked of the rows.
func asked(run *results.Run, rows []Row) []question {
	var can []question
	before := false
	for _, q := range questionsOf(run) {
		if q.instead && before {
			continue
		}
		if before = len(with(rows, q.metric)) >= 2; before {
			can = append(can, q)
		}
	}
	return can
}

// order are the rows that have the question's metric, the best first.
func (c *comparison) order(q question) (results.Metric, []Row) {
	m, _ := results.MetricOf(q.metric)
	have := with(c.rows, q.metric)
	slices.SortStableFunc(have, func(a, b Row) int {
		order := cmp.Compare(a.Metrics[m.Name].Median, b.Metrics[m.Name].Median)
		if m.Better == results.More {
			return -order
		}
		return order
	})
	return m, have
}

// ask adds the sentence about two rows, of which the first has the better median.
func (c *comparison) ask(q question, m results.Metric, best, other Row) {
	over, under := other, best
	if m.Better == results.More {
		over, under = best, other
	}
	ratio, _ := Ratio(c.run, m.Name, over.Cell, under.Cell)
	a, b := Label(best.Cell, c.rows), Label(other.Cell, c.rows)
	p := c.about(best, other)
	p.asked++
	switch {
	case ratio.Lo == nil:
		p.few = append(p.few, m.Title)
		p.least, p.most = min(p.least, ratio.N), max(p.most, ratio.N)
	case *ratio.Hi < 1: // block by block it is the other way round: of positive ratios only one way can be
		p.asked--
		c.ask(q, m, other, best)
	case ratio.Shown():
		much, interval := factor(ratio, m.Better == results.More)
		c.add(Difference, m.Name, q.says+" (%s)", a, much, b, interval)
	default:
		c.add(NoDifference, m.Name, "no difference shown between %s and %s in %s (%s to %s)", a, b, m.Title, bound(*ratio.Lo), bound(*ratio.Hi))
	}
}

// factor words a ratio above one, of the larger to the smaller, and its interval:
// "3.4×", and where all of it is near one, and "1.0×" would say nothing, in per
// cent: of the smaller when the sentence says more, of the larger when it says
// less.
func factor(ratio Stat, more bool) (much, interval string) {
	if *ratio.Hi >= 1.2 {
		return times(ratio.Median), times(*ratio.Lo) + " to " + times(*ratio.Hi)
	}
	percent := func(v float64) string {
		if more {
			return fmt.Sprintf("%.1f %%", 100*(v-1))
		}
		return fmt.Sprintf("%.1f %%", 100*(1-1/v))
	}
	return percent(ratio.Median), percent(*ratio.Lo) + " to " + percent(*ratio.Hi)
}

// times words a ratio with as many digits as tell it from one.
func times(v float64) string {
	if v < 1.1 {
		return bound(v)
	}
	return fmt.Sprintf("%.1f×", v)
}

// bound words the end of an interval so that it can be told on which side of 1
// it is, and that it is not nothing.
func bound(v float64) string {
	switch text := fmt.Sprintf("%.2f×", v); text {
	case "1.00×":
		return fmt.Sprintf("%.4f×", v)
	case "0.00×":
		return fmt.Sprintf("%.1g×", v)
	default:
		return text
	}
}

// with are the rows that have the metric.
func with(rows []Row, metric string) []Row {
	var have []Row
	for _, r := range rows {
		if _, ok := r.Metrics[metric]; ok {
			have = append(have, r)
		}
	}
	return have
}

// Validity says how many of the row's trials are valid, and which reasons made the
// others less.
func (r Row) Validity() string {
	text := fmt.Sprintf("%d of %d trials are valid", r.Trials.Valid, r.Trials.Total())
	var codes []string
	for _, reason := range r.Reasons {
		if reason.State != results.Valid && !slices.Contains(codes, reason.Code) {
			codes = append(codes, reason.Code)
		}
	}
	if len(codes) > 0 {
		text += " (" + strings.Join(codes, ", ") + ")"
	}
	return text
}
