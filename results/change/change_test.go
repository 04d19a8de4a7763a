package change_test

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
	"pushbench/results/change"
	"pushbench/results/compare"
	"pushbench/results/hdr"
	"pushbench/results/threshold"
)

// trial is a sound one with that latency and that server CPU per event.
func trial(cell results.Cell, block int, latency, cpu time.Duration) results.Trial {
	h := hdr.New()
	h.RecordN(latency, 2000)
	t := results.Trial{
		Cell: cell, Block: block, Clients: 100, Measured: time.Second,
		Events:     results.Accounting{Published: 40, Owed: 2000, Delivered: 2000, Intended: 40, InTime: 40},
		Traffic:    results.Traffic{Delivered: 2000, DownBytes: 400_000},
		Usage:      results.Usage{ServerCPU: 2000 * cpu, Wall: time.Second, ServerIdleRSS: 1 << 20, ServerFullRSS: 2 << 20},
		Histograms: map[string]*hdr.Histogram{results.Latency: h},
	}
	t.Judge(nil)
	return t
}

const executed = `{"name":"quick","clients":100,"transports":["sse","ws"],"schedule":{"kind":"constant","rate":"10/s"},"trials":6,"seed":1}`

var cells = []results.Cell{{Transport: "sse", Stack: "std"}, {Transport: "ws", Stack: "std"}}

// side is a run of so many blocks, with noise of 5 % about a typical latency and CPU.
func side(seed uint64, blocks int, latency, cpu time.Duration) change.Side {
	dice := rand.New(rand.NewPCG(seed, 3))
	run := &results.Run{Schema: 1, Scenario: "quick", Executed: json.RawMessage(executed), Status: results.Complete, Engine: "loop",
		Started: time.Date(2026, 11, 21, 12, int(seed%60), 0, 0, time.UTC),
		Machine: results.Machine{CPU: "A Processor", CPUs: 2, Go: "go1.26.8", Binary: "0123456789abcdef"}}
	noisy := func(d time.Duration) time.Duration {
		return time.Duration(float64(d) * math.Exp(dice.NormFloat64()/20))
	}
	for block := range blocks {
		for _, cell := range cells {
			run.Trials = append(run.Trials, trial(cell, block, noisy(latency), noisy(cpu)))
		}
	}
	run.Planned = len(run.Trials)
	return change.Side{File: "run.json", Run: run}
}

func metric(t testing.TB, c *change.Changes, transport, name string) change.Metric {
	t.Helper()
	for _, r := range c.Rows {
		for _, m := range r.Metrics {
			if r.Transport == transport && r.Arm == "" && m.Name == name {
				return m
			}
		}
	}
	t.Fatalf("no %s of %s in %+v", name, transport, c.Rows)
	return change.Metric{}
}

const (
	ms = time.Millisecond
	µs = time.Microsecond
)

func TestAChangeIsWorseOrBetterAsItsMetricHasIt(t *testing.T) {
	old := side(1, 6, 10*ms, 10*µs)
	now := side(2, 7, 20*ms, 5*µs)
	c := change.Between(old, now, change.Usual(now.Run))
	for _, want := range []struct {
		name    string
		outcome change.Outcome
		ratio   float64
	}{{"latency_p99", change.Worse, 2}, {"server_cpu_per_event", change.Better, 0.5}, {"down_bytes_per_event", change.Equal, 1}, {"throughput", change.Equal, 1}} {
		m := metric(t, c, "ws", want.name)
		if m.Outcome() != want.outcome || m.Shift.Ratio == nil || math.Abs(*m.Shift.Ratio/want.ratio-1) > 0.1 {
			t.Errorf("%s is %s by %v, want %s by about %v", want.name, m.Outcome(), *m.Shift.Ratio, want.outcome, want.ratio)
		}
		if m.Old.N != 6 || m.New.N != 7 {
			t.Errorf("%s is of %d and %d trials, want 6 and 7", want.name, m.Old.N, m.New.N)
		}
	}
	if len(c.Mismatches) > 0 || len(c.Rows) != 2 {
		t.Errorf("%d rows, mismatches %v", len(c.Rows), c.Mismatches)
	}
	tally := c.Tally()
	if tally.Worse == 0 || tally.Better != 2 || tally.Differ() != tally.Worse+tally.Better || tally.Compared < tally.Differ() {
		t.Errorf("tally %+v", tally)
	}
}

func TestSwappingTheRunsInvertsEveryRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64Range(0, 1e6).Draw(t, "seed")
		factor := rapid.Float64Range(0.5, 2).Draw(t, "factor")
		old := side(seed, rapid.IntRange(4, 8).Draw(t, "old"), 10*ms, 10*µs)
		now := side(seed+1, rapid.IntRange(4, 8).Draw(t, "new"), time.Duration(factor*float64(10*ms)), 10*µs)
		there, back := change.Between(old, now, change.Usual(now.Run)), change.Between(now, old, change.Usual(now.Run))
		opposite := map[change.Outcome]change.Outcome{change.Worse: change.Better, change.Better: change.Worse, change.None: change.None, change.Equal: change.Equal}
		for i, r := range there.Rows {
			for k, m := range r.Metrics {
				other := back.Rows[i].Metrics[k]
				if want, ok := opposite[m.Outcome()]; !ok || other.Outcome() != want {
					t.Fatalf("%s is %s, and the other way round %s", m.Name, m.Outcome(), other.Outcome())
				}
				if m.Shift.Ratio != nil && math.Abs(*m.Shift.Ratio**other.Shift.Ratio-1) > 1e-9 {
					t.Fatalf("%s: %v, and the other way round %v", m.Name, *m.Shift.Ratio, *other.Shift.Ratio)
				}
			}
		}
		if a, b := there.Tally(), back.Tally(); a.Worse != b.Better || a.Better != b.Worse || a.Compared != b.Compared {
			t.Fatalf("%+v, and the other way round %+v", a, b)
		}
	})
}

// Two runs of the same thing differ as often as the tally says chance would have it.
func TestRunsOfTheSameDifferByChanceOnly(t *testing.T) { // G17
	differ, expected := 0., 0.
	for i := range uint64(100) {
		old, now := side(2*i, 6, 10*ms, 10*µs), side(2*i+1, 6, 10*ms, 10*µs)
		tally := change.Between(old, now, []string{"latency_p99", "server_cpu_per_event"}).Tally()
		differ += float64(tally.Differ())
		expected += tally.ByChance
	}
	if noise := 4 * math.Sqrt(expected); expected == 0 || math.Abs(differ-expected) > noise {
		t.Errorf("%v numbers differ, want %v ± %v", differ, expected, noise)
	}
}

func TestRowsAreMatchedByTheirCells(t *testing.T) {
	old, now := side(1, 6, 10*ms, 10*µs), side(2, 6, 10*ms, 10*µs)
	add := func(s change.Side, cell results.Cell, valid int) {
		for block := range 6 {
			one := trial(cell, block, 5*ms, 5*µs)
			if block >= valid {
				one.Verdict = results.Verdict{State: results.Invalid, Reasons: []results.Reason{{Code: "generator-cpu", State: results.Invalid}}}
			}
			s.Trials = append(s.Trials, one)
		}
	}
	again := results.Cell{Transport: "sse", Stack: "std", Arm: results.Again}
	axis := func(clients string) results.Cell {
		return results.Cell{Transport: "poll", Stack: "std", Axes: map[string]string{"clients": clients}}
	}
	add(old, axis("10"), 6)
	add(now, axis("10"), 6)
	add(old, axis("20"), 6)
	add(now, axis("30"), 6)
	add(old, again, 6)
	add(now, again, 6)
	add(old, axis("40"), 3)
	add(now, axis("40"), 6)
	got := map[string]string{}
	c := change.Between(old, now, change.Usual(now.Run))
	for _, r := range c.Rows {
		got[compare.Label(r.Cell, c.Cells())] = r.Why
	}
	for name, why := range map[string]string{
		"sse": "", "ws": "", "sse (again)": "", "poll clients=10": "",
		"poll clients=20": "only the old run has it", "poll clients=30": "only the new run has it",
		"poll clients=40": "it is not ranked in the old run: 3 of 6 trials are valid (generator-cpu)",
	} {
		if have, there := got[name]; !there || have != why {
			t.Errorf("%s: %q, %v; want %q", name, have, there, why)
		}
	}
	if len(got) != 7 {
		t.Errorf("rows %v", got)
	}
}

