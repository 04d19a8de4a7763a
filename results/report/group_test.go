package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/report"
)

// grouped is the sample with clients that do more than receive, or less.
func grouped() *results.Run {
	run := sample()
	for i := range run.Trials {
		t := &run.Trials[i]
		of := func(n int, each time.Duration) *hdr.Histogram {
			h := hdr.New()
			for k := range n {
				h.Record(time.Duration(k+1) * each)
			}
			return h
		}
		t.Events.Lost = map[string]int64{results.LostGap: 701}
		t.Groups = map[string]results.Group{
			results.GroupSlow:     {Clients: 50, Stalled: 50, Found: 49, Lost: map[string]int64{results.LostGap: 700}},
			results.GroupVanished: {Clients: 100, Stalled: 98, Found: i % 4 * 20},
			results.GroupLeaving:  {Clients: 200, Returned: 400, Current: 10},
		}
		t.Histograms[results.FoundSlow], t.Histograms[results.LatencySlow] = of(49, 20*time.Millisecond), of(2000, time.Millisecond)
		if n := i % 4 * 20; n > 0 {
			t.Histograms[results.FoundVanished] = of(n, 50*time.Millisecond)
		}
		t.Histograms[results.Catchup] = of(380, 100*time.Microsecond)
		t.Usage.ServerEnd = t.Usage.ServerFull
		t.Usage.ServerEnd.Heap += 3 << 20
		t.Usage.ServerEnd.Sockets += 1 << 20
	}
	return run
}

func TestGroupsOfClientsHaveTablesWhereThereAreAny(t *testing.T) { // Q1
	golden(t, "groups.table", render(t, "table", grouped(), report.Options{}))
	plain := render(t, "table", sample(), report.Options{})
	for _, name := range []string{"slow readers", "vanished peers", "coming and going"} {
		if strings.Contains(plain, name) {
			t.Errorf("a run without such clients shows %s", name)
		}
	}
}

func TestTheLoadNamesWhatClientsDo(t *testing.T) {
	for more, want := range map[string]string{
		`"slow":{"policy":"skip","speed":"1%"}`:                                                    "",
		`"slow":{"share":"5%","speed":"1%"}`:                                                       "5% of them read 1% of that",
		`"slow":{"share":"5%","speed":"1%"},"axes":{"slow.speed":["100%","0%"]}`:                   "5% of them read 100% and 0% of that",
		`"vanish":{"share":"10%","at":"1s"}`:                                                       "10% vanish after 1s",
		`"churn":{"stay":"5s","away":"1s"}`:                                                        "staying 5s and away for 1s",
		`"leave":{"share":"50%","for":"6s","over":"2s"}`:                                           "50% away for 6s and coming back within 2s,",
		`"log":{"keep":360},"reuse":false`:                                                         "logs of 360 events, a connection for each request,",
		`"log":{"keep":360},"axes":{"log.keep":["4","360"]}`:                                       "log.keep 4 and 360,",
		`"longpoll":{"hold":"25s","think":"300ms"},"unacknowledged":"2s"`:                          "long polls 300ms after an answer, connections given up 2s after what nobody acknowledges,",
		`"slow":{"policy":"disconnect","speed":"1%"},"buffers":{"server":"16KiB","client":"8KiB"}`: "who does not keep up is disconnected, send buffers of 16KiB, receive buffers of 8KiB,",
		`"leave":{"share":"50%","at":"500ms","for":"6s"},"axes":{"leave.share":["0%","50%"]}`:      "0% and 50% away for 6s",
	} {
		run := sample()
		run.Executed = json.RawMessage(strings.TrimSuffix(executed, "}") + "," + more + "}")
		said := strings.Join(strings.Fields(render(t, "table", run, report.Options{})), " ")
		for _, unsaid := range []string{"logs of 1024", " 0s", " 0B"} {
			if strings.Contains(said, unsaid) {
				t.Errorf("%s: the default is told: %s", more, said)
			}
		}
		if want != "" && !strings.Contains(said, want) || want == "" && strings.Contains(said, "of them read") {
			t.Errorf("%s: no %q in %s", more, want, said)
		}
	}
}

// What belongs to a transport is told where that was measured, and nowhere else.
func TestAThinkTimeIsToldWhereSomebodyThinks(t *testing.T) {
	run := sample()
	run.Executed = json.RawMessage(strings.TrimSuffix(executed, "}") + `,"longpoll":{"hold":"25s","think":"300ms"}}`)
	const want = "long polls 300ms after an answer"
	if said := strings.Join(strings.Fields(render(t, "table", run, report.Options{})), " "); !strings.Contains(said, want) {
		t.Errorf("no %q in %s", want, said)
	}
	run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool { return t.Transport == "longpoll" })
	if said := render(t, "table", run, report.Options{}); strings.Contains(said, "long polls") || strings.Contains(said, "300ms") {
		t.Errorf("nobody polls long: %s", said)
	}
}
