package campaign

import (
	"errors"
	"strings"
	"testing"

	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/scenarios"
)

func four() []Transport {
	return []Transport{{Name: "poll"}, {Name: "longpoll"}, {Name: "sse"}, {Name: "ws"}}
}

func planned(seed uint64, trials int) string {
	s := scenarios.Default()
	s.Seed, s.Trials = seed, trials
	c := &Campaign{Options: Options{Scenario: s, Transports: four()}, run: &results.Run{}}
	var order []string
	for _, step := range c.plan() {
		order = append(order, step.transport.Name)
	}
	return strings.Join(order, " ")
}

func TestABlockRunsEveryTransportOnce(t *testing.T) {
	const blocks = 50
	order := strings.Fields(planned(1, blocks))
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

func TestSameSeedSamePlan(t *testing.T) { // G16
	first, second, other := planned(7, 20), planned(7, 20), planned(8, 20)
	if first != second {
		t.Error("two plans of one seed differ")
	}
	if first == other {
		t.Error("another seed gives the same plan")
	}
}

func TestDescriptorsAreCountedBeforeTheStart(t *testing.T) { // G1
	allowed, err := descriptors()
	if err != nil || allowed == 0 {
		t.Skipf("this system has no limit to check: %v", err)
	}
	s := scenarios.Default()
	o := Options{Scenario: s, Transports: []Transport{{Name: "ws", Half: ws.New}, {Name: "longpoll", Half: longpoll.New}}}

	s.Clients = min(allowed-spare, portRange())
	if err := guard(o); err != nil {
		t.Errorf("%d clients: %v", s.Clients, err)
	}
	s.Clients = allowed - spare + 1
	short, ok := errors.AsType[*Shortage](guard(o))
	if !ok || short.Transport != "ws" || short.Need != allowed+1 || short.Have != allowed {
		t.Errorf("one client too many: %v", short)
	}
	// Who cannot send on the connection that brings events needs another one.
	s.Clients, s.Uplink.Rate = (allowed-spare)/2+1, 1
	if short, ok := errors.AsType[*Shortage](guard(o)); !ok || short.Transport != "longpoll" {
		t.Errorf("two connections a client: %v, want longpoll short of descriptors", short)
	}
}

func TestConnectionsAreSpreadOverAddressesBeforePortsRunOut(t *testing.T) { // G2
	ports := portRange()
	if got := locals(ports / 2); got != nil {
		t.Errorf("%d connections are spread over %v", ports/2, got)
	}
	for _, connections := range []int{ports, 3 * ports, 40 * ports} {
		addresses := locals(connections)
		seen := map[string]bool{}
		for _, a := range addresses {
			if !a.IsLoopback() || seen[a.String()] {
				t.Errorf("%s is no loopback address of its own", a)
			}
			seen[a.String()] = true
		}
		if each := connections / max(1, len(addresses)); each >= ports {
			t.Errorf("%d connections over %d addresses is %d each, and there are %d ports", connections, len(addresses), each, ports)
		}
	}
}
