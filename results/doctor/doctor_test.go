package doctor

import (
	"strings"
	"testing"
	"time"

	"pushbench/results"
)

// healthy is a machine on which nothing would spoil the load beside it.
func healthy() (results.Facts, Load, Noise) {
	return results.Facts{
			CPUs: 4, Descriptors: 2000, Ports: 28000, Backlog: 4096, Governor: "performance",
			Cores: map[int]string{0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"}, ClockSource: "tsc", HugePages: "madvise",
			IRQTime: results.IRQAccounted, Pressure: true, MemoryFree: 1 << 30,
		},
		Load{Clients: 1000, Connections: 1000, ConnectRate: 1000, Server: []int{0, 2}, Generator: []int{1, 3}},
		Noise{Over: 300 * time.Millisecond, Timers: 300, LateP99: 60 * time.Microsecond, LateMax: time.Millisecond}
}

func find(t *testing.T, findings []Finding, code string) Finding {
	t.Helper()
	for _, f := range findings {
		if f.Code == code {
			return f
		}
	}
	t.Fatalf("no finding on %s", code)
	return Finding{}
}

func TestAHealthyMachineIsFine(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Diagnose(healthy()) {
		if f.State != OK || f.Spoils != "" || f.Mend != "" || f.Text == "" {
			t.Errorf("%s: %+v", f.Code, f)
		}
		if seen[f.Code] {
			t.Errorf("two findings on %s", f.Code)
		}
		seen[f.Code] = true
	}
	if warnings := Warnings(Diagnose(healthy())); warnings != nil {
		t.Errorf("warnings %q", warnings)
	}
}

func TestEachFindingStartsAtItsBound(t *testing.T) { // G1, G2, G5
	type condition func(*results.Facts, *Load, *Noise)
	for _, c := range []struct {
		code       string
		state      State
		says       string
		just, over condition // the last that is fine, the first that is not
	}{
		{"descriptors", Problem, "need 2001 file descriptors, have 2000",
			func(_ *results.Facts, l *Load, _ *Noise) { l.Connections = 2000 - spare },
			func(_ *results.Facts, l *Load, _ *Noise) { l.Connections = 2000 - spare + 1 }},
		{"ports", Problem, "1433601 connections from 28000 ports",
			func(f *results.Facts, l *Load, _ *Noise) { f.Descriptors, l.Connections = 0, 64*22400 },
			func(f *results.Facts, l *Load, _ *Noise) { f.Descriptors, l.Connections = 0, 64*22400+1 }},
		{"shared-cpu", Problem, "share CPU 0",
			func(_ *results.Facts, l *Load, _ *Noise) { l.Server, l.Generator = []int{0}, []int{1} },
			func(_ *results.Facts, l *Load, _ *Noise) { l.Server, l.Generator = []int{0}, []int{0} }},
		{"cpu-quota", Warning, "may use 3.9 of their 4 CPUs",
			func(f *results.Facts, _ *Load, _ *Noise) { f.Quota = 4 },
			func(f *results.Facts, _ *Load, _ *Noise) { f.Quota = 3.9 }},
		{"shared-cpu", Problem, "cannot be kept",
			func(*results.Facts, *Load, *Noise) {},
			func(_ *results.Facts, l *Load, _ *Noise) { l.Server, l.Generator = nil, nil }},
		{"shared-core", Warning, "CPU 0 and the generator's CPU 2",
			func(*results.Facts, *Load, *Noise) {},
			func(_ *results.Facts, l *Load, _ *Noise) { l.Server, l.Generator = []int{0, 1}, []int{2, 3} }},
		{"accept-queue", Warning, "99 connections",
			func(f *results.Facts, _ *Load, _ *Noise) { f.Backlog = 100 },
			func(f *results.Facts, _ *Load, _ *Noise) { f.Backlog = 99 }},
		{"time-wait", Warning, "27001 connections",
			func(f *results.Facts, _ *Load, _ *Noise) { f.TimeWait = 27000 },
			func(f *results.Facts, _ *Load, _ *Noise) { f.TimeWait = 27001 }},
		{"memory", Warning, "62 MiB, and 62 are free",
			func(f *results.Facts, _ *Load, _ *Noise) { f.MemoryFree = 1000 * perClient },
			func(f *results.Facts, _ *Load, _ *Noise) { f.MemoryFree = 1000*perClient - 1 }},
		{"governor", Warning, "powersave",
			func(*results.Facts, *Load, *Noise) {},
			func(f *results.Facts, _ *Load, _ *Noise) { f.Governor = "performance, powersave" }},
		{"clocksource", Warning, "hpet",
			func(f *results.Facts, _ *Load, _ *Noise) { f.ClockSource = "kvm-clock" },
			func(f *results.Facts, _ *Load, _ *Noise) { f.ClockSource = "hpet" }},
		{"huge-pages", Warning, "huge",
			func(f *results.Facts, _ *Load, _ *Noise) { f.HugePages = "never" },
			func(f *results.Facts, _ *Load, _ *Noise) { f.HugePages = "always" }},
		{"environment", Warning, "GODEBUG=x=1 GOGC=off",
			func(f *results.Facts, _ *Load, _ *Noise) { f.Environment = map[string]string{} },
			func(f *results.Facts, _ *Load, _ *Noise) {
				f.Environment = map[string]string{"GOGC": "off", "GODEBUG": "x=1"}
			}},
		{"steal", Warning, "6.0 %",
			func(f *results.Facts, _ *Load, _ *Noise) { f.Stolen = 0.05 },
			func(f *results.Facts, _ *Load, _ *Noise) { f.Stolen = 0.06 }},
		{"load", Warning, "26 % of the CPUs' time is used now",
			func(f *results.Facts, _ *Load, n *Noise) { f.Load, n.Busy = 30, 0.25 }, // of the run before
			func(_ *results.Facts, _ *Load, n *Noise) { n.Busy = 0.26 }},
		{"noise", Warning, "p99 1.001ms",
			func(_ *results.Facts, _ *Load, n *Noise) { n.LateP99 = time.Millisecond },
			func(_ *results.Facts, _ *Load, n *Noise) { n.LateP99 = time.Millisecond + time.Microsecond }},
		{"noise", Warning, "1.5 %",
			func(_ *results.Facts, _ *Load, n *Noise) { n.Stolen = 0.01 },
			func(_ *results.Facts, _ *Load, n *Noise) { n.Stolen = 0.015 }},
	} {
		facts, load, noise := healthy()
		c.just(&facts, &load, &noise)
		if got := find(t, Diagnose(facts, load, noise), c.code); got.State != OK && got.State != Unseen {
			t.Errorf("%s, just fine: %+v", c.code, got)
		}
		facts, load, noise = healthy()
		c.over(&facts, &load, &noise)
		got := find(t, Diagnose(facts, load, noise), c.code)
		if got.State != c.state || !strings.Contains(got.Text, c.says) || got.Spoils == "" || got.Mend == "" {
			t.Errorf("%s: %+v, want a %s that says %q, what it spoils and how to mend it", c.code, got, c.state, c.says)
		}
		if warnings := strings.Join(Warnings(Diagnose(facts, load, noise)), "\n"); !strings.Contains(warnings, c.code+": ") {
			t.Errorf("%s is not among the warnings %q", c.code, warnings)
		}
	}
}

func TestWhatAMachineDoesNotTellIsUnknownAndNotFine(t *testing.T) {
	_, load, _ := healthy()
	unknown := map[string]bool{}
	for _, f := range Diagnose(results.Facts{Ports: 16384}, load, Noise{}) {
		unknown[f.Code] = f.State == Unseen
	}
	for _, code := range []string{"descriptors", "shared-core", "accept-queue", "memory", "governor", "clocksource", "huge-pages", "irq-time", "memory-pressure", "load", "noise"} {
		if !unknown[code] {
			t.Errorf("%s is judged without a fact", code)
		}
	}
}

func TestSeveralProcessesHaveTheirDescriptorsEach(t *testing.T) { // G1
	facts, load, noise := healthy() // 2000 descriptors
	load.Clients, load.Connections = 10_000, 10_000
	short := find(t, Diagnose(facts, load, noise), "descriptors")
	if short.State != Problem || !strings.Contains(short.Mend, "--servers 6 --generators 6, or lower --clients to 1936") {
		t.Errorf("%+v", short)
	}
	// The kernel deals connections out by a hash, and this program evenly.
	for _, c := range []struct {
		servers, generators int
		want                State
		need                int
	}{{6, 6, OK, 1667 + 5*41 + spare}, {6, 5, Problem, 2000 + spare}, {5, 6, Problem, 2000 + 224 + spare}, {1, 6, Problem, 10_000 + spare}} {
		load.Servers, load.Generators = c.servers, c.generators
		if need := NeedDescriptors(load); need < c.need-1 || need > c.need+1 {
			t.Errorf("%d servers and %d generators need %d, want %d", c.servers, c.generators, need, c.need)
		}
		if got := find(t, Diagnose(facts, load, noise), "descriptors"); got.State != c.want {
			t.Errorf("%d servers and %d generators: %+v, want %s", c.servers, c.generators, got, c.want)
		}
	}
	// What no number of processes can hold is not said to be.
	load.Connections, load.Clients, load.Servers, load.Generators = 1_000_000, 1_000_000, 1, 1
	if got := find(t, Diagnose(facts, load, noise), "descriptors"); strings.Contains(got.Mend, "--servers") {
		t.Errorf("%+v", got)
	}
}

func TestAddressesAreAsManyAsConnectionsTake(t *testing.T) { // G2
	for connections, want := range map[int]int{0: 1, 1: 1, 22400: 1, 22401: 2, 44800: 2, 44801: 3} {
		if got := Addresses(connections, 28000); got != want {
			t.Errorf("%d connections: %d addresses, want %d", connections, got, want)
		}
	}
}
