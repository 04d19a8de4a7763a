package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"pushbench/results"
	"pushbench/results/fit"
)

const (
	// MinLoads is how many loads of a transport a run needs: a line through fewer can
	// miss none.
	MinLoads = 3
	// minOwn is how much of a term the others must leave unexplained, so that it can
	// be told from them: with less, noise of a few per cent would be most of it.
	minOwn = 0.1
	// noCPU is a thousandth of a CPU, in µs/s: of less a process may take some for
	// nothing, so that per cent of it are no measure.
	noCPU = 1000
	// minRequests is how many requests there must be to a delivery to be worth a
	// term: streams make theirs when they begin.
	minRequests = 0.01
)

// loadAxes are what a cost accounts for. Loads that differ in anything else lie on
// no plane.
var loadAxes = []string{
	"clients", "schedule.rate", "poll.interval", "longpoll.hold",
	"churn.stay", "uplink.rate", "topics", "payload.size", "schedule.burst",
}

// A load is what a server had to do in a trial, and the CPU time that it took.
type load struct {
	*results.Trial
	x   Amounts
	cpu float64 // µs/s
	at  string  // the same for a load in every block
}

// A server is a transport on a stack, with its valid trials.
type server struct {
	transport, stack string
	loads            []load
	left             int // valid trials that are no load; see overrun
}

// Costs are those of each transport and stack that the run has measured under
// several loads: planes through the valid trials of each block, and over the
// blocks the median of each coefficient and its interval.
func Costs(run *results.Run) []results.Cost {
	var costs []results.Cost
	for _, s := range servers(run) {
		if distinct(s.loads) < MinLoads || !s.onPlane() {
			continue
		}
		cost := results.Cost{Transport: s.transport, Stack: s.stack}
		s.weighCPU(&cost)
		s.weighMemory(&cost)
		if len(cost.CPU)+len(cost.Memory) > 0 {
			costs = append(costs, cost)
		}
	}
	return costs
}

func servers(run *results.Run) []*server {
	var all []*server
	for i := range run.Trials {
		t := &run.Trials[i]
		wall, measured := t.Usage.Wall.Seconds(), t.Measured.Seconds()
		cpu := float64(t.Usage.ServerCPU) / float64(time.Microsecond)
		if t.Verdict.State != results.Valid || t.Together != nil || t.Clients < 1 || !(wall > 0 && measured > 0 && cpu >= 0) {
			continue
		}
		at := slices.IndexFunc(all, func(s *server) bool { return s.transport == t.Transport && s.stack == t.Stack })
		if at < 0 {
			at = len(all)
			all = append(all, &server{transport: t.Transport, stack: t.Stack})
		}
		if overrun(t) {
			all[at].left++
			continue
		}
		all[at].loads = append(all[at].loads, load{Trial: t, x: amounts(t), cpu: cpu / wall, at: fmt.Sprintf("%d %q", t.Clients, t.Axes)})
	}
	// A server that nothing happens to takes nothing; of one that never takes any the
	// system does not tell.
	all = slices.DeleteFunc(all, func(s *server) bool { return s.mostCPU() == 0 })
	for _, s := range all {
		s.greet()
	}
	slices.SortStableFunc(all, func(a, b *server) int {
		return cmp.Or(cmp.Compare(place(a.transport, transports), place(b.transport, transports)),
			cmp.Compare(a.transport, b.transport), cmp.Compare(place(a.stack, stacks), place(b.stack, stacks)), cmp.Compare(a.stack, b.stack))
	})
	return all
}

// mostCPU is the most that a load took.
func (s *server) mostCPU() (most float64) {
	for _, l := range s.loads {
		most = max(most, l.cpu)
	}
	return most
}

// overrun says whether polls came due before the ones before them were answered: such
// a server had less to do than its load says, and did it in another way, many at a
// time.
func overrun(t *results.Trial) bool {
	return slices.ContainsFunc(t.Verdict.Reasons, func(r results.Reason) bool { return r.Code == results.PollsMissed })
}

// distinct is how many different loads there are.
func distinct(loads []load) int {
	different := map[string]bool{}
	for _, l := range loads {
		different[l.at] = true
	}
	return len(different)
}

// Unaccounted are the axes that the run varies and that no cost accounts for.
func Unaccounted(run *results.Run) (axes []string) {
	for i := range run.Trials {
		for axis, value := range run.Trials[i].Axes {
			if !slices.Contains(loadAxes, axis) && value != run.Trials[0].Axes[axis] && !slices.Contains(axes, axis) {
				axes = append(axes, axis)
			}
		}
	}
	slices.Sort(axes)
	return axes
}

// onPlane says that the loads differ in nothing that a cost does not account for.
func (s *server) onPlane() bool {
	for _, l := range s.loads {
		for axis, value := range l.Axes {
			if !slices.Contains(loadAxes, axis) && value != s.loads[0].Axes[axis] {
				return false
			}
		}
	}
	return true
}

// blocks are the loads of each block, in their order.
func (s *server) blocks() [][]load {
	by := map[int][]load{}
	for _, l := range s.loads {
		by[l.Block] = append(by[l.Block], l)
	}
	var all [][]load
	for _, block := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[block])
	}
	return all
}

