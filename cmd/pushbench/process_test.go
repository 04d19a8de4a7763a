package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pushbench/results"
)

// program is this test's binary under the name by which it is pushbench.
func program(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pushbench")
	// A link has nothing open for writing, which a process that another test starts at
	// this moment could inherit: to execute what somebody writes fails (ETXTBSY).
	if os.Link(own, path) == nil {
		return path
	}
	if err := os.WriteFile(path, readFile(t, own), 0o755); err != nil { // on another file system
		t.Fatal(err)
	}
	return path
}

// A campaignProcess is a run of the program in a process of its own.
type campaignProcess struct {
	*exec.Cmd
	file   string
	stderr bytes.Buffer
}

// startRun begins a run of many short trials, and waits until the first has been
// saved and another one is under way.
func startRun(t *testing.T) *campaignProcess {
	t.Helper()
	p := startProcess(t, "-c", "20", "-d", "300ms")
	p.await(t, func() bool {
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) >= 1 && len(p.servers(t)) == 1
	})
	return p
}

func startProcess(t *testing.T, args ...string) *campaignProcess {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("finds processes through /proc: run it on Linux")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	p := &campaignProcess{file: filepath.Join(t.TempDir(), "run.json")}
	p.Cmd = exec.CommandContext(ctx, program(t), append([]string{"run", "-q", "-t", "ws", "-r", "50/s",
		"-w", "10ms", "--trials", "100", "-o", p.file}, args...)...)
	p.Stderr = &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// await looks again and again until the condition holds; the test's own limit
// bounds it.
func (p *campaignProcess) await(t *testing.T, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(time.Minute)
	for !holds() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("waited in vain; the program said: %s", &p.stderr)
		}
	}
}

// servers are the processes that run this program as a server.
func (p *campaignProcess) servers(t *testing.T) []int {
	t.Helper()
	return p.processes(t, "serve")
}

