package change

import (
	"slices"

	"pushbench/results"
)

// A Capacity is what two searches have found of one transport.
type Capacity struct {
	Transport string
	Stack     string
	Old, New  *results.Capacity // nil where the run has not searched it
	Outcome   Outcome
}

// Ratio is new to old; nil where there is none.
func (c Capacity) Ratio() *float64 {
	if c.Old == nil || c.New == nil {
		return nil
	}
	return ratio(c.New.Value, c.Old.Value)
}

// capacities compares what searches have found, in the order of the new one. Where
// intervals touch, no difference is shown.
func capacities(old, now []results.Capacity) (all []Capacity) {
	find := func(among []results.Capacity, c results.Capacity) *results.Capacity {
		at := slices.IndexFunc(among, func(o results.Capacity) bool {
			return o.Transport == c.Transport && o.Stack == c.Stack && o.Key == c.Key && o.Unit == c.Unit && o.Down == c.Down
		})
		if at < 0 {
			return nil
		}
		return &among[at]
	}
	for i := range now {
		c := Capacity{now[i].Transport, now[i].Stack, find(old, now[i]), &now[i], NewOnly}
		if c.Old != nil {
			c.Outcome = held(*c.Old, *c.New)
		}
		all = append(all, c)
	}
	for i := range old {
		if find(now, old[i]) == nil {
			all = append(all, Capacity{old[i].Transport, old[i].Stack, &old[i], nil, OldOnly})
		}
	}
	return all
}

// held says whether all that the new search has found to hold is harder than what
// the old one has found to fail, or the other way round.
func held(old, now results.Capacity) Outcome {
	beyond := func(lo, hi *float64) bool {
		if lo == nil || hi == nil {
			return false
		}
		if old.Down { // the smaller value is the harder one
			return *lo < *hi
		}
		return *lo > *hi
	}
	switch {
	case old.Ended == "" || now.Ended == "" || old.Value == nil || now.Value == nil:
		return TooFew
	case beyond(now.Lo, old.Hi):
		return Better
	case beyond(old.Lo, now.Hi):
		return Worse
	}
	return None
}
