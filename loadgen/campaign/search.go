package campaign

import (
	"fmt"
	"math"
	"math/rand/v2"

	"pushbench/results"
	"pushbench/results/threshold"
	"pushbench/scenarios"
)

// A search finds the capacity of every transport on every stack by itself, one probe of each in
// turn: a bad minute of the machine is nobody's alone, and the probes at one
// knee are spread over the whole run.
type search struct {
	hunts  []*hunt
	dice   *rand.Rand
	rounds int
}

// A hunt is the search for one transport's capacity on one stack.
type hunt struct {
	transport Transport
	stack     string
	key       string
	down      bool             // the smaller value is the harder one
	ladder    []scenarios.Rung // as far as the machine's limits allow
	limit     *Shortage        // what ended it; nil when it goes to the scenario's end
	slo       []threshold.Expression
	knee      knee
	voids     []int      // by rung
	failures  [][]breach // by rung
}

// maxVoids is how many probes of a rung may be disturbed without being counted.
const maxVoids = 2

// newSearch prepares a search whose scenario is valid and fits the machine at its
// easiest value.
func newSearch(o Options, facts results.Facts) *search {
	s := &search{dice: rand.New(rand.NewPCG(o.Scenario.Seed, 0x5ea3c4))}
	for _, t := range o.Transports {
		for _, stack := range t.stacks(o.Scenario) {
			s.hunts = append(s.hunts, newHunt(t, stack, o.Scenario, facts))
		}
	}
	return s
}

func newHunt(t Transport, stack string, s *scenarios.Scenario, facts results.Facts) *hunt {
	h := &hunt{transport: t, stack: stack, key: s.Search.Key}
	h.ladder, h.limit = t.ladder(s, facts)
	if whole := s.Ladder(); len(whole) > 1 { // the machine may allow but one of it
		h.down = whole[1].Value < whole[0].Value
	}
	for _, e := range s.SLO {
		if e.Concerns(t.Name) {
			h.slo = append(h.slo, e)
		}
	}
	h.knee = newKnee(h.ladder, s.Trials)
	h.voids, h.failures = make([]int, len(h.ladder)), make([][]breach, len(h.ladder))
	return h
}

// ladder is the scenario's, up to what the machine's limits allow the transport.
func (t Transport) ladder(s *scenarios.Scenario, facts results.Facts) ([]scenarios.Rung, *Shortage) {
	ladder := s.Ladder()
	for i, rung := range ladder {
		if short := shortage(step{transport: t, Scenario: rung.Scenario}, facts); short != nil {
			return ladder[:max(1, i)], short
		}
	}
	return ladder, nil
}

// newKnee lays out a ladder of loads.
func newKnee(ladder []scenarios.Rung, repeats int) knee {
	k := knee{tallies: make([]tally, len(ladder)), stride: 1, repeats: repeats}
	whole := 0.0 // doublings
	if n := len(ladder) - 1; n > 0 {
		whole = math.Abs(math.Log2(ladder[n].Value / ladder[0].Value))
		k.stride = max(1, int(math.Round(float64(n)/max(1, whole))))
	}
	k.most = budget(repeats, int(math.Ceil(whole)), k.stride)
	return k
}

// farthest are the last steps that a search could take.
func (o Options) farthest(facts results.Facts) (all []step) {
	if o.Scenario.Search.Key == "" {
		return nil
	}
	for _, t := range o.Transports {
		ladder, _ := t.ladder(o.Scenario, facts)
		all = append(all, step{transport: t, Scenario: ladder[len(ladder)-1].Scenario})
	}
	return all
}

// next is a round: a probe of each transport and stack whose capacity is not known yet, in
// random order. It is empty when all are.
func (s *search) next() []step {
	var round []step
	for _, h := range s.hunts {
		rung, ended := h.knee.next()
		if ended != "" {
			continue
		}
		at := h.ladder[rung]
		round = append(round, step{
			transport: h.transport, block: s.rounds, Scenario: at.Scenario, rung: rung,
			cell: results.Cell{Transport: h.transport.Name, Stack: h.stack, Axes: at.Axes},
		})
	}
	s.dice.Shuffle(len(round), func(i, k int) { round[i], round[k] = round[k], round[i] })
	s.rounds++
	return round
}

// left guesses how many probes are still to come; zero when the search is over.
func (s *search) left() (n int) {
	for _, h := range s.hunts {
		n += h.knee.left()
	}
	return n
}

// learn tells the search of a probe, if there is one; a trial that was cut short
// is none.
func (c *Campaign) learn(s step, t *results.Trial, whole bool) {
	if c.search == nil || !whole {
		return
	}
	for _, h := range c.search.hunts {
		if h.transport.Name == s.transport.Name && h.stack == s.cell.Stack {
			h.learn(s.rung, t)
		}
	}
	c.run.Capacity = c.search.capacities()
}

func (h *hunt) learn(rung int, t *results.Trial) {
	broke := breachOf(t, h.slo)
	void := broke != nil && broke.disturbed && h.voids[rung] < maxVoids
	h.knee.learn(rung, broke == nil, void)
	switch {
	case void:
		h.voids[rung]++
	case broke != nil:
		h.failures[rung] = append(h.failures[rung], *broke)
	}
}

// capacities are what the search has found so far.
func (s *search) capacities() []results.Capacity {
	var all []results.Capacity
	for _, h := range s.hunts {
		all = append(all, h.capacity())
	}
	return all
}

func (h *hunt) capacity() results.Capacity {
	c := results.Capacity{
		Transport: h.transport.Name, Stack: h.stack, Key: h.key, Unit: h.ladder[0].Unit, Down: h.down, Probes: []results.Probe{},
	}
	for _, e := range h.slo {
		c.SLO = append(c.SLO, e.String())
	}
	for i, t := range h.knee.tallies {
		if t.probes()+h.voids[i] > 0 {
			c.Probes = append(c.Probes, results.Probe{At: h.ladder[i].Value, Axis: h.ladder[i].Axes[h.key], Held: t.held, Failed: t.failed, Void: h.voids[i]})
		}
	}
	_, c.Ended = h.knee.next()
	least := 1
	if c.Ended != "" && c.Ended != results.EndedBudget {
		least = h.knee.repeats
	}
	below, above := h.knee.edges()
	low, high := h.knee.interval(least)
	c.Value, c.Lo, c.Hi = h.value(below), h.value(low), h.value(high)
	switch {
	case above < len(h.ladder):
		worst := usual(h.failures[above])
		c.Broke = worst.code
		c.Why = fmt.Sprintf("at %s %s", h.ladder[above].Axes[h.key], worst.text)
		c.AtLeast = worst.foreign()
	case c.Ended != results.EndedTop: // so far
	case h.limit != nil:
		c.AtLeast, c.Broke, c.Why = true, h.limit.What, h.limit.Error()
	default:
		c.AtLeast, c.Broke = true, results.BrokeNothing
	}
	if c.AtLeast {
		c.Hi = nil
	}
	return c
}

// value is that of a rung; nil when there is none of that number.
func (h *hunt) value(rung int) *float64 {
	if rung < 0 || rung >= len(h.ladder) {
		return nil
	}
	return &h.ladder[rung].Value
}

// usual is the commonest of some breaches, of equally common ones the first.
func usual(all []breach) (most breach) {
	times := map[string]int{}
	for _, b := range all {
		times[b.code]++
	}
	for _, b := range all {
		if times[b.code] > times[most.code] {
			most = b
		}
	}
	return most
}
