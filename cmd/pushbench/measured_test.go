package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/choose"
	"pushbench/scenarios"
)

// narrowed is what choose measures for the usual product of that size.
func narrowed(t *testing.T, size scenarios.Size) *scenarios.Scenario {
	t.Helper()
	of, err := scenarios.Load("choose")
	if err != nil {
		t.Fatal(err)
	}
	p := scenarios.DefaultProfile()
	p.Clients, p.Size = 5000, size
	s := p.Narrow(of)
	s.Transports = transportNames()
	return s
}

// Without a run choose measures what the product needs, and an interrupt keeps that
// and answers nothing.
func TestChooseMeasuresForTheProductUntilItIsInterrupted(t *testing.T) { // R4
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p := &campaignProcess{}
	p.Cmd = exec.CommandContext(ctx, program(t), "choose", "-q", "-c", "5000", "-s", "300B", "--format", "html", "-o", "answer.html")
	p.Dir = folder
	var answer bytes.Buffer
	p.Stdout, p.Stderr = &answer, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	p.await(t, func() bool {
		files, err := filepath.Glob(filepath.Join(folder, results.Folder, "*-choose.json"))
		if err != nil || len(files) != 1 {
			return false
		}
		p.file = files[0]
		run, err := results.Load(p.file)
		return err == nil && len(run.Trials) >= 1 && len(p.servers(t)) == 1
	})
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	run := p.wantExit(t, "105")
	if !strings.Contains(p.stderr.String(), "what there is stands in results/runs/") {
		t.Errorf("it said: %s", &p.stderr)
	}
	if _, err := os.Stat(filepath.Join(folder, "answer.html")); err == nil || answer.Len() > 0 {
		t.Errorf("an interrupted run is answered from: %s", &answer)
	}
	var got, want scenarios.Scenario
	text, err := json.Marshal(narrowed(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(run.Executed, &got) != nil || json.Unmarshal(text, &want) != nil {
		t.Fatalf("executed: %s, want %s", run.Executed, text)
	}
	got.Seed, want.Seed = 0, 0 // drawn
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("measured for the product (-want +got):\n%s", diff)
	}
}

// What choose measures, of two transports and at four of its loads, is enough to
// answer from.
func TestWhatIsMeasuredForAProductAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for half a minute")
	}
	folder := t.TempDir()
	task, out := filepath.Join(folder, "task.json"), filepath.Join(folder, "run.json")
	s := narrowed(t, 200)
	s.Transports, s.Uplink = []string{"sse", "ws"}, scenarios.Default().Uplink
	s.Axes = map[string][]string{"clients": {"40", "20", "120"}, "schedule.rate": {"40/s", "10/s"}}
	s.Settle()
	executed, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := results.Save(task, &results.Run{Schema: results.Schema, Scenario: s.Name, Executed: executed, Trials: []results.Trial{}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	if said, err := exec.CommandContext(ctx, program(t), "run", task, "-q", "-o", out).CombinedOutput(); err != nil && exitCode(err) != "106" {
		t.Fatalf("exit code %s: %s", exitCode(err), said)
	}
	var errs bytes.Buffer
	command := exec.CommandContext(ctx, program(t), "choose", "-c", "5000", "--run", out, "--format", "json")
	command.Stderr = &errs
	text, err := command.Output()
	if err != nil && exitCode(err) == "106" {
		t.Skipf("too busy to measure here and now: %s", &errs)
	}
	if err != nil {
		t.Fatalf("exit code %s: %s", exitCode(err), &errs)
	}
	var a choose.Answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Ranking) != 2 || len(a.Winners) == 0 || a.Source.File != out || a.Source.Scenario != "choose" {
		t.Errorf("answered %s", text)
	}
	for _, place := range a.Ranking {
		is := place.Predicted
		if is == nil || !place.Fits || is.CPUs.Median <= 0 || is.CPUs.Lo == nil || is.Memory.Median <= 0 || is.Egress.Median < 5000*200 ||
			!slices.ContainsFunc(is.Terms, func(t choose.Term) bool { return t.Term == "delivery" || t.Term == "write" }) {
			t.Errorf("%s is predicted %+v", place.Transport, is)
		}
	}
}
