package campaign

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"pushbench/loadgen/engine"
	"pushbench/results"
	"pushbench/scenarios"
)

// A step is one trial to come.
type step struct {
	transport Transport
	block     int
	Scenario  *scenarios.Scenario // at the step's point of the axes
	cell      results.Cell
	beside    []step // the other transports, where all run at the same time
	rung      int    // of a search's ladder
}

// String names the step's cell for a person who waits.
func (s step) String() string {
	words := []string{s.cell.Transport}
	for _, one := range s.beside {
		words[0] += "+" + one.cell.Transport
	}
	if s.cell.Stack != scenarios.Std {
		words[0] += "/" + s.cell.Stack
	}
	for _, key := range slices.Sorted(maps.Keys(s.cell.Axes)) {
		words = append(words, key+"="+s.cell.Axes[key])
	}
	if s.cell.Arm != "" {
		words = append(words, "("+s.cell.Arm+")")
	}
	return strings.Join(words, " ")
}

// steps are a block in the order of the table: every transport on every stack at
// every point of the axes that say something to it, and the one that is compared with itself
// once more.
func (o Options) steps() []step {
	if o.Scenario.Together {
		return o.together()
	}
	var all []step
	for _, t := range o.Transports {
		for _, point := range t.points(o.Scenario) {
			for _, cell := range t.variants(point, o.Scenario) {
				one := step{transport: t, Scenario: point.Scenario, cell: cell}
				all = append(all, one)
				if t.Name == o.Again {
					one.cell.Arm = results.Again
					all = append(all, one)
				}
			}
		}
	}
	return all
}

// points are those of the scenario's axes that the transport heeds. Of others it
// stays at the first value: going through them would measure the same again.
func (t Transport) points(s *scenarios.Scenario) []scenarios.Point {
	own := *s
	own.Axes = maps.Clone(s.Axes)
	maps.DeleteFunc(own.Axes, func(key string, _ []string) bool { return !t.Heeds(key) })
	return own.Points()
}

// Heeds says whether the scenario's key says anything to the transport.
func (t Transport) Heeds(key string) bool {
	group, _, _ := strings.Cut(key, ".")
	streams := key == "heartbeat" || key == "events_per_write"
	return !slices.Contains(t.Others, group) && (!streams || !t.asks())
}

// asks says whether the transport's clients ask for what they get, so that there is
// no stream.
func (t Transport) asks() bool {
	if t.Half == nil {
		return false
	}
	_, asks := t.Half(new(engine.Endpoint)).(engine.Asker)
	return asks
}

// A plan is which trial comes when, block by block and without an end. The same
// options have the same plan.
type plan struct {
	steps  []step
	dice   *rand.Rand
	blocks int // begun
}

func newPlan(o Options) *plan {
	return &plan{steps: o.steps(), dice: rand.New(rand.NewPCG(o.Scenario.Seed, 0xb10c))}
}

// next is the block that follows: every step once. Their order is random, so that
// none always runs after the same other one.
func (p *plan) next() []step {
	block := slices.Clone(p.steps)
	p.dice.Shuffle(len(block), func(i, k int) { block[i], block[k] = block[k], block[i] })
	for i := range block {
		block[i].block = p.blocks
	}
	p.blocks++
	return block
}
