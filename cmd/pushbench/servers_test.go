package main

import (
	"os"
	"runtime"
	"syscall"
	"testing"

	"pushbench/results"
)

// All processes of a server publish the same events of one epoch, so whom a reset
// takes from one of them loses nothing with another.
func TestClientsResumeAtAnyProcessOfAServer(t *testing.T) { // D3
	if runtime.GOOS != "linux" {
		t.Skip("several processes share a port: run it on Linux")
	}
	onBothEngines(t, func(t *testing.T, engine string) {
		trials := struck(t, engine, "--servers", "3", "--faults", "reset at 300ms, reset 50% at 700ms, reset at 1100ms").Trials
		trials = append(trials, struck(t, engine, "--stack", "lean", "--servers", "2", "--faults", "reset at 300ms, reset 50% at 700ms").Trials...)
		for _, trial := range trials {
			wantSound(t, trial)
			e := trial.Events
			if e.Delivered != e.Owed || e.Gaps != 0 || e.Published != 75 || e.Owed != 75*40 {
				t.Errorf("%s: %+v; want each of 75 events once for each of 40 clients", trial.Transport, e)
			}
			conns := trial.Usage.ServerConns
			want, sum := 3, int64(0)
			if trial.Stack == "lean" {
				want = 2
			}
			for _, n := range conns {
				sum += n
			}
			if len(conns) != want || sum != trial.Usage.ServerFull.Conns || sum < 40 {
				t.Errorf("%s, %s: connections %v, %d together; want those of 40 clients over %d processes", trial.Transport, trial.Stack, conns, trial.Usage.ServerFull.Conns, want)
			}
			if trial.Usage.ServerCPU <= 0 || trial.Traffic.Writes == 0 {
				t.Errorf("%s, %s: %v of CPU, %d writes", trial.Transport, trial.Stack, trial.Usage.ServerCPU, trial.Traffic.Writes)
			}
		}
	})
}

// Where they are halted they have published the same, so that all of it adds up.
func TestAnInterruptCutsAllProcessesOfAServer(t *testing.T) { // R4, D2
	p := startProcess(t, "-c", "20", "-d", "2s", "-r", "500/s", "--servers", "3")
	p.await(t, func() bool { // the second trial has begun
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) == 1 && len(p.servers(t)) == 3
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	for _, trial := range run.Trials {
		if e := trial.Events; e.Unexplained != 0 || e.Owed != e.Delivered+e.InFlight {
			t.Errorf("%+v", e)
		}
		for _, r := range trial.Verdict.Reasons {
			if r.Code == "servers-apart" {
				t.Error(r.Text)
			}
		}
	}
}

func TestAServerThatLosesAProcessEndsTheRun(t *testing.T) { // R4
	p := startProcess(t, "-c", "20", "-d", "60s", "--servers", "3")
	p.await(t, func() bool { return len(p.servers(t)) == 3 })
	if err := syscall.Kill(p.servers(t)[2], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "1")
	last := run.Trials[len(run.Trials)-1]
	if last.Verdict.State != results.Invalid || last.Verdict.Reasons[0].Code != "server-died" {
		t.Errorf("verdict %+v, want invalid for server-died", last.Verdict)
	}
}
