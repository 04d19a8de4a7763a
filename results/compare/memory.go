package compare

import (
	"slices"

	"pushbench/results"
	"pushbench/results/fit"
)

// A kind of memory grows with the clients.
type kind struct {
	name string
	// held is that of the server before its first client and with all of them; not
	// known when the system could not tell.
	held func(u *results.Usage) (idle, full int64, known bool)
}

// resident memory holds the first two kinds and what else the process has. The
// kernel's is beside it, the clients' ends of the connections included; sockets
// are what of it is queued at the server's.
var (
	resident = kind{"resident", func(u *results.Usage) (int64, int64, bool) {
		return u.ServerIdleRSS, u.ServerFullRSS, u.ServerFullRSS > 0
	}}
	kinds = []kind{
		{"heap", func(u *results.Usage) (int64, int64, bool) {
			return u.ServerIdle.Heap, u.ServerFull.Heap, u.ServerFull.Heap > 0
		}},
		{"stacks", func(u *results.Usage) (int64, int64, bool) {
			return u.ServerIdle.Stacks, u.ServerFull.Stacks, u.ServerFull.Stacks > 0
		}},
		{"sockets", func(u *results.Usage) (int64, int64, bool) {
			return u.ServerIdle.Sockets, u.ServerFull.Sockets, u.ServerFull.Conns > 0
		}},
		{"kernel", func(u *results.Usage) (int64, int64, bool) {
			return u.ServerIdle.Kernel, u.ServerFull.Kernel, u.ServerFull.Kernel > 0
		}},
		resident,
	}
)

// weighMemory adds what the server's memory is made of: a line through what has
// grown until all clients were there, from what the same server had before.
func (s *server) weighMemory(cost *results.Cost) {
	var bases []float64
	missed := misses{}
	for _, loads := range s.plainBlocks() {
		fixed, each, ok := growth(loads, resident)
		if !ok {
			continue
		}
		base := fixed
		for _, l := range loads {
			base += float64(l.Usage.ServerIdleRSS) / float64(len(loads))
		}
		bases = append(bases, base)
		for _, l := range loads {
			missed.add(l, float64(l.Usage.ServerFullRSS), base+each*float64(l.Clients), 0)
		}
	}
	cost.Memory = appendCoefficient(cost.Memory, "base", "B", bases)
	cost.MemoryMisfit = missed.largest()
	for _, k := range kinds {
		var perClient []float64
		for _, loads := range s.plainBlocks() {
			if _, each, ok := growth(loads, k); ok {
				perClient = append(perClient, each)
			}
		}
		cost.Memory = appendCoefficient(cost.Memory, k.name, "B", perClient)
	}
}

// plainBlocks are the loads of each block that nothing but clients, rates and how
// often they ask tells apart: a topic for everyone, or a second connection to send
// on, is memory that is no client's.
func (s *server) plainBlocks() [][]load {
	usual := map[string]string{}
	for _, axis := range besides {
		times := map[string]int{}
		for _, l := range s.loads {
			times[l.Axes[axis]]++
		}
		for _, l := range s.loads {
			if value := l.Axes[axis]; times[value] > times[usual[axis]] {
				usual[axis] = value
			}
		}
	}
	var all [][]load
	for _, loads := range s.blocks() {
		loads = slices.DeleteFunc(loads, func(l load) bool {
			return slices.ContainsFunc(besides, func(axis string) bool { return l.Axes[axis] != usual[axis] })
		})
		if len(loads) > 0 {
			all = append(all, loads)
		}
	}
	return all
}

// besides are the axes that change what else there is beside clients.
var besides = []string{"uplink.rate", "topics", "payload.size"}

// growth is the line through a block's growth of memory: what comes with the
// first client, and what with each. Where the number of clients hardly varies,
// the line begins at nothing. It is not ok when the memory is not known.
func growth(loads []load, k kind) (fixed, each float64, ok bool) {
	var x [][]float64
	var y, weights []float64
	few, many := loads[0].Clients, loads[0].Clients
	for _, l := range loads {
		few, many = min(few, l.Clients), max(many, l.Clients)
		idle, full, known := k.held(&l.Usage)
		if !known {
			return 0, 0, false
		}
		n := float64(l.Clients)
		x = append(x, []float64{n, 1})
		y = append(y, float64(full-idle))
		weights = append(weights, 1/(n*n)) // what counts is the error per client
	}
	if float64(many) < float64(few)*(1+minOwn) {
		for i := range x {
			x[i] = x[i][:1]
		}
	}
	if distinct(loads) <= len(x[0]) {
		return 0, 0, false // as with CPU time: such a line would miss none of them
	}
	c, err := fit.Plane(x, y, weights)
	if err != nil {
		return 0, 0, false
	}
	if len(c) > 1 {
		fixed = c[1]
	}
	return fixed, c[0], true
}
