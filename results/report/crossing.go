package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"pushbench/results"
	"pushbench/results/compare"
)

// A crossing is a rate at which two cost the same.
type crossing struct {
	rate float64
	text string
}

// crossings are those of all pairs, in the order of the rates.
func crossings(all []tariff) (found []crossing) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			for _, m := range meetings(a, b, a.cost, b.cost) {
				low, high := a, b // which is cheaper below
				if !m.first {
					low, high = b, a
				}
				found = append(found, crossing{m.rate,
					fmt.Sprintf("%s is cheaper than %s below %s events/s per client (%s), dearer above", low.name, high.name, number(rounded(m.rate)), between(low, high, m.rate))})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b crossing) int { return cmp.Compare(a.rate, b.rate) })
	return found
}

// A meeting is a rate at which two cost the same by some costs of theirs.
type meeting struct {
	rate  float64
	first bool // the first of them is cheaper below it
}

// meetings are those within the rates that were measured of both.
func meetings(a, b tariff, ofA, ofB results.Cost) (all []meeting) {
	lo, hi := common(a, b)
	if !(hi > lo) {
		return nil
	}
	more := func(rate float64) float64 { return a.by(ofA, rate) - b.by(ofB, rate) }
	const steps = 200
	for k := range steps {
		from, to := lo+(hi-lo)*float64(k)/steps, lo+(hi-lo)*float64(k+1)/steps
		if before, after := more(from), more(to); before != 0 && before*after <= 0 {
			all = append(all, meeting{from + (to-from)*before/(before-after), before < 0})
		}
	}
	return all
}

// common are the least and the largest rate that were measured of both.
func common(a, b tariff) (lo, hi float64) {
	return max(a.rates[0], b.rates[0]), min(a.rates[len(a.rates)-1], b.rates[len(b.rates)-1])
}

// between words the interval of the rate up to which low is the cheaper one: over the
// blocks, of where that is in each. A block in which one of them is cheaper all along
// has it beyond what was measured, so that an end of the interval may be a bound, and
// says so; one that turns the two round tells nothing of it.
func between(low, high tariff, rate float64) string {
	lo, hi := common(low, high)
	var rates []float64
	for block, ofLow := range low.blocks {
		ofHigh, has := high.blocks[block]
		if !has {
			continue
		}
		met := meetings(low, high, ofLow, ofHigh)
		alike := slices.DeleteFunc(slices.Clone(met), func(m meeting) bool { return !m.first })
		switch {
		case len(alike) > 0:
			nearest := slices.MinFunc(alike, func(x, y meeting) int { return cmp.Compare(math.Abs(x.rate-rate), math.Abs(y.rate-rate)) })
			rates = append(rates, nearest.rate)
		case len(met) > 0:
		case low.by(ofLow, lo) < high.by(ofHigh, lo):
			rates = append(rates, hi)
		default:
			rates = append(rates, lo)
		}
	}
	s, _ := compare.Middle(rates)
	if s.Lo == nil || s.Hi == nil {
		return fmt.Sprintf("no interval: %d blocks tell it", len(rates))
	}
	word := func(v float64) string {
		switch text := number(rounded(v)); {
		case v <= lo:
			return "≤ " + text
		case v >= hi:
			return "≥ " + text
		default:
			return text
		}
	}
	return s.Range(word)
}
