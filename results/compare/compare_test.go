package compare_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/hdr"
)

// trial is a sound one whose p99 latency and server CPU per event are given.
func trial(transport string, block int, p99 time.Duration, cpu time.Duration) results.Trial {
	latency := hdr.New()
	latency.RecordN(p99/2, 1980)
	latency.RecordN(p99, 20)
	t := results.Trial{
		Cell: results.Cell{Transport: transport, Stack: "std"}, Block: block, Clients: 100, Measured: time.Second,
		Events:     results.Accounting{Published: 20, Owed: 2000, Delivered: 2000, Intended: 20, InTime: 20},
		Traffic:    results.Traffic{Delivered: 2000, DownBytes: 400_000},
		Usage:      results.Usage{ServerCPU: 2000 * cpu, Wall: time.Second, ServerIdleRSS: 1 << 20, ServerFullRSS: 2 << 20},
		Histograms: map[string]*hdr.Histogram{results.Latency: latency},
	}
	t.Judge(nil)
	return t
}

// blocks is a run with one trial of each transport in each block; a block has its
// own weather, which all its trials suffer from.
func blocks(n int, p99 map[string]time.Duration) *results.Run {
	run := new(results.Run)
	dice := rand.New(rand.NewPCG(7, 7))
	for block := range n {
		weather := 1 + dice.Float64()
		for _, transport := range []string{"ws", "sse", "longpoll", "poll"} {
			if typical, ok := p99[transport]; ok {
				noise := 1 + dice.Float64()/50
				run.Trials = append(run.Trials, trial(transport, block, time.Duration(weather*noise*float64(typical)), time.Duration(noise*weather*float64(10*time.Microsecond))))
			}
		}
	}
	return run
}

func cell(transport string) results.Cell {
	return results.Cell{Transport: transport, Stack: "std"}
}

func texts(findings []compare.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, string(f.Kind)+": "+f.Text)
	}
	return strings.Join(all, "\n")
}

