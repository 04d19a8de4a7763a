package compare_test

import (
	"math"
	"slices"
	"testing"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/resultstest"
)

// want are the slopes of a truth.
func wanted(is resultstest.Truth, asked bool) map[compare.Term]float64 {
	want := map[compare.Term]float64{
		compare.Base: is.Base, compare.Client: is.Client, compare.Delivery: is.Delivery, compare.Connection: is.Connection,
		compare.Message: is.Message, compare.Event: is.Event, compare.Payload: is.Payload,
	}
	if asked {
		want[compare.Request] = is.Request
	} else {
		want[compare.Write] = is.Write
	}
	return want
}

func TestSlopesAreThoseThatTheTrialsWereMadeOf(t *testing.T) {
	truths := resultstest.Truths()
	all := compare.SlopesOf(resultstest.Star(truths, 6, 0, 1))
	if len(all) != len(truths) {
		t.Fatalf("slopes of %d transports, want %d", len(all), len(truths))
	}
	for _, s := range all {
		is := truths[s.Transport]
		want := wanted(is, is.Request > 0)
		if len(s.Blocks) != 6 || len(s.Told) != len(want) || s.CPUMisfit > 1e-3 {
			t.Errorf("%s: %d blocks tell %v, and miss by %v", s.Transport, len(s.Blocks), s.Told, s.CPUMisfit)
		}
		for _, b := range s.Blocks {
			for term, v := range want { // to the nanosecond of a CPU's clock
				if got := b.CPU[term]; math.Abs(got-v) > 1e-5*v+1e-3 {
					t.Errorf("%s in block %d: %s takes %v, want %v", s.Transport, b.Block, term, got, v)
				}
			}
			if got, want := b.Memory, is.Memory; math.Abs(got-want) > 1 {
				t.Errorf("%s: %v bytes a client, want %v", s.Transport, got, want)
			}
			for name, c := range map[string]struct{ got, want float64 }{
				"down, of a delivery":   {b.Down[compare.Delivery] + b.Down[compare.Write], is.Down},
				"down, of a KiB":        {b.Down[compare.Payload], 1024},
				"down, of a request":    {b.Down[compare.Request], is.RequestDown},
				"up, of a request":      {b.Up[compare.Request], is.RequestUp},
				"up, of a message":      {b.Up[compare.Message], is.MessageUp},
				"down, of a message":    {b.Down[compare.Message], 0},
				"up, of a delivery":     {b.Up[compare.Delivery], 0},
				"down, of a connection": {b.Down[compare.Connection], 0},
			} {
				if math.Abs(c.got-c.want) > 1e-3*c.want+0.1 {
					t.Errorf("%s: bytes %s are %v, want %v", s.Transport, name, c.got, c.want)
				}
			}
		}
		if s.Most[compare.Client] != 1200 || s.Size != 64 || s.Seldom[compare.Delivery] != 0 || s.Often[compare.Delivery] != 40 {
			t.Errorf("%s: at most %v clients, at least %v bytes, from %v events/s for one client to %v", s.Transport, s.Most[compare.Client], s.Size, s.Seldom[compare.Delivery], s.Often[compare.Delivery])
		}
		if len(s.Below) > 0 || s.Left > 0 {
			t.Errorf("%s: below zero are %v, and %d trials are left out", s.Transport, s.Below, s.Left)
		}
	}
}

// The one trial that tells a term may not count: the block then has what the others
// say of it, and the rest as it was measured.
func TestABlockThatLacksATermTakesItFromTheOthers(t *testing.T) {
	truths := resultstest.Truths()
	run := resultstest.Star(truths, 6, 0, 1)
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Block == 3 && t.Axes["uplink.rate"] != "0/s" {
			t.Verdict.State = results.Invalid
		}
	}
	for _, s := range compare.SlopesOf(run) {
		if len(s.Blocks) != 6 {
			t.Fatalf("%s: %d blocks", s.Transport, len(s.Blocks))
		}
		for term, v := range wanted(truths[s.Transport], truths[s.Transport].Request > 0) {
			if got := s.Blocks[3].CPU[term]; math.Abs(got-v) > 0.01*v+0.02 {
				t.Errorf("%s: %s takes %v, want %v", s.Transport, term, got, v)
			}
		}
	}
}

// A handful of clients tells what a server takes by itself, and no memory of each:
// what came with the first is most of it.
func TestAHandfulOfClientsTellsNoMemoryOfEach(t *testing.T) {
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Clients == 10 {
			t.Usage.ServerFullRSS += 1 << 20
		}
	}
	for _, s := range compare.SlopesOf(run) {
		for _, b := range s.Blocks {
			if want := resultstest.Truths()[s.Transport].Memory; math.Abs(b.Memory-want) > 1 {
				t.Errorf("%s: %v bytes a client, want %v", s.Transport, b.Memory, want)
			}
		}
	}
}

