package compare

import (
	"slices"

	"pushbench/results"
	"pushbench/results/fit"
)

// Slopes are what a transport takes of its server for each of what it does, block
// by block: what is predicted from them is predicted in each block, so that two
// transports can be compared as they were measured, and with an interval.
//
// Unlike a Cost, which says what was found, no slope is below zero: where the plane
// through a block wants a term to give something back, which is noise, the term is
// left out of that block and the others are found without it.
type Slopes struct {
	Transport, Stack string
	Blocks           []Slope
	// Told are the terms of CPU time that the loads tell apart; what the others take
	// is in these.
	Told []Term
	// Most is the largest amount of each term that was measured.
	Most Amounts
	// Seldom and Often are, of each term, the least and the most that one client had
	// in a second.
	Seldom, Often Amounts
	// Size is the payload of a delivery, in bytes, in the load with the fewest.
	Size float64
	// CPUMisfit is the largest share by which the planes miss a load, in the median
	// over the blocks.
	CPUMisfit float64
	// Below are the terms of CPU time that the planes want below zero in earnest: what
	// a load gives back is no noise there, but a straight line laid along a bend.
	Below []Below
	// Left is how many valid trials do not count, because polls were missed in them.
	Left int
}

// A Below is a term that counts as nothing, and what the planes say it gives back.
type Below struct {
	Term Term
	Each Stat // µs, with an interval that ends below zero
}

// A Slope is of one block.
type Slope struct {
	Block    int
	CPU      Amounts // µs of the server's for each
	Down, Up Amounts // bytes on the sockets for each
	// Memory is resident, in bytes: of the server without clients, and for each.
	Idle, Memory float64
}

// SlopesOf are the slopes of each transport that the run has measured under several
// loads, from the blocks with enough valid trials.
func SlopesOf(run *results.Run) []Slopes {
	var all []Slopes
	for _, s := range servers(run) {
		if distinct(s.loads) < MinLoads || !s.onPlane() {
			continue
		}
		if one := s.slopes(); len(one.Blocks) > 0 {
			all = append(all, one)
		}
	}
	return all
}

func (s *server) slopes() Slopes {
	all := Slopes{Transport: s.transport, Stack: s.stack, Told: s.tell(new(results.Cost)), Left: s.left}
	all.extend(s.loads)
	memory := map[int]Slope{}
	for _, loads := range s.plainBlocks() {
		if one, ok := kept(loads); ok {
			memory[loads[0].Block] = one
		}
	}
	missed, free := misses{}, map[Term][]float64{}
	var lacking [][]Term // by block: terms that no valid trial of it has
	for _, loads := range s.blocks() {
		told, lacks := among(all.Told, loads)
		slope, known := memory[loads[0].Block]
		cpu, ok := rising(loads, told, plane)
		for !ok && len(told) > 2 { // all loads together tell it from the others, and these do not
			told = told[:len(told)-1]
			cpu, ok = rising(loads, told, plane)
		}
		if !ok || !known {
			continue
		}
		slope.CPU = cpu
		// Nobody sends a byte by being there: what a line through few loads would say
		// of it is another term's.
		onWire := slices.DeleteFunc(slices.Clone(told), func(t Term) bool { return t == Base || t == Client || t == Event })
		slope.Down, _ = rising(loads, onWire, carried(func(t *results.Traffic) int64 { return t.DownBytes }))
		slope.Up, _ = rising(loads, onWire, carried(func(t *results.Traffic) int64 { return t.UpBytes }))
		all.Blocks = append(all.Blocks, slope)
		lacking = append(lacking, lacks)
		if distinct(loads) > len(told) && len(lacks) == 0 { // else it misses none of them
			for _, l := range loads {
				missed.add(l, l.cpu, cpu.Of(l.x), s.mostCPU())
			}
		}
		if c, err := plane(loads, told); err == nil {
			for k, term := range told {
				free[term] = append(free[term], c[k])
			}
		}
	}
	fill(all.Blocks, lacking)
	all.CPUMisfit = missed.largest()
	for _, term := range all.Told {
		if each, ok := summary(free[term]); ok && each.Hi != nil && *each.Hi < 0 {
			all.Below = append(all.Below, Below{term, each})
		}
	}
	return all
}

// extend finds how far the loads go.
func (all *Slopes) extend(loads []load) {
	for i, l := range loads {
		for term, x := range l.x {
			each := x / float64(l.Clients)
			if i == 0 || each < all.Seldom[term] {
				all.Seldom[term] = each
			}
			all.Often[term] = max(all.Often[term], each)
			all.Most[term] = max(all.Most[term], x)
		}
		if n := l.x[Delivery]; n > 0 {
			if size := l.x[Payload] * (1 << 10) / n; all.Size == 0 || size < all.Size {
				all.Size = size
			}
		}
	}
}

