package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/report"
)

func selftest() *results.SelfTest {
	count := func(of string, have, want float64) results.Answer {
		return results.Answer{Of: of, Lo: want, Hi: want, Have: have}
	}
	lead := func(a results.Answer) results.Answer {
		a.Leads = true
		return a
	}
	return &results.SelfTest{
		Schema:  results.Schema,
		Took:    61400 * time.Millisecond,
		Planned: 4,
		Checks: []results.Check{
			{Fault: "drop", Transport: "sse", Tries: 1, Trial: &results.Trial{Clients: 40}, Answers: []results.Answer{
				lead(count("unexplained", 118, 120)), count("duplicated", 0, 0),
			}},
			{Fault: "drop", Transport: "ws", Tries: 2, Answers: []results.Answer{
				lead(count("unexplained", 120, 120)), count("duplicated", 3, 0),
			}},
			{Fault: "stall", Transport: "sse", Tries: 3, Disturbed: []string{"steal"}, Answers: []results.Answer{
				{Of: "latency p99", Unit: "ms", Lo: 950, Hi: 1010, Have: 1200.25, Leads: true, Timed: true},
			}},
			{Fault: "stall", Transport: "ws", Tries: 1, Answers: []results.Answer{
				{Of: "latency p99", Unit: "ms", Lo: 950.2, Hi: 1009.8, Have: 981.25, Leads: true, Timed: true},
				{Of: "lag p99", Unit: "ms", Hi: 50, Have: 1},
			}},
		},
	}
}

func renderChecks(t *testing.T, format string) string {
	t.Helper()
	return rendering(t, report.ChecksFormats, format, selftest(), report.Options{})
}

func TestASelfTestShowsWhatTheFaultIsAboutAndEveryMiss(t *testing.T) {
	want := `
fault  measured (expected)  sse                              ws
drop   unexplained          MISS 118 (120)                   120 (120) try 2
       duplicated           –                                MISS 3 (0) try 2
stall  latency p99 ms       UNDECIDED 1200 (950…1010) try 3  981 (950…1010)

MISS drop, sse: unexplained is 118, want 120, 2 too few
MISS drop, ws: duplicated is 3, want 0, 3 too many (the last of 2 tries)
UNDECIDED stall, sse: latency p99 is 1200 ms, want 950…1010 ms, 190 ms too much; the machine: steal (the last of 3 tries)
2 faults and honest servers on 2 transports, 7 numbers compared in 1m1s: 2 of 4 checks miss, 1 of 4 checks undecided, 1 disturbed by the machine (steal)
`
	if got := "\n" + renderChecks(t, "table"); got != want {
		t.Errorf("it prints:%s\nwant:%s", got, want)
	}
}

// What nobody looked at is not called right.
func TestASelfTestThatWasCutShortSaysSo(t *testing.T) {
	for _, tt := range []struct {
		planned, done int
		want          string
	}{
		{9, 1, "cut short, 1 of 9 checks done\n"},
		{1, 1, "each is what it must be\n"},
		{0, 0, "nothing was checked\n"},
	} {
		s := selftest()
		s.Planned, s.Checks = tt.planned, s.Checks[3:3+tt.done]
		var b bytes.Buffer
		if err := report.ChecksFormats[0].Write(&b, s, report.Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), ": "+tt.want) {
			t.Errorf("with %d of %d checks it ends: %s", tt.done, tt.planned, b.String())
		}
	}
}

func TestASelfTestReadsBackFromItsJSON(t *testing.T) {
	text := renderChecks(t, "json")
	var back results.SelfTest
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Checks) != 4 || back.Count(results.Miss) != 2 || back.Count(results.Undecided) != 1 || back.Checks[0].Trial.Clients != 40 || back.Checks[0].Answers[0].Have != 118 {
		t.Errorf("it reads back as %+v", back)
	}
	for member, want := range map[string]int{
		`"missed": 2`: 1, `"undecided": 1`: 1, `"outcome": "miss"`: 2, `"outcome": "ok"`: 1, `"ok": false`: 3, `"ok": true`: 4,
	} {
		if got := strings.Count(text, member); got != want {
			t.Errorf("%s is %d times in it, want %d:\n%s", member, got, want, text)
		}
	}
}
