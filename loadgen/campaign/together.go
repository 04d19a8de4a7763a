package campaign

import (
	"slices"
	"time"

	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/results/doctor"
	"pushbench/results/hdr"
)

// together are a block's steps where all transports run at the same time: one for
// each stack and point of the axes. The first transport leads, and the others are beside it.
// All of them heed every axis, because what moves one of them moves the server of
// all.
func (o Options) together() []step {
	var all []step
	for _, point := range o.Scenario.Points() {
		for _, stack := range o.Scenario.Built() {
			var lead step
			for i, t := range o.built(stack) {
				one := step{transport: t, Scenario: point.Scenario, cell: results.Cell{Transport: t.Name, Stack: stack, Axes: point.Axes}}
				if i == 0 {
					lead = one
				} else {
					lead.beside = append(lead.beside, one)
				}
			}
			all = append(all, lead)
		}
	}
	return all
}

// cells is how many of them a step measures.
func (s step) cells() int { return 1 + len(s.beside) }

// load is what the step asks of the machine, with all that runs at its time.
func (s step) load() doctor.Load {
	sum := loadOf(s.transport, s.Scenario)
	for _, one := range s.beside {
		more := loadOf(one.transport, one.Scenario)
		sum.Clients += more.Clients
		sum.Connections += more.Connections
	}
	return sum
}

// accompany makes the trials beside one that leads. Each has clients and a record
// of its own; server, generator and instants are the leader's, and so is what is
// known of them.
func (t *trial) accompany() {
	for i, s := range t.step.beside {
		s.block = t.block
		t.beside = append(t.beside, t.prepare(t.result.Order+1+i, s))
	}
	for i, one := range t.all() {
		one.turn, one.among = i, t.cells()
	}
}

// all are the trial and those beside it.
func (t *trial) all() []*trial { return append([]*trial{t}, t.beside...) }

// turnTime is how long after the others' the trial's first client arrives. The clients
// of those that run at the same time come in turn, so that together they come as fast
// as the scenario says.
func (t *trial) turnTime() time.Duration {
	return time.Duration(float64(t.turn) / t.Scenario.Connect.PerSecond() * float64(time.Second))
}

// connectRate is the trial's share of the arrivals, per second.
func (t *trial) connectRate() float64 {
	return t.Scenario.Connect.PerSecond() / float64(max(1, t.among))
}

// goals are what the clients of each of them can still get of what the books say.
func (t *trial) goals(b *recorder.Books) []recorder.Goal {
	return slices.Repeat([]recorder.Goal{b.Goal()}, len(t.all()))
}

// share gives those beside the trial what is of all of them, when all is known.
func (t *trial) share() {
	if len(t.beside) == 0 {
		return
	}
	of := &results.Together{}
	for _, one := range t.all() {
		of.Transports = append(of.Transports, one.cell.Transport)
		of.Clients += one.result.Clients
		of.Delivered += one.result.Traffic.Delivered
	}
	t.result.Together = of
	t.result.Wire = nil // of the connections of all: nobody can tell which are whose
	for _, one := range t.beside {
		r := one.result
		r.Together, r.Measured = of, t.result.Measured
		r.Usage, r.Disturbed = t.result.Usage, t.result.Disturbed
		r.Traffic.Writes = t.result.Traffic.Writes
		r.Verdict.Reasons = slices.Clone(t.result.Verdict.Reasons)
		for i := range min(len(r.Series.Slices), len(t.result.Series.Slices)) {
			s := t.result.Series.Slices[i]
			r.Series.Slices[i].ServerCPU, r.Series.Slices[i].GeneratorCPU = s.ServerCPU, s.GeneratorCPU
		}
		for _, name := range []string{results.GeneratorDelay, results.GeneratorJitter, results.Injected} {
			if h, known := t.result.Histograms[name]; known {
				if r.Histograms == nil {
					r.Histograms = map[string]*hdr.Histogram{}
				}
				r.Histograms[name] = h
			}
		}
	}
}
