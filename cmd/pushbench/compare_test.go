package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/scenarios"
)

// What an older program did not know of, it did as is the default now. What this one
// does not know of, it cannot say that of.
func TestAKeyThatOnlyOneRunSaysIsItsDefaultInTheOther(t *testing.T) { // R8
	whole, err := json.Marshal(scenarios.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, old, now string
		said           string // of a difference; "" for none
	}{
		{"defaults", `{"clients":10}`, strings.Replace(string(whole), `"clients":`+clientsOf(t, whole), `"clients":10`, 1), ""},
		{"no default", `{"clients":10}`, `{"clients":10,"heartbeat":"1s"}`, "heartbeat 15s → 1s"},
		{"a key of another program", `{"clients":10}`, `{"clients":10,"pigeons":3}`, "pigeons (not set) → 3"},
	} {
		folder := t.TempDir()
		var files []string
		for i, executed := range []string{c.old, c.now} {
			files = append(files, filepath.Join(folder, []string{"old.json", "new.json"}[i]))
			run := &results.Run{Schema: 1, Scenario: "mine", Status: results.Complete, Executed: json.RawMessage(executed)}
			for range 4 {
				run.Trials = append(run.Trials, results.Trial{Cell: results.Cell{Transport: "sse", Stack: "std"}, Verdict: results.Verdict{State: results.Valid}})
			}
			if err := results.Save(files[i], run); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"compare", files[0], files[1]}, nil, &out, &errs)
		want := 0
		if c.said != "" {
			want = exitUsage
		}
		if code != want || !strings.Contains(errs.String(), c.said) {
			t.Errorf("%s: exit code %d, want %d: %s", c.what, code, want, &errs)
		}
	}
}

func clientsOf(t *testing.T, scenario []byte) string {
	t.Helper()
	var s struct{ Clients json.RawMessage }
	if err := json.Unmarshal(scenario, &s); err != nil {
		t.Fatal(err)
	}
	return string(s.Clients)
}
