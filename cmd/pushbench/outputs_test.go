package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/report"
	"pushbench/results/resultstest"
)

func TestFormatsGoWhereTheySay(t *testing.T) { // R2
	for _, c := range []struct {
		formats, out string
		want         string // or what is wrong
	}{
		{"table", "-", "table>-"},
		{"csv", "a/../run.csv", "csv>run.csv"},
		{"table csv=run.csv", "-", "table>- csv>run.csv"},
		{"csv=run.csv table", "t.txt", "csv>run.csv table>t.txt"},
		{"json=-", "x", "json>-"},
		{"csv=/dev/stdout", "x", "csv>-"},
		{"csv=a=b.csv", "-", "csv>a=b.csv"},
		{"table markdown", "-", "table and markdown both go to standard output: give one a file of its own, as in --format table,markdown=FILE"},
		{"table csv=-", "-", "table and csv both go to standard output"},
		{"csv=x json=./x", "-", "csv and json both go to x"},
		{"csv json=x", "x", "csv and json both go to x"},
		{"csv=", "-", "--format csv= names no file: write csv=FILE, or csv=- for standard output"},
		{"pdf=x", "-", `unknown format "pdf" (have table,`},
		{"", "-", `no format named (have table,`},
		{"=x", "-", `unknown format ""`},
		{"csv", "", "--out names no file"},
	} {
		all, err := outputsOf(strings.Fields(c.formats), c.out)
		if err != nil {
			if wrong, ok := errors.AsType[*exitError](err); !ok || wrong.code != exitUsage || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%q: %v, want %s", c.formats, err, c.want)
			}
			continue
		}
		var got []string
		for _, o := range all {
			got = append(got, o.Name+">"+o.file)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, want %s", c.formats, got, c.want)
		}
	}
}

// A file has many names, and one that is not there yet has them, too.
func TestTwoFormatsNeverGoToOneFile(t *testing.T) { // R3
	folder := t.TempDir()
	t.Chdir(folder)
	for _, name := range []string{"real", "other"} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("real/there.csv", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"alias": "real", "linked.csv": filepath.Join("real", "there.csv")} {
		if err := os.Symlink(to, link); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{"new.csv", filepath.Join(folder, "new.csv"), true},
		{"real/new.csv", "alias/new.csv", true},
		{"real/new.csv", "other/../alias/new.csv", true},
		{"real/there.csv", "alias/there.csv", true},
		{"real/there.csv", "linked.csv", true},
		{"real/new.csv", "other/new.csv", false},
		{"real/there.csv", "real/new.csv", false},
		{"absent/new.csv", "real/new.csv", false},
	} {
		_, err := outputsOf([]string{"csv=" + c.one, "json=" + c.other}, standard)
		if (err != nil) != c.same || err != nil && !strings.Contains(err.Error(), "csv and json both go to ") {
			t.Errorf("%s and %s: %v, want an error: %v", c.one, c.other, err, c.same)
		}
	}
	if same("", "real/there.csv") || same("real/there.csv", "") || same("", "") {
		t.Error("what has no name is a file")
	}
}

