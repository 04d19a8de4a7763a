package compare

import (
	"pushbench/results"
)

// A Ranking is the ranked rows of one load, the best first, by the first question
// that can be asked of them.
type Ranking struct {
	At     string // the load, and the stack; "" when there is no other
	Stack  string // the stack alone; "" when the run has no other, or nothing else differs
	Metric results.Metric
	// Told says that there are trials enough to tell rows apart. Else they stand in
	// the order of their medians, which shows nothing.
	Told   bool
	Places []Place
}

// A Place is a row's in a ranking.
type Place struct {
	Row
	// Rank is from 1. Rows share it between which and the first of that rank no
	// difference is shown, so the next one is as many further on.
	Rank int
	// Behind is, of the first of a rank, the metric over that of the first of the rank
	// before, or that one over it where more is better. The first of all has none, and
	// neither have those that share a rank.
	Behind Stat
	// Untold says that too few blocks compare it with the first of its rank, to
	// which nothing can be said of it then, and Common how many there are.
	Untold bool
	Common int
}

// Rankings are those of a run, one for each load of two rows and more. Of a search
// there are none: its rows are other loads.
func Rankings(run *results.Run) []Ranking {
	if len(run.Capacity) > 0 {
		return nil
	}
	var all []Ranking
	for _, p := range points(run, Rows(run)) {
		can := asked(run, p.rows)
		if len(can) == 0 {
			continue
		}
		m, order := p.order(can[0])
		_, few := tooFew(p.rows)
		r := Ranking{At: p.where(), Stack: p.stack, Metric: m, Told: !few}
		first := 0
		for i, row := range order {
			place := Place{Row: row}
			// What a median calls worse may be the better one block by block: then it
			// is not shown to be worse either.
			switch behind := p.behind(m, row, order[first]); {
			case i == 0:
			case behind.Lo == nil:
				place.Untold, place.Common = true, behind.N
			case *behind.Lo > 1:
				first, place.Behind = i, behind
			}
			place.Rank = first + 1
			r.Places = append(r.Places, place)
		}
		all = append(all, r)
	}
	return all
}

// behind is by how much a row is worse than another: above 1 where it is.
func (c *comparison) behind(m results.Metric, row, than Row) Stat {
	over, under := row, than
	if m.Better == results.More {
		over, under = than, row
	}
	ratio, _ := Ratio(c.run, m.Name, over.Cell, under.Cell)
	return ratio
}

// Range words the interval of a statistic with the given words for numbers: "19.1
// to 21.9"; "" where there is none.
func (s Stat) Range(word func(float64) string) string {
	if s.Lo == nil || s.Hi == nil {
		return ""
	}
	return word(*s.Lo) + " to " + word(*s.Hi)
}

// Leaders are the places that share the first rank.
func (r Ranking) Leaders() []Place {
	for i, p := range r.Places {
		if p.Rank != 1 {
			return r.Places[:i]
		}
	}
	return r.Places
}
