package campaign

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/loadgen/sse"
	"pushbench/results"
	"pushbench/scenarios"
	"pushbench/servers/source"
)

// four transports, as the program's table has them.
func four() []Transport {
	names := []string{"poll", "longpoll", "sse", "ws"}
	var all []Transport
	for _, name := range names {
		others := slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other == name })
		all = append(all, Transport{Name: name, Others: others, Half: sse.New})
	}
	return all
}

func planned(o Options, blocks int) string {
	p := newPlan(o)
	var order []string
	for range blocks {
		for _, step := range p.next() {
			order = append(order, step.String())
		}
	}
	return strings.Join(order, "\n")
}

func seeded(seed uint64) Options {
	s := scenarios.Default()
	s.Seed = seed
	return Options{Scenario: s, Transports: four()}
}

func TestABlockRunsEveryCellOnce(t *testing.T) { // G3
	const blocks = 50
	order := strings.Fields(planned(seeded(1), blocks))
	if len(order) != 4*blocks {
		t.Fatalf("%d trials planned, want %d", len(order), 4*blocks)
	}
	first := map[string]int{}
	for b := range blocks {
		block := order[4*b : 4*b+4]
		seen := map[string]bool{}
		for _, name := range block {
			seen[name] = true
		}
		if len(seen) != 4 {
			t.Errorf("block %d runs %v", b, block)
		}
		first[block[0]]++
	}
	if len(first) != 4 {
		t.Errorf("only %v ever come first in their block", first)
	}
}

