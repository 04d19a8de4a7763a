package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// invoke runs a command line and returns what a user would see.
func invoke(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

func TestItSaysWhatItNeeds(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"without the floor", nil, 1, "make bench-self FLOOR=DIR"},
		{"a folder without sources", []string{"-floor", empty}, 1, "fsrv.c"},
		{"an unknown pair", []string{"-only", "quic"}, 1, "no pair matches"},
		{"a file that cannot be written", []string{"-o", filepath.Join(empty, "no", "file")}, 1, "save record"},
		{"an unknown flag", []string{"-loud"}, 2, "-loud"},
		{"an argument", []string{"all"}, 2, `"all"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := invoke(t, c.args...)
			if code != c.code || out != "" || !strings.Contains(errs, c.want) {
				t.Errorf("code %d, stdout %q, stderr %q; want code %d and %q on stderr", code, out, errs, c.code, c.want)
			}
		})
	}
}

func TestItNamesTheToolThatIsMissing(t *testing.T) {
	sources := t.TempDir()
	for _, name := range []string{"Makefile", "fsrv.c", "fcli.c"} {
		if err := os.WriteFile(filepath.Join(sources, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	code, _, errs := invoke(t, "-floor", sources)
	if code != 1 || !strings.Contains(errs, "taskset") {
		t.Errorf("code %d, stderr %q; want 1 and the name of a tool", code, errs)
	}
}

func TestRecordIsThereBeforeTheFirstRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "self.json")
	invoke(t, "-o", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got record
	if err := json.Unmarshal(text, &got); err != nil || got.Kind != "bench-self" {
		t.Errorf("%s: kind %q, %v", text, got.Kind, err)
	}
}

func TestTableShowsWhatIsReachedAndWhatIsUnknown(t *testing.T) {
	var out strings.Builder
	err := tabulate(&out, []outcome{
		{Pair: "x, one", Unit: "µs", Rounds: 5, A: 5, B: 6, Ratio: 1.2, Low: 1.1, High: 1.4, Goal: "≤ 1.3 ×", Reached: new(true)},
		{Pair: "x, two", Unit: "µs", Goal: "≤ 1.3 ×"},
		{Pair: "y, three", Unit: "KiB", Rounds: 1, B: 40, Goal: "≤ 36 KiB", Reached: new(false)},
	})
	want := `PAIR      A     B      UNIT  B ÷ A [MIN–MAX]   ROUNDS  GOAL      REACHED
x, one    5.00  6.00   µs    1.20 [1.10–1.40]  5       ≤ 1.3 ×   yes
x, two    –     –      µs    –                 0       ≤ 1.3 ×   –
y, three  –     40.00  KiB   –                 1       ≤ 36 KiB  no

1 of 3 goals reached. CPU is per event, of poll per answer.
`
	if err != nil || out.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, out.String(), want)
	}
}