// A server that nothing happens to takes no CPU time at all: it is a load like
// another, and the only one that says what clients take by themselves.
func TestALoadThatTakesNothingIsALoad(t *testing.T) {
	truths := resultstest.Truths()
	for name, is := range truths {
		is.Base, is.Client = 0, 0
		truths[name] = is
	}
	run := resultstest.Star(truths, 6, 0.05, 1)
	idle := 0
	for i := range run.Trials {
		if run.Trials[i].Usage.ServerCPU == 0 {
			idle++
		}
	}
	if idle != 3*6 { // short polls go on
		t.Fatalf("%d trials took no CPU time", idle)
	}
	all := compare.SlopesOf(run)
	if len(all) != len(truths) {
		t.Errorf("slopes of %d transports, want %d", len(all), len(truths))
	}
	for _, s := range all {
		if len(s.Blocks) != 6 || !s.Tells(compare.Client) || s.CPUMisfit > 0.3 {
			t.Errorf("%s: %d blocks tell %v, and miss by %v", s.Transport, len(s.Blocks), s.Told, s.CPUMisfit)
		}
		for _, b := range s.Blocks {
			if s.Transport != "poll" && b.CPU[compare.Client] > 0.1 {
				t.Errorf("%s: a client takes %v µs a second in block %d, and nothing was measured", s.Transport, b.CPU[compare.Client], b.Block)
			}
		}
	}
}

// By how much a line misses next to nothing is no misfit of what servers do at work.
func TestNextToNothingIsNoMisfit(t *testing.T) {
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Clients == 10 {
			t.Usage.ServerCPU *= 3 // cold: each event is the first for long
		}
	}
	for _, s := range compare.SlopesOf(run) {
		if s.CPUMisfit > 0.4 || s.CPUMisfit < 1e-4 {
			t.Errorf("%s misses by %v, where the load with ten clients takes three times its share", s.Transport, s.CPUMisfit)
		}
	}
}

// Server time that a load seems to give back is noise, or a bend: by its interval.
func TestATermBelowZeroBeyondItsNoiseIsTold(t *testing.T) {
	truths := resultstest.Truths()
	odd := truths["sse"]
	odd.Client = -0.5
	truths["sse"] = odd
	for _, s := range compare.SlopesOf(resultstest.Star(truths, 6, 0.01, 1)) {
		switch {
		case s.Transport != "sse":
			if len(s.Below) > 0 {
				t.Errorf("%s: %+v are below zero", s.Transport, s.Below)
			}
		case len(s.Below) != 1 || s.Below[0].Term != compare.Client || math.Abs(s.Below[0].Each.Median+0.5) > 0.2:
			t.Errorf("sse: %+v are below zero, want clients by 0.5 µs", s.Below)
		}
	}
}

// What noise makes of a term that takes next to nothing must not be given back at
// a product's scale.
func TestNoSlopeIsBelowZero(t *testing.T) {
	truths := resultstest.Truths()
	for name, is := range truths {
		is.Client, is.Event = 0.001, 0.01
		truths[name] = is
	}
	negative := false
	for seed := range uint64(20) {
		run := resultstest.Star(truths, 6, 0.05, seed)
		for _, s := range compare.SlopesOf(run) {
			for _, b := range s.Below {
				if *b.Each.Hi >= 0 {
					t.Errorf("seed %d: %s of %s is below zero, from %v to %v", seed, b.Term, s.Transport, *b.Each.Lo, *b.Each.Hi)
				}
			}
			for _, b := range s.Blocks {
				if slices.Min(b.CPU[:]) < 0 || slices.Min(b.Down[:]) < 0 || slices.Min(b.Up[:]) < 0 || b.Memory < 0 {
					t.Errorf("seed %d: %s in block %d: %+v", seed, s.Transport, b.Block, b)
				}
			}
		}
		for _, c := range compare.Costs(run) {
			for _, one := range c.CPU {
				negative = negative || one.Median < 0
			}
		}
	}
	if !negative {
		t.Error("no cost is below zero: the noise is too small to show anything here")
	}
}

// What runs have told so far they tell still: terms of axes that a run does not vary
// are nowhere in its costs.
func TestOnlyAxesThatVaryAddTerms(t *testing.T) {
	run := resultstest.Star(resultstest.Truths(), 6, 0, 1)
	run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool {
		return t.Axes["topics"] != "broadcast" || t.Axes["payload.size"] != "64B" || t.Axes["schedule.burst"] != "1"
	})
	for _, c := range compare.Costs(run) {
		for _, one := range c.CPU {
			if slices.Contains([]string{"event", "payload", "write"}, one.Name) {
				t.Errorf("%s has a term %s", c.Transport, one.Name)
			}
		}
		if len(c.Notes) > 0 && c.Transport != "longpoll" {
			t.Errorf("%s: %q", c.Transport, c.Notes)
		}
	}
}