// digest is of everything that a plan does: which cell when, which events are
// due at which instants on which topics, and every payload.
func digest(o Options, blocks int) string {
	sum := sha256.New()
	p := newPlan(o)
	for range blocks {
		for _, step := range p.next() {
			t := &trial{Campaign: &Campaign{Options: o}, step: step}
			load := t.load(0, int64(time.Second))
			payload := load.Payload.Maker(load.Schedule.Seed)
			fmt.Fprintln(sum, step.block, step)
			for tick := range load.Schedule.Ticks(step.Scenario.TopicCount(), time.Duration(load.End-load.Start)) {
				fmt.Fprintf(sum, "%d %d %s\n", tick.After, tick.Topic, payload())
			}
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestSameSeedSamePlan(t *testing.T) { // G16
	for _, kind := range []source.Kind{source.Constant, source.Poisson, source.Burst, source.Ramp} {
		options := func(seed uint64) Options {
			o := seeded(seed)
			o.Again = "sse"
			s := o.Scenario
			s.Clients, s.Topics, s.Payload = 5, scenarios.Own, scenarios.Payload{Size: scenarios.Sizes{Min: 1, Max: 200}, Content: "random"}
			s.Schedule = scenarios.Schedule{Kind: string(kind), Rate: 20, To: 40, Burst: 3}
			s.Axes = scenarios.Axes{"schedule.rate": {"20/s", "30/s"}, "poll.interval": {"1s", "2s"}}
			return o
		}
		first, second, other := digest(options(7), 3), digest(options(7), 3), digest(options(8), 3)
		if first != second {
			t.Errorf("%s: two plans of one seed differ", kind)
		}
		if first == other {
			t.Errorf("%s: another seed gives the same plan", kind)
		}
	}
	if planned(seeded(7), 20) == planned(seeded(8), 20) {
		t.Error("another seed gives the same order")
	}
}

func TestEveryBlockHasEventsOfItsOwn(t *testing.T) {
	o := seeded(1)
	o.Scenario.Schedule = scenarios.Schedule{Kind: string(source.Poisson), Rate: 20}
	p := newPlan(o)
	var first []time.Duration
	for _, block := range [][]step{p.next(), p.next()} {
		t1 := &trial{Campaign: &Campaign{Options: o}, step: block[0]}
		for tick := range t1.load(0, int64(time.Second)).Schedule.Ticks(1, time.Second) {
			first = append(first, tick.After)
			break
		}
	}
	if first[0] == first[1] {
		t.Errorf("both blocks begin with an event after %s", first[0])
	}
}

func TestATransportGoesThroughTheAxesThatSaySomethingToIt(t *testing.T) {
	o := seeded(1)
	o.Scenario.Axes = scenarios.Axes{"clients": {"10", "20"}, "poll.interval": {"500ms", "2s"}, "longpoll.hold": {"3s", "4s"}}
	o.Scenario.Poll.Interval, o.Scenario.Longpoll.Hold = scenarios.Duration(500*time.Millisecond), scenarios.Duration(3*time.Second)
	var got []string
	for _, s := range o.steps() {
		got = append(got, s.String())
		if s.transport.Name != "poll" && s.Scenario.Poll.Interval.Duration() != 500*time.Millisecond {
			t.Errorf("%s has a poll interval of %s, want the axis' first", s, s.Scenario.Poll.Interval)
		}
		if want := s.cell.Axes["clients"]; fmt.Sprint(s.Scenario.Clients) != want {
			t.Errorf("%s has %d clients", s, s.Scenario.Clients)
		}
	}
	want := []string{
		"poll clients=10 poll.interval=500ms", "poll clients=10 poll.interval=2s", "poll clients=20 poll.interval=500ms", "poll clients=20 poll.interval=2s",
		"longpoll clients=10 longpoll.hold=3s", "longpoll clients=10 longpoll.hold=4s", "longpoll clients=20 longpoll.hold=3s", "longpoll clients=20 longpoll.hold=4s",
		"sse clients=10", "sse clients=20", "ws clients=10", "ws clients=20",
	}
	if !slices.Equal(got, want) {
		t.Errorf("steps %q, want %q", got, want)
	}
	if len(o.Scenario.Axes) != 3 {
		t.Errorf("the scenario has lost axes: %v", o.Scenario.Axes)
	}
}

func TestTheArmIsMeasuredAtEveryPoint(t *testing.T) {
	o := seeded(1)
	o.Again = "ws"
	o.Scenario.Axes = scenarios.Axes{"clients": {"10", "20"}}
	arms := map[string]int{}
	for _, s := range newPlan(o).next() {
		if s.cell.Transport == "ws" {
			arms[s.cell.Axes["clients"]+s.cell.Arm]++
		} else if s.cell.Arm != "" {
			t.Errorf("%s is an arm, too", s)
		}
	}
	if want := map[string]int{"10": 1, "10again": 1, "20": 1, "20again": 1}; fmt.Sprint(arms) != fmt.Sprint(want) {
		t.Errorf("ws is measured %v, want %v", arms, want)
	}
}

func TestTogetherAStepIsOfAllTransports(t *testing.T) {
	o := seeded(1)
	o.Scenario.Together = true
	o.Scenario.Axes = scenarios.Axes{"clients": {"10", "20"}, "poll.interval": {"500ms", "2s"}}
	var got []string
	for _, s := range o.steps() {
		got = append(got, s.String())
		if s.cells() != 4 {
			t.Errorf("%s measures %d cells", s, s.cells())
		}
		for _, one := range s.beside {
			if fmt.Sprint(one.cell.Axes) != fmt.Sprint(s.cell.Axes) || one.Scenario.Clients != s.Scenario.Clients {
				t.Errorf("%s runs beside %s", one, s)
			}
		}
		each := loadOf(s.transport, s.Scenario)
		if sum := s.load(); sum.Connections != 4*each.Connections || sum.Clients != 4*s.Scenario.Clients {
			t.Errorf("%s asks for %+v, one of four for %+v", s, sum, each)
		}
	}
	all := "poll+longpoll+sse+ws clients="
	want := []string{all + "10 poll.interval=500ms", all + "10 poll.interval=2s", all + "20 poll.interval=500ms", all + "20 poll.interval=2s"}
	if !slices.Equal(got, want) {
		t.Errorf("steps %q, want %q", got, want)
	}
}

// The clients of four that arrive together arrive as fast as those of one.
func TestTogetherClientsArriveInTurn(t *testing.T) {
	o := seeded(1)
	o.Scenario.Together = true
	o.Scenario.Clients, o.Scenario.Connect.Rate = 3, 1000
	c := &Campaign{Options: o}
	lead := c.prepare(8, o.steps()[0])
	lead.accompany()
	var instants, orders []string
	for i := range 3 {
		for _, one := range lead.all() {
			at := int64(one.turnTime()) + int64(float64(i)/one.connectRate()*float64(time.Second))
			instants = append(instants, time.Duration(at).String())
		}
	}
	for _, one := range lead.all() {
		orders = append(orders, fmt.Sprint(one.cell.Transport, one.result.Order))
	}
	if got, want := fmt.Sprint(instants), "[0s 1ms 2ms 3ms 4ms 5ms 6ms 7ms 8ms 9ms 10ms 11ms]"; got != want {
		t.Errorf("clients arrive at %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(orders), "[poll8 longpoll9 sse10 ws11]"; got != want {
		t.Errorf("the trials are %s, want %s", got, want)
	}
}

// until is a campaign of two cells that may take ten minutes, with so many blocks
// done, in which ws delivers half as much again as sse, or every other time less.
func until(width float64, blocks int) *Campaign {
	o := seeded(1)
	o.Transports = o.Transports[2:]
	c := &Campaign{Options: o, run: &results.Run{
		Planned: 2 * o.Scenario.Trials,
		Until:   &results.Until{Width: width, MaxTime: 10 * time.Minute},
	}}
	for block := range blocks {
		for _, cell := range []results.Cell{{Transport: "sse", Stack: "std"}, {Transport: "ws", Stack: "std"}} {
			one := results.Trial{Cell: cell, Block: block, Untimed: true, Measured: time.Second, Verdict: results.Verdict{State: results.Valid}}
			one.Traffic.Delivered = 100_000
			if cell.Transport == "ws" {
				one.Traffic.Delivered = 150_000
			}
			if block%2 == 0 {
				one.Traffic.Delivered += 15_000
			}
			c.run.Trials = append(c.run.Trials, one)
		}
	}
	return c
}

func TestARunGoesOnUntilItKnowsEnoughOrItsTimeIsOver(t *testing.T) {
	for _, c := range []struct {
		name    string
		width   float64
		least   int // blocks
		blocks  int
		passed  time.Duration
		ended   string
		planned int
	}{
		{"before six blocks", 10, 6, 5, time.Minute, "", 12},
		{"narrow enough", 0.1, 6, 6, time.Minute, results.UntilWidth, 12},
		{"not narrow enough", 0.01, 6, 6, time.Minute, "", 14},
		{"narrow enough, but more are wanted", 0.1, 8, 6, time.Minute, "", 16},
		{"time for one more block", 0.01, 6, 9, 9 * time.Minute, "", 20},
		{"time for less than a block", 0.01, 6, 9, 9*time.Minute + time.Second, results.UntilTime, 18},
		{"time over before six blocks", 10, 6, 2, 9 * time.Minute, results.UntilTime, 4},
	} {
		campaign := until(c.width, c.blocks)
		campaign.Options.Scenario.Trials = c.least
		campaign.run.Planned = 2 * max(c.least, c.blocks)
		enough := campaign.enough(c.blocks, c.passed)
		u := campaign.run.Until
		if enough != (c.ended != "") || u.Ended != c.ended || campaign.run.Planned != c.planned {
			t.Errorf("%s: ended %v by %q, %d trials planned; want %q, %d", c.name, enough, u.Ended, campaign.run.Planned, c.ended, c.planned)
		}
		if interval := u.Ratio != "" && u.Reached > 0.01 && u.Reached < 0.1; interval != (c.blocks >= 6) {
			t.Errorf("%s: %q is %v wide", c.name, u.Ratio, u.Reached)
		}
	}
}

// What spoils every trial spoils those to come, and a run of ten minutes that
// tells nothing is ten minutes.
func TestARunEndsWhenNothingCanBeRanked(t *testing.T) {
	for _, c := range []struct {
		blocks, spoilt int
		ended          string
	}{
		{5, 10, ""}, {6, 12, results.UntilUnranked}, {6, 6, results.UntilUnranked}, {6, 4, ""},
	} {
		campaign := until(1, c.blocks)
		for i := range c.spoilt {
			campaign.run.Trials[i].Verdict.State = results.Invalid
		}
		if got := campaign.enough(c.blocks, time.Minute); got != (c.ended != "") || campaign.run.Until.Ended != c.ended {
			t.Errorf("%d of %d trials invalid: ended %v by %q, want %q", c.spoilt, 2*c.blocks, got, campaign.run.Until.Ended, c.ended)
		}
	}
}

func TestAFixedNumberOfBlocksIsKept(t *testing.T) {
	c := until(0, 0)
	c.run.Until = nil
	if n := c.Options.Scenario.Trials; c.enough(n-1, time.Hour) || !c.enough(n, 0) {
		t.Errorf("of %d blocks %d are enough or %d are not", n, n-1, n)
	}
}

// A trial that is not valid costs its block, and a spare one makes up for it.
func TestBlocksThatDoNotCountAreMadeUpFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		blocks  int
		spoilt  []int // trials, of two a block
		spares  int
		planned int // trials, after those that are done
	}{
		{"all valid", 6, nil, 2, 12},
		{"one not valid", 6, []int{3}, 2, 14},
		{"both of a block not valid", 6, []int{2, 3}, 2, 14},
		{"two blocks not valid", 6, []int{3, 4}, 2, 14},
		{"more than can be made up for", 6, []int{0, 2, 4}, 2, 12},
		{"one cell beyond help, the other with one not valid", 6, []int{0, 2, 4, 5}, 2, 14},
		{"made up for", 7, []int{3}, 2, 14},
		{"not yet made up for", 7, []int{3, 13}, 2, 16},
		{"no more spares", 8, []int{3, 13, 15}, 2, 16},
		{"none allowed", 6, []int{3}, 0, 12},
		{"enough without them", 8, []int{3}, 2, 16},
	} {
		campaign := until(0, c.blocks)
		campaign.run.Until = nil
		campaign.Options.Scenario.Spares = c.spares
		campaign.run.Planned = 2 * c.blocks
		for _, i := range c.spoilt {
			campaign.run.Trials[i].Verdict.State = results.Invalid
		}
		more := campaign.run.Planned < c.planned
		if got := campaign.enough(c.blocks, time.Minute); got == more || campaign.run.Planned != c.planned || (campaign.run.Spares == 1) != more {
			t.Errorf("%s: enough %v, %d trials planned, %d spares noted; want %d planned", c.name, got, campaign.run.Planned, campaign.run.Spares, c.planned)
		}
	}
}

func TestTheTimeThatIsLeftIsBoundedByTheLongest(t *testing.T) {
	began := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	c := until(0.03, 0)
	c.began = began
	one := &trial{Campaign: c, result: &results.Trial{Order: 2, Started: began.Add(20 * time.Second)}}
	if got := one.left(began.Add(4 * time.Minute)); got != 6*time.Minute {
		t.Errorf("%s left of ten minutes after four", got)
	}
	c.run.Until = nil
	if got := one.left(began.Add(24 * time.Second)); got != 96*time.Second {
		t.Errorf("%s left of 12 trials after two of 10 s and 4 s, want 1m36s", got)
	}
}
