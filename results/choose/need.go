package choose

import (
	"cmp"
	"math"
	"slices"

	"pushbench/results/compare"
)

// A need is what the product takes of one transport by one block of the run.
type need struct {
	block    int
	cpu      float64 // busy CPUs
	memory   float64 // bytes
	down, up float64 // bytes in a second
	turn     float64 // µs of CPU time for one client at a time
	own      float64 // the same by its own measure
	as       string  // the transport that it is charged as, where it is not its own
	by       [bounds]float64
	servers  float64 // one at least
	cost     float64
}

// What bounds the number of servers.
const (
	byCPU = iota
	byMemory
	byConnections
	byLatency
	bounds
)

// Bounds are their names.
var boundNames = [bounds]string{"cpu", "memory", "connections", "latency"}

// Needs are what the product takes of one transport, by each block. Sums of straight
// lines miss what was measured, where they miss most by the misfit, and that is no
// noise that the blocks' spread would show: so each is also as if all CPU time were
// less, or more, by so much of itself.
type needs struct{ blocks, low, high []need }

// needs are what the blocks say.
func (m *Model) needs(w *weight, p *Profile, prices *Prices) needs {
	as := func(times float64) []need {
		all := make([]need, len(w.Blocks))
		for k := range w.Blocks {
			all[k] = m.need(w, &w.Blocks[k], p, prices, times)
		}
		return all
	}
	return needs{as(1), as(max(0, 1-w.CPUMisfit)), as(1 + w.CPUMisfit)}
}

// stat is the median of the blocks, and an interval that holds it by the noise of the
// blocks and by the misfit together. Above it has no end where so much more CPU time
// leaves no room on a machine.
func (n *needs) stat(of func(need) float64) (compare.Stat, bool) {
	s, ok := compare.Summary(each(n.blocks, of))
	return widened(s, each(n.low, of), each(n.high, of)), ok
}

// widened is the statistic with the ends of those of the low and of the high values.
func widened(s compare.Stat, low, high []float64) compare.Stat {
	below, _ := compare.Summary(low)
	above, _ := compare.Summary(high)
	s.Lo, s.Hi = below.Lo, above.Hi
	return s
}

// need is what a block says, with its CPU time so many times what it is.
func (m *Model) need(w *weight, b *compare.Slope, p *Profile, prices *Prices, times float64) need {
	n := need{block: b.Block}
	n.cpu = times * b.CPU.Of(w.amounts) / 1e6 // from µs in a second
	n.memory = w.connected * b.Memory
	if w.posting > 0 {
		n.memory += w.posting * m.pollMemory(b.Block, b.Memory)
	}
	beats := w.people * w.beats
	n.down, n.up = b.Down.Of(w.carried)+beats*w.beatDown, b.Up.Of(w.carried)+beats*w.beatUp
	if m.message > 0 && w.Tells(compare.Message) { // of another size
		n.up = max(0, n.up+w.amounts[compare.Message]*(p.UplinkSize-m.message))
	}

	is := p.Server
	n.by[byCPU] = over(n.cpu, is.CPUs*is.Utilisation-times*b.CPU[compare.Base]/1e6)
	n.by[byMemory] = over(n.memory, is.Memory*is.Utilisation-b.Idle)
	if is.Connections > 0 {
		n.by[byConnections] = (w.connected + w.posting) / is.Connections
	}
	// All of a server's CPUs serve an audience at once, for as long as it takes.
	n.turn, n.own, n.as = w.work(b)
	n.turn *= times
	n.by[byLatency] = over(p.audience()*n.turn/1e6, is.CPUs*w.window.Seconds())
	n.servers = max(1, slices.Max(n.by[:]))
	n.cost = n.servers
	if prices != nil {
		n.cost = prices.month(w, n, is).total()
	}
	return n
}

// work is what a turn of one client takes in the block, in µs, and what it takes by
// the transport's own measure: it is not less than of those that are there sooner,
// the dearest of which is named then.
func (w *weight) work(b *compare.Slope) (µs, own float64, as string) {
	own = b.CPU.Of(w.turn)
	µs = own
	for _, other := range w.sooner {
		if theirs := other.at(b.Block); theirs > µs {
			µs, as = theirs, other.Transport
		}
	}
	return µs, own, as
}

// at is what a turn of one client takes in that block by the transport's own
// measure; zero where it lacks the block.
func (w *weight) at(block int) float64 {
	for k := range w.Blocks {
		if w.Blocks[k].Block == block {
			return w.Blocks[k].CPU.Of(w.turn)
		}
	}
	return 0
}

// over is how many times the room is needed.
func over(amount, room float64) float64 {
	switch {
	case amount <= 0:
		return 0
	case room <= 0:
		return math.Inf(1)
	}
	return amount / room
}

// beside is the cost of one over another's, block by block: at the ends of its
// interval as if each missed by all of its misfit, one this way and one that way.
func beside(a, b *needs) compare.Stat {
	s, _ := compare.Summary(ratios(a.blocks, b.blocks))
	return widened(s, ratios(a.low, b.high), ratios(a.high, b.low))
}

// least is the lower end of that; zero without one.
func least(a, b *needs) float64 {
	if s, _ := compare.Summary(ratios(a.low, b.high)); s.Lo != nil {
		return *s.Lo
	}
	return 0
}

func ratios(a, b []need) []float64 {
	all := make([]float64, 0, len(a))
	for i := range a {
		for k := range b {
			if x, y := &a[i], &b[k]; x.block == y.block && y.cost > 0 {
				all = append(all, x.cost/y.cost)
			}
		}
	}
	return all
}

// middle are the blocks in the middle of those that the CPU time is told of, one or
// two: what they say is made of, the median is made of.
func (n *needs) middle() []int {
	order := make([]int, len(n.blocks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(n.blocks[a].cpu, n.blocks[b].cpu) })
	return order[(len(order)-1)/2 : len(order)/2+1]
}

func each[T any](all []T, of func(T) float64) []float64 {
	values := make([]float64, len(all))
	for i := range all {
		values[i] = of(all[i])
	}
	return values
}