// weighCPU adds what the server's CPU time is made of.
func (s *server) weighCPU(cost *results.Cost) {
	told := s.tell(cost)
	found := make([][]float64, len(told))
	missed := misses{}
	blocks := s.blocks()
	for _, loads := range blocks {
		c, ok := through(loads, told)
		if !ok {
			continue
		}
		for k := range told {
			found[k] = append(found[k], c[k])
		}
		for _, l := range loads {
			missed.add(l, l.cpu, l.on(told, c), s.mostCPU())
		}
	}
	if s.left > 0 {
		cost.Notes = append(cost.Notes, fmt.Sprintf("%d trials are left out, in which polls were missed", s.left))
	}
	if lost := len(blocks) - len(found[0]); lost > 0 {
		cost.Notes = append(cost.Notes, fmt.Sprintf("%d of %d blocks have too few valid trials", lost, len(blocks)))
	}
	for k, term := range told {
		cost.CPU = appendCoefficient(cost.CPU, term.String(), terms[term].unit, found[k])
	}
	cost.CPUMisfit = missed.largest()
}

// tell finds the terms that the loads tell apart, and notes those that they do
// not.
func (s *server) tell(cost *results.Cost) []Term {
	told := []Term{Base}
	for term := Client; term < Terms; term++ {
		is := terms[term]
		if is.axis != "" && !s.varies(is.axis) {
			continue // nobody has asked: what such things take is in the others
		}
		var most, perDelivery float64
		for _, l := range s.loads {
			most = max(most, l.x[term])
			perDelivery = max(perDelivery, l.x[term]/max(l.x[Delivery], 1e-9))
		}
		switch {
		case most == 0, term == Request && perDelivery < minRequests:
		case term == Write && slices.Contains(told, Request): // each is an answer
		case len(told)+1 >= distinct(s.loads):
			cost.Notes = append(cost.Notes, fmt.Sprintf("%d loads are too few for what %s take, which is in the other terms", distinct(s.loads), is.plural))
		case s.own(term, told) >= minOwn:
			told = append(told, term)
		default:
			cost.Notes = append(cost.Notes, fmt.Sprintf("%s go with the other terms at these loads, and what they take is in those", is.plural))
		}
	}
	return told
}

// varies says whether the loads differ in the axis.
func (s *server) varies(axis string) bool {
	return slices.ContainsFunc(s.loads, func(l load) bool { return l.Axes[axis] != s.loads[0].Axes[axis] })
}

// own is the share of the term, from 0 to 1, that the others do not explain at
// these loads.
func (s *server) own(term Term, others []Term) float64 {
	var x [][]float64
	var y, weights []float64
	for _, l := range s.loads {
		x = append(x, l.of(others))
		y = append(y, l.x[term])
		weights = append(weights, weight(l.cpu))
	}
	c, err := fit.Plane(x, y, weights)
	if err != nil {
		return 0
	}
	var left, all float64
	for i, l := range s.loads {
		miss := l.x[term] - l.on(others, c)
		left += weights[i] * miss * miss
		all += weights[i] * l.x[term] * l.x[term]
	}
	return math.Sqrt(left / all)
}

// through is the plane through a block's CPU times, if there are loads enough.
func through(loads []load, told []Term) ([]float64, bool) {
	if distinct(loads) <= len(told) {
		return nil, false // a plane through as many loads as it has terms misses none of them
	}
	c, err := plane(loads, told)
	return c, err == nil
}

// plane is that through a block's CPU times, in the terms told. What counts is
// by how many per cent it misses: a small load says as much as a large one.
func plane(loads []load, told []Term) ([]float64, error) {
	var x [][]float64
	var y, weights []float64
	for _, l := range loads {
		x = append(x, l.of(told))
		y = append(y, l.cpu)
		weights = append(weights, weight(l.cpu))
	}
	c, err := fit.Plane(x, y, weights)
	if err != nil {
		return nil, err
	}
	// Per cent of what was measured would favour what came out small by chance: the
	// second time they are of what the first plane says.
	for i, l := range loads {
		weights[i] = weight(l.on(told, c))
	}
	return fit.Plane(x, y, weights)
}

// weight is how much a load counts that takes so much CPU time.
func weight(cpu float64) float64 {
	cpu = max(cpu, noCPU)
	return 1 / (cpu * cpu)
}

// of are the load's amounts of some terms.
func (l load) of(terms []Term) []float64 {
	var x []float64
	for _, term := range terms {
		x = append(x, l.x[term])
	}
	return x
}

// on is what a plane in these terms says of the load.
func (l load) on(terms []Term, coefficients []float64) float64 {
	var sum float64
	for k, term := range terms {
		sum += coefficients[k] * l.x[term]
	}
	return sum
}

// misses are by how much planes miss, by load: a share of what they say, or, where
// that is little, of little beside the most that a load took. By how much of next to
// nothing a line is wrong does not matter where servers are at work.
type misses map[string][]float64

// little is that share of the most.
const little = 1.0 / 20

func (m misses) add(l load, amount, says, most float64) {
	m[l.at] = append(m[l.at], (amount-says)/max(says, little*most))
}

// largest is that of the loads' medians, which chance has less part in than in
// the largest of all.
func (m misses) largest() float64 {
	var most float64
	for _, shares := range m {
		if s, ok := summary(shares); ok {
			most = max(most, math.Abs(s.Median))
		}
	}
	return most
}

// appendCoefficient adds the median over blocks, when there is any.
func appendCoefficient(to []results.Coefficient, name, unit string, values []float64) []results.Coefficient {
	for i := range values {
		values[i] += 0 // a plane's nothing may have a sign
	}
	s, ok := summary(values)
	if !ok {
		return to
	}
	return append(to, results.Coefficient{Name: name, Unit: unit, Median: s.Median, Lo: s.Lo, Hi: s.Hi})
}
