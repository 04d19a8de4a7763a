package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/report"
)

// searched is a run that has looked for capacities: one that is known, a lower
// bound, and one that does not exist.
func searched() *results.Run {
	run := sample()
	run.Scenario = "capacity"
	run.Executed = json.RawMessage(strings.Replace(executed, `"trials"`, `"search":{"key":"clients","from":"250","to":"16000","within":"10%"},"trials"`, 1))
	slo := []string{"latency_p99 < 100ms", "lost == 0", "verdict valid"}
	ptr := func(v float64) *float64 { return &v }
	probes := []results.Probe{{At: 250, Axis: "250", Held: 1}, {At: 1000, Axis: "1000", Held: 4}, {At: 1050, Axis: "1050", Held: 1, Failed: 3, Void: 1}, {At: 1103, Axis: "1103", Failed: 4}}
	for i := range run.Trials {
		run.Trials[i].Axes = map[string]string{"clients": probes[run.Trials[i].Block%4].Axis}
	}
	run.Capacity = []results.Capacity{
		{Transport: "poll", Stack: "std", Key: "clients", Hi: ptr(250), Broke: results.BrokeLatency, Why: "at 250 latency_p99 was 991 ms",
			SLO: slo, Ended: results.EndedBottom, Probes: []results.Probe{{At: 250, Axis: "250", Failed: 4}}},
		{Transport: "sse", Stack: "std", Key: "clients", Value: ptr(1000), Lo: ptr(1000), Hi: ptr(1103), Broke: results.BrokeServerCPU,
			Why: "at 1050 the server used 97 % of its CPUs, latency_p99 was 131 ms", SLO: slo, Ended: results.EndedKnee, Probes: probes},
		{Transport: "ws", Stack: "std", Key: "clients", Value: ptr(16000), Lo: ptr(16000), AtLeast: true, Broke: results.BrokeNothing,
			SLO: slo, Ended: results.EndedTop, Probes: []results.Probe{{At: 250, Axis: "250", Held: 1}, {At: 16000, Axis: "16000", Held: 4}}},
	}
	return run
}

func TestASearchIsShownByWhatItFound(t *testing.T) { // R6
	got := render(t, "table", searched(), report.Options{File: "run.json"})
	golden(t, "searched.table", got)
	for _, text := range []string{"probe", "server-cpu", "≥ 16000", "250 to 16000 clients", "2s measured in each probe"} {
		if !strings.Contains(got, text) {
			t.Errorf("no %q in\n%s", text, got)
		}
	}
	if strings.Contains(got, "on the wire") || strings.Contains(got, "note: server-saturated") {
		t.Errorf("what each probe found is told, too:\n%s", got)
	}
}

