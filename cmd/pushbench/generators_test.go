package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"pushbench/results"
)

// However many processes play them, the clients are one crowd: what is told of an event
// is told of all who were owed it.
func TestSeveralGeneratorsMakeOneTrial(t *testing.T) { // D2, D3, G14
	onBothEngines(t, func(t *testing.T, engine string) {
		run := struck(t, engine, "--generators", "3", "--servers", "2", "--topics", "rooms", "--room", "5", "--faults", "reset at 300ms, reset 50% at 900ms")
		for _, trial := range run.Trials {
			wantSound(t, trial)
			const rooms, events, clients = 8, 75, 40
			e := trial.Events
			if e.Published != rooms*events || e.Owed != clients*events || e.Delivered != e.Owed {
				t.Errorf("%s: %+v; want each of %d events of %d rooms once for each of its five clients", trial.Transport, e, events, rooms)
			}
			if n := trial.Histograms[results.Latency].Count(); n != e.Owed {
				t.Errorf("%s: %d latencies of %d deliveries", trial.Transport, n, e.Owed)
			}
			if n := trial.Histograms[results.Fanout].Count(); n != e.Published {
				t.Errorf("%s: %d events have reached all of their clients, want %d", trial.Transport, n, e.Published)
			}
			if trial.Staleness == nil || trial.Staleness.Ramps == 0 || trial.Usage.GeneratorCPU <= 0 || trial.Usage.GeneratorRSS == 0 {
				t.Errorf("%s: staleness %+v, usage %+v", trial.Transport, trial.Staleness, trial.Usage)
			}
			if engine == "loop" && (trial.Wire == nil || trial.Wire.SegmentsDown == 0) {
				t.Errorf("%s: of the wire there is %+v", trial.Transport, trial.Wire)
			}
			for _, r := range trial.Verdict.Reasons {
				if r.Code == "servers-apart" {
					t.Errorf("%s: %s", trial.Transport, r.Text)
				}
			}
		}
	})
}

// All transports at the same time, each client of which belongs to one of three
// processes; they say something, too.
func TestSeveralGeneratorsPlayAllTransportsTogether(t *testing.T) { // D2
	t.Parallel()
	run := conducted(t, defaultEngine, `
together: true
clients: 10
generators: 3
schedule: {rate: 40/s}
duration: 400ms
`)
	for _, trial := range run.Trials {
		if e := trial.Events; e.Owed != 10*16 || e.Delivered != e.Owed || trial.Together == nil || trial.Together.Clients != 40 {
			t.Errorf("%s: %+v of %+v", trial.Transport, e, trial.Together)
		}
	}
}

func TestWhatClientsOfSeveralGeneratorsSayArrives(t *testing.T) { // D2
	t.Parallel()
	run := conducted(t, defaultEngine, `
clients: 12
generators: 3
topics: rooms
room: 4
schedule: {kind: none}
uplink: {rate: 20/s}
duration: 600ms
`)
	for _, trial := range run.Trials {
		if e := trial.Events; e.Published == 0 || e.Owed != 4*e.Published || e.Delivered != e.Owed || trial.Traffic.SayFailed != 0 {
			t.Errorf("%s: %d failed, %+v; want each message once for each of the four in a room", trial.Transport, trial.Traffic.SayFailed, e)
		}
	}
}

// Who is slow and who leaves is drawn from the whole crowd, whoever plays it.
func TestRolesAreThoseOfTheWholeCrowd(t *testing.T) { // D2, Q1
	t.Parallel()
	run := conducted(t, defaultEngine, `
clients: 12
generators: 5
servers: 2
schedule: {rate: 50/s}
duration: 600ms
transports: [sse, ws]
slow: {share: 25%, speed: 50%}
leave: {share: 25%, at: 100ms, for: 100ms}
`)
	for _, trial := range run.Trials {
		slow, left := trial.Groups[results.GroupSlow], trial.Groups[results.GroupLeaving]
		if slow.Clients != 3 || slow.Owed != 3*30 || left.Clients != 3 || left.Returned != 3 {
			t.Errorf("%s: %+v", trial.Transport, trial.Groups)
		}
	}
}

func TestAnInterruptCutsAllGenerators(t *testing.T) { // R4, D2
	p := startProcess(t, "-c", "20", "-d", "2s", "--generators", "3", "--servers", "2")
	p.await(t, func() bool { // the second trial has begun
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) == 1 && len(p.processes(t, "load")) == 3
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	p.await(t, func() bool { return len(p.processes(t, "load")) == 0 })
	for _, trial := range run.Trials {
		if e := trial.Events; e.Unexplained != 0 || e.Owed != e.Delivered+e.InFlight {
			t.Errorf("%+v", e)
		}
	}
}

func TestAGeneratorThatDiesEndsTheRun(t *testing.T) { // R4
	p := startProcess(t, "-c", "20", "-d", "60s", "--generators", "3")
	p.await(t, func() bool { return len(p.processes(t, "load")) == 3 })
	if err := syscall.Kill(p.processes(t, "load")[1], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "1")
	p.await(t, func() bool { return len(p.processes(t, "load")) == 0 })
	last := run.Trials[len(run.Trials)-1]
	if last.Verdict.State != results.Invalid || last.Verdict.Reasons[0].Code != "generator-died" || last.Events.Owed != 0 {
		t.Errorf("verdict %+v and %+v; want invalid for generator-died, and nothing that is guessed", last.Verdict, last.Events)
	}
	if !strings.Contains(p.stderr.String(), "generator process died") {
		t.Errorf("it said: %s", &p.stderr)
	}
}

func TestGeneratorsEndWithTheirParent(t *testing.T) { // R4
	p := startProcess(t, "-c", "20", "-d", "60s", "--generators", "3")
	p.await(t, func() bool { return len(p.processes(t, "load")) == 3 })
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	p.await(t, func() bool { return len(p.processes(t, "load"))+len(p.servers(t)) == 0 })
}