func TestRowsComeInTheOrderOfTransports(t *testing.T) {
	run := new(results.Run)
	for _, transport := range []string{"zeta", "ws", "alpha", "poll", "sse", "longpoll"} {
		run.Trials = append(run.Trials, trial(transport, 0, time.Millisecond, time.Microsecond))
	}
	lean := trial("sse", 0, time.Millisecond, time.Microsecond)
	lean.Stack = "lean"
	run.Trials = append(run.Trials, lean)
	var got []string
	rows := compare.Rows(run)
	for _, r := range rows {
		got = append(got, compare.Label(r.Cell, rows))
	}
	if want := []string{"poll/std", "longpoll/std", "sse/std", "sse/lean", "ws/std", "alpha/std", "zeta/std"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestLabelsNameOnlyWhatDiffers(t *testing.T) {
	a, b := cell("sse"), cell("ws")
	if got := compare.Label(a, []compare.Row{{Cell: a}, {Cell: b}}); got != "sse" {
		t.Errorf("label %q, want sse", got)
	}
	a.Axes = map[string]string{"clients": "10", "rate": "1/s"}
	b.Axes = map[string]string{"clients": "20", "rate": "1/s"}
	if got := compare.Label(a, []compare.Row{{Cell: a}, {Cell: b}}); got != "sse clients=10" {
		t.Errorf("label %q, want sse clients=10", got)
	}
}

func TestARowIsRankedFromTwoThirdsOfValidTrials(t *testing.T) {
	for _, c := range []struct {
		valid, suspect, invalid int
		ranked                  bool
		verdict                 results.State
	}{
		{6, 0, 0, true, results.Valid}, {4, 1, 1, true, results.Valid}, {3, 2, 1, false, results.Suspect},
		{3, 1, 2, false, results.Invalid}, {0, 0, 1, false, results.Invalid}, {0, 6, 0, false, results.Suspect}, {1, 0, 0, true, results.Valid},
	} {
		run := new(results.Run)
		add := func(n int, state results.State) {
			for range n {
				one := trial("sse", len(run.Trials), time.Millisecond, time.Microsecond)
				if state != results.Valid {
					one = trial("sse", len(run.Trials), time.Second, time.Microsecond)
					one.Verdict = results.Verdict{State: state, Reasons: []results.Reason{{Code: "a", State: state}, {Code: "a"}}}
				}
				run.Trials = append(run.Trials, one)
			}
		}
		add(c.invalid, results.Invalid)
		add(c.suspect, results.Suspect)
		add(c.valid, results.Valid)
		r := compare.Rows(run)[0]
		if r.Ranked != c.ranked || r.Verdict != c.verdict || r.Trials != (compare.Counts{Valid: c.valid, Suspect: c.suspect, Invalid: c.invalid}) {
			t.Errorf("%+v: %+v", c, r)
		}
		if worst := r.Metrics["latency_max"].Max; c.ranked && worst > 2 {
			t.Errorf("%+v: a ranked row shows %v ms, which no valid trial has", c, worst)
		}
		told := 0
		for _, reason := range r.Reasons { // each state's apart
			if reason.Code == "a" {
				told += reason.Trials
			}
		}
		if bad := c.suspect + c.invalid; told != bad {
			t.Errorf("%+v: reasons %+v", c, r.Reasons)
		}
	}
}

func TestPercentilesNeedThirtyDistinctEventsInTheRow(t *testing.T) {
	run := blocks(1, map[string]time.Duration{"sse": time.Millisecond}) // 20 events
	if _, ok := compare.Rows(run)[0].Metrics["latency_p99"]; ok {
		t.Error("a percentile of 20 events is shown")
	}
	run = blocks(2, map[string]time.Duration{"sse": time.Millisecond})
	if _, ok := compare.Rows(run)[0].Metrics["latency_p99"]; !ok {
		t.Error("a percentile of 40 events is not shown")
	}
}

func TestAnIntervalNeedsSixTrialsAndIsNeverInfinite(t *testing.T) {
	for n := 1; n <= 12; n++ {
		s := compare.Rows(blocks(n, map[string]time.Duration{"ws": time.Millisecond}))[0].Metrics["throughput"]
		if (s.Lo != nil) != (n >= compare.MinTrials) || (s.Hi != nil) != (n >= compare.MinTrials) || s.N != n {
			t.Errorf("%d trials: %+v", n, s)
		}
	}
	run := blocks(6, map[string]time.Duration{"ws": time.Millisecond})
	run.Trials[2].Usage.ServerCPU = math.MaxInt64
	run.Trials[3].Traffic.Delivered = 0
	if _, err := json.Marshal(compare.Rows(run)); err != nil {
		t.Errorf("rows do not encode: %v", err)
	}
}

func TestTheIntervalContainsItsMedian(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 20).Draw(t, "values")
		run := new(results.Run)
		for i, v := range values {
			one := trial("ws", i, time.Millisecond, 1)
			one.Traffic.Delivered = v
			run.Trials = append(run.Trials, one)
		}
		s := compare.Rows(run)[0].Metrics["throughput"]
		if s.Median > s.Max || s.Max != float64(slices.Max(values)) {
			t.Fatalf("%+v of %v", s, values)
		}
		if s.Lo != nil && (*s.Lo > s.Median || s.Median > *s.Hi || *s.Hi > s.Max) {
			t.Fatalf("%v to %v around %v of %v", *s.Lo, *s.Hi, s.Median, values)
		}
	})
}

func TestRatiosAreTakenBlockByBlock(t *testing.T) {
	// The weather of blocks is worse than the difference between transports: only
	// within blocks does that show.
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond})
	s, ok := compare.Ratio(run, "latency_p99", cell("sse"), cell("ws"))
	if !ok || s.N != 6 || !s.Shown() || s.Median < 1.2 || s.Median > 1.3 {
		t.Errorf("ratio %+v, want about 1.25, shown", s)
	}
	run.Trials[0].Verdict.State = results.Suspect
	if s, _ := compare.Ratio(run, "latency_p99", cell("sse"), cell("ws")); s.N != 5 || s.Shown() {
		t.Errorf("with a block that is not valid: %+v", s)
	}
	if s, ok := compare.Ratio(run, "requests_per_event", cell("sse"), cell("ws")); ok {
		t.Errorf("a ratio of zeros: %+v", s)
	}
}

