package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/threshold"
	"pushbench/scenarios"
)

// searching is a campaign that looks for the number of clients that every
// transport holds within 100 ms.
func searching(seed uint64, facts results.Facts, change func(*scenarios.Scenario)) *Campaign {
	o := seeded(seed)
	for i := range o.Transports {
		o.Transports[i].Half = ws.New
	}
	s := o.Scenario
	s.Trials, s.Schedule.Rate = 4, 20
	s.Search = scenarios.Search{Key: "clients", From: "250", To: "16000", Within: 0.05}
	for _, text := range []string{"latency_p99 < 100ms", "lost == 0", "verdict valid"} {
		var e threshold.Expression
		if err := e.Set(text); err != nil {
			panic(err)
		}
		s.SLO = append(s.SLO, e)
	}
	if change != nil {
		change(s)
	}
	c := &Campaign{Options: o, facts: facts, run: &results.Run{}}
	c.search = newSearch(o, facts)
	return c
}

// roomy is a machine whose limits end no search.
var roomy = results.Facts{Descriptors: 1 << 20, Ports: 28232}

// probed is a trial in which everything took so long.
func probed(s step, took time.Duration) *results.Trial {
	latency := hdr.New()
	latency.RecordN(took, 10_000)
	return &results.Trial{
		Cell: s.cell, Block: s.block, Clients: s.Scenario.Clients, Measured: time.Second,
		Traffic:    results.Traffic{Delivered: 10_000},
		Events:     results.Accounting{Published: 40, Owed: 10_000, Delivered: 10_000, Intended: 40, InTime: 40},
		Histograms: map[string]*hdr.Histogram{results.Latency: latency},
		Usage:      results.Usage{ServerBusy: 0.5},
	}
}

// finish runs a search to its end on a simulated system, and returns what it
// found and the rounds that it took.
func finish(t *testing.T, c *Campaign, measure func(step) *results.Trial) (found map[string]results.Capacity, rounds [][]step) {
	t.Helper()
	for !c.enough(0, 0) {
		round := c.coming()
		if len(round) == 0 || len(rounds) > 1000 {
			t.Fatalf("an empty round after %d, with %d probes left", len(rounds), c.search.left())
		}
		rounds = append(rounds, round)
		for _, s := range round {
			trial := measure(s)
			trial.Judge(nil)
			c.run.Trials = append(c.run.Trials, *trial)
			c.learn(s, trial, true)
		}
	}
	if c.run.Planned != len(c.run.Trials) {
		t.Errorf("%d trials planned, %d made", c.run.Planned, len(c.run.Trials))
	}
	found = map[string]results.Capacity{}
	for _, one := range c.run.Capacity {
		found[one.Transport] = one
	}
	return found, rounds
}

func value(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(*v)
}

