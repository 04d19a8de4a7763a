package host

import (
	"maps"
	"math"
	"runtime/metrics"
	"slices"
	"time"
)

// A Runtime is what the Go runtime of a process has done since its start.
type Runtime struct {
	Collections uint64 `json:"collections"`
	Pauses      Delays `json:"pauses"` // stops of the world, for whatever reason
	Waits       Delays `json:"waits"`  // of runnable goroutines for a processor
}

// Delays count durations by class. The classes are the runtime's own, about an
// eighth to a quarter wide; those without a count are left out, which makes
// hundreds of them a few dozen.
type Delays []Class

// A Class is how many durations were at most so long, and longer than the class
// below allows.
type Class struct {
	UpTo  time.Duration `json:"up_to_ns"`
	Count uint64        `json:"n"`
}

// Names of what runtime/metrics is asked for.
const (
	collections  = "/gc/cycles/total:gc-cycles"
	pausesToGC   = "/sched/pauses/total/gc:seconds"
	pausesOther  = "/sched/pauses/total/other:seconds"
	waits        = "/sched/latencies:seconds"
	objects      = "/memory/classes/heap/objects:bytes"
	unused       = "/memory/classes/heap/unused:bytes"
	stacks       = "/memory/classes/heap/stacks:bytes"
	threadStacks = "/memory/classes/os-stacks:bytes"
	released     = "/memory/classes/heap/released:bytes"
	total        = "/memory/classes/total:bytes"
)

// ReadRuntime reads what this process's runtime has done so far. It stops
// nothing and takes some microseconds.
func ReadRuntime() Runtime {
	read := sample(collections, pausesToGC, pausesOther, waits)
	return Runtime{
		Collections: read[0].Uint64(),
		Pauses:      delays(read[1].Float64Histogram(), read[2].Float64Histogram()),
		Waits:       delays(read[3].Float64Histogram()),
	}
}

// memoryOfRuntime is how the runtime divides what it has from the system. What
// it has given back is not the process's any more.
func memoryOfRuntime() Memory {
	read := sample(objects, unused, stacks, threadStacks, released, total)
	amount := func(i int) int64 { return int64(read[i].Uint64()) }
	m := Memory{Heap: amount(0) + amount(1), Stacks: amount(2) + amount(3)}
	m.Runtime = amount(5) - amount(4) - m.Heap - m.Stacks
	return m
}

func sample(names ...string) []metrics.Value {
	samples := make([]metrics.Sample, len(names))
	for i, name := range names {
		samples[i].Name = name
	}
	metrics.Read(samples)
	values := make([]metrics.Value, len(samples))
	for i, s := range samples {
		values[i] = s.Value
	}
	return values
}

// delays adds up histograms of seconds that have the same classes.
func delays(of ...*metrics.Float64Histogram) Delays {
	var sum Delays
	for i := range of[0].Counts {
		n := uint64(0)
		for _, h := range of {
			n += h.Counts[i]
		}
		if n > 0 {
			sum = append(sum, Class{end(of[0].Buckets, i), n})
		}
	}
	return sum
}

// end is the upper end of class i; of the last one, which has none, the lower.
func end(bounds []float64, i int) time.Duration {
	seconds := bounds[i+1]
	if math.IsInf(seconds, 1) {
		seconds = bounds[i]
	}
	return time.Duration(math.Round(seconds * float64(time.Second)))
}

// Since is what has been added to an earlier reading of the same process.
func (d Delays) Since(earlier Delays) Delays {
	known := map[time.Duration]uint64{}
	for _, c := range earlier {
		known[c.UpTo] = c.Count
	}
	var added Delays
	for _, c := range d {
		if n := c.Count - known[c.UpTo]; n > 0 {
			added = append(added, Class{c.UpTo, n})
		}
	}
	return added
}

// Plus is what two processes have done together.
func (r Runtime) Plus(other Runtime) Runtime {
	return Runtime{r.Collections + other.Collections, r.Pauses.plus(other.Pauses), r.Waits.plus(other.Waits)}
}

func (d Delays) plus(other Delays) Delays {
	counts := map[time.Duration]uint64{}
	for _, c := range slices.Concat(d, other) {
		counts[c.UpTo] += c.Count
	}
	var sum Delays
	for _, upTo := range slices.Sorted(maps.Keys(counts)) {
		sum = append(sum, Class{upTo, counts[upTo]})
	}
	return sum
}

// Quantile is what a share q of the durations did not exceed, rounded up to the
// end of a class; zero when there are none.
func (d Delays) Quantile(q float64) time.Duration {
	count := uint64(0)
	for _, c := range d {
		count += c.Count
	}
	rank, passed := uint64(math.Ceil(q*float64(count))), uint64(0)
	for _, c := range d {
		if passed += c.Count; passed >= rank {
			return c.UpTo
		}
	}
	return 0
}

// Total is all durations together, each rounded up to the end of its class.
func (d Delays) Total() time.Duration {
	var sum time.Duration
	for _, c := range d {
		sum += time.Duration(c.Count) * c.UpTo
	}
	return sum
}