func TestARatioAndItsInverseAgree(t *testing.T) {
	run := blocks(7, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 8 * time.Millisecond})
	a, _ := compare.Ratio(run, "latency_p99", cell("sse"), cell("ws"))
	b, _ := compare.Ratio(run, "latency_p99", cell("ws"), cell("sse"))
	if math.Abs(a.Median*b.Median-1) > 1e-9 || math.Abs(*a.Lo**b.Hi-1) > 1e-9 {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestFindingsNameBothTransportsAndTheInterval(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"longpoll": 34 * time.Millisecond, "sse": 10 * time.Millisecond, "ws": 10 * time.Millisecond})
	for i := range run.Trials {
		if run.Trials[i].Transport == "longpoll" {
			run.Trials[i].Usage.ServerCPU *= 3
		}
	}
	findings := compare.Findings(run)
	got := texts(findings)
	for _, want := range []string{
		"no-difference: no difference shown between ws and sse in latency p99 (0.9",
		"× lower latency p99 than longpoll (3.",
		"delivers an event for 3.0× less server CPU than longpoll (",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if len(findings) > 6 {
		t.Errorf("%d findings are too many:\n%s", len(findings), got)
	}
}

func TestASmallDifferenceIsInPercent(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": 9500 * time.Microsecond})
	if got := texts(compare.Findings(run)); !strings.Contains(got, "ws has a 5") || !strings.Contains(got, " % lower latency p99 than sse (") {
		t.Errorf("findings:\n%s", got)
	}
}

// One block in which ws is far worse gives it the worse median, because blocks
// differ; in all others it is better, and that is what counts.
func TestBlocksDecideWhichIsBetter(t *testing.T) {
	run := new(results.Run)
	for block := range 9 {
		weather := time.Duration(block+1) * 10 * time.Millisecond
		factor := 0.95
		if block == 0 {
			factor = 100
		}
		run.Trials = append(run.Trials,
			trial("sse", block, weather, time.Microsecond),
			trial("ws", block, time.Duration(factor*float64(weather)), time.Microsecond))
	}
	got := texts(compare.Findings(run))
	if !strings.Contains(got, "ws has a 5") || !strings.Contains(got, " % lower latency p99 than sse") {
		t.Errorf("findings:\n%s", got)
	}
}

func TestFewTrialsShowNoDifference(t *testing.T) {
	run := blocks(5, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": time.Millisecond})
	if got, want := texts(compare.Findings(run)), "too-few: no difference can be shown: intervals need 6 valid trials of each, there are 5"; got != want {
		t.Errorf("findings:\n%s\nwant\n%s", got, want)
	}
}

// What has too few blocks in common is said once, however many questions that
// leaves open.
func TestTooFewBlocksAreToldOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*results.Trial)
		want  string
	}{
		{"one row", func(t *results.Trial) {
			if t.Transport == "sse" && t.Block < 2 {
				t.Usage.GeneratorBusy = 0.99
			}
		}, "too-few: no difference can be shown between sse and ws: intervals need 6 blocks with a valid value of both, there are 4"},
		{"two rows", func(t *results.Trial) {
			if t.Transport == "sse" && t.Block < 2 || t.Transport == "ws" && t.Block == 5 {
				t.Usage.GeneratorBusy = 0.99
			}
		}, "too-few: no differences can be shown between sse and ws, poll and ws, poll and sse: intervals need 6 blocks with a valid value of both, there are 3 to 5"},
		{"one metric", func(t *results.Trial) {
			if t.Transport == "sse" && t.Block < 2 {
				t.Histograms = nil
			}
		}, "too-few: no difference can be shown between sse and ws in latency p99: intervals need 6 blocks with a valid value of both, there are 4"},
	} {
		run := blocks(6, map[string]time.Duration{"sse": 2 * time.Millisecond, "ws": time.Millisecond, "poll": time.Second})
		for i := range run.Trials {
			c.spoil(&run.Trials[i])
			run.Trials[i].Judge(nil)
		}
		got := texts(compare.Findings(run))
		if !strings.Contains(got, c.want) || strings.Count(got, "too-few") != 1 {
			t.Errorf("%s: not once %q in\n%s", c.name, c.want, got)
		}
	}
}

