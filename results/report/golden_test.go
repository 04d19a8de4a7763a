package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pushbench/results/report"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares what was rendered with the file of that name in testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// rendering is what the format of that name on a menu makes of x.
func rendering[T any](t rapid.TB, menu report.Menu[T], format string, x T, o report.Options) string {
	t.Helper()
	f, err := menu.Named(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, x, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}