func TestWhatOnlyOneRunTellsIsShownAsThat(t *testing.T) {
	old, now := side(1, 6, 10*ms, 10*µs), side(2, 6, 10*ms, 10*µs)
	for i := range now.Trials {
		delete(now.Trials[i].Histograms, results.Latency)
	}
	for i := range old.Trials {
		old.Trials[i].Usage.ServerFullRSS = 0
	}
	c := change.Between(old, now, []string{"latency_p99", "server_rss_per_client", "connect_p99", "no_such_metric"})
	if m := metric(t, c, "sse", "latency_p99"); m.Outcome() != change.OldOnly || m.Shift != nil || m.Old == nil {
		t.Errorf("latency is %+v", m)
	}
	if m := metric(t, c, "sse", "server_rss_per_client"); m.Outcome() != change.NewOnly || m.Shift != nil || m.New == nil {
		t.Errorf("memory is %+v", m)
	}
	if n := len(c.Rows[0].Metrics); n != 2 {
		t.Errorf("%d metrics, want none that nobody tells", n)
	}
}

func TestThreeTrialsAreTooFewAndNotTheSame(t *testing.T) {
	c := change.Between(side(1, 3, 10*ms, 10*µs), side(2, 3, 90*ms, 10*µs), []string{"latency_p99"})
	if m := metric(t, c, "sse", "latency_p99"); m.Outcome() != change.TooFew || m.Shift.Lo != nil || m.Tested() {
		t.Errorf("%+v is %s", m.Shift, m.Outcome())
	}
	if tally := c.Tally(); tally != (change.Tally{}) {
		t.Errorf("tally %+v, want none", tally)
	}
}

func TestRunsAreToldApartByWhatMovesNumbers(t *testing.T) {
	type edit struct {
		what string
		run  func(*results.Run)
		want string // kind and key; "" for none
	}
	scenario := func(text string) func(*results.Run) {
		return func(r *results.Run) { r.Executed = json.RawMessage(text) }
	}
	replace := func(what, by string) func(*results.Run) {
		return scenario(strings.Replace(executed, what, by, 1))
	}
	for _, e := range []edit{
		{"nothing", func(*results.Run) {}, ""},
		{"clients", replace(`"clients":100`, `"clients":200`), "load clients 100 200"},
		{"rate", replace(`10/s`, `20/s`), "load schedule.rate 10/s 20/s"},
		{"a key that only one says", replace(`"trials"`, `"value":"latest","trials"`), "load value  latest"},
		{"seed and trials", replace(`"trials":6,"seed":1`, `"trials":9,"seed":2`), ""},
		{"words", replace(`"name":"quick"`, `"name":"mine","about":"b"`), ""},
		{"transports", replace(`["sse","ws"]`, `["sse"]`), "scope transports sse, ws sse"},
		{"expects", replace(`"seed":1`, `"seed":1,"expects":["reset"]`), "scope expects  reset"},
		{"a service level", replace(`"seed":1`, `"seed":1,"slo":["lost == 0"]`), ""},
		{"no scenario", scenario("null"), "load scenario recorded "},
		{"engine", func(r *results.Run) { r.Engine = "goroutine" }, "load engine loop goroutine"},
		{"no engine", func(r *results.Run) { r.Engine = "" }, ""},
		{"CPU", func(r *results.Run) { r.Machine.CPU = "Another" }, "machine cpu A Processor Another"},
		{"memory", func(r *results.Run) { r.Machine.MemoryBytes = 1 << 30 }, "machine memory 0.0 GiB 1.0 GiB"},
		{"CPU sets", func(r *results.Run) { r.Machine.ServerCPUs = []int{0, 1} }, "machine server_cpus  0 1"},
		{"a setting", func(r *results.Run) { r.Machine.Limits = map[string]string{"GOGC": "50"} }, "machine GOGC  50"},
		{"a state", func(r *results.Run) { r.Machine.Limits = map[string]string{"load": "3", "time_wait": "9"} }, ""},
		{"Go", func(r *results.Run) { r.Machine.Go = "go1.27" }, "program go go1.26.8 go1.27"},
		{"binary", func(r *results.Run) { r.Machine.Binary = "fedcba9876543210" }, "program binary 0123456789ab fedcba987654"},
		{"a library", func(r *results.Run) { r.Machine.Libraries = map[string]string{"a/b": "v1"} }, "program a/b  v1"},
	} {
		old, now := side(1, 4, 10*ms, 10*µs), side(2, 4, 10*ms, 10*µs)
		e.run(now.Run)
		var got []string
		for _, m := range change.Between(old, now, nil).Mismatches {
			got = append(got, fmt.Sprintf("%s %s %s %s", m.Kind, m.Key, m.Old, m.New))
		}
		if strings.Join(got, "; ") != e.want {
			t.Errorf("%s: %q, want %q", e.what, got, e.want)
		}
	}
}

