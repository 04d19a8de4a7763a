package campaign

import (
	"slices"
	"strings"
	"testing"

	"pushbench/loadgen/engine"
	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/poll"
	"pushbench/loadgen/sse"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/scenarios"
)

// onStacks are transports of which two are built on both stacks, one on std alone
// as long as nobody says otherwise, and the baseline on lean alone.
func onStacks(stack string) Options {
	o := seeded(1)
	o.Scenario.Stack = stack
	both := []string{scenarios.Std, scenarios.Lean}
	o.Transports = []Transport{{Name: "sse", Stacks: both}, {Name: "ws", Stacks: both}, {Name: "poll"}, {Name: results.Baseline, Stacks: []string{scenarios.Lean}}}
	return o
}

func cellsOf(steps []step) (all []string) {
	for _, s := range steps {
		var text strings.Builder
		text.WriteString(s.cell.Transport + "/" + s.cell.Stack)
		for _, one := range s.beside {
			text.WriteString("+" + one.cell.Transport + "/" + one.cell.Stack)
		}
		if s.cell.Arm != "" {
			text.WriteString("/" + s.cell.Arm)
		}
		all = append(all, text.String())
	}
	slices.Sort(all)
	return all
}

func TestACellIsATransportOnAStack(t *testing.T) {
	for stack, want := range map[string]string{
		scenarios.Std:  "poll/std sse/std tcp/lean ws/std",
		scenarios.Lean: "poll/std sse/lean tcp/lean ws/lean",
		scenarios.Both: "poll/std sse/lean sse/std tcp/lean ws/lean ws/std",
	} {
		if got := strings.Join(cellsOf(onStacks(stack).steps()), " "); got != want {
			t.Errorf("stack %s measures %s, want %s", stack, got, want)
		}
		for _, block := range [][]step{newPlan(onStacks(stack)).next()} {
			if got := strings.Join(cellsOf(block), " "); got != want {
				t.Errorf("a block on stack %s is %s, want %s", stack, got, want)
			}
		}
	}
}

func TestWhatIsComparedWithItselfIsThatOnEachStack(t *testing.T) {
	o := onStacks(scenarios.Both)
	o.Again = "ws"
	if got, want := strings.Join(cellsOf(o.steps()), " "), "poll/std sse/lean sse/std tcp/lean ws/lean ws/lean/again ws/std ws/std/again"; got != want {
		t.Errorf("measures %s, want %s", got, want)
	}
}

func TestTogetherIsOnOneStackAtATime(t *testing.T) {
	o := seeded(1)
	o.Scenario.Stack, o.Scenario.Together = scenarios.Both, true
	for i := range o.Transports {
		o.Transports[i].Stacks = []string{scenarios.Std, scenarios.Lean}
	}
	want := "poll/lean+longpoll/lean+sse/lean+ws/lean poll/std+longpoll/std+sse/std+ws/std"
	if got := strings.Join(cellsOf(o.steps()), " "); got != want {
		t.Errorf("measures %s, want %s", got, want)
	}
	o.Transports[0].Stacks, o.Transports[3].Stacks = []string{scenarios.Std}, []string{scenarios.Lean}
	want = "longpoll/lean+sse/lean+ws/lean poll/std+longpoll/std+sse/std"
	if got := strings.Join(cellsOf(o.steps()), " "); got != want {
		t.Errorf("measures %s, want %s: each stack has those that are built on it", got, want)
	}
}

func TestTheServerIsToldItsStack(t *testing.T) {
	for _, s := range onStacks(scenarios.Both).steps() {
		s.Scenario.EventsPerWrite = 3
		one := (&Campaign{Options: onStacks(scenarios.Both), run: &results.Run{}}).prepare(0, s)
		args := strings.Join(one.serveArgs(), " ")
		if want := "--stack " + s.cell.Stack + " --events-per-write 3"; !strings.Contains(args+" ", want+" ") {
			t.Errorf("the server of %v is started with %s, want %s", s.cell, args, want)
		}
	}
}

func TestASearchIsForEachStack(t *testing.T) {
	c := searching(1, roomy, func(s *scenarios.Scenario) { s.Stack = scenarios.Both })
	for i := range c.Transports {
		if c.Transports[i].Name == "ws" {
			c.Transports[i].Stacks = []string{scenarios.Std, scenarios.Lean}
		}
	}
	c.search = newSearch(c.Options, roomy)
	round := c.search.next()
	if got, want := strings.Join(cellsOf(round), " "), "longpoll/std poll/std sse/std ws/lean ws/std"; got != want {
		t.Fatalf("a round is %s, want %s", got, want)
	}
	// What is learnt of one stack is not believed of the other.
	for _, s := range round {
		if s.transport.Name == "ws" && s.cell.Stack == scenarios.Lean {
			c.learn(s, probed(s, 0), true)
		}
	}
	probes := map[string]int{}
	for _, found := range c.run.Capacity {
		for _, p := range found.Probes {
			probes[found.Transport+"/"+found.Stack] += p.Held + p.Failed + p.Void
		}
	}
	if len(probes) != 1 || probes["ws/lean"] != 1 || len(c.run.Capacity) != 5 {
		t.Errorf("one probe of ws/lean was learnt: %v, of %d capacities", probes, len(c.run.Capacity))
	}
}

func TestOnlyStreamsHeedHowManyEventsAWriteHas(t *testing.T) {
	for name, half := range map[string]func(*engine.Endpoint) engine.Conversation{"sse": sse.New, "ws": ws.New, "poll": poll.New, "longpoll": longpoll.New} {
		streams := name == "sse" || name == "ws"
		if got := (Transport{Name: name, Half: half}).Heeds("events_per_write"); got != streams {
			t.Errorf("%s heeds events_per_write: %v, want %v", name, got, streams)
		}
	}
}
