package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pushbench/results"
	"pushbench/scenarios"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pushbench": main})
}

// The command line is tested as it is typed.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"isjson": isJSON,
			"sound":  sound,
		},
	})
}

// exits runs a command and wants one of the exit codes: "exits 0|106 pushbench
// run". A small run on a busy machine may rightly end as not to be trusted.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE[|CODE] COMMAND …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = exitCode(err)
	}
	if !slices.Contains(strings.Split(args[0], "|"), got) {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// exitCode is that of a command that failed, or the error in words.
func exitCode(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}

// isjson wants the file, or stdout, to be one JSON value with the members.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	var value map[string]json.RawMessage
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &value); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	for _, member := range args[1:] {
		if _, ok := value[member]; ok == neg {
			ts.Fatalf("%s: member %q present: %v", args[0], member, ok)
		}
	}
}

// sound wants every trial of a run file to add up, whether its verdict is valid
// or, on a busy machine, not: something was owed, and all of it was delivered or
// is still under way.
func sound(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sound FILE, or a pattern that one file matches")
	}
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(files) != 1 {
		ts.Fatalf("%s: %d files, want one", args[0], len(files))
	}
	run, err := results.Load(files[0])
	ts.Check(err)
	var executed scenarios.Scenario
	ts.Check(json.Unmarshal(run.Executed, &executed))
	if len(run.Trials) == 0 || len(run.Trials) != run.Planned {
		ts.Fatalf("%s: %d of %d trials", args[0], len(run.Trials), run.Planned)
	}
	for _, trial := range run.Trials {
		e := trial.Events
		some := e.Owed > 0
		if executed.Schedule.Kind == "saturate" {
			some = trial.Traffic.Delivered > 0 // what is owed depends on the clients' pace
		}
		if !some || e.Owed != e.Delivered+e.InFlight || len(e.Lost) > 0 || e.Unexplained != 0 || e.Negative != 0 || e.Clipped != 0 {
			ts.Fatalf("%s: the numbers of %s do not add up: %+v, %d delivered in the phase", args[0], trial.Transport, e, trial.Traffic.Delivered)
		}
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