// processes are those that run this command of this program.
func (p *campaignProcess) processes(t *testing.T, command string) (pids []int) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		line, err := os.ReadFile(name)
		if err != nil {
			continue // gone meanwhile
		}
		words := strings.Split(string(line), "\x00")
		if len(words) > 1 && words[0] == p.Path && words[1] == command {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

func (p *campaignProcess) wantExit(t *testing.T, want string) *results.Run {
	t.Helper()
	p.Wait() // an error if it was waited for already
	if got := strconv.Itoa(p.ProcessState.ExitCode()); got != want {
		t.Errorf("exit code %s, want %s; it said: %s", got, want, &p.stderr)
	}
	p.await(t, func() bool { return len(p.servers(t)) == 0 })
	run, err := results.Load(p.file)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestAnInterruptKeepsWhatThereIsAndLeavesNoOrphan(t *testing.T) { // R4, D2
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(fmt.Sprint(signal), func(t *testing.T) {
			p := startRun(t)
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			run := p.wantExit(t, "105")
			if run.Status != results.Interrupted {
				t.Errorf("status %s, want interrupted", run.Status)
			}
			for i, trial := range run.Trials {
				if trial.Events.Unexplained != 0 {
					t.Errorf("trial %d of %d: %d events unexplained", i+1, len(run.Trials), trial.Events.Unexplained)
				}
			}
		})
	}
}

func TestAnInterruptWhileClientsConnectLeavesNoValidTrial(t *testing.T) { // R4
	p := startProcess(t, "-c", "1000", "--connect-rate", "1/s", "-d", "300ms")
	p.await(t, func() bool { return len(p.servers(t)) == 1 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	for _, trial := range run.Trials {
		if trial.Verdict.State != results.Invalid || trial.Verdict.Reasons[0].Code != "interrupted" {
			t.Errorf("verdict of a trial without an event: %+v", trial.Verdict)
		}
	}
}

func TestAnInterruptedSearchKeepsWhatItKnows(t *testing.T) { // R4
	p := startProcess(t, "-d", "300ms", "--search", "clients=5..2000", "--slo", "lost == 0")
	p.await(t, func() bool {
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) >= 2 && len(p.servers(t)) == 1
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	if run.Status != results.Interrupted || len(run.Capacity) != 1 {
		t.Fatalf("status %s, %d capacities", run.Status, len(run.Capacity))
	}
	// Five and ten clients have held, at least, and nothing has ended the search.
	if c := run.Capacity[0]; c.Value == nil || *c.Value < 10 || c.Ended != "" || c.AtLeast || c.Hi != nil {
		t.Errorf("it knows %+v", c)
	}
}

func TestADeadServerEndsTheRunAndKeepsEarlierTrials(t *testing.T) { // R4
	p := startRun(t)
	ended := make(chan struct{})
	go func() {
		p.Wait()
		close(ended)
	}()
	p.await(t, func() bool {
		// More than once: a server that was about to end anyway is not missed.
		for _, pid := range p.servers(t) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	run := p.wantExit(t, "1")
	last := run.Trials[len(run.Trials)-1]
	if run.Status != results.Failed || last.Verdict.State != results.Invalid || last.Verdict.Reasons[0].Code != "server-died" {
		t.Errorf("status %s, last verdict %+v; want failed, and invalid for server-died", run.Status, last.Verdict)
	}
	if len(run.Trials) < 2 || run.Trials[0].Events.Delivered == 0 {
		t.Errorf("%d trials kept, the first with %d deliveries", len(run.Trials), run.Trials[0].Events.Delivered)
	}
	if !strings.Contains(p.stderr.String(), "server process died") {
		t.Errorf("it said: %s", &p.stderr)
	}
}

func TestAServerEndsWithItsParent(t *testing.T) { // R4
	p := startRun(t)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	p.await(t, func() bool { return len(p.servers(t)) == 0 })
}

// Wherever they are cut, the trials that run together end at one instant and add up.
func TestAnInterruptCutsAllThatRunTogether(t *testing.T) { // R4, D2
	p := startProcess(t, "-t", "poll,longpoll,sse", "--together", "-c", "20", "--poll-interval", "50ms", "-d", "2s", "--drain", "5s")
	p.await(t, func() bool { // the second block has begun
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) == 4 && len(p.servers(t)) == 1
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	if len(run.Trials)%4 != 0 {
		t.Errorf("%d trials kept, of four that run together", len(run.Trials))
	}
	for i, trial := range run.Trials {
		e, lead := trial.Events, run.Trials[i-i%4]
		if e.Unexplained != 0 || e.Owed != e.Delivered+e.InFlight {
			t.Errorf("%s: %+v", trial.Transport, e)
		}
		if e.Published != lead.Events.Published || trial.Measured != lead.Measured || trial.Block != lead.Block {
			t.Errorf("%s: block %d, %d events due in %s; for %s it was %d, %d in %s",
				trial.Transport, trial.Block, e.Published, trial.Measured, lead.Transport, lead.Block, lead.Events.Published, lead.Measured)
		}
	}
}

func TestAnInterruptWhileThereIsNoServerIsAccountedForToo(t *testing.T) { // R4, D2, D5
	p := startProcess(t, "-c", "20", "-d", "60s", "--faults", "restart at 200ms for 50s")
	p.await(t, func() bool { return len(p.servers(t)) == 1 })
	p.await(t, func() bool { return len(p.servers(t)) == 0 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	if len(run.Trials) != 1 {
		t.Fatalf("%d trials kept, want the one under way", len(run.Trials))
	}
	if e := run.Trials[0].Events; e.Owed == 0 || e.Unexplained != 0 {
		t.Errorf("%+v, want everything explained", e)
	}
	if f := run.Trials[0].Recovery.Faults; len(f) != 1 || f[0].Cut != 20 || f[0].Down >= 50*time.Second {
		t.Errorf("%+v, want the one that was cut short", f)
	}
}

func TestAServerThatStandsStillEndsWithItsParent(t *testing.T) { // R4
	p := startProcess(t, "-c", "20", "-d", "60s", "--faults", "stall at 200ms for 50s")
	stopped := func() bool {
		pids := p.servers(t)
		if len(pids) != 1 {
			return false
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pids[0]))
		_, state, _ := strings.Cut(string(stat), ") ")
		return err == nil && strings.HasPrefix(state, "T")
	}
	p.await(t, stopped)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	p.await(t, func() bool { return len(p.servers(t)) == 0 })
}
