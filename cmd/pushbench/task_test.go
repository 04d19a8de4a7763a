package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/scenarios"
)

// What is written of a task is what is read again: nothing of it is lost.
func TestARunFileHoldsItsTask(t *testing.T) {
	scenario, err := scenarios.Load("costs")
	if err != nil {
		t.Fatal(err)
	}
	scenario.Seed = 1<<64 - 1
	scenario.Measured = "" // of no run
	scenario.Transports = []string{"ws"}
	scenario.Expects = []string{"trend"}
	want := task{scenario, "goroutine", "ws", &results.Until{Width: 0.03, MaxTime: time.Minute}}
	run, err := describe(want)
	if err != nil {
		t.Fatal(err)
	}
	run.Until.Reached, run.Until.Ended = 0.02, results.UntilWidth // of the run that was
	file := filepath.Join(t.TempDir(), "run.json")
	if err := results.Save(file, run); err != nil {
		t.Fatal(err)
	}
	want.until = &results.Until{Width: 0.03, MaxTime: time.Minute}
	got, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(task{})); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
}

// Runs of before there were axes are repeated, too.
func TestAPublishedRunCanBeRepeated(t *testing.T) {
	got, err := load("../../results/published/quick/run.json")
	if err != nil {
		t.Fatal(err)
	}
	if got.scenario.Clients != 1000 || got.engine != defaultEngine || got.until != nil || len(got.scenario.Transports) != 4 {
		t.Errorf("task %+v of %+v", got, got.scenario)
	}
}

func TestRepeatIsACommandThatAShellReads(t *testing.T) {
	t.Setenv("GOGC", "50")
	t.Setenv("GODEBUG", "")
	t.Setenv("GOMEMLIMIT", "it's $HOME")
	t.Setenv("GOMAXPROCS", "2")
	const want = `GODEBUG='' GOGC=50 GOMAXPROCS=2 GOMEMLIMIT='it'\''s $HOME' pushbench run './my run.json'`
	got := repeat(filepath.Join("somewhere", "my run.json"))
	if got != want {
		t.Fatalf("repeat is\n%s\nwant\n%s", got, want)
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell to try it in: put sh in the PATH")
	}
	const program = "pushbench() { printf '%s|' \"$GOMEMLIMIT\" \"$@\"; }; "
	shell := exec.Command("sh", "-c", program+got)
	shell.Env = []string{"PATH=" + os.Getenv("PATH")}
	if out, err := shell.Output(); err != nil || string(out) != "it's $HOME|run|./my run.json|" {
		t.Errorf("a shell reads %q (%v)", out, err)
	}
}

func TestAWidthIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]percent{"3%": 0.03, "0.5%": 0.005, "1000%": 10} {
		var p percent
		if err := p.Set(text); err != nil || p != want || p.String() != text {
			t.Errorf("%q is read as %v and written as %q: %v", text, float64(p), p, err)
		}
	}
	for _, text := range []string{off, "0%"} {
		if p := percent(0.5); p.Set(text) != nil || p != 0 {
			t.Errorf("%q leaves %s", text, p)
		}
	}
	for _, text := range []string{"", "3", "%", "-1%", "NaN%", "Inf%", "1001%", "3 percent"} {
		p := percent(0.5)
		if err := p.Set(text); err == nil || p != 0.5 {
			t.Errorf("%q is read as %s", text, p)
		}
	}
}