func TestAnAxisOfBothIsNoDifferenceInLoad(t *testing.T) {
	load := func(clients int, values string) change.Side {
		s := side(1, 4, 10*ms, 10*µs)
		s.Executed = json.RawMessage(fmt.Sprintf(`{"clients":%d,"axes":{"clients":[%s]}}`, clients, values))
		return s
	}
	got := change.Between(load(10, `"10","20"`), load(20, `"20","30"`), nil).Mismatches
	want := []change.Mismatch{{Kind: change.Scope, Key: "axes.clients", Old: "10, 20", New: "20, 30"}}
	if !slices.Equal(got, want) {
		t.Errorf("mismatches %+v, want %+v", got, want)
	}
	one := change.Between(load(10, `"10","20"`), runOf(`{"clients":20}`), nil)
	if !one.Differ(change.Load) {
		t.Errorf("what only one run goes through is another load: %+v", one.Mismatches)
	}
	if together := change.Between(runOf(`{"together":true,"transports":["sse"]}`), runOf(`{"together":true,"transports":["ws"]}`), nil); !together.Differ(change.Load) {
		t.Errorf("others on the same server are another load: %+v", together.Mismatches)
	}
}

func runOf(executed string) change.Side {
	return change.Side{Run: &results.Run{Executed: json.RawMessage(executed)}}
}

func TestWhatElseAReaderMustKnowIsSaid(t *testing.T) {
	old, now := side(1, 6, 10*ms, 10*µs), side(2, 6, 10*ms, 10*µs)
	said := func(c *change.Changes) string { return strings.Join(c.Notes(), "; ") }
	if got := said(change.Between(old, now, nil)); !strings.Contains(got, "the noise between two runs") {
		t.Errorf("of two runs of one program: %q", got)
	}
	if got := said(change.Between(now, old, nil)); !strings.Contains(got, "the other way round") {
		t.Errorf("of runs that were swapped: %q", got)
	}
	if got := said(change.Between(old, old, nil)); got != "both are the same run" {
		t.Errorf("of a run and itself: %q", got)
	}
	now.Status, now.Planned, now.Machine.Binary = results.Interrupted, 20, "another"
	if got := said(change.Between(old, now, nil)); got != "the new run was not finished: it is interrupted after 12 of 20 trials" {
		t.Errorf("of an interrupted run: %q", got)
	}
}

// judged is whether a gate passes two runs, and why not, row by row.
func judged(t testing.TB, old, now change.Side, expression string) (verdicts []string) {
	t.Helper()
	g, err := threshold.ParseGate(expression)
	if err != nil {
		t.Fatal(err)
	}
	c := change.Between(old, now, append(change.Usual(now.Run), g.Metric))
	c.Judge([]threshold.Gate{g})
	for _, j := range c.Judgments {
		verdicts = append(verdicts, strings.TrimSpace(fmt.Sprintf("%s %v %s", j.Transport, j.Passed, j.Why)))
	}
	if failed := len(c.Failed()); failed != len(slices.DeleteFunc(slices.Clone(c.Judgments), func(j change.Judgment) bool { return j.Passed })) {
		t.Errorf("%d failed of %+v", failed, c.Judgments)
	}
	return verdicts
}

