package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

func TestWhatSendingCostsIsShownWhereClientsSpeak(t *testing.T) {
	run := sample()
	if table := render(t, "table", run, report.Options{Width: 200}); strings.Contains(table, "uplink") {
		t.Errorf("an uplink where nobody speaks:\n%s", table)
	}
	run.Executed = json.RawMessage(strings.Replace(executed, `"rate":"0/s"}`, `"rate":"2.5/s","size":"32B","to":"server"}`, 1))
	for i := range run.Trials {
		trial := &run.Trials[i]
		trial.Traffic.Said = 5000
		trial.Uplink = results.Uplink{UpBytes: 205_000}
		if trial.Transport != "ws" {
			trial.Uplink = results.Uplink{Requests: 5000, Opened: 1000, UpBytes: 1_100_000, DownBytes: 325_000}
		}
		way := hdr.New()
		way.RecordN(750*time.Microsecond, 4000)
		way.RecordN(3*time.Millisecond, 1000)
		trial.Histograms[results.UplinkTime] = way
	}
	table := render(t, "table", run, report.Options{Width: 200})
	want := [][]string{
		{"poll", "2500", "0.750", "3", "1", "220", "65", "1000", "19.8"},
		{"longpoll", "2500", "0.750", "3", "1", "220", "65", "1000", "14.8"},
		{"sse", "2500", "0.750", "3", "1", "220", "65", "1000", "9.88"},
		{"ws", "2500", "0.750", "3", "0", "41", "0", "0", "4.94"},
	}
	if diff := cmp.Diff(want, section(table, " uplink")); diff != "" {
		t.Errorf("uplink (-want +got):\n%s", diff)
	}
	if !strings.Contains(strings.Join(strings.Fields(table), " "), "2.5/s of 32B from each client to the server") {
		t.Errorf("the load is not told:\n%s", table)
	}
}

func TestABurstShowsHowLongItTakesToReachEveryone(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		reached := hdr.New()
		reached.RecordN(20*time.Millisecond, 985)
		reached.RecordN(70*time.Millisecond, 15)
		run.Trials[i].Histograms[results.Fanout] = reached
		run.Trials[i].Events.Published = 1000
	}
	if table := render(t, "table", run, report.Options{}); strings.Contains(table, "to everyone") {
		t.Errorf("the time to everyone of a steady load:\n%s", table)
	}
	run.Executed = json.RawMessage(strings.Replace(executed, `"kind":"constant"`, `"kind":"burst","burst":5`, 1))
	lines := section(render(t, "table", run, report.Options{Width: 200}), " to everyone")
	if len(lines) != 4 || lines[2][1] != "20.0" || lines[2][2] != "70" {
		t.Errorf("time to everyone %v", lines)
	}
}

func TestALoadIsToldAsItIs(t *testing.T) {
	for change, want := range map[string]string{
		`"schedule":{"kind":"reply","rate":"30/s","length":90}`: "90 events at 30/s of 64B upon each message",
		`"payload":{"size":"64B","content":"clock","raw":true}`: "10/s constant of the time on each topic",
	} {
		key, _, _ := strings.Cut(change, ":")
		var load map[string]json.RawMessage
		if err := json.Unmarshal([]byte(executed), &load); err != nil {
			t.Fatal(err)
		}
		load[strings.Trim(key, `"`)] = json.RawMessage(strings.TrimPrefix(change, key+":"))
		run := sample()
		run.Executed, _ = json.Marshal(load)
		table := strings.Join(strings.Fields(render(t, "table", run, report.Options{})), " ")
		if !strings.Contains(table, want) {
			t.Errorf("%s is not told as %q:\n%s", change, want, table)
		}
	}
}
