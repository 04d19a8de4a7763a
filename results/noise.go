package results

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"pushbench/results/hdr"
)

// A Noise is what a machine did, for a short while, to a process that wanted
// nothing but to wake up in time.
type Noise struct {
	Over             time.Duration
	Timers           int // instants, at equal distances
	LateP99, LateMax time.Duration
	Stolen           float64 // share of the CPUs' time that other machines had
	Busy             float64 // share of it that was used on this one, by whomever
}

// Listen hears the machine's noise for so long, or until the context ends.
func Listen(ctx context.Context, length time.Duration) Noise {
	const every = time.Millisecond
	late := hdr.New()
	before, _ := cpu.Times(false)
	began := time.Now()
	timer := time.NewTimer(every)
	defer timer.Stop()
	for due := every; due <= length && ctx.Err() == nil; due += every {
		// None is skipped: after a pause each instant missed stands for what could
		// have happened at it.
		timer.Reset(due - time.Since(began))
		select {
		case <-timer.C:
			late.Record(time.Since(began) - due)
		case <-ctx.Done():
		}
	}
	n := Noise{Over: time.Since(began), Timers: int(late.Count()), LateP99: late.Quantile(0.99), LateMax: late.Max()}
	if after, _ := cpu.Times(false); len(before) > 0 && len(after) > 0 {
		n.Stolen = stolenBetween(before[0], after[0])
		n.Busy = busyBetween(before[0], after[0])
	}
	return n
}