func TestProgramsGetCapacitiesAsNumbers(t *testing.T) { // R9
	run := searched()
	var d struct{ Capacity []results.Capacity }
	if err := json.Unmarshal([]byte(render(t, "json", run, report.Options{})), &d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run.Capacity, d.Capacity); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var lines []string
	for line := range strings.Lines(render(t, "csv", run, report.Options{})) {
		if strings.Contains(line, "capacity_") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	want := []string{"capacity,sse,std,,,,,,capacity_clients,,1000,1000,1103,,13", "capacity,ws,std,,,,,,capacity_clients,,16000,16000,,,5"}
	if !slices.Equal(lines, want) {
		t.Errorf("CSV has %q, want %q", lines, want)
	}
	if got := render(t, "markdown", run, report.Options{}); !strings.Contains(got, "| always held up to |") {
		t.Errorf("Markdown has no table of capacities:\n%s", got)
	}
}

func TestACapacityThatGoesDownIsShownFromAbove(t *testing.T) { // R6
	run := searched()
	at := func(v float64) *float64 { return &v }
	run.Capacity = []results.Capacity{
		{Transport: "poll", Stack: "std", Key: "poll.interval", Unit: "ms", Down: true, Value: at(50), Lo: at(50), AtLeast: true,
			Broke: results.BrokeNothing, SLO: []string{"lost == 0"}, Ended: results.EndedTop, Probes: []results.Probe{{At: 2000, Held: 1}, {At: 50, Held: 4}}},
		{Transport: "ws", Stack: "std", Key: "poll.interval", Unit: "ms", Down: true, Value: at(100), Lo: at(110), Hi: at(90),
			Broke: results.BrokeServerCPU, SLO: []string{"lost == 0"}, Ended: results.EndedKnee, Probes: []results.Probe{{At: 2000, Held: 1}, {At: 90, Failed: 4}}},
	}
	table := render(t, "table", run, report.Options{})
	for _, text := range []string{"≤ 50", "down to"} {
		if !strings.Contains(table, text) {
			t.Errorf("no %q in\n%s", text, table)
		}
	}
	if strings.Contains(table, "≥") || strings.Contains(table, "at least poll.interval") {
		t.Errorf("a bound from above is told as one from below:\n%s", table)
	}
	csv := render(t, "csv", run, report.Options{})
	for _, line := range []string{",capacity_poll.interval,ms,50,,50,,5", ",capacity_poll.interval,ms,100,90,110,,5"} {
		if !strings.Contains(csv, line) {
			t.Errorf("no %q in\n%s", line, csv)
		}
	}
}

func TestARowAloneHasWhatWasFoundOfIt(t *testing.T) {
	run := searched()
	if err := report.Only(run, "sse-clients=250"); err != nil {
		t.Fatal(err)
	}
	if len(run.Capacity) != 1 || run.Capacity[0].Transport != "sse" {
		t.Errorf("beside a probe of sse there is %+v", run.Capacity)
	}
	run = sample()
	for _, transport := range []string{"sse", "ws"} {
		run.SLO = append(run.SLO, results.Judgment{Expr: "lost == 0", Cell: results.Cell{Transport: transport, Stack: "std"}})
		run.Thresholds = append(run.Thresholds, results.Judgment{Expr: "lost == 0", Cell: results.Cell{Transport: transport}, Why: "no data"})
	}
	if err := report.Only(run, "ws"); err != nil {
		t.Fatal(err)
	}
	if len(run.SLO) != 1 || run.SLO[0].Transport != "ws" || len(run.Thresholds) != 1 || run.Thresholds[0].Transport != "ws" {
		t.Errorf("of ws alone: %+v, %+v", run.SLO, run.Thresholds)
	}
}

func TestEveryDemandIsALineThatSaysHowItEnded(t *testing.T) { // R5
	run := sample()
	value := func(v float64) *float64 { return &v }
	cell := func(transport string) results.Cell { return results.Cell{Transport: transport, Stack: "std"} }
	run.Thresholds = []results.Judgment{
		{Expr: "sse:latency_p99 < 50ms", Cell: cell("sse"), Value: value(12.34), Unit: "ms", Passed: true},
		{Expr: "lost == 0", Cell: cell("ws"), Value: value(12), Unit: "count", Why: "in 1 of 6 trials it does not hold"},
		{Expr: "mqtt:verdict valid", Cell: results.Cell{Transport: "mqtt"}, Why: "no data: the run has no trials of mqtt"},
		{Expr: "verdict valid", Why: "no data: the run has no trials"},
	}
	run.SLO = []results.Judgment{{Expr: "requests_per_event < 1", Cell: cell("poll"), Value: value(0.25), Unit: "ratio", Passed: true}}
	want := []string{
		"SLO kept: poll: requests_per_event < 1: 0.250",
		"passed: sse: latency_p99 < 50ms: 12.3 ms",
		"FAILED: ws: lost == 0: 12 (in 1 of 6 trials it does not hold)",
		"FAILED: mqtt:verdict valid (no data: the run has no trials of mqtt)",
		"FAILED: verdict valid (no data: the run has no trials)",
	}
	table := render(t, "table", run, report.Options{})
	if !strings.Contains(table, strings.Join(want, "\n")) {
		t.Errorf("the table lacks\n%s\nit is\n%s", strings.Join(want, "\n"), table)
	}
	if got := render(t, "markdown", run, report.Options{}); !strings.Contains(got, "- FAILED: ws: lost == 0: 12") {
		t.Errorf("Markdown lacks them:\n%s", got)
	}
	var d struct{ Thresholds, SLO []results.Judgment }
	if err := json.Unmarshal([]byte(render(t, "json", run, report.Options{})), &d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run.Thresholds, d.Thresholds); diff != "" || len(d.SLO) != 1 {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestTheKeyOfASearchDrivesNoTerminal(t *testing.T) { // R6
	run := searched()
	for i := range run.Capacity {
		run.Capacity[i].Key, run.Capacity[i].Unit = "\x1b[2J", "\x1b[31m"
	}
	if got := render(t, "table", run, report.Options{}); strings.Contains(got, "\x1b") || !strings.Contains(got, `\x1b[2J (\x1b[31m)`) {
		t.Errorf("the table is %q", got)
	}
}
