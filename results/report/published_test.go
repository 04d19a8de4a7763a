package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pushbench/results"
	"pushbench/results/report"
)

const replayed = `,"published":[
{"source":"Somebody 2015","differs":"C against Go,\nand <b>one</b> publish | at a time","metric":"down_bytes_per_event","unit":"B",
 "figures":[{"transport":"ws","at":{"clients":"1000"},"value":100},{"transport":"sse","at":{"clients":"1000"},"value":400},{"transport":"poll","at":{"clients":"5"},"value":7}]},
{"source":"The same","differs":"as above","metric":"down_bytes_per_event","unit":"ratio","figures":[{"transport":"sse","over":"ws","value":4}]},
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
	var page struct {
		Published []struct {
			Source, Metric, Unit, Transport, Over, Why string
			At                                         map[string]string
			Value                                      float64
			Ours, Ratio                                *struct {
				Median float64
				Lo, Hi *float64
			}
		}
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(render(t, "json", run, report.Options{})))).Decode(&page); err != nil {
		t.Fatal(err)
	}
	if len(page.Published) != 5 {
		t.Fatalf("%d figures in JSON, want 5", len(page.Published))
	}
	if lines := strings.Count(render(t, "ndjson", run, report.Options{}), `"type":"published"`); lines != 5 {
		t.Errorf("%d figures in NDJSON, want 5", lines)
	}
	records, err := csv.NewReader(strings.NewReader(render(t, "csv", run, report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range page.Published {
		if told := i < 2 || i == 3; told != (p.Ours != nil) || told != (p.Ratio != nil) || told != (p.Why == "") {
			t.Errorf("figure %d: %+v", i, p)
		}
		if p.Ours != nil && (p.Ours.Lo == nil || p.Ratio.Median != p.Ours.Median*(1/p.Value)) {
			t.Errorf("figure %d: ours %+v, ratio %+v to %v", i, p.Ours, p.Ratio, p.Value)
		}
		axes := ""
		for key, value := range p.At {
			axes = key + "=" + value
		}
		if p.Over != "" {
			axes = "over=" + p.Over
		}
		ofFigure := func(metric string) int {
			return slices.IndexFunc(records, func(r []string) bool { return r[1] == p.Transport && r[3] == axes && r[8] == metric })
		}
		if theirs := ofFigure("published_" + p.Metric); theirs < 0 || records[theirs][9] != p.Unit {
			t.Errorf("figure %d is not in the CSV: %v", i, theirs)
		}
		if ratio := ofFigure("published_ratio_" + p.Metric); (ratio >= 0) != (p.Ratio != nil) {
			t.Errorf("figure %d: a ratio in the CSV: %v", i, ratio >= 0)
		}
	}
}
