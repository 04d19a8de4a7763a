package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/hdr"
)

func sampleRun() *results.Run {
	trial := sound()
	trial.Judge(nil)
	return &results.Run{
		Schema: results.Schema, Scenario: "quick", Executed: json.RawMessage(`{"clients":10}`), Seed: 1,
		Command: []string{"pushbench", "run"}, Started: time.Date(2026, 11, 21, 10, 20, 30, 0, time.UTC),
		Status: results.Running, Planned: 4, Trials: []results.Trial{*trial},
	}
}

// entries are the names in a folder.
func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestARunReadsBackAsItself(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	want := sampleRun()
	for range 2 { // the second time there is a file already
		if err := results.Save(file, want); err != nil {
			t.Fatal(err)
		}
	}
	got, err := results.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b *hdr.Histogram) bool {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return bytes.Equal(x, y)
	})
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("run (-saved +loaded):\n%s", diff)
	}
	if got := entries(t, filepath.Dir(file)); len(got) != 1 {
		t.Errorf("the folder has %q, want the run alone", got)
	}
}

func TestASaveThatFailsLeavesThePreviousFile(t *testing.T) { // R3
	folder := t.TempDir()
	file := filepath.Join(folder, "run.json")
	if err := results.Save(file, sampleRun()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := sampleRun()
	broken.Executed = json.RawMessage(`{`)
	if err := results.Save(file, broken); err == nil {
		t.Fatal("a run that cannot be encoded is saved")
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
	// A folder in the file's place cannot be replaced: the temporary file goes.
	taken := filepath.Join(folder, "taken.json")
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := results.Save(taken, sampleRun()); err == nil || !strings.Contains(err.Error(), "taken.json") {
		t.Errorf("saving over a folder = %v", err)
	}
	if got := entries(t, folder); len(got) != 2 {
		t.Errorf("the folder has %q, want the run and the other folder", got)
	}
}

func TestPrepareFailsWhereSaveWould(t *testing.T) { // R3
	folder := t.TempDir()
	if err := results.Prepare(filepath.Join(folder, "run.json")); err != nil {
		t.Errorf("Prepare in an empty folder = %v", err)
	}
	if got := entries(t, folder); len(got) != 0 {
		t.Errorf("Prepare left %q", got)
	}
	for _, file := range []string{filepath.Join(folder, "no", "run.json"), folder, os.DevNull} {
		if err := results.Prepare(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("Prepare(%s) = %v", file, err)
		}
	}
}

func TestDefaultPathDoesNotClobber(t *testing.T) {
	t.Chdir(t.TempDir())
	started := time.Date(2026, 11, 21, 10, 20, 30, 0, time.UTC)
	for _, want := range []string{"2026-11-21T10-20-30-quick.json", "2026-11-21T10-20-30-quick-2.json", "2026-11-21T10-20-30-quick-3.json"} {
		file, err := results.DefaultPath(started, "quick")
		if err != nil || file != filepath.Join("results", "runs", want) {
			t.Errorf("DefaultPath = %s, %v; want %s", file, err, want)
		}
		if err := results.Save(file, sampleRun()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnotherSchemaIsRefusedWithItsVersion(t *testing.T) { // R8
	for _, c := range []struct {
		text string
		want error
	}{
		{`{"schema":2,"scenario":{"of":"another shape"}}`, results.ErrSchema},
		{`{"schema":0}`, results.ErrFile},
		{`{}`, results.ErrFile},
		{`[]`, results.ErrFile},
		{``, results.ErrFile},
		{`{"schema":1,"trials":[{}]}`, results.ErrFile},
		{`{"schema":1,"trials":[{"transport":"sse","histograms":{"latency":{"hdr":"x"}}}]}`, results.ErrFile},
		{strings.Repeat(" ", results.MaxFile+1), results.ErrFile},
	} {
		if _, err := results.Read(strings.NewReader(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%.60q: %v, want %v", c.text, err, c.want)
		}
	}
	if _, err := results.Read(strings.NewReader(`{"schema":2}`)); err == nil || !strings.Contains(err.Error(), "schema 2, this one reads up to 1") {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestACapacityThatNothingWasTriedForIsRefused(t *testing.T) { // R8
	for capacity, want := range map[string]string{
		`{"transport":"ws","key":"clients","value":null,"ended":"bottom","probes":[]}`: "the capacity of ws was found without a probe",
		`{"key":"clients","ended":"","probes":[]}`:                                     "capacity 1 names no transport or no key",
		`{"transport":"ws","ended":"","probes":[]}`:                                    "capacity 1 names no transport or no key",
		`{"transport":"ws","key":"clients","ended":"","probes":[]}`:                    "", // a search that was interrupted at once
	} {
		_, err := results.Read(strings.NewReader(`{"schema":1,"trials":[],"capacity":[` + capacity + `]}`))
		if want == "" && err != nil || want != "" && (!errors.Is(err, results.ErrFile) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", capacity, err, want)
		}
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.json")
	if _, err := results.Load(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load of no file = %v", err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := results.Load(file); !errors.Is(err, results.ErrFile) || !strings.Contains(err.Error(), file) {
		t.Errorf("Load of no run = %v", err)
	}
}

func TestInspectNamesTheMachineByKindOnly(t *testing.T) {
	m, err := results.Inspect()
	if err != nil {
		t.Fatal(err)
	}
	if m.CPUs < 1 || m.Go == "" || m.OS == "" || len(m.Binary) != 64 || m.MemoryBytes == 0 {
		t.Errorf("machine %+v", m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if name, err := os.Hostname(); err == nil && len(name) > 3 && strings.Contains(string(text), name) {
		t.Errorf("%s gives the host's name away", text)
	}
}

func FuzzRead(f *testing.F) { // R11
	text, err := json.Marshal(sampleRun())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"schema":1,"trials":[{"transport":"a","histograms":{"latency":null}}]}`))
	f.Add([]byte(`{"schema":1,"trials":null,"executed":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := results.Read(bytes.NewReader(text))
		few, worse := results.Read(bytes.NewReader(text), results.Latency)
		if err != nil {
			return
		}
		if worse != nil || len(few.Trials) != len(run.Trials) {
			t.Fatalf("with one histogram it is %v, with all of them a run", worse)
		}
		for i := range run.Trials {
			trial := &run.Trials[i]
			trial.Judge(nil)
			for _, m := range results.Metrics {
				m.Of(trial)
			}
		}
		if _, err := json.Marshal(run); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

func TestAFileThatCouldNotBeReadIsNotSaved(t *testing.T) { // R3
	file := filepath.Join(t.TempDir(), "run.json")
	run := &results.Run{Schema: results.Schema, Scenario: "small"}
	if err := results.Save(file, run); err != nil {
		t.Fatal(err)
	}
	run.Scenario = strings.Repeat("x", results.MaxFile)
	if err := results.Save(file, run); !errors.Is(err, results.ErrSize) {
		t.Errorf("saved with %v", err)
	}
	if kept, err := results.Load(file); err != nil || kept.Scenario != "small" {
		t.Errorf("what was saved before reads back with %v", err)
	}
}
