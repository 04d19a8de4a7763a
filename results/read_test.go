package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pushbench/results"
)

// Whatever is wrong with a file, the error says where and what to do.
func TestWhatIsNoRunIsToldWhy(t *testing.T) { // R8
	whole, err := json.Marshal(sampleRun())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, want string
	}{
		{"", "not a run file: it is empty"},
		{" \n", "not a run file: it is empty"},
		{"{\"schema\":1,\n\"trials\":[{\"tra", "not a run file: it is truncated: it ends at byte 28 (line 2), in the middle: copy it again from where it was saved, or measure again"},
		{string(whole[:len(whole)-1]), "truncated"},
		{string(whole) + "}", "not a run file: invalid character '}' after top-level value at byte "},
		{"{\"schema\":1,\n\"trials\":[}", "invalid character '}' looking for beginning of value at byte 24 (line 2)"},
		{`{"schema":1,"trials":[{"transport":"sse","clients":NaN}]}`, "invalid character 'N' looking for beginning of value at byte 52 (line 1)"},
		{`{"schema":1,"trials":[{"transport":"sse","clients":1e999}]}`, "trials.clients cannot be number 1e999, at byte 56 (line 1)"},
		{`{"schema":1,"trials":[{"transport":"sse","usage":{"server_busy":1e999}}]}`, "cannot be number 1e999"},
		{`{"schema":1,"trials":[{"transport":"sse","clients":"many"}]}`, "trials.clients cannot be string"},
		{`{"schema":"one","trials":[]}`, "schema cannot be string"},
		{`{"schema":1.5,"trials":[]}`, "schema cannot be number 1.5"},
		{`[1]`, "a run cannot be array, at byte 1"},
		{`{"schema":1,"trials":{}}`, "trials cannot be object"},
		{`{"scenario":"quick","trials":[]}`, "it names no schema: want a file that 'pushbench run' has saved"},
		{`{"schema":0,"trials":[]}`, "schema 0, and the oldest that there is is 1: measure again"},
		{`{"schema":-1,"trials":[]}`, "schema -1"},
		{`{"schema":7,"trials":"another shape"}`, "written by a newer pushbench: schema 7, this one reads up to 1: use the program that wrote it, or one as new"},
		{`{"schema":1,"scenario":"quick","rows":[]}`, "it is a rendering (--format json)"},
		{`{"schema":1,"checks":[]}`, "it holds no trials"},
		{`{"schema":1,"trials":[{}]}`, "trial 1 names no transport"},
		{"\xef\xbb\xbf" + string(whole), "invalid character 'ï' looking for beginning of value at byte 1"},
	} {
		_, err := results.Read(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, results.ErrFile) && !errors.Is(err, results.ErrSchema) {
			t.Errorf("%.80q: %v, want %s", c.text, err, c.want)
		}
	}
}