func TestAGateFailsWhatIsShownToBeBeyondIt(t *testing.T) { // R5
	old := side(1, 6, 10*ms, 10*µs)
	slower, noisier := side(2, 6, 15*ms, 10*µs), side(3, 6, 10*ms, 10*µs)
	for i := range noisier.Trials { // beyond the gate in the median, and shown by nothing
		latency := 2 * ms
		if i%4 < 2 || i == 6 || i == 7 {
			latency = 30 * ms
		}
		noisier.Trials[i] = trial(noisier.Trials[i].Cell, noisier.Trials[i].Block, latency, 10*µs)
	}
	unfinished := side(4, 6, 10*ms, 10*µs)
	unfinished.Status = results.Running
	lossy := side(5, 6, 10*ms, 10*µs)
	for i := range lossy.Trials {
		lossy.Trials[i].Events.Lost = map[string]int64{results.LostGap: int64(1 + i)}
	}
	silent := side(6, 6, 10*ms, 10*µs)
	for i := range silent.Trials {
		if silent.Trials[i].Block == 3 {
			silent.Trials[i].Histograms[results.Latency] = hdr.New()
		}
	}
	alone := side(7, 6, 10*ms, 10*µs)
	alone.Trials = slices.DeleteFunc(alone.Trials, func(t results.Trial) bool { return t.Transport == "ws" })
	for _, c := range []struct {
		what     string
		old, now change.Side
		gate     string
		want     []string
	}{
		{"shown and beyond", old, slower, "latency_p99 > +10%", []string{"sse false", "ws false"}},
		{"shown and within", old, slower, "latency_p99 > +80%", []string{"sse true", "ws true"}},
		{"of one transport", old, slower, "ws:latency_p99 > +10%", []string{"ws false"}},
		{"shown and better", slower, old, "latency_p99 > +10%", []string{"sse true", "ws true"}},
		{"a fall", slower, old, "latency_p99 < -10%", []string{"sse false", "ws false"}},
		{"beyond and not shown", old, noisier, "latency_p99 > +10%", []string{"sse true", "ws true"}},
		{"equal", old, slower, "throughput < -1%", []string{"sse true", "ws true"}},
		{"equal where even that is too much", old, slower, "throughput <= 0%", []string{"sse false", "ws false"}},
		{"from nothing", old, lossy, "lost > +10%", []string{"sse false", "ws false"}},
		{"to nothing", lossy, old, "lost > +10%", []string{"sse true", "ws true"}},
		{"too few", side(1, 3, 10*ms, 10*µs), side(2, 3, 10*ms, 10*µs), "sse:latency_p99 > +10%", []string{"sse false no data: 3 and 3 trials could show no difference, however large"}},
		{"told by nobody", old, slower, "sse:restored_p95 > +10%", []string{"sse false no data: neither run tells it"}},
		{"told by one", old, silent, "sse:latency_p99 > +10%", []string{"sse false no data in 1 of a run's valid trials"}},
		{"not finished", old, unfinished, "sse:latency_p99 > +10%", []string{"sse false no data: the new run was not finished"}},
		{"not there", old, slower, "poll:latency_p99 > +10%", []string{"poll false no data: neither run has poll"}},
		{"there once", old, alone, "ws:latency_p99 > +10%", []string{"ws false no data: only the old run has it"}},
		{"no search", old, slower, "capacity < -10%", []string{"false no data: these runs have searched no capacity"}},
		{"no trials", runOf("{}"), runOf("{}"), "lost > 0%", []string{"false no data: the runs have no trials"}},
	} {
		if got := judged(t, c.old, c.now, c.gate); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s: %q, want %q", c.what, c.gate, got, c.want)
		}
	}
}

func TestAGateIsPassedByAnIntervalThatReachesIt(t *testing.T) { // R5
	old, now := side(1, 6, 10*ms, 10*µs), side(2, 6, 13*ms, 10*µs)
	m := metric(t, change.Between(old, now, []string{"latency_p99"}), "sse", "latency_p99")
	if !m.Shift.Shown() {
		t.Fatalf("no difference is shown: %+v", m.Shift)
	}
	percent := func(factor float64) string { return fmt.Sprintf("%.4f%%", 100*(factor-1)) }
	inside, outside := (*m.Shift.Lo+*m.Shift.Ratio)/2, 0.99**m.Shift.Lo
	if got := judged(t, old, now, "sse:latency_p99 > +"+percent(inside)); !slices.Equal(got, []string{"sse true"}) {
		t.Errorf("beyond the ratio's lower end: %q", got)
	}
	if got := judged(t, old, now, "sse:latency_p99 > +"+percent(outside)); !slices.Equal(got, []string{"sse false"}) {
		t.Errorf("all of the interval is beyond: %q", got)
	}
	back := metric(t, change.Between(now, old, []string{"latency_p99"}), "sse", "latency_p99")
	inside, outside = (*back.Shift.Hi+*back.Shift.Ratio)/2, 1.01**back.Shift.Hi
	if got := judged(t, now, old, "sse:latency_p99 < "+percent(inside)); !slices.Equal(got, []string{"sse true"}) {
		t.Errorf("beyond the ratio's upper end: %q", got)
	}
	if got := judged(t, now, old, "sse:latency_p99 < "+percent(outside)); !slices.Equal(got, []string{"sse false"}) {
		t.Errorf("all of the interval is beyond: %q", got)
	}
}

