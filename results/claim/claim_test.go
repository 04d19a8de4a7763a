package claim_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/claim"
	"pushbench/results/hdr"
)

// A sample is what a row's trials measured, but for a little noise.
type sample struct {
	transport string
	axes      map[string]string
	p50, p99  time.Duration // of latency
	requests  int64         // for 1,000 deliveries
	down, up  int64         // bytes for them
	cpu       time.Duration // of the server
	way       time.Duration // of a message up; zero where nobody speaks
	invalid   int           // blocks that do not count
}

// measured is a run of so many blocks of these rows.
func measured(blocks int, rows ...sample) *results.Run {
	run := &results.Run{Schema: 1, Scenario: "made", Status: results.Complete}
	for block := range blocks {
		noise := 1 + float64(block)/1000
		noisy := func(d time.Duration) time.Duration { return time.Duration(float64(d) * noise) }
		for _, s := range rows {
			latency, way := hdr.New(), hdr.New()
			latency.RecordN(noisy(s.p50), 980)
			latency.RecordN(noisy(max(s.p99, s.p50)), 20)
			t := results.Trial{
				Cell: results.Cell{Transport: s.transport, Stack: "std", Axes: maps.Clone(s.axes)}, Block: block, Clients: 100, Measured: 2 * time.Second,
				Events:     results.Accounting{Published: 10, Owed: 1000, Delivered: 1000, Intended: 10, InTime: 10},
				Traffic:    results.Traffic{Delivered: 1000, Requests: s.requests, DownBytes: s.down + int64(block), UpBytes: s.up, PayloadBytes: 64_000},
				Usage:      results.Usage{ServerCPU: noisy(s.cpu), Wall: 2 * time.Second},
				Histograms: map[string]*hdr.Histogram{},
				Verdict:    results.Verdict{State: results.Valid},
			}
			if s.p50 > 0 {
				t.Histograms[results.Latency] = latency
			}
			if s.way > 0 {
				way.RecordN(noisy(s.way), 1000)
				t.Histograms[results.UplinkTime] = way
				t.Traffic.Said = 1000
				t.Uplink = results.Uplink{Requests: 1000, UpBytes: 200_000, DownBytes: 60_000}
				t.Traffic.UpBytes += t.Uplink.UpBytes
				t.Traffic.DownBytes += t.Uplink.DownBytes
			}
			if block < s.invalid {
				t.Verdict.State = results.Invalid
			}
			run.Trials = append(run.Trials, t)
		}
	}
	return run
}

const ms = time.Millisecond

