package selftest

import (
	"time"

	"pushbench/loadgen/engine"
	"pushbench/results"
)

// groups compares numbers of a trial with others that tell the same in another
// way: what is counted twice cannot be broken once.
func (e evidence) groups() (answers []results.Answer) {
	for _, group := range []func() []results.Answer{e.latencies, e.usage, e.wire, e.watch} {
		answers = append(answers, group()...)
	}
	return answers
}

// latencies are three that belong together: delivery is latency less lag, and an
// event has reached all when it has reached the last.
func (e evidence) latencies() []results.Answer {
	latency, delivery, lag, fanout := e.histogram(results.Latency), e.histogram(results.Delivery), e.histogram(results.Lag), e.histogram(results.Fanout)
	if e.raw || e.trial.Events.Delivered == 0 {
		return nil
	}
	const slack = 500 * time.Microsecond
	p50 := latency.Quantile(0.5)
	answers := []results.Answer{
		within("delivery p50", delivery.Quantile(0.5), p50-share(p50, 0.01)-lag.Max()-slack, p50+share(p50, 0.01)+slack),
	}
	if e.trial.Events.Delivered != e.owed() {
		return answers // who lacks events has their lag in no latency
	}
	want := latency.Mean() - lag.Mean()
	return append(answers,
		around("delivery mean", delivery.Mean(), want, share(latency.Mean(), 0.01)+slack),
		within("fanout p50", fanout.Quantile(0.5), p50-share(p50, 0.01), time.Hour),
		around("fanout max", fanout.Max(), latency.Max(), share(latency.Max(), 0.01)))
}

// usage is the CPU time of both processes: some, no more than there is, in the
// slices as in the whole, and the shares that it makes of their sets.
func (e evidence) usage() []results.Answer {
	u := e.trial.Usage
	var server, generator time.Duration
	complete := len(e.trial.Series.Slices) > 0
	for _, s := range e.trial.Series.Slices {
		server += s.ServerCPU
		generator += s.GeneratorCPU
		complete = complete && s.ServerCPU > 0 && s.GeneratorCPU > 0
	}
	answers := []results.Answer{
		around("wall", u.Wall, e.phase(), 10*time.Millisecond+e.phase()/20),
	}
	for _, p := range []struct {
		name        string
		used, parts time.Duration
		busy        float64
		cpus        int
	}{
		{"server", u.ServerCPU, server, u.ServerBusy, u.ServerProcs},
		{"generator", u.GeneratorCPU, generator, u.GeneratorBusy, e.shards()},
	} {
		answers = append(answers,
			within(p.name+" CPU", p.used, 100*time.Microsecond, time.Duration(p.cpus)*u.Wall),
			around(p.name+" CPU of its busy share", time.Duration(p.busy*float64(p.cpus)*float64(u.Wall)), p.used, p.used/100))
		if complete { // slices whose ends nobody could read have none
			answers = append(answers, around(p.name+" CPU of all slices", p.parts, p.used, p.used/10+5*time.Millisecond))
		}
	}
	return answers
}

// shards are the loops of the generator, one for each of its CPUs.
func (e evidence) shards() int { return max(1, e.trial.Disturbed.CPUs-e.trial.Usage.ServerProcs) }

// wire compares what TCP says that it carried with what was read from sockets,
// and its segments with the writes that made them.
func (e evidence) wire() []results.Answer {
	w, t := e.trial.Wire, e.trial.Traffic
	if !e.watched {
		return nil
	}
	if w == nil {
		return []results.Answer{exactly("tcp asked", 1).answer(0)}
	}
	clients := int64(e.clients)
	// The kernel is asked some milliseconds before the phase begins and ends.
	near := func(of string, have, n int64) results.Answer {
		if e.quiet() && e.alone() && e.manner != scheduled && e.still() {
			return exactly(of, n).in().answer(have)
		}
		edge := n/10 + clients*head
		return between(of, n-edge, n+edge, "the kernel is asked earlier").in().answer(have)
	}
	answers := []results.Answer{
		near("tcp bytes_down", w.BytesDown, t.DownBytes),
		near("tcp bytes_up", w.BytesUp, t.UpBytes),
	}
	// A segment on loopback carries 64 KiB at most.
	down, up := 4*(t.Writes+t.Requests+clients)+t.DownBytes/1000, 4*(t.Writes+t.Requests+clients)+t.DownBytes/1000
	leastDown, leastUp := w.BytesDown>>16, w.BytesUp>>16
	if e.quiet() && e.alone() && e.size <= small && e.still() {
		// Each answer is a segment and each question too. The side that was spoken to
		// acknowledges with what it has to say next, if that is soon, else apart: a
		// server that is asked long before it answers, a client that is.
		down, up = t.Writes, t.Writes
		switch e.manner {
		case asking:
			down = 2 * t.Writes
		case scheduled:
			up = 2 * t.Writes
		}
		leastDown, leastUp = down*3/4, up*3/4
		down, up = down*5/4+clients, up*5/4+clients
	}
	return append(answers,
		between("tcp segments_down", leastDown, down, "a few for each write and request").in().answer(w.SegmentsDown),
		between("tcp segments_up", leastUp, up, "a few for each write and request").in().answer(w.SegmentsUp),
		between("tcp retransmitted", 0, w.SegmentsUp/10, "loopback loses nothing; probes of a busy machine").in().answer(w.Retransmitted))
}

// still says that connections stayed as they were, and spoke when they had to.
func (e evidence) still() bool { return len(e.trial.Traffic.Closed) == 0 }

// asked is of how many reads one is asked for its delay, in the mean.
const asked = 7

// watch counts what the generator says of itself: an instant of each shard's
// timer every Tick, and a delay for one read in seven.
func (e evidence) watch() []results.Answer {
	if !e.watched {
		return nil
	}
	shards := int64(e.shards())
	instants := int64(e.phase()/engine.Tick) * shards
	answers := []results.Answer{
		between("generator_jitter samples", instants-2*shards, instants+2*shards, "one every "+engine.Tick.String()+" on each shard").in().
			answer(e.histogram(results.GeneratorJitter).Count()),
	}
	if !e.quiet() || !e.alone() || e.size > small || !e.still() {
		return answers
	}
	// Each write is a read. The distance between two that are asked is 1 to 13, so
	// the standard deviation of n of them is 0.2·√n.
	reads := e.trial.Traffic.Writes
	edge := 5 + reads/asked/4
	return append(answers, between("generator_delay samples", reads/asked-edge, reads/asked+edge, "one read in seven").in().
		answer(e.histogram(results.GeneratorDelay).Count()))
}
