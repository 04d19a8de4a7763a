package compare

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
)

// A Lead is the ratio that answers a run's first question: of the best against
// the second best, or of what is compared with itself where nothing else is.
type Lead struct {
	Words string  // "latency p99 of sse over ws"
	Width float64 // of its interval, over its median
}

// Leading returns the lead; of a run with axes that of the point at which it is
// least certain. It is false while a point has none, or one without interval.
func Leading(run *results.Run) (lead Lead, ok bool) {
	rows := Rows(run)
	all := points(run, rows)
	for _, p := range all {
		one, ok := p.lead(rows)
		if !ok {
			return Lead{}, false
		}
		if one.Width >= lead.Width {
			lead = one
		}
	}
	return lead, len(all) > 0
}

// lead is that of one point.
func (c *comparison) lead(rows []Row) (Lead, bool) {
	have := c.rows
	if len(have) == 1 {
		for _, r := range rows {
			if first, both := twin(r, rows); both && r.Ranked && key(first.Cell) == key(have[0].Cell) {
				have = append(have, r)
			}
		}
	}
	can := asked(c.run, have)
	if len(can) == 0 {
		return Lead{}, false
	}
	m, order := (&comparison{run: c.run, rows: have}).order(can[0])
	over, under := order[1], order[0]
	if m.Better == results.More {
		over, under = under, over
	}
	ratio, _ := Ratio(c.run, m.Name, over.Cell, under.Cell)
	if ratio.Lo == nil || ratio.Median == 0 {
		return Lead{}, false
	}
	words := fmt.Sprintf("%s of %s over %s", m.Title, Label(over.Cell, rows), Label(under.Cell, rows))
	return Lead{words, (*ratio.Hi - *ratio.Lo) / ratio.Median}, true
}

// Ended says how a run came to its number of blocks, where that was not fixed
// before it began; "" of others, and of one that did not end by itself.
func Ended(run *results.Run) string {
	blocks := run.Blocks()
	u := run.Until
	if u == nil {
		if run.Spares == 0 || run.Status != results.Complete {
			return ""
		}
		return fmt.Sprintf("ended after %d blocks, %d more than planned: too few trials were valid for an interval", blocks, run.Spares)
	}
	count := fmt.Sprintf("%d blocks", blocks)
	if blocks == 1 {
		count = "one block"
	}
	reached := "no interval could be told"
	if u.Ratio != "" {
		reached = fmt.Sprintf("the interval of %s is %.1f %% wide", u.Ratio, 100*u.Reached)
	}
	if names := unranked(run); names != "" {
		reached += " (not ranked, and so left out: " + names + ")"
	}
	switch u.Ended {
	case results.UntilWidth:
		return fmt.Sprintf("ended after %s because %s, and less than %.4g %% was asked for", count, reached, 100*u.Width)
	case results.UntilUnranked:
		return fmt.Sprintf("ended after %s because nothing can be ranked: too few trials are valid", count)
	case results.UntilTime:
		return fmt.Sprintf("ended after %s because another would have gone beyond %s: %s, and less than %.4g %% was asked for", count, u.MaxTime, reached, 100*u.Width)
	}
	return ""
}

// Ranked says whether any cell of the run has valid trials enough to be ranked.
func Ranked(run *results.Run) bool {
	return slices.ContainsFunc(Rows(run), func(r Row) bool { return r.Ranked })
}

// maxNamed is how many cells a sentence names.
const maxNamed = 4

// unranked names the cells that no ratio is of, and so the points of the axes that
// have none but these.
func unranked(run *results.Run) string {
	rows := Rows(run)
	var names []string
	for _, r := range rows {
		if !r.Ranked {
			names = append(names, Label(r.Cell, rows))
		}
	}
	if more := len(names) - maxNamed; more > 1 {
		names = append(names[:maxNamed], fmt.Sprintf("%d others", more))
	}
	return strings.Join(names, ", ")
}