// among are the terms that loads have something of, and those they have not.
func among(terms []Term, loads []load) (has, lacks []Term) {
	for _, term := range terms {
		if slices.ContainsFunc(loads, func(l load) bool { return l.x[term] > 0 }) {
			has = append(has, term)
		} else {
			lacks = append(lacks, term)
		}
	}
	return has, lacks
}

// fill gives the blocks what they lack, because the one trial that tells it did not
// count: the median of the others.
func fill(blocks []Slope, lacking [][]Term) {
	for i, lacks := range lacking {
		for _, term := range lacks {
			for _, of := range []func(*Slope) *Amounts{
				func(s *Slope) *Amounts { return &s.CPU }, func(s *Slope) *Amounts { return &s.Down }, func(s *Slope) *Amounts { return &s.Up },
			} {
				var others []float64
				for k := range blocks {
					if !slices.Contains(lacking[k], term) {
						others = append(others, of(&blocks[k])[term])
					}
				}
				if s, ok := summary(others); ok {
					of(&blocks[i])[term] = s.Median
				}
			}
		}
	}
}

// crowd is the share of the most clients from which on a load says what memory each
// takes: of less most is what came with the first.
const crowd = 1.0 / 20

// kept is a block's resident memory.
func kept(loads []load) (Slope, bool) {
	most := 0
	for _, l := range loads {
		most = max(most, l.Clients)
	}
	loads = slices.DeleteFunc(slices.Clone(loads), func(l load) bool { return float64(l.Clients) < crowd*float64(most) })
	fixed, each, ok := growth(loads, resident)
	if !ok {
		return Slope{}, false
	}
	idle := fixed
	for _, l := range loads {
		idle += float64(l.Usage.ServerIdleRSS) / float64(len(loads))
	}
	return Slope{Block: loads[0].Block, Idle: max(0, idle), Memory: max(0, each)}, true
}

// rising is the plane of a block whose terms are not below zero. It is not ok where
// the loads do not determine one.
func rising(loads []load, told []Term, plane func([]load, []Term) ([]float64, error)) (per Amounts, ok bool) {
	told = slices.Clone(told)
	for len(told) > 0 {
		c, err := plane(loads, told)
		if err != nil {
			return per, false
		}
		worst := -1
		for k := range told {
			if c[k] < 0 && (worst < 0 || share(loads, told[k], c[k]) < share(loads, told[worst], c[worst])) {
				worst = k
			}
		}
		if worst < 0 {
			for k, term := range told {
				if share(loads, term, c[k]) > least*total(loads, told, c) { // the rest is rounding
					per[term] = c[k]
				}
			}
			break
		}
		told = slices.Delete(told, worst, worst+1)
	}
	return per, true
}

// carried makes the plane of bytes that sockets have carried. Those are counted
// exactly, and many loads may have none of them, so that per cent of a load's own
// would be no measure.
func carried(bytes func(*results.Traffic) int64) func([]load, []Term) ([]float64, error) {
	return func(loads []load, told []Term) ([]float64, error) {
		var x [][]float64
		var y, weights []float64
		var most float64
		for _, l := range loads {
			v := float64(bytes(&l.Traffic)) / l.Measured.Seconds()
			x, y = append(x, l.of(told)), append(y, v)
			most = max(most, v)
		}
		if most == 0 {
			return make([]float64, len(told)), nil
		}
		for _, v := range y {
			w := max(v, most/20)
			weights = append(weights, 1/(w*w))
		}
		return fit.Plane(x, y, weights)
	}
}

// least is the share of all loads from which on a term is one.
const least = 1e-9

// total is what the terms are of all loads together.
func total(loads []load, told []Term, each []float64) (sum float64) {
	for k, term := range told {
		sum += share(loads, term, each[k])
	}
	return sum
}

// share is what a term is of all loads together.
func share(loads []load, term Term, each float64) (sum float64) {
	for _, l := range loads {
		sum += each * l.x[term]
	}
	return sum
}

// Of is what such amounts take, at so much for each.
func (per Amounts) Of(x Amounts) (sum float64) {
	for term := range per {
		sum += per[term] * x[term]
	}
	return sum
}

// Tells says whether the loads tell what the term takes.
func (s *Slopes) Tells(t Term) bool { return slices.Contains(s.Told, t) }

// Summary is the median of the values and its exact 95 % interval, which there is
// from MinTrials values on; it is not ok without values, or with one that is no
// number.
func Summary(values []float64) (s Stat, ok bool) { return summary(values) }