// judge judges one claim by runs.
func judge(t *testing.T, name string, runs ...*results.Run) claim.Judgment {
	t.Helper()
	claims, err := claim.Named([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	var sources []claim.Source
	for i, run := range runs {
		sources = append(sources, claim.Source{Name: "run" + string(rune('1'+i)), Run: run})
	}
	all := claim.Judge(claims, sources, nil)
	if len(all) != 1 {
		t.Fatalf("%d judgments of one claim", len(all))
	}
	return all[0]
}

// loads are two for each claim that needs one: at the first it holds, at the second
// it does not.
var loads = map[string][2][]sample{
	"polling-idle": {
		{{transport: "poll", requests: 5000, down: 700_000, up: 500_000}, {transport: "sse", down: 190_000}},
		{{transport: "poll", requests: 5000, down: 100_000, up: 50_000}, {transport: "sse", down: 190_000}},
	},
	"held-request": {
		{{transport: "longpoll", p50: 3 * ms, p99: 5 * ms}, {transport: "sse", p50: ms, p99: 2 * ms}},
		{{transport: "longpoll", p50: 30 * ms, p99: 70 * ms}, {transport: "sse", p50: 15 * ms, p99: 30 * ms}},
	},
	"post-uplink": {
		{{transport: "sse", way: 2 * ms}, {transport: "ws", way: ms}},
		{{transport: "sse", way: 60 * ms}, {transport: "ws", way: ms}},
	},
	"two-way": {
		{{transport: "sse", way: ms, cpu: 60 * ms}, {transport: "ws", way: ms, cpu: 20 * ms}},
		{{transport: "sse", way: ms, cpu: 20 * ms}, {transport: "ws", way: ms, cpu: 60 * ms}},
	},
	"overhead": {
		{{transport: "sse", down: 100_000}, {transport: "ws", down: 66_000}},
		{{transport: "sse", down: 66_000}, {transport: "ws", down: 100_000}},
	},
	"faster": {
		{{transport: "sse", p50: 3 * ms}, {transport: "ws", p50: ms}},
		{{transport: "sse", p50: ms}, {transport: "ws", p50: 3 * ms}},
	},
}

// at are the rows at a point of an axis.
func at(rows []sample, clients string) []sample {
	var all []sample
	for _, s := range rows {
		s.axes = map[string]string{"clients": clients}
		all = append(all, s)
	}
	return all
}

func TestOtherNumbersTurnEachVerdictRound(t *testing.T) {
	for _, c := range claim.Claims {
		if c.Scenario == "" {
			continue
		}
		rows, known := loads[c.Name]
		if !known {
			t.Errorf("no loads that tell %s", c.Name)
			continue
		}
		yes, no := judge(t, c.Name, measured(6, rows[0]...)), judge(t, c.Name, measured(6, rows[1]...))
		if yes.Verdict != claim.Holds || no.Verdict != claim.Fails {
			t.Errorf("%s: %q and %q, want that it holds and that it does not: %+v %+v", c.Name, yes.Verdict, no.Verdict, yes.Evidence, no.Evidence)
		}
		for _, j := range []claim.Judgment{yes, no} {
			if len(j.Evidence) == 0 || len(j.Evidence[0].Numbers) == 0 || j.Evidence[0].Text == "" {
				t.Errorf("%s is judged without numbers: %+v", c.Name, j)
			}
		}
	}
}

func TestWhatHoldsHereAndNotThereDependsOnWhatDiffers(t *testing.T) {
	for name, rows := range loads {
		j := judge(t, name, measured(6, append(at(rows[0], "10"), at(rows[1], "500")...)...))
		if want := "on clients: holds at 10, not at 500"; j.Verdict != claim.Depends || j.On != want {
			t.Errorf("%s: %q %q, want that it depends %s", name, j.Verdict, j.On, want)
		}
		j = judge(t, name, measured(6, rows[0]...), measured(6, rows[1]...))
		if j.Verdict != claim.Depends || !strings.HasPrefix(j.On, "on the load: holds at run1") || !strings.Contains(j.On, ", not at run2") {
			t.Errorf("%s: %q %q, want that it depends on the load", name, j.Verdict, j.On)
		}
	}
}

func TestTooFewTrialsTellNothing(t *testing.T) {
	for name, rows := range loads {
		for what, run := range map[string]*results.Run{
			"five blocks":     measured(5, rows[0]...),
			"an unranked row": measured(10, func() []sample { s := at(rows[0], "10"); s[1].invalid = 4; return s }()...),
		} {
			j := judge(t, name, run)
			if j.Verdict != claim.Untold || j.On == "" || j.Evidence[0].Outcome != claim.Doubted {
				t.Errorf("%s of %s: %q %q, want that nothing is told and why: %+v", name, what, j.Verdict, j.On, j.Evidence)
			}
		}
		if j := judge(t, name); j.Verdict != claim.Untold || !strings.Contains(j.On, "pushbench run ") {
			t.Errorf("%s without a run: %q %q, want which load would tell", name, j.Verdict, j.On)
		}
	}
}

func TestRunsThatDisturbOnPurposeTellNothing(t *testing.T) {
	for name, rows := range loads {
		for what, disturb := range map[string]func(*results.Trial){
			"faults":              func(t *results.Trial) { t.Recovery = &results.Recovery{} },
			"slow readers":        func(t *results.Trial) { t.Groups = map[string]results.Group{results.GroupSlow: {Clients: 1}} },
			"one server together": func(t *results.Trial) { t.Together = &results.Together{} },
		} {
			run := measured(6, rows[0]...)
			for i := range run.Trials {
				disturb(&run.Trials[i])
			}
			if j := judge(t, name, run); j.Verdict != claim.Untold {
				t.Errorf("%s by a run with %s: %q", name, what, j.Verdict)
			}
		}
	}
}

func TestLatenciesThatAScenarioDoubtsTellNothing(t *testing.T) {
	for name, rows := range loads {
		run := measured(6, rows[0]...)
		run.Executed = json.RawMessage(`{"expects":["lost","generator-pause"]}`)
		want := claim.Holds
		switch name {
		case "held-request", "faster", "post-uplink":
			want = claim.Untold
		}
		if j := judge(t, name, run); j.Verdict != want {
			t.Errorf("%s by a run that is not about latencies: %q, want %q", name, j.Verdict, want)
		}
	}
}

// level are two of which no difference can be shown, for each claim of a
// difference.
var level = map[string][]sample{
	"faster":       {{transport: "sse", p50: ms}, {transport: "ws", p50: ms}},
	"two-way":      {{transport: "sse", way: ms, cpu: 20 * ms}, {transport: "ws", way: ms, cpu: 20 * ms}},
	"overhead":     {{transport: "sse", down: 100_000}, {transport: "ws", down: 100_000}},
	"polling-idle": {{transport: "poll", requests: 5000, down: 100_000, up: 90_000}, {transport: "sse", down: 190_000}},
}

// Equals show neither that the one is better nor that it is not.
func TestNoDifferenceShownIsNoneClaimed(t *testing.T) {
	for name, rows := range level {
		j := judge(t, name, measured(6, rows...))
		if j.Verdict != claim.Even || len(j.Evidence) != 1 || j.Evidence[0].Outcome != claim.Level || !strings.Contains(j.Evidence[0].Text, "no difference shown") {
			t.Errorf("%s of equals: %q, want that no difference is shown: %+v", name, j.Verdict, j.Evidence)
		}
	}
}

// A load at which nothing is shown is none at which the claim does not hold.
func TestNoiseAtOneLoadIsNothingThatAClaimDependsOn(t *testing.T) {
	for name, rows := range level {
		for i, want := range []string{"holds: clients=10; no difference shown: clients=500", "does not hold: clients=10; no difference shown: clients=500"} {
			j := judge(t, name, measured(6, append(at(loads[name][i], "10"), at(rows, "500")...)...))
			if j.Verdict != claim.Partly || j.On != want {
				t.Errorf("%s: %q %q, want that it is told in part: %s", name, j.Verdict, j.On, want)
			}
		}
		j := judge(t, name, measured(6, slices.Concat(at(loads[name][0], "10"), at(loads[name][1], "20"), at(rows, "500"))...))
		if want := "on clients: holds at 10, not at 20; no difference shown: 500"; j.Verdict != claim.Depends || j.On != want {
			t.Errorf("%s: %q %q, want that it depends %s", name, j.Verdict, j.On, want)
		}
	}
}

func TestAClaimOfWhichHalfIsUntoldIsToldInPart(t *testing.T) {
	for name, rows := range loads {
		broken := at(rows[0], "500")
		broken[1].invalid = 4
		j := judge(t, name, measured(6, append(at(rows[0], "10"), broken...)...))
		if want := "holds: clients=10; not told: clients=500"; j.Verdict != claim.Partly || j.On != want {
			t.Errorf("%s: %q %q, want %q", name, j.Verdict, j.On, want)
		}
		both := level[name]
		if both == nil {
			continue
		}
		j = judge(t, name, measured(6, append(at(both, "10"), broken...)...))
		if want := "no difference shown: clients=10; not told: clients=500"; j.Verdict != claim.Untold || j.On != want {
			t.Errorf("%s: %q %q, want %q", name, j.Verdict, j.On, want)
		}
	}
}

// Between the two halves of an interval around a frame nobody can choose.
func TestADifferenceThatMayBeAFrameOrNotIsNotTold(t *testing.T) {
	run := measured(6, sample{transport: "longpoll", p50: 20 * ms, p99: 20 * ms}, sample{transport: "sse", p50: ms, p99: ms})
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Transport == "longpoll" && trial.Block%2 == 0 {
			h := hdr.New()
			h.RecordN(2*ms, 1000)
			trial.Histograms[results.Latency] = h
		}
	}
	j := judge(t, "held-request", run)
	if j.Verdict != claim.Untold || !strings.Contains(j.On, "may be less than a frame") || j.Evidence[0].Outcome != claim.Open {
		t.Errorf("%q %q: %+v", j.Verdict, j.On, j.Evidence)
	}
}

func TestPollsThatAreNotInVainSayNothingOfIdling(t *testing.T) {
	run := measured(6, sample{transport: "poll", requests: 100, down: 700_000}, sample{transport: "sse", down: 190_000})
	if j := judge(t, "polling-idle", run); j.Verdict != claim.Untold || len(j.Evidence) != 0 {
		t.Errorf("%q %+v", j.Verdict, j.Evidence)
	}
	run.Trials = run.Trials[:10] // five blocks, of which nothing has an interval
	if j := judge(t, "polling-idle", run); len(j.Evidence) != 0 {
		t.Errorf("of five blocks: %+v", j.Evidence)
	}
}

func TestAnAdvantageOnAverageIsNoneShown(t *testing.T) {
	run := measured(6, sample{transport: "sse", down: 100_000}, sample{transport: "ws", down: 99_000})
	for i := range run.Trials {
		if trial := &run.Trials[i]; trial.Transport == "ws" && trial.Block == 0 {
			trial.Traffic.DownBytes += 5000 // once it has more
		}
	}
	if j := judge(t, "overhead", run); j.Verdict != claim.Even {
		t.Errorf("%q: %+v", j.Verdict, j.Evidence)
	}
}

func TestOverheadIsJudgedBesideEachTransport(t *testing.T) {
	run := measured(6, sample{transport: "poll", down: 65_000}, sample{transport: "longpoll", down: 400_000}, sample{transport: "ws", down: 66_000})
	j := judge(t, "overhead", run)
	if want := "on transport: holds at longpoll, not at poll"; j.Verdict != claim.Depends || j.On != want {
		t.Errorf("%q %q, want %q", j.Verdict, j.On, want)
	}
}

// An axis that only one of the two heeds is no other load.
func TestAnAxisOfOneTransportPairsWithTheOther(t *testing.T) {
	run := measured(6, sample{transport: "poll", axes: map[string]string{"poll.interval": "1s"}, requests: 5000, down: 700_000},
		sample{transport: "poll", axes: map[string]string{"poll.interval": "4s"}, requests: 100, down: 100_000}, sample{transport: "sse", down: 190_000})
	if j := judge(t, "polling-idle", run); j.Verdict != claim.Holds || len(j.Evidence) != 1 || j.Evidence[0].Where() != "run1 poll.interval=1s" {
		t.Errorf("%q %+v", j.Verdict, j.Evidence)
	}
}

func TestSightsAreEvidence(t *testing.T) {
	claims, err := claim.Named([]string{"resume"})
	if err != nil {
		t.Fatal(err)
	}
	seen := func(told, holds bool) claim.Sight {
		return claim.Sight{Claim: "resume", With: "somebody", Told: told, Holds: holds, Text: "seen"}
	}
	for _, c := range []struct {
		sights []claim.Sight
		want   claim.Verdict
	}{
		{nil, claim.Untold},
		{[]claim.Sight{seen(false, false)}, claim.Untold},
		{[]claim.Sight{seen(true, true)}, claim.Holds},
		{[]claim.Sight{seen(true, true), seen(false, false)}, claim.Partly},
		{[]claim.Sight{seen(true, false)}, claim.Fails},
		{[]claim.Sight{{Claim: "plain-http", Told: true, Holds: true}}, claim.Untold},
	} {
		if got := claim.Judge(claims, nil, c.sights)[0]; got.Verdict != c.want {
			t.Errorf("%+v: %q, want %q", c.sights, got.Verdict, c.want)
		}
	}
}

func TestAnUnknownClaimListsTheRightOnes(t *testing.T) { // R1
	_, err := claim.Named([]string{"fastest"})
	if err == nil || !strings.Contains(err.Error(), `unknown claim "fastest" (have polling-idle, held-request,`) {
		t.Errorf("%v", err)
	}
	all, err := claim.Named(nil)
	if err != nil || len(all) != 9 {
		t.Errorf("%d claims, %v: want nine", len(all), err)
	}
}

// What goes up is on the channel, too: who asks in few words and is answered in
// fewer than a stream's may still say more in all.
func TestWhatPollsSayCountsAsWhatTheyAreTold(t *testing.T) {
	run := measured(6, sample{transport: "poll", requests: 5000, down: 170_000, up: 500_000}, sample{transport: "sse", down: 190_000})
	if j := judge(t, "polling-idle", run); j.Verdict != claim.Holds {
		t.Errorf("%q: %+v", j.Verdict, j.Evidence)
	}
}
