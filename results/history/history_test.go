package history_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/history"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// write saves a run that began so long after noon, with trials of these verdicts.
func write(t *testing.T, file string, after time.Duration, states ...results.State) {
	t.Helper()
	run := &results.Run{
		Schema: 1, Scenario: "quick", Started: noon.Add(after), Status: results.Complete, Planned: len(states),
		Command:    []string{"/home/somebody/bin/pushbench", "run", "quick", "-c", "10"},
		Thresholds: []results.Judgment{{Expr: "lost == 0", Passed: true}, {Expr: "latency_p99 < 1ms"}},
	}
	for i, state := range states {
		run.Trials = append(run.Trials, results.Trial{
			Cell: results.Cell{Transport: []string{"sse", "ws"}[i%2], Stack: "std"}, Verdict: results.Verdict{State: state},
			Started: run.Started.Add(time.Duration(i) * time.Second), Measured: 1500 * time.Millisecond,
		})
	}
	if err := results.Save(file, run); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, file, contents string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(contents), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAListSaysWhatARunIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	write(t, file, 0, results.Valid, results.Valid, results.Valid, results.Invalid, results.Suspect, results.Valid)
	all, err := history.List(file)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d runs: %v", len(all), err)
	}
	got := all[0]
	if got.Err != nil || got.File != file || !got.Started.Equal(noon) || got.Scenario != "quick" || got.Status != results.Complete {
		t.Errorf("%+v", got)
	}
	if got.Command != "run quick -c 10" || got.Took != 6500*time.Millisecond || got.Planned != 6 {
		t.Errorf("%+v", got)
	}
	if got.Trials.Valid != 4 || got.Trials.Suspect != 1 || got.Trials.Invalid != 1 || got.Rows != 2 || got.Ranked != 2 {
		t.Errorf("%+v", got)
	}
	if got.Thresholds != 2 || got.Failed != 1 {
		t.Errorf("%d of %d thresholds failed, want 1 of 2", got.Failed, got.Thresholds)
	}
}

func TestBrokenFilesAreListedWithWhatIsWrong(t *testing.T) { // R8
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, in("a.json"), time.Hour, results.Valid, results.Invalid)
	text(t, in("truncated.json"), `{"schema":1,"trials":[{"transport":`)
	text(t, in("newer.json"), `{"schema":99}`)
	text(t, in("report.json"), `{"schema":1,"scenario":"quick","rows":[]}`)
	text(t, in("notes.txt"), "no run")
	text(t, in(".hidden.json"), "half a run")
	if err := os.Mkdir(in("folder.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in("nowhere"), in("dangling.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in("a.json"), in("link.json")); err != nil {
		t.Fatal(err)
	}
	all, err := history.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]error{}
	for _, r := range all {
		got[filepath.Base(r.File)] = r.Err
	}
	for name, want := range map[string]error{"a.json": nil, "link.json": nil, "truncated.json": results.ErrFile, "newer.json": results.ErrSchema, "report.json": results.ErrFile, "dangling.json": fs.ErrNotExist} {
		if have, there := got[name]; !there || !errors.Is(have, want) {
			t.Errorf("%s: %v, %v; want %v", name, have, there, want)
		}
	}
	if len(all) != 6 {
		t.Errorf("%d files in the list: %v", len(all), got)
	}
}

// Published runs have a folder each.
func TestRunsWithAFolderOfTheirOwnAreListed(t *testing.T) {
	folder := t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{folder}, names...)...) }
	for _, name := range []string{"quick", "chat", "notes", "deep", ".hidden", "old.json"} {
		if err := os.MkdirAll(in(name, "deeper"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, in("single.json"), 0, results.Valid)
	write(t, in("quick", "run.json"), time.Hour, results.Valid)
	write(t, in("old.json", "run.json"), time.Hour, results.Valid)
	write(t, in("deep", "deeper", "run.json"), time.Hour, results.Valid)
	write(t, in(".hidden", "run.json"), time.Hour, results.Valid)
	text(t, in("chat", "run.json"), `{"schema":99}`)
	text(t, in("notes", "other.json"), "no run")
	all, err := history.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]error{}
	for _, r := range all {
		name, _ := filepath.Rel(folder, r.File)
		got[filepath.ToSlash(name)] = r.Err
	}
	for name, want := range map[string]error{"single.json": nil, "quick/run.json": nil, "old.json/run.json": nil, "chat/run.json": results.ErrSchema} {
		if have, there := got[name]; !there || !errors.Is(have, want) {
			t.Errorf("%s: %v, listed %v; want %v", name, have, there, want)
		}
	}
	if len(all) != 4 {
		t.Errorf("%d files in the list: %v", len(all), got)
	}
}

func TestWhatIsNamedAndNotThereIsAnError(t *testing.T) {
	if _, err := history.List(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want that it does not exist", err)
	}
	if all, err := history.List(t.TempDir()); err != nil || len(all) != 0 {
		t.Errorf("an empty folder has %v: %v", all, err)
	}
}

func TestTheNewestRunIsTheFirst(t *testing.T) {
	folder := t.TempDir()
	for name, after := range map[string]time.Duration{"b": time.Hour, "a": 3 * time.Hour, "c": 2 * time.Hour} {
		write(t, filepath.Join(folder, name+".json"), after, results.Valid)
	}
	all, err := history.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	history.Newest(all)
	var names []string
	for _, r := range all {
		names = append(names, filepath.Base(r.File))
	}
	if want := []string{"a.json", "c.json", "b.json"}; !slices.Equal(names, want) {
		t.Errorf("order %v, want %v", names, want)
	}
	if got, want := len(history.Names(folder)), 3; got != want {
		t.Errorf("%d names, want %d", got, want)
	}
}

// A list of many files keeps little of each, whatever is in it.
func TestAListKeepsLittleOfALargeFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large.json")
	run := &results.Run{Schema: 1, Scenario: strings.Repeat("é", 1<<20), Started: noon, Status: results.Status(strings.Repeat("x", 1<<20)), Command: []string{"pushbench", strings.Repeat("y", 1<<20)}}
	if err := results.Save(file, run); err != nil {
		t.Fatal(err)
	}
	all, err := history.List(file)
	if err != nil || all[0].Err != nil {
		t.Fatal(err, all)
	}
	if kept := len(all[0].Scenario) + len(all[0].Status) + len(all[0].Command); kept > 4<<10 {
		t.Errorf("%d bytes are kept", kept)
	}
}
