package main

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pushbench/results"
)

// onOneCPU runs the command where it may use one CPU only: a child inherits the
// mask of the thread that starts it.
func onOneCPU(t *testing.T, c *exec.Cmd) (stdout, stderr string, code int) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	for cpu := range len(before) * 64 {
		if before.IsSet(cpu) && one.Count() == 0 {
			one.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	defer unix.SchedSetaffinity(0, &before)
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

func TestARunOnOneCPUIsInvalid(t *testing.T) { // G5
	file := t.TempDir() + "/run.json"
	_, stderr, code := onOneCPU(t, exec.CommandContext(t.Context(), program(t), "run", "-q", "-c", "10", "-r", "20/s",
		"-t", "sse", "-d", "300ms", "-w", "10ms", "--trials", "1", "-o", file))
	if code != exitUntrusted || !strings.Contains(stderr, "note: shared-cpu: ") {
		t.Errorf("exit code %d, want %d; it said: %s", code, exitUntrusted, stderr)
	}
	run, err := results.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	verdict := run.Trials[0].Verdict
	if verdict.State != results.Invalid || verdict.Reasons[0].Code != "shared-cpu" || verdict.Reasons[0].State != results.Invalid {
		t.Errorf("verdict %+v, want invalid for shared-cpu", verdict)
	}
	if !strings.HasPrefix(strings.Join(run.Machine.Warnings, "\n"), "shared-cpu: ") {
		t.Errorf("warnings in the file: %q", run.Machine.Warnings)
	}
}

func TestTheDoctorRefusesOneCPU(t *testing.T) { // G5
	stdout, stderr, code := onOneCPU(t, exec.CommandContext(t.Context(), program(t), "doctor", "-c", "10"))
	if code != exitFailed || !strings.Contains(stdout, "share CPU") || !strings.Contains(stderr, "shared-cpu: every trial is invalid") {
		t.Errorf("exit code %d; it found: %s\nand said: %s", code, stdout, stderr)
	}
}