func FuzzOutputs(f *testing.F) { // R11
	f.Add("table", "-")
	f.Add("table=-\ncsv=x", "x")
	f.Add("csv==\nhgrm=\x00", "\xff")
	f.Fuzz(func(t *testing.T, formats, out string) {
		all, err := outputsOf(strings.Split(formats, "\n"), out)
		if err != nil {
			if wrong, ok := errors.AsType[*exitError](err); !ok || wrong.code != exitUsage {
				t.Errorf("%q: %v", formats, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, o := range all {
			if seen[o.file] || o.file == "" {
				t.Errorf("%q to %q: two go to %q, or none knows where", formats, out, o.file)
			}
			seen[o.file] = true
		}
	})
}

// What cannot be rendered is known before anything is written.
func TestARenderingThatFailsLeavesAllFiles(t *testing.T) { // R3
	folder := t.TempDir()
	csv := filepath.Join(folder, "run.csv")
	if err := os.WriteFile(csv, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := outputsOf([]string{"csv=" + csv, "hgrm=" + filepath.Join(folder, "run.hgrm"), "table"}, standard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = all.write(&out, resultstest.Sized(2, 2), "")
	if err == nil || !strings.Contains(err.Error(), "hgrm holds the distribution of one row") {
		t.Errorf("two rows in hgrm: %v", err)
	}
	if got := string(readFile(t, csv)); got != "old" || out.Len() > 0 {
		t.Errorf("%d bytes printed, and the file holds %.40q", out.Len(), got)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("%d files", len(entries))
	}
}

// One that cannot be written costs none of the others.
func TestAFileThatCannotBeWrittenKeepsNoOther(t *testing.T) { // R3
	if runtime.GOOS != "linux" {
		t.Skip("has no /dev/full: run it on Linux")
	}
	csv := filepath.Join(t.TempDir(), "run.csv")
	all, err := outputsOf([]string{"json=/dev/full", "csv=" + csv, "table"}, standard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := all.write(&out, resultstest.Sized(1, 1), ""); err == nil || !strings.Contains(err.Error(), "/dev/full") {
		t.Errorf("a full disk: %v", err)
	}
	if got := string(readFile(t, csv)); !strings.HasPrefix(got, "scenario,") || !strings.Contains(out.String(), "drawn") {
		t.Errorf("the others are %.40q and %.40q", got, out.String())
	}
}

func TestTheJobSummaryIsAddedTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.md")
	if err := os.WriteFile(file, []byte("# Before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", file)
	all, err := outputsOf([]string{"github"}, standard)
	if err != nil {
		t.Fatal(err)
	}
	run := resultstest.Sized(1, 1)
	run.Status = results.Interrupted
	var out bytes.Buffer
	if err := all.write(&out, run, ""); err != nil {
		t.Fatal(err)
	}
	if got := string(readFile(t, file)); !strings.HasPrefix(got, "# Before\n## pushbench: drawn\n") {
		t.Errorf("the summary is %.80q", got)
	}
	if got := out.String(); !strings.HasPrefix(got, "::error title=the run is not complete::interrupted after 1 of 1 trials\n") || strings.Contains(got, "##") {
		t.Errorf("the log is %q", got)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", t.TempDir())
	if err := all.write(&out, run, ""); err == nil || !strings.Contains(err.Error(), "write job summary") {
		t.Errorf("a summary that is a folder: %v", err)
	}
}

// A test of every format that a reader who has gone is told of: not killed by it.
func TestABrokenPipeIsAnError(t *testing.T) { // R3
	if runtime.GOOS == "windows" {
		t.Skip("has no such pipes")
	}
	folder := t.TempDir()
	file, csv := filepath.Join(folder, "run.json"), filepath.Join(folder, "run.csv")
	if err := results.Save(file, resultstest.Sized(1, 1)); err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close() // nobody reads
	c := exec.CommandContext(t.Context(), program(t), "report", file, "--format", "table,csv="+csv)
	var said bytes.Buffer
	c.Stdout, c.Stderr = write, &said
	err = c.Run()
	write.Close()
	if err == nil || exitCode(err) != "1" || !strings.Contains(said.String(), "broken pipe") {
		t.Errorf("%v, and it says %q", err, &said)
	}
	if got := string(readFile(t, csv)); !strings.HasPrefix(got, "scenario,") {
		t.Errorf("the file holds %.40q", got)
	}
}

func TestWhatDrivesATerminalIsMadeVisible(t *testing.T) { // R6
	for text, want := range map[string]string{
		"plain\tand lines\n":      "plain\tand lines\n",
		"\x1b[31mred\x1b[0m\x07":  `\x1b[31mred\x1b[0m\x07`,
		"\u009b2J\x7f\r":          `\u009b2J\x7f\x0d`,
		"\u202egnp.exe":           `\u202egnp.exe`,
		"東京 e\u0301 \U0001f600 –": "東京 e\u0301 \U0001f600 –",
		"\xff\x9b":                `\xff\x9b`,
		"\ufffd":                  "\ufffd",
		"":                        "",
	} {
		if got := string(visible([]byte(text))); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	hostile := []byte("\x1b[2J")
	if got := shown(new(bytes.Buffer), hostile); !bytes.Equal(got, hostile) {
		t.Errorf("a program is given %q", got)
	}
}

func TestColoursOfATableStayAndNothingElseThatDrivesATerminal(t *testing.T) { // R6
	for text, want := range map[string]string{
		" \x1b[31mworse\x1b[0m\n":             " \x1b[31mworse\x1b[0m\n",
		"\x1b[2J\x1b[32mvalid\x1b[0m\x1b]0;x": `\x1b[2J` + "\x1b[32mvalid\x1b[0m" + `\x1b]0;x`,
		"\x1b[31":                             `\x1b[31`,
		"":                                    "",
	} {
		if got := string(painted([]byte(text))); got != want {
			t.Errorf("%q is painted as %q, want %q", text, got, want)
		}
	}
	t.Setenv("TERM", "xterm")
	if colored(new(bytes.Buffer)) {
		t.Error("colours where there is no terminal")
	}
}

// Every format can be asked for by the name that help lists.
func TestHelpDescribesEveryFormat(t *testing.T) {
	var out, errs bytes.Buffer
	run(t.Context(), []string{"report", "--help"}, nil, &out, &errs)
	for _, f := range report.Formats {
		if !strings.Contains(out.String(), "\n  "+f.Name+" ") || !strings.Contains(out.String(), f.Description) {
			t.Errorf("no %s in\n%s", f.Name, &out)
		}
	}
}