func TestASearchFindsWhatEachTransportHoldsAndWhatBroke(t *testing.T) {
	limits := map[string]int{"poll": 900, "longpoll": 1700, "sse": 5000, "ws": 5000}
	c := searching(1, roomy, nil)
	found, _ := finish(t, c, func(s step) *results.Trial {
		trial := probed(s, 20*time.Millisecond)
		if s.Scenario.Clients <= limits[s.transport.Name] {
			return trial
		}
		switch s.transport.Name {
		case "poll": // its server has no CPU left
			trial = probed(s, 300*time.Millisecond)
			trial.Usage.ServerBusy = 0.97
		case "longpoll":
			trial.Events.Lost = map[string]int64{results.LostGap: 7}
		case "sse": // everybody at once, and then nothing
			trial = probed(s, 120*time.Millisecond)
		case "ws":
			trial = probed(s, 120*time.Millisecond)
			trial.Usage.GeneratorBusy = 0.95
		}
		return trial
	})
	for name, want := range map[string]struct {
		broke, why string
		atLeast    bool
	}{
		"poll":     {results.BrokeServerCPU, "latency_p99 was 300 ms, with 97 % of the server's CPUs used", false},
		"longpoll": {results.BrokeLoss, "lost was 7", false},
		"sse":      {results.BrokeLatency, "latency_p99 was 120 ms", false},
		"ws":       {results.BrokeGenerator, "generator-cpu: the generator used 95 %", true},
	} {
		got, limit := found[name], float64(limits[name])
		if got.Ended != results.EndedKnee || got.Broke != want.broke || !strings.Contains(got.Why, want.why) || got.AtLeast != want.atLeast {
			t.Errorf("%s ended by %s: %s broke: %s; at least: %v; want %s: %s", name, got.Ended, got.Broke, got.Why, got.AtLeast, want.broke, want.why)
		}
		if got.Value == nil || *got.Value > limit || *got.Value < limit/1.06 || got.Lo == nil || *got.Lo != *got.Value {
			t.Errorf("%s holds %s, at least %s; its limit is %v", name, value(got.Value), value(got.Lo), limit)
		}
		if beyond := got.Hi != nil && *got.Hi > limit && *got.Hi < limit*1.06; beyond == want.atLeast {
			t.Errorf("%s fails from %s on; its limit is %v", name, value(got.Hi), limit)
		}
		if len(got.SLO) != 3 || len(got.Probes) < 5 || !slices.IsSortedFunc(got.Probes, func(a, b results.Probe) int { return int(a.At - b.At) }) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTransportsTakeTurnsInASearch(t *testing.T) { // G16
	orders := func(seed uint64) string {
		_, rounds := finish(t, searching(seed, roomy, nil), func(s step) *results.Trial {
			return probed(s, time.Duration(s.Scenario.Clients)*50*time.Microsecond) // 100 ms at 2,000
		})
		var all []string
		firsts := map[string]bool{}
		for block, round := range rounds {
			seen := map[string]bool{}
			for _, s := range round {
				if seen[s.transport.Name] = true; s.block != block {
					t.Errorf("a probe of round %d is of block %d", block, s.block)
				}
				all = append(all, s.String())
			}
			firsts[round[0].transport.Name] = true
			if len(seen) != len(round) || len(seen) != 4 { // all four are equal here
				t.Errorf("round %d has %d probes of %d transports", block, len(round), len(seen))
			}
		}
		if len(firsts) != 4 {
			t.Errorf("only %v ever come first in their round", firsts)
		}
		return strings.Join(all, "\n")
	}
	if orders(3) != orders(3) {
		t.Error("two searches of one seed differ")
	}
	if orders(3) == orders(4) {
		t.Error("another seed gives the same order")
	}
}

func TestADisturbedProbeIsRepeatedButNotForEver(t *testing.T) {
	stolen := func(t *results.Trial) *results.Trial {
		t.Disturbed.Steal, t.Disturbed.CPUs = time.Second, 2
		return t
	}
	// Once in a while: nothing of it is in the result but the time that it took.
	dice := rand.New(rand.NewPCG(1, 1))
	found, _ := finish(t, searching(1, roomy, nil), func(s step) *results.Trial {
		trial := probed(s, time.Duration(s.Scenario.Clients)*50*time.Microsecond)
		if dice.IntN(6) == 0 {
			return stolen(trial)
		}
		return trial
	})
	voids := 0
	for name, got := range found {
		if got.Broke != results.BrokeLatency || got.Value == nil || *got.Value < 1900 || *got.Value > 2000 {
			t.Errorf("%s holds %s, %s broke, want 2000 at most by latency", name, value(got.Value), got.Broke)
		}
		for _, p := range got.Probes {
			voids += p.Void
		}
	}
	if voids == 0 {
		t.Error("no probe was void")
	}
	// Always from a load on: it is the machine that cannot measure more.
	found, _ = finish(t, searching(1, roomy, nil), func(s step) *results.Trial {
		if s.Scenario.Clients > 1000 {
			return stolen(probed(s, 200*time.Millisecond))
		}
		return probed(s, 20*time.Millisecond)
	})
	for name, got := range found {
		if !got.AtLeast || got.Broke != results.BrokeMachine || got.Value == nil || *got.Value > 1000 || *got.Value < 900 || got.Hi != nil {
			t.Errorf("%s holds %s, at least: %v, %s broke; want at least 1000 by the machine", name, value(got.Value), got.AtLeast, got.Broke)
		}
	}
	// So it is when the source is late though the server has CPU left.
	found, _ = finish(t, searching(1, roomy, nil), func(s step) *results.Trial {
		trial := probed(s, 20*time.Millisecond)
		if s.Scenario.Clients > 1000 {
			trial = probed(s, 200*time.Millisecond)
			trial.Histograms[results.Lag] = lags(60*time.Millisecond, 40)
		}
		return trial
	})
	for name, got := range found {
		if !got.AtLeast || got.Broke != results.BrokeMachine || got.Value == nil || *got.Value > 1000 || *got.Value < 900 {
			t.Errorf("%s holds %s, at least: %v, %s broke; want at least 1000 by the machine", name, value(got.Value), got.AtLeast, got.Broke)
		}
	}
}

func TestLimitsOfTheMachineEndASearchWithALowerBound(t *testing.T) { // G1
	c := searching(1, results.Facts{Descriptors: 5064, Ports: 28232}, nil)
	c.Transports[0].Half = longpoll.New
	found, _ := finish(t, c, func(s step) *results.Trial {
		if s.Scenario.Clients > 5000 {
			t.Fatalf("%s does not fit", s)
		}
		return probed(s, time.Millisecond)
	})
	for name, got := range found {
		if !got.AtLeast || got.Ended != results.EndedTop || got.Broke != results.BrokeDescriptors || got.Value == nil || *got.Value < 4700 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// And what does not even fit at its beginning is said before.
	o := searching(1, roomy, nil).Options
	if err := guard(o, results.Facts{Descriptors: 200, Ports: 28232}); err == nil {
		t.Error("250 clients on 200 descriptors are not refused")
	}
}

func TestASearchWithoutEndsSaysWhichOnesItReached(t *testing.T) {
	always, _ := finish(t, searching(1, roomy, nil), func(s step) *results.Trial { return probed(s, time.Millisecond) })
	never, _ := finish(t, searching(1, roomy, nil), func(s step) *results.Trial { return probed(s, time.Second) })
	for _, name := range []string{"poll", "ws"} {
		if got := always[name]; !got.AtLeast || got.Ended != results.EndedTop || got.Broke != results.BrokeNothing || value(got.Value) != "16000" || got.Hi != nil {
			t.Errorf("always: %+v", got)
		}
		if got := never[name]; got.AtLeast || got.Ended != results.EndedBottom || got.Broke != results.BrokeLatency || got.Value != nil || value(got.Hi) != "250" {
			t.Errorf("never: %+v", got)
		}
	}
}

func TestASearchThatIsCutShortKeepsWhatItHas(t *testing.T) { // R4
	c := searching(1, roomy, nil)
	for range 3 {
		for _, s := range c.coming() {
			trial := probed(s, time.Millisecond)
			trial.Judge(nil)
			c.learn(s, trial, true)
		}
	}
	s := c.coming()[0]
	cut := probed(s, time.Second)
	cut.Judge(nil)
	c.learn(s, cut, false)
	for _, got := range c.run.Capacity {
		probes := 0
		for _, p := range got.Probes {
			probes += p.Held + p.Failed
		}
		if probes != 3 {
			t.Errorf("%s has %d probes after three rounds, and one that was cut short", got.Transport, probes)
		}
		if got.Ended != "" || got.AtLeast || value(got.Lo) == "none" || got.Hi != nil || got.Value == nil || *got.Value < 900 {
			t.Errorf("after three rounds: %+v", got)
		}
	}
}

func TestATransportIsHeldToItsOwnSLO(t *testing.T) {
	c := searching(1, roomy, func(s *scenarios.Scenario) {
		s.SLO = demanded(t, "latency_p99 < 1s", "ws:latency_p99 < 50ms")
	})
	found, _ := finish(t, c, func(s step) *results.Trial {
		return probed(s, time.Duration(s.Scenario.Clients)*100*time.Microsecond)
	})
	for name, limit := range map[string]float64{"poll": 10_000, "ws": 500} {
		if got := found[name]; got.Value == nil || *got.Value > limit || *got.Value < limit/1.06 {
			t.Errorf("%s holds %s under %q, want %v", name, value(got.Value), got.SLO, limit)
		}
	}
}

// A probe of the catalogue's capacity took 2.7 s on a machine of two CPUs that was
// busy with something else: what bounds the search is their number.
func TestTheCapacityOfTheCatalogueHasFewProbes(t *testing.T) {
	s, err := scenarios.Load("capacity")
	if err != nil {
		t.Fatal(err)
	}
	if k := newKnee(s.Ladder(), s.Trials); k.most > 22 {
		t.Errorf("a transport's capacity takes up to %d probes: four of them do not fit into five minutes", k.most)
	}
}

func TestAnIntervalIsSearchedDownwards(t *testing.T) {
	c := searching(1, roomy, func(s *scenarios.Scenario) {
		s.Search = scenarios.Search{Key: "poll.interval", From: "2s", To: "50ms", Within: 0.2}
	})
	c.Transports = c.Transports[:1] // pollers, who alone heed it
	c.search = newSearch(c.Options, c.facts)
	found, _ := finish(t, c, func(s step) *results.Trial {
		return probed(s, time.Duration(10/time.Duration(s.Scenario.Poll.Interval).Seconds())*time.Millisecond) // 100 ms at 100 ms
	})
	got := found["poll"]
	if !got.Down || got.Unit != "ms" || got.Value == nil || *got.Value < 90 || *got.Value > 130 || got.Lo == nil || got.Hi == nil || *got.Hi >= *got.Lo {
		t.Errorf("found %+v", got)
	}
	// It is no other direction where the machine allows but the first value.
	c.facts = results.Facts{Descriptors: 200, Ports: 28232}
	if h := newSearch(c.Options, c.facts).hunts[0]; len(h.ladder) != 1 || !h.down {
		t.Errorf("%d rungs, down: %v", len(h.ladder), h.down)
	}
}

func TestATransportHeedsItsOwnKeysAndThoseOfAll(t *testing.T) {
	o := searching(1, roomy, nil).Options
	for key, want := range map[string]string{"clients": "poll longpoll sse ws", "poll.interval": "poll", "longpoll.hold": "longpoll", "heartbeat": "poll sse ws"} {
		o.Transports[1].Half = longpoll.New
		var got []string
		for _, t := range o.Transports {
			if t.Heeds(key) {
				got = append(got, t.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is heeded by %q, want %s", key, got, want)
		}
	}
}

func TestARateIsSearchedAsClientsAre(t *testing.T) {
	c := searching(1, roomy, func(s *scenarios.Scenario) {
		s.Search = scenarios.Search{Key: "schedule.rate", From: "1/s", To: "1000/s", Within: 0.2}
		s.Duration = scenarios.Duration(time.Minute)
	})
	found, _ := finish(t, c, func(s step) *results.Trial {
		return probed(s, time.Duration(float64(s.Scenario.Schedule.Rate)*float64(time.Millisecond))) // 100 ms at 100/s
	})
	for name, got := range found {
		if got.Unit != "/s" || got.Value == nil || *got.Value > 100 || *got.Value < 80 {
			t.Errorf("%s holds %s%s, want 80 to 100", name, value(got.Value), got.Unit)
		}
	}
}
