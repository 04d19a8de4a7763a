package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// untested are the cases of priority 1 whose test is still to come. The list only
// ever gets shorter.
var untested = []string{"C17", "G18"}

func TestEveryCaseThatMustHoldHasATest(t *testing.T) {
	all, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		switch listed := slices.Contains(untested, e.id); {
		case e.priority == 1 && len(tests[e.id]) == 0 && !listed:
			t.Errorf("%s (%s) has no test", e.id, e.what)
		case listed && len(tests[e.id]) > 0:
			t.Errorf("%s has a test: take it off the list of those that have none", e.id)
		}
	}
}

func TestEveryCaseThatATestNamesIsListed(t *testing.T) {
	all, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	for id := range maps.Keys(tests) {
		if !slices.ContainsFunc(all, func(e entry) bool { return e.id == id }) {
			t.Errorf("%s of %v is on no line of cases.txt", id, tests[id])
		}
	}
}

func TestAListWithAMistakeNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"A1\t1\tfine\nA2 1 spaces\n":       ":2:",
		"A1\t4\tno such priority\n":        ":1:",
		"A1\t1\tonce\n\nA1\t1\ttwice\n":    "A1 is there twice",
		"# a remark\nA1\t12\ttwo digits\n": ":2:",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

func TestTestsAreFoundByTheCasesTheyName(t *testing.T) {
	folder := t.TempDir()
	sources := map[string]string{
		"a/a_test.go": `package a
func TestOne(t *testing.T) { // D1
}
func TestTwo(
	t *testing.T) { // D1, W10 and words
}
func TestNone(t *testing.T) { // see D1
}
func helper() { // D1
}
func FuzzIt(f *testing.F) { // R11
}
func BenchmarkIt(b *testing.B) { // G14
}
`,
		"a/testdata/b_test.go": "package b\nfunc TestNot(t *testing.T) { // D1\n}\n",
	}
	for name, text := range sources {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := find(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]test{
		"D1":  {{"./a", "TestOne"}, {"./a", "TestTwo"}},
		"W10": {{"./a", "TestTwo"}},
		"R11": {{"./a", "FuzzIt"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(test{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheTableTellsWhatIsHeldAndWhatIsNot(t *testing.T) {
	one, two, three := test{"./a", "TestOne"}, test{"./a", "TestTwo"}, test{"./b", "TestThree"}
	entries := []entry{
		{"A1", 1, "held by two"}, {"A2", 1, "broken"}, {"A3", 1, "skipped"}, {"A4", 1, "absent"}, {"A5", 2, "a wish"}, {"A6", 0, "for later"},
	}
	tests := map[string][]test{"A1": {one, two}, "A2": {one, three}, "A3": {two}}
	results := map[test]string{one: "pass", two: "skip", three: "fail"}
	var out strings.Builder
	err := tabulate(&out, entries, tests, results, false)
	want := `CASE  TEST         RESULT   WHAT HOLDS
A1    a TestOne    pass     held by two
      a TestTwo    skip     
A2    a TestOne    pass     broken
      b TestThree  fail     
A3    a TestTwo    skip     skipped
A4    –            MISSING  absent
A5    –            missing  a wish
A6    –            later    for later

1 of 4 cases of priority 1 hold.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !errors.Is(err, errGaps) {
		t.Fatalf("error %v, want the gaps", err)
	}
	for _, gap := range []string{"A2 fails in TestThree", "A3 was skipped", "A4 has no test"} {
		if !strings.Contains(err.Error(), gap) {
			t.Errorf("%v does not say %q", err, gap)
		}
	}
}

func TestWhatBecameOfTestsIsReadFromGoTest(t *testing.T) {
	got := map[test]string{}
	err := note(got, "./a", []byte(`{"Action":"run","Test":"TestOne"}
{"Action":"fail","Test":"TestOne/part"}
{"Action":"pass","Test":"TestOne"}
{"Action":"skip","Test":"TestTwo"}
{"Action":"pass"}
`))
	want := map[test]string{{"./a", "TestOne"}: "pass", {"./a", "TestTwo"}: "skip"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(test{})); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if note(got, "./a", []byte("no JSON")) == nil {
		t.Error("what is no JSON is no error")
	}
}

// A small case of our own, run for real.
func TestCasesAreRun(t *testing.T) {
	t.Chdir(root)
	var out, errs strings.Builder
	if err := show(t.Context(), regexp.MustCompile(`^S17$`), false, &out, &errs); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if !strings.Contains(out.String(), "pass") || !strings.Contains(out.String(), "1 of 1 cases of priority 1 hold") {
		t.Errorf("got\n%s", out.String())
	}
}
