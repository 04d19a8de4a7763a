package report_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

// A file from before there were readings of wire, memory and generator shows
// none of them.
func TestWhatAnOldFileDoesNotTellIsNotShown(t *testing.T) {
	run, err := results.Load("../published/quick/run.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Wire, one.Series, one.Disturbed, one.Traffic.PayloadBytes = nil, results.Series{}, results.Disturbance{}, 0
		one.Usage.ServerIdle, one.Usage.ServerFull = results.Memory{}, results.Memory{}
		one.Usage.Server, one.Usage.Generator = results.Runtime{}, results.Runtime{}
		delete(one.Histograms, results.GeneratorDelay)
		delete(one.Histograms, results.GeneratorJitter)
	}
	for _, f := range report.Formats {
		part := *run
		part.Trials = slices.Clone(run.Trials)
		if got := render(t, f.Name, fit(t, f.Name, &part), report.Options{}); got == "" || strings.Contains(got, "on the wire") {
			t.Errorf("%s:\n%s", f.Name, got)
		}
	}
	if got := render(t, "table", run, report.Options{}); !strings.Contains(got, "generator delay was not measured") {
		t.Errorf("no word of what was not measured:\n%s", got)
	}
	records, err := csv.NewReader(strings.NewReader(render(t, "csv", run, report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		switch name := record[8]; name {
		case "payload_bytes_per_event", "segments_per_event", "segments_per_client_minute", "retransmits", "retransmits_system", "loss_probes_system",
			"server_heap_per_client", "server_stacks_per_client", "server_sockets_per_client", "kernel_per_client", "server_gc_pause_max",
			"generator_delay_p50", "generator_delay_p99", "generator_jitter_p99", "generator_share_p99":
			t.Errorf("%s of %s = %s", name, record[1], record[10])
		}
	}
}

func TestTheGeneratorsDelayIsToldForEachRow(t *testing.T) { // G5
	always := func(d time.Duration) *hdr.Histogram {
		h := hdr.New()
		h.RecordN(d, 2000)
		return h
	}
	set := func(run *results.Run, transport string, latency, own *hdr.Histogram) {
		for i := range run.Trials {
			if t := &run.Trials[i]; t.Transport == transport {
				t.Histograms = map[string]*hdr.Histogram{results.Latency: latency, results.GeneratorDelay: own}
			}
		}
	}
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		spoil func(*results.Run)
		want  string
	}{
		{"all", func(run *results.Run) {
			set(run, "poll", always(990*ms), always(20*time.Microsecond))
			set(run, "longpoll", always(20*ms), always(199*time.Microsecond))
			set(run, "sse", always(14200*time.Microsecond), always(310*time.Microsecond))
			set(run, "ws", always(10*ms), always(5*ms))
		}, "generator delay p99 (kernel arrival to read, each a lower bound): " +
			"poll 0.02 ms beside latency p99 990 ms, longpoll 0.199 beside 20, sse 0.310 beside 14.2 (2 %), ws 5 beside 10 (50 %)\n"},
		{"some", func(run *results.Run) {
			set(run, "poll", always(990*ms), nil)
			set(run, "sse", always(100*ms), nil)
			set(run, "ws", always(100*ms), always(2*ms))
		}, "): ws 2 ms beside latency p99 100 ms (2 %), not measured of poll, longpoll, sse\n"},
		{"none", func(run *results.Run) {
			for _, transport := range []string{"poll", "sse", "ws"} {
				set(run, transport, always(100*ms), nil)
			}
		}, "\ngenerator delay was not measured\n"},
	} {
		run := sample()
		c.spoil(run)
		if got := render(t, "table", run, report.Options{Width: 1000}); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in:\n%s", c.name, c.want, got)
		}
	}
	run := sample()
	for _, transport := range []string{"poll", "longpoll", "sse", "ws"} {
		set(run, transport, nil, always(ms))
	}
	if got := render(t, "table", run, report.Options{}); strings.Contains(got, "generator delay") {
		t.Errorf("a delay beside a latency that there is not:\n%s", got)
	}
}

func TestAReasonOfSeveralRowsIsOneFootnote(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		t := &run.Trials[i]
		t.Verdict = results.Verdict{State: results.Valid}
		if t.Transport != "ws" && (t.Transport != "sse" || t.Block < 2) {
			text := fmt.Sprintf("as %s has it", t.Transport)
			t.Verdict.Reasons = []results.Reason{{Code: "lost", State: results.Valid, Text: text, Hint: "lose less"}}
			if t.Transport == "sse" {
				t.Verdict.Reasons = append(t.Verdict.Reasons, results.Reason{Code: "other", State: results.Valid, Text: "too", Hint: "lose less"})
			}
		}
	}
	got := render(t, "table", run, report.Options{Width: 1000})
	want := "\n* note: lost in 6 of 6 trials of poll, longpoll, 2 of 6 of sse; poll: as poll has it; lose less\n" +
		"* note: other in 2 of 6 trials of sse: too; lose less\n\n"
	if !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}

