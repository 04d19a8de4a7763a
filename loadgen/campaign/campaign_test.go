package campaign

import (
	"errors"
	"testing"

	"pushbench/loadgen/longpoll"
	"pushbench/loadgen/ws"
	"pushbench/results"
	"pushbench/scenarios"
)

func TestDescriptorsAreCountedBeforeTheStart(t *testing.T) { // G1
	const allowed, spare = 1000, 64
	facts := results.Facts{Descriptors: allowed, Ports: 28232}
	s := scenarios.Default()
	o := Options{Scenario: s, Transports: []Transport{{Name: "ws", Half: ws.New}, {Name: "longpoll", Half: longpoll.New}}}

	s.Clients = allowed - spare
	if err := guard(o, facts); err != nil {
		t.Errorf("%d clients: %v", s.Clients, err)
	}
	s.Clients = allowed - spare + 1
	short, ok := errors.AsType[*Shortage](guard(o, facts))
	if !ok || short.Transport != "ws" || short.Need != allowed+1 || short.Have != allowed {
		t.Errorf("one client too many: %v", short)
	}
	// Who cannot send on the connection that brings events needs another one.
	s.Clients, s.Uplink.Rate = (allowed-spare)/2+1, 1
	if short, ok := errors.AsType[*Shortage](guard(o, facts)); !ok || short.Transport != "longpoll" {
		t.Errorf("two connections a client: %v, want longpoll short of descriptors", short)
	}
}

func TestConnectionsAreSpreadOverAddressesBeforePortsRunOut(t *testing.T) { // G2
	const ports = 28232
	if got := locals(ports/2, ports); got != nil {
		t.Errorf("%d connections are spread over %v", ports/2, got)
	}
	for _, connections := range []int{ports, 3 * ports, 40 * ports} {
		addresses := locals(connections, ports)
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