func TestAnUnrankedRowIsOnlySaidToBe(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": 10 * time.Millisecond, "ws": time.Millisecond, "poll": time.Second})
	for i := range run.Trials {
		if one := &run.Trials[i]; one.Transport == "ws" && one.Block > 1 {
			one.Usage.GeneratorBusy = 0.99
			one.Judge(nil)
		}
	}
	got := texts(compare.Findings(run))
	if want := "unranked: ws is not ranked: 2 of 6 trials are valid (generator-cpu)"; !strings.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, got)
	}
	if strings.Count(got, "ws") != 1 {
		t.Errorf("ws is compared:\n%s", got)
	}
}

func TestWithoutLatencyThroughputIsCompared(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"sse": time.Millisecond, "ws": time.Millisecond})
	for i := range run.Trials {
		one := &run.Trials[i]
		one.Untimed, one.Histograms = true, nil
		if one.Transport == "sse" {
			one.Traffic.Delivered *= 2
		}
	}
	if got := texts(compare.Findings(run)); !strings.Contains(got, "sse delivers 2.0× more events per second than ws (2.0× to 2.0×)") {
		t.Errorf("findings:\n%s", got)
	}
}

// Comparing one transport with itself must hardly ever show a difference: of
// independent trials, an exact interval misses in 1 of 32 cases at most.
func TestAACompareShowsNoDifferenceNineteenTimesOfTwenty(t *testing.T) { // G17
	dice := rand.New(rand.NewPCG(1, 17))
	shown, runs := 0, 400
	for range runs {
		run := new(results.Run)
		for block := range 6 {
			for _, transport := range []string{"sse", "ws"} {
				p99 := time.Duration((1 + dice.ExpFloat64()) * float64(10*time.Millisecond))
				run.Trials = append(run.Trials, trial(transport, block, p99, time.Microsecond))
			}
		}
		if s, _ := compare.Ratio(run, "latency_p99", cell("sse"), cell("ws")); s.Shown() {
			shown++
		}
	}
	if shown*20 > runs {
		t.Errorf("a difference is shown in %d of %d comparisons of the same", shown, runs)
	}
}

func TestNoRunHasNoRowsAndNoFindings(t *testing.T) {
	if got := fmt.Sprint(compare.Rows(new(results.Run)), compare.Findings(new(results.Run))); got != "[] []" {
		t.Errorf("%s", got)
	}
}

// A poller of a price is as far behind as its staleness says, whatever the
// latencies of the events are that nobody has seen.
func TestWhereTheLatestValueMattersStalenessIsCompared(t *testing.T) {
	run := blocks(6, map[string]time.Duration{"ws": 10 * time.Millisecond, "poll": 990 * time.Millisecond})
	for i := range run.Trials {
		mean := map[string]time.Duration{"ws": time.Millisecond, "poll": 450 * time.Millisecond}[run.Trials[i].Transport]
		run.Trials[i].Staleness = &results.Staleness{Mean: mean, Ramps: 1000}
	}
	for value, want := range map[string]string{
		"every":  "lower latency p99 than poll",
		"latest": "ws has a 450.0× lower mean staleness than poll (450.0× to 450.0×)",
	} {
		run.Executed = json.RawMessage(`{"value":"` + value + `"}`)
		said := texts(compare.Findings(run))
		if !strings.Contains(said, want) || strings.Contains(said, "staleness") != (value == "latest") || strings.Contains(said, "latency") != (value == "every") {
			t.Errorf("value %s: %s, want %q", value, said, want)
		}
		if lead, ok := compare.Leading(run); !ok || strings.Contains(lead.Words, "staleness") != (value == "latest") {
			t.Errorf("value %s: %q leads", value, lead.Words)
		}
	}
}