// A file that was cut off anywhere is not read as a shorter run.
func TestNoTruncatedFileIsRead(t *testing.T) { // R3
	whole, err := json.Marshal(sampleRun())
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := results.Read(bytes.NewReader(whole[:n])); !errors.Is(err, results.ErrFile) || n > 0 && !strings.Contains(err.Error(), "truncated") {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func TestUnknownMembersArePassedOver(t *testing.T) { // R8
	run, err := results.Read(strings.NewReader(`{"schema":1,"later":{"rows":[{}]},"trials":[{"transport":"sse","later":[1,2]}],"rows":1}`))
	if err != nil || len(run.Trials) != 1 || run.Trials[0].Transport != "sse" {
		t.Errorf("%+v, %v", run, err)
	}
}

// A few bytes of a file become a trial in memory, so their number is looked at
// before they are.
func TestReadingTakesNoMoreMemoryThanAFileIsWorth(t *testing.T) { // R11
	for name, text := range map[string]string{
		"trials":  `{"schema":1,"trials":[` + strings.Repeat("{},", 2*results.MaxTrials) + `{}]}`,
		"twice":   `{"schema":1,"trials":[` + strings.Repeat("{},", 2*results.MaxTrials) + `{}],"trials":[]}`,
		"slices":  `{"schema":1,"trials":[{"transport":"sse","series":{"slices":[` + strings.Repeat("{},", 1<<20) + `{}]}}]}`,
		"nulls":   `{"schema":1,"trials":[{"transport":"sse","series":{"slices":[` + strings.Repeat("null,", 1<<20) + `null]}}]}`,
		"numbers": `{"schema":1,"trials":[{"transport":"sse","series":{"slices":[` + strings.Repeat("1,", 1<<20) + `1]}}]}`,
		"nesting": `{"schema":1,"trials":` + strings.Repeat("[", 1<<20),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := results.Read(strings.NewReader(text))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, results.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 20*uint64(len(text)) {
			t.Errorf("%s: refusing %d bytes took %d", name, len(text), used)
		}
	}
	// Commas and brackets in texts are none, and the end of a text is not in its escapes.
	if _, err := results.Read(strings.NewReader(`{"schema":1,"trials":[{"transport":"a\"},[{]}` + strings.Repeat(",", 2*results.MaxTrials) + `\\"}]}`)); err != nil {
		t.Errorf("a name with commas: %v", err)
	}
}

// The bounds are beyond every file that can be saved.
func TestWhateverIsSavedCanBeRead(t *testing.T) { // R3
	trial, err := json.Marshal(results.Trial{})
	if err != nil {
		t.Fatal(err)
	}
	if results.MaxTrials*len(trial) < results.MaxFile {
		t.Errorf("%d trials of %d bytes fit a file of %d, and are not read", results.MaxTrials, len(trial), results.MaxFile)
	}
	slice, err := json.Marshal(results.Slice{})
	if err != nil {
		t.Fatal(err)
	}
	if len(slice)<<20 < results.MaxFile {
		t.Errorf("a million slices of %d bytes fit a file", len(slice))
	}
}

// What a link leads to is replaced, and not the link.
func TestALinkStaysALink(t *testing.T) { // R3
	folder, elsewhere := t.TempDir(), t.TempDir()
	file, link := filepath.Join(elsewhere, "run.json"), filepath.Join(folder, "latest.json")
	if err := results.Save(file, sampleRun()); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := results.Prepare(link); err != nil {
		t.Error(err)
	}
	if err := results.Replace(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	if target, err := os.Readlink(link); err != nil || target != file {
		t.Errorf("the link leads to %q (%v)", target, err)
	}
	if len(entries(t, folder)) != 1 || len(entries(t, elsewhere)) != 1 {
		t.Errorf("left %q and %q", entries(t, folder), entries(t, elsewhere))
	}
}

// Who wants one histogram is not kept from it by another, and does not get another.
func TestOnlyTheHistogramsThatAreNamedAreRead(t *testing.T) { // R11
	run := sampleRun()
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(run.Trials[0].Histograms[results.Latency])
	if err != nil {
		t.Fatal(err)
	}
	delay, err := json.Marshal(run.Trials[0].Histograms[results.GeneratorDelay])
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(text, append([]byte(`"generator_delay":`), delay...), []byte(`"generator_delay":{"hdr":"no histogram"}`), 1)
	if bytes.Equal(bad, text) {
		t.Fatal("the run has no such histogram to spoil")
	}
	for _, text := range [][]byte{text, bad} {
		read, err := results.Read(bytes.NewReader(text), results.Latency, "no such")
		if err != nil {
			t.Fatal(err)
		}
		all := read.Trials[0].Histograms
		if got, _ := json.Marshal(all[results.Latency]); len(all) != 1 || !bytes.Equal(got, want) {
			t.Errorf("%d histograms, latency %s, want %s", len(all), got, want)
		}
	}
	for _, names := range [][]string{nil, {results.GeneratorDelay}, {results.Latency, results.GeneratorDelay}} {
		_, err := results.Read(bytes.NewReader(bad), names...)
		if !errors.Is(err, results.ErrFile) || !strings.Contains(err.Error(), `trial 1, histogram "generator_delay": not a histogram`) {
			t.Errorf("%q of a run whose generator delay is none: %v", names, err)
		}
	}
}