// What disqualifies is told apart from what is only worth knowing, and first.
func TestFootnotesSayWhatDisqualifies(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		t := &run.Trials[i]
		state := results.Valid
		switch {
		case t.Transport == "sse" && t.Block < 2:
			state = results.Suspect
		case t.Transport == "ws" && t.Block == 0:
			state = results.Invalid
		}
		t.Verdict = results.Verdict{State: state}
		if t.Transport == "sse" || t.Transport == "ws" {
			t.Verdict.Reasons = []results.Reason{{Code: "late", State: state, Text: "by a lot", Hint: "hurry"}}
		}
	}
	got := render(t, "table", run, report.Options{Width: 1000})
	want := "\n* invalid: late in 1 of 6 trials of ws: by a lot; hurry\n" +
		"* suspect: late in 2 of 6 trials of sse: by a lot; hurry\n" +
		"* note: late in 4 of 6 trials of sse, 5 of 6 of ws; sse: by a lot; hurry\n\n"
	if !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}

// A run over a grid has more rows than a sentence.
func TestOfManyRowsASentenceNamesFew(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		t := &run.Trials[i]
		t.Transport = "sse"
		t.Axes = map[string]string{"clients": fmt.Sprint(t.Order % 8)}
		t.Verdict = results.Verdict{State: results.Valid, Reasons: []results.Reason{{Code: "lost", State: results.Valid, Text: "some", Hint: "lose less"}}}
		latency, own := hdr.New(), hdr.New()
		latency.RecordN(100*time.Millisecond, 2000)
		own.RecordN(time.Duration(1+t.Order%8)*time.Millisecond, 2000)
		t.Histograms = map[string]*hdr.Histogram{results.Latency: latency, results.GeneratorDelay: own}
	}
	got := render(t, "table", run, report.Options{Width: 1000})
	for _, want := range []string{
		": at most sse clients=7 8 ms beside latency p99 100 ms (8 %), less in 7 other rows\n",
		"* note: lost in 3 of 3 trials of sse clients=0, sse clients=1, sse clients=2, sse clients=3, sse clients=4, 3 other rows; sse clients=0: some; lose less\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestTheSecondArmOfACellIsTold(t *testing.T) { // R9
	run := sample()
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Transport == "ws" {
			t.Transport, t.Arm = "sse", results.Again
		}
	}
	var d struct {
		Rows []struct{ Transport, Arm string }
	}
	if err := json.Unmarshal([]byte(render(t, "json", run, report.Options{})), &d); err != nil {
		t.Fatal(err)
	}
	arms := map[string]bool{}
	for _, r := range d.Rows {
		arms[r.Transport+" "+r.Arm] = true
	}
	if !arms["sse "] || !arms["sse again"] {
		t.Errorf("rows %v in JSON", arms)
	}
	records, err := csv.NewReader(strings.NewReader(render(t, "csv", run, report.Options{}))).ReadAll()
	if err != nil || !slices.ContainsFunc(records, func(r []string) bool { return r[1] == "sse" && r[3] == "arm=again" }) ||
		!slices.ContainsFunc(records, func(r []string) bool { return r[1] == "sse" && r[3] == "" }) {
		t.Errorf("%v: not both arms in CSV", err)
	}
}

func TestTheLoadNamesEveryValueOfAnAxis(t *testing.T) {
	run := sample()
	run.Executed = json.RawMessage(`{"clients":10,"topics":"own","schedule":{"kind":"poisson","rate":"1/s"},"payload":{"size":"64B"},` +
		`"poll":{"interval":"1s"},"duration":"1s","trials":6,"axes":{"clients":["10","100","1000"],"schedule.rate":["1/s","10/s"],"longpoll.hold":["5s"]}}`)
	want := "quick: 10, 100 and 1000 clients, a topic each, 1/s and 10/s poisson of 64B on each topic, short polls every 1s, " +
		"longpoll.hold 5s, 6 × 1s measured of each transport\n"
	if got := render(t, "table", run, report.Options{Width: 1000}); !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
	// A run that had no fixed number of blocks tells how many there were.
	run.Until = new(results.Until)
	run.Trials = run.Trials[:12]
	if got := render(t, "table", run, report.Options{Width: 1000}); !strings.Contains(got, "3 × 1s measured") {
		t.Errorf("not the number of blocks:\n%s", got)
	}
}

// A phrase for one value of an axis would be wrong of the others.
func TestAnAxisTakesThePlaceOfItsPhrase(t *testing.T) {
	run := sample()
	for i := range run.Trials {
		run.Trials[i].Transport = "ws"
	}
	run.Executed = json.RawMessage(`{"clients":10,"topics":"broadcast","schedule":{"kind":"constant","rate":"1/s"},"payload":{"size":"64B"},` +
		`"poll":{"interval":"1s"},"duration":"1s","trials":6,"axes":{"topics":["broadcast","own"],"schedule.kind":["constant","poisson"],` +
		`"uplink.rate":["0/s","1/s"],"poll.interval":["1s","2s"]},"uplink":{"rate":"0/s","size":"32B"}}`)
	want := "quick: 10 clients, 1/s constant and poisson of 64B on each topic, 0/s and 1/s of 32B from each client, " +
		"topics broadcast and own, 6 × 1s measured of each transport\n"
	if got := render(t, "table", run, report.Options{Width: 1000}); !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}