func TestWhatIsMeasuredTwiceIsInNoGate(t *testing.T) {
	old, now := side(1, 6, 10*ms, 10*µs), side(2, 6, 10*ms, 10*µs)
	again := results.Cell{Transport: "sse", Stack: "std", Arm: results.Again}
	for block := range 6 {
		old.Trials = append(old.Trials, trial(again, block, 10*ms, 10*µs))
		now.Trials = append(now.Trials, trial(again, block, 90*ms, 10*µs))
	}
	if got, want := judged(t, old, now, "latency_p99 > +10%"), []string{"sse true", "ws true"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCapacitiesDifferWhereTheirIntervalsDoNotTouch(t *testing.T) {
	search := func(ended string, value, lo, hi float64, down bool) change.Side {
		c := results.Capacity{Transport: "ws", Stack: "std", Key: "clients", Down: down, Ended: ended}
		for at, v := range map[**float64]float64{&c.Value: value, &c.Lo: lo, &c.Hi: hi} {
			if v > 0 {
				*at = &v
			}
		}
		return change.Side{Run: &results.Run{Status: results.Complete, Capacity: []results.Capacity{c}, Executed: json.RawMessage(`{"slo":["lost == 0"]}`)}}
	}
	up := search(results.EndedKnee, 1000, 900, 1100, false)
	for _, c := range []struct {
		now  change.Side
		want change.Outcome
		gate string // of a fall by 10 %
	}{
		{search(results.EndedKnee, 2000, 1800, 2200, false), change.Better, "ws true"},
		{search(results.EndedKnee, 500, 400, 600, false), change.Worse, "ws false"},
		{search(results.EndedKnee, 860, 800, 910, false), change.None, "ws true"},
		{search(results.EndedTop, 2000, 1800, 0, false), change.Better, "ws true"},
		{search(results.EndedBottom, 0, 0, 100, false), change.TooFew, "ws false no data: a search has found none"},
		{search("", 500, 400, 600, false), change.TooFew, "ws false no data: a search has found none"},
	} {
		all := change.Between(up, c.now, nil)
		if got := all.Capacities[0].Outcome; got != c.want || !all.Compared() {
			t.Errorf("%+v is %s, want %s", c.now.Capacity[0], got, c.want)
		}
		if got := judged(t, up, c.now, "capacity < -10%"); !slices.Equal(got, []string{c.gate}) {
			t.Errorf("gate %q, want %q", got, c.gate)
		}
	}
	faster := change.Between(search(results.EndedKnee, 100, 110, 90, true), search(results.EndedKnee, 50, 60, 40, true), nil)
	if got := faster.Capacities[0].Outcome; got != change.Better {
		t.Errorf("polls twice as often are %s, want better", got)
	}
	other := search(results.EndedKnee, 1000, 900, 1100, false)
	other.Executed = json.RawMessage(`{"slo":["lost < 9"]}`)
	if !change.Between(up, other, nil).Differ(change.Load) {
		t.Error("another service level is searched for, and nothing is said")
	}
	gone := change.Between(up, change.Side{Run: &results.Run{Capacity: []results.Capacity{{Transport: "sse", Key: "clients"}}}}, nil)
	if len(gone.Capacities) != 2 || gone.Capacities[0].Outcome != change.NewOnly || gone.Capacities[1].Outcome != change.OldOnly {
		t.Errorf("capacities %+v", gone.Capacities)
	}
}
