package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/report"
)

const replayed = `,"published":[
{"source":"Somebody 2015","differs":"C against Go,\nand <b>one</b> publish | at a time","metric":"down_bytes_per_event","unit":"B",
 "figures":[{"transport":"ws","at":{"clients":"1000"},"value":100},{"transport":"sse","at":{"clients":"1000"},"value":400},{"transport":"poll","at":{"clients":"5"},"value":7}]},
{"source":"The same","differs":"as above","derived":"a\n<b>quotient</b>","metric":"down_bytes_per_event","unit":"ratio","figures":[{"transport":"sse","over":"ws","value":4}]},
{"source":"Others","differs":"nothing","metric":"down_bytes_per_event","unit":"B","figures":[{"transport":"ws","at":{"clients":"1000"},"value":90}]},
{"source":"A newer one","differs":"nothing","metric":"colour_per_event","unit":"B","figures":[{"transport":"ws","value":1}]}]}`

// replay is the sample with what others have published of it.
func replay(t testing.TB) *results.Run {
	t.Helper()
	run := sample()
	run.Executed = json.RawMessage(strings.TrimSuffix(executed, "}") + replayed)
	var whole map[string]any
	if err := json.Unmarshal(run.Executed, &whole); err != nil {
		t.Fatal(err)
	}
	return run
}

func TestWhatOthersPublishedStandsBesideOurs(t *testing.T) {
	for _, format := range []string{"table", "markdown"} {
		got := render(t, format, replay(t), report.Options{})
		got = ofPublished(got)
		golden(t, "published."+format, got)
	}
}

// ofPublished is the table of what was published, and the sentences about it: the
// rest is the sample's own, and has a golden file.
func ofPublished(page string) string {
	var kept strings.Builder
	table := false
	for line := range strings.Lines(page) {
		first := strings.TrimLeft(line, "-| ")
		table = strings.HasPrefix(first, "published") || table && strings.TrimSpace(line) != ""
		if table || strings.HasPrefix(strings.TrimPrefix(first, `\`), "[") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func TestProgramsAreToldTheSameOfWhatWasPublished(t *testing.T) { // R9
	run := replay(t)
	var page document
	if err := json.NewDecoder(bytes.NewReader([]byte(render(t, "json", run, report.Options{})))).Decode(&page); err != nil {
		t.Fatal(err)
	}
	if len(page.Published) != 6 {
		t.Fatalf("%d figures in JSON, want 6", len(page.Published))
	}
	if lines := strings.Count(render(t, "ndjson", run, report.Options{}), `"type":"published"`); lines != 6 {
		t.Errorf("%d figures in NDJSON, want 6", lines)
	}
	records, err := csv.NewReader(strings.NewReader(render(t, "csv", run, report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range page.Published {
		if told := i < 2 || i == 3 || i == 4; told != (p.Ours != nil) || told != (p.Ratio != nil) || told != (p.Why == "") {
			t.Errorf("figure %d: %+v", i, p)
		}
		if p.Ours != nil && (p.Ours.Lo == nil || p.Ratio.Median != p.Ours.Median*(1/p.Value)) {
			t.Errorf("figure %d: ours %+v, ratio %+v to %v", i, p.Ours, p.Ratio, p.Value)
		}
		axes := ""
		for key, value := range p.At {
			axes = key + "=" + value + " "
		}
		if p.Over != "" {
			axes = "over=" + p.Over + " "
		}
		axes += "publication=" + strconv.Itoa(p.Publication)
		kind := "published_"
		if p.Derived != "" {
			kind = "derived_"
		}
		if (i == 3) != (p.Derived != "") {
			t.Errorf("figure %d is derived: %q", i, p.Derived)
		}
		ofFigure := func(metric string) int {
			return slices.IndexFunc(records, func(r []string) bool { return r[1] == p.Transport && r[3] == axes && r[8] == metric })
		}
		if theirs := ofFigure(kind + p.Metric); theirs < 0 || records[theirs][9] != p.Unit || records[theirs][10] != strconv.FormatFloat(p.Value, 'g', -1, 64) {
			t.Errorf("figure %d is not in the CSV: %v", i, theirs)
		}
		if ratio := ofFigure(kind + "ratio_" + p.Metric); (ratio >= 0) != (p.Ratio != nil) {
			t.Errorf("figure %d: a ratio in the CSV: %v", i, ratio >= 0)
		}
	}
}

// The page of a replay says what a replay is for, on its first screen but one: theirs
// beside ours, whose it is, and what of the set-up differs.
func TestThePageOfAReplaySaysWhoseFiguresTheyAre(t *testing.T) {
	page := render(t, "html", replay(t), report.Options{})
	text := told(page)
	at := 0
	for _, want := range []string{
		"Answer", "Published", "ours ÷", "ws clients=1000 [1] B 100 173 173 to 173 1.73", "sse ÷ ws [2] derived ratio 4 2 2 to 2",
		"[1] bytes down per event: Somebody 2015; their set-up: C against Go, and <b>one</b> publish | at a time",
		"nothing of ours stands beside poll clients=5: the run has clients 1000",
		"[2] bytes down per event: The same; their set-up: as above; derived, it does not stand there so: a <b>quotient</b>",
		"Pictures",
	} {
		next := strings.Index(text[at:], want)
		if next < 0 {
			t.Fatalf("no %q behind\n%s\nin\n%s", want, text[max(0, at-300):at], text[at:])
		}
		at += next
	}
	if strings.Contains(page, "<b>") {
		t.Error("a source is more than text")
	}
	if text := told(render(t, "html", sample(), report.Options{})); strings.Contains(text, "Published") {
		t.Error("nobody has published anything of this, and the page has a section of it")
	}
}
