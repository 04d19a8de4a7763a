package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/compare"
)

// A block is one command of the README's console blocks with the output that
// stands below it.
type block struct{ command, output string }

var console = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

func blocks(readme string) (found []block) {
	for _, text := range console.FindAllStringSubmatch(readme, -1) {
		for line := range strings.Lines(text[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				found = append(found, block{command: strings.TrimSpace(command)})
			} else if len(found) > 0 {
				found[len(found)-1].output += line
			}
		}
	}
	return found
}

// What the README shows is what happens: each command is run, in order, and
// where output is shown, it is that output.
func TestTheReadmesCommandsDoWhatItSays(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and measures: run without -short")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := blocks(string(readFile(t, filepath.Join(root, "README.md"))))
	if len(found) < 4 {
		t.Fatalf("only %d commands found in the README", len(found))
	}
	for _, b := range found {
		t.Run(b.command, func(t *testing.T) {
			if b.command == "make test" {
				t.Skip("this test is part of it")
			}
			run := exec.CommandContext(t.Context(), "sh", "-c", b.command)
			run.Dir = root
			// The full load is for a quiet machine: here it only has to work.
			run.Env = append(os.Environ(), "ARGS=run -c 20 -d 200ms -w 50ms --trials 1 -q -o "+filepath.Join(t.TempDir(), "run.json"))
			out, err := run.Output()
			// A machine that runs tests may rightly be called too busy to trust.
			if err != nil && exitCode(err) != "2" { // make's own code for a command that failed
				t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
			}
			if b.output != "" && trimmed(string(out)) != trimmed(b.output) {
				t.Errorf("it prints:\n%s\nand the README shows:\n%s", out, b.output)
			}
		})
	}
}

// trimmed leaves out spaces at the ends of lines, which editors remove.
func trimmed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return strings.TrimSpace(b.String())
}

// What is published is complete, and every row of it can be trusted.
func TestPublishedRunsAreTrustworthy(t *testing.T) {
	files, err := filepath.Glob("../../results/published/*/run.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no published runs: %v", err)
	}
	for _, file := range files {
		run, err := results.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if run.Status != results.Complete || len(run.Trials) != run.Planned {
			t.Errorf("%s is %s with %d of %d trials", file, run.Status, len(run.Trials), run.Planned)
		}
		for _, row := range compare.Rows(run) {
			if !row.Ranked {
				t.Errorf("%s: %s has too few valid trials: %+v", file, row.Transport, row.Trials)
			}
		}
		var load struct{ Expects []string }
		if err := json.Unmarshal(run.Executed, &load); err != nil {
			t.Fatal(err)
		}
		for _, trial := range run.Trials {
			lost := trial.Lost()
			if slices.Contains(load.Expects, "lost") {
				lost = 0
			}
			if trial.Recovery != nil {
				lost -= trial.Events.Lost["epoch"] // with the server that was killed
			}
			if trial.Events.Unexplained != 0 || lost != 0 {
				t.Errorf("%s: %s in block %d lost %d events and cannot explain %d", file, trial.Transport, trial.Block, lost, trial.Events.Unexplained)
			}
		}
	}
}
