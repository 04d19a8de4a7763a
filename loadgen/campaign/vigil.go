package campaign

import (
	"context"
	"sync"
	"time"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/recorder"
	"pushbench/results"
	"pushbench/servers/wire"
)

// A vigil is kept over a measured phase beside the readings at its two edges.
type vigil struct {
	stop    context.CancelFunc
	running sync.WaitGroup

	beats         []beat
	before, after *engine.Tally
}

// A beat is a reading of both processes' CPU clocks, and of the clocks that
// tell the time, at a boundary of slices.
type beat struct {
	at                int64 // when it was read, which is later than the boundary
	server, generator int64 // CPU time, ns
	clocks            clocks
}

// keep begins a vigil over the trial's phase.
func (t *trial) keep(ctx context.Context) *vigil {
	ctx, stop := context.WithCancel(ctx)
	v := &vigil{stop: stop}
	// As planned: who cuts the phase short changes it.
	from, to := t.from, t.to
	v.running.Go(func() {
		for _, boundary := range boundaries(from, to) {
			if !sleep(ctx, boundary) {
				return
			}
			v.beats = append(v.beats, t.beat())
		}
	})
	v.running.Go(func() {
		v.before = t.tally(ctx, from-t.ahead())
		v.after = t.tally(ctx, to-t.ahead())
	})
	if t.Pause > 0 {
		v.running.Go(func() { t.standStill(ctx, from+(to-from)/2) })
	}
	return v
}

// end ends the vigil, which is over by itself at the end of the phase, and puts
// what it saw into the trial.
func (v *vigil) end(t *trial) {
	v.stop()
	v.running.Wait()
	t.result.Wire = carried(v.before, v.after, t.retransmitted)
	if u := &t.result.Usage; v.after != nil && v.after.Took < u.GeneratorCPU {
		// It was asked for within the phase, and is no part of what the events cost.
		u.GeneratorCPU -= v.after.Took
		u.GeneratorBusy = share(u.GeneratorCPU, u.Wall, len(t.clients))
	}
	charge(t.result.Series.Slices, t.result.Series.Every, t.from, v.beats)
	for i := 1; i < len(v.beats); i++ {
		t.result.Disturbed.Stepped(v.beats[i].clocks.step(v.beats[i-1].clocks))
	}
}

// boundaries are where a phase begins, where each of its slices ends, and so
// where it ends itself.
func boundaries(from, to int64) []int64 {
	layout := recorder.Slices(from, to)
	instants := []int64{from}
	for i := range layout.Slices {
		instants = append(instants, min(from+int64(i+1)*int64(layout.Every), to))
	}
	return instants
}

// beat reads the clocks. What cannot be read is zero: the server may be gone,
// and that is told elsewhere.
func (t *trial) beat() beat {
	b := beat{at: wire.Now()}
	b.server, _ = t.child.CPUTime()
	b.generator, _ = t.play.CPUTime()
	b.clocks = readClocks()
	return b
}

// charge gives each slice the CPU time between the beats at its two ends. A beat
// that was late moves time from one slice to its neighbour; where it was late by
// more than a tenth of a slice, both are left without.
func charge(slices []results.Slice, every time.Duration, from int64, beats []beat) {
	inTime := func(i int) bool { return beats[i].at-(from+int64(i)*int64(every)) <= int64(every)/10 }
	for i := range min(len(slices), len(beats)-1) {
		before, after := beats[i], beats[i+1]
		if inTime(i) && inTime(i+1) && before.server > 0 && after.server > 0 {
			slices[i].ServerCPU = time.Duration(after.server - before.server)
			slices[i].GeneratorCPU = time.Duration(after.generator - before.generator)
		}
	}
}

// standStill holds up every client from the instant on; see generator.Player.
func (t *trial) standStill(ctx context.Context, instant int64) {
	if sleep(ctx, instant) {
		_ = t.play.Freeze(ctx, wire.Now()+int64(t.Pause)) // what has ended stands still
	}
}
