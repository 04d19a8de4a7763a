package campaign

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pushbench/loadgen/crowd"
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
	if got := locals(1, ports/2, ports); len(got) != 1 || got[0] != nil {
		t.Errorf("%d connections are spread over %v", ports/2, got)
	}
	for _, processes := range []int{1, 2, 7} {
		for _, connections := range []int{ports / 2, ports, 3 * ports, 40 * ports} {
			all := locals(processes, connections, ports)
			if len(all) != processes {
				t.Fatalf("%d processes have %d sets of addresses", processes, len(all))
			}
			seen := map[string]bool{} // no two processes have the same one
			for _, addresses := range all {
				for _, a := range addresses {
					if !a.IsLoopback() || seen[a.String()] {
						t.Errorf("%s is no loopback address of its own", a)
					}
					seen[a.String()] = true
				}
				if each := connections / processes / max(1, len(addresses)); each >= ports {
					t.Errorf("%d connections of %d processes over %d addresses is %d each, and there are %d ports", connections, processes, len(addresses), each, ports)
				}
				if processes > 1 && len(addresses) == 0 {
					t.Error("one of several processes has addresses of the kernel's choice, which another may have, too")
				}
			}
		}
	}
}

func TestARunThatGetsTooLargeEndsWithWhatCanBeRead(t *testing.T) { // R3
	const fit = 3
	var saved []results.Status
	c := &Campaign{run: &results.Run{Status: results.Running, Trials: make([]results.Trial, fit+1)}}
	c.Save = func(r *results.Run) error {
		if len(r.Trials) > fit {
			return results.ErrSize
		}
		saved = append(saved, r.Status)
		return nil
	}
	if err := c.save(); !errors.Is(err, ErrSave) || !errors.Is(err, results.ErrSize) {
		t.Errorf("saved with %v", err)
	}
	if len(saved) != 1 || saved[0] != results.Failed || len(c.run.Trials) != fit {
		t.Errorf("saved as %v with %d trials, want once as failed with %d", saved, len(c.run.Trials), fit)
	}
	if c.run.Trials = nil; c.save() != nil {
		t.Error("a small one is not saved")
	}
}

func TestARunWaitsForPortsOnce(t *testing.T) { // G2
	synctest.Test(t, func(t *testing.T) {
		c := &Campaign{Options: Options{Scenario: scenarios.Default()}, facts: results.Facts{Ports: 100}}
		looks, told := 0, []string(nil)
		for _, taken := range []func() int{
			func() int { looks++; return 1000 * max(0, 3-looks) }, // room at the third look
			func() int { return 1 << 30 },
			func() int { return 1 << 30 },
		} {
			one := &trial{Campaign: c, step: step{Scenario: c.Scenario, transport: Transport{Half: ws.New}}, result: &results.Trial{}}
			one.enter("start")
			began := time.Now()
			if err := one.rest(t.Context(), taken); err != nil {
				t.Fatal(err)
			}
			told = append(told, fmt.Sprint(time.Since(began), " ", len(one.result.Verdict.Reasons), " ", one.at()))
		}
		want := []string{"500ms 0 wait for ports", "1m5s 1 wait for ports", "0s 1 start"}
		if !slices.Equal(told, want) {
			t.Errorf("%q, want %q", told, want)
		}
	})
}

func TestSilenceIsLongerThanWhatAMachineHoldsUp(t *testing.T) { // C13
	one := &trial{step: step{Scenario: scenarios.Default(), transport: Transport{Half: ws.New}}}
	for heartbeat, want := range map[time.Duration]time.Duration{
		10 * time.Millisecond: quietest,
		15 * time.Second:      37500 * time.Millisecond,
	} {
		one.Scenario.Heartbeat = scenarios.Duration(heartbeat)
		if got := one.silence(crowd.Options{}); got != want {
			t.Errorf("with a sign of life every %s a client bears %s, want %s", heartbeat, got, want)
		}
	}
}
