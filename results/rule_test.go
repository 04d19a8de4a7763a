package results_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// always is a histogram of n times the same value, which is each of its quantiles
// exactly.
func always(n int64, d time.Duration) *hdr.Histogram {
	h := hdr.New()
	h.RecordN(d, n)
	return h
}

// steps are slices in which deliveries took that long on average, in ms; of a
// negative one nothing is known.
func steps(means ...float64) results.Series {
	s := results.Series{Every: 200 * time.Millisecond}
	for _, ms := range means {
		if ms < 0 {
			s.Slices = append(s.Slices, results.Slice{Delivered: 1000})
			continue
		}
		s.Slices = append(s.Slices, results.Slice{Delivered: 1000, Due: 1000, Mean: time.Duration(ms * float64(time.Millisecond))})
	}
	return s
}

// Where a rule begins to speak, to the last value at which it does not.
func TestEachRuleHasItsBound(t *testing.T) { // G5 G7 G8 G10
	const ms = time.Millisecond
	own := func(histogram string, n int64, latency, delay time.Duration) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Histograms[results.Latency] = always(10_000, latency)
			t.Histograms[histogram] = always(n, delay)
		}
	}
	lag := func(latency, lag time.Duration, busy float64) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Histograms[results.Latency] = always(10_000, latency)
			t.Histograms[results.Lag] = always(100, lag)
			t.Usage.ServerBusy = busy
		}
	}
	lags := func(n int64, lag time.Duration, more int64, late time.Duration) func(*results.Trial) {
		return func(t *results.Trial) {
			h := always(n, lag)
			h.RecordN(late, more)
			t.Histograms[results.Latency] = always(10_000, 2*ms)
			t.Histograms[results.Lag] = h
		}
	}
	seen := func(reads, latencies int64) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Histograms[results.Latency] = always(latencies, 100*ms)
			t.Histograms[results.GeneratorDelay] = always(reads, ms)
		}
	}
	few := func(spoil func(*results.Trial)) func(*results.Trial) {
		return func(t *results.Trial) {
			spoil(t)
			t.Histograms[results.Latency] = always(999, 100*ms)
		}
	}
	trend := func(p50 time.Duration, busy float64, means ...float64) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Histograms[results.Latency] = always(10_000, p50)
			t.Series, t.Usage.ServerBusy = steps(means...), busy
		}
	}
	stolen := func(steal time.Duration, cpus int, p99 time.Duration) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Disturbed.Steal, t.Disturbed.CPUs = steal, cpus
			t.Histograms[results.Latency] = always(10_000, p99)
		}
	}
	wire := func(w results.Wire) func(*results.Trial) {
		return func(t *results.Trial) { t.Wire = &w }
	}
	step := func(by time.Duration, dropped, left int64) func(*results.Trial) {
		return func(t *results.Trial) {
			t.Disturbed.ClockStep, t.Disturbed.Dropped = by, dropped
			t.Histograms[results.GeneratorDelay] = always(left, 1000)
		}
	}
	untimed := func(spoil func(*results.Trial)) func(*results.Trial) {
		return func(t *results.Trial) {
			spoil(t)
			t.Untimed = true
		}
	}
	backward := func(of100 int64) func(*results.Trial) {
		return func(t *results.Trial) {
			h := always(100-of100, 1000)
			h.RecordN(-1, of100)
			t.Histograms[results.GeneratorDelay] = h
		}
	}
	samples := func(n int64) func(*results.Trial) {
		return func(t *results.Trial) { t.Histograms[results.Latency] = always(n, ms) }
	}
	for _, c := range []struct {
		code  string
		name  string
		spoil func(*results.Trial)
		want  results.State // "" when the rule is silent
		says  string        // in its text
	}{
		{"generator-delay", "a quarter", own(results.GeneratorDelay, 500, 100*ms, 25*ms), "", ""},
		{"generator-delay", "over a quarter", own(results.GeneratorDelay, 500, 100*ms, 25*ms+1), results.Suspect, "generator delay p99 25.0 ms beside latency p99 100 ms (25 %)"},
		{"generator-delay", "half", own(results.GeneratorDelay, 500, 100*ms, 50*ms), results.Suspect, "of each of 500 reads a lower bound"},
		{"generator-delay", "over half", own(results.GeneratorDelay, 500, 100*ms, 50*ms+1), results.Invalid, "(50 %)"},
		{"generator-delay", "all of 1 ms", own(results.GeneratorDelay, 500, ms, ms), "", ""},
		{"generator-delay", "all of over 1 ms", own(results.GeneratorDelay, 500, ms+1, ms+1), results.Invalid, "(100 %)"},
		{"generator-delay", "too few reads, and few samples", few(own(results.GeneratorDelay, 99, 100*ms, 60*ms)), "", ""},
		{"generator-delay", "enough reads", own(results.GeneratorDelay, 100, 100*ms, 60*ms), results.Invalid, "60.0 ms"},
		{"generator-delay", "no latency", untimed(own(results.GeneratorDelay, 500, 100*ms, 60*ms)), "", ""},

		{"generator-pause", "a quarter", own(results.GeneratorJitter, 400, 100*ms, 25*ms), "", ""},
		{"generator-pause", "over a quarter", own(results.GeneratorJitter, 400, 100*ms, 25*ms+1), results.Suspect, "25.0 ms late at p99, 25 % of latency p99 100 ms"},
		{"generator-pause", "half", own(results.GeneratorJitter, 400, 100*ms, 50*ms), results.Suspect, "its runtime never stopped it, so it was busy or had no CPU"},
		{"generator-pause", "over half", own(results.GeneratorJitter, 400, 100*ms, 50*ms+1), results.Invalid, ""},
		{"generator-pause", "all of 1 ms", own(results.GeneratorJitter, 400, ms, ms), "", ""},
		{"generator-pause", "all of over 1 ms", own(results.GeneratorJitter, 400, ms+1, ms+1), results.Invalid, ""},
		{"generator-pause", "too few instants", own(results.GeneratorJitter, 99, 100*ms, 60*ms), "", ""},
		{"generator-pause", "enough instants", own(results.GeneratorJitter, 100, 100*ms, 60*ms), results.Invalid, ""},
		{"generator-pause", "no latency", untimed(own(results.GeneratorJitter, 400, 100*ms, 60*ms)), "", ""},
		{"generator-pause", "a stop of the runtime", func(t *results.Trial) {
			own(results.GeneratorJitter, 400, 100*ms, 60*ms)(t)
			t.Usage.Generator.PauseMax = 30 * ms
		}, results.Invalid, "its runtime stopped it for up to 30.0 ms"},
		{"generator-pause", "no stop of the runtime", func(t *results.Trial) {
			own(results.GeneratorJitter, 400, 100*ms, 60*ms)(t)
			t.Usage.Generator.PauseMax = 30*ms - 1000
		}, results.Invalid, "its runtime stopped it for up to 30.0 ms only"},

		{"source-lag", "1 ms of a fast one", lag(2*ms, ms, 0.1), "", ""},
		{"source-lag", "over 1 ms of a fast one", lag(2*ms, ms+1, 0.1), results.Suspect, "1.00 ms late at p99, with 10 % of the server's CPUs used"},
		{"source-lag", "a tenth", lag(100*ms, 10*ms, 0.1), "", ""},
		{"source-lag", "over a tenth", lag(100*ms, 10*ms+1, 0.89), results.Suspect, "more than 10.0 ms"},
		{"source-lag", "of a saturated server", lag(100*ms, 50*ms, 0.9), "", ""},
		{"source-lag", "one of 100", lags(99, ms/2, 1, 30*ms), "", ""},
		{"source-lag", "two of 100", lags(98, ms/2, 2, 30*ms), results.Suspect, "30.0 ms late at p99"},
		{"source-lag", "one of 17", lags(16, ms/2, 1, 30*ms), results.Valid, "one of 17 events was published 30.0 ms late, the others 0.5 ms at most"},
		{"source-lag", "two of 17", lags(15, ms/2, 2, 30*ms), results.Suspect, "the second-latest of 17 events was published 30.0 ms late"},
		{"source-lag", "the only one", lags(0, 0, 1, 30*ms), results.Valid, "the only event was published 30.0 ms late"},
		{"source-lag", "one of 17 at a saturated server", func(t *results.Trial) { lags(16, ms/2, 1, 30*ms)(t); t.Usage.ServerBusy = 0.9 }, "", ""},

		{"generator-unseen", "enough reads", seen(100, 1000), "", ""},
		{"generator-unseen", "too few reads", seen(99, 1000), results.Valid, "99 reads with a kernel timestamp, want 100"},
		{"generator-unseen", "no reads", seen(0, 1000), results.Valid, ""},
		{"generator-unseen", "latency p99 is not shown", seen(0, 999), "", ""},
		{"generator-unseen", "no latency", untimed(seen(0, 1000)), "", ""},

		{"clock-step", "a correction", step(-ms, 0, 500), "", ""},
		{"clock-step", "back", step(-ms-1, 3, 500), results.Valid, "set back by 1.00 ms, which made 3"},
		{"clock-step", "forward", step(time.Hour, 3, 100), results.Valid, "set forward by 3600000 ms"},
		{"clock-step", "and too few are left", step(time.Hour, 3, 99), results.Suspect, "too few are left"},
		{"clock-step", "and none was lost", step(time.Hour, 0, 100), results.Valid, ""},
		{"clock-step", "and no latency", untimed(step(time.Hour, 3, 99)), results.Valid, ""},

		{"clock-step", "1 % before their time", backward(1), "", ""},
		{"clock-step", "more before their time", backward(2), results.Suspect, "2 % of the kernel's timestamps"},
		{"clock-step", "before their time, and no latency", untimed(backward(2)), "", ""},

		{"steal", "1 % of three CPUs", stolen(60*ms, 3, 100*ms), "", ""},
		{"steal", "over 1 % of three CPUs", stolen(60*ms+1, 3, 100*ms), results.Valid, "1.0 % of the CPU time of server and generator to others (60.0 ms)"},
		{"steal", "10 % of two CPUs", stolen(400*ms, 2, 100*ms), results.Valid, ""},
		{"steal", "over 10 % of two CPUs", stolen(400*ms+1, 2, 100*ms), results.Suspect, "10.0 % of the CPU time"},
		{"steal", "nobody knows of how many", stolen(200*ms+1, 0, 100*ms), results.Suspect, ""},
		{"steal", "much, but of no matter to polls", stolen(402*ms, 2, 990*ms), results.Valid, ""},
		{"steal", "much, without latency", untimed(stolen(402*ms, 2, 990*ms)), results.Suspect, ""},

		{"throttled", "1 %", func(t *results.Trial) { t.Disturbed.Throttled = 20 * ms }, "", ""},
		{"throttled", "over 1 %", func(t *results.Trial) { t.Disturbed.Throttled = 20*ms + 1 }, results.Invalid, "for 20.0 ms, on all CPUs together, of a phase of 2000 ms"},

		{"memory-pressure", "1 % stalled", func(t *results.Trial) { t.Disturbed.MemoryStall = 20 * ms }, "", ""},
		{"memory-pressure", "over 1 % stalled", func(t *results.Trial) { t.Disturbed.MemoryStall = 20*ms + 1 }, results.Suspect, "some task on this machine waited 20.0 ms for memory"},
		{"memory-pressure", "a few pages", func(t *results.Trial) { t.Disturbed.MajorFaults = 10 }, "", ""},
		{"memory-pressure", "more pages", func(t *results.Trial) { t.Disturbed.MajorFaults = 11 }, results.Suspect, "read 11 pages"},

		{"trend", "steady", trend(10*ms, 0.1, 8, 12, 9, 11, 10, 10, 12, 8, 11, 9), "", ""},
		{"trend", "over chance, but small", trend(10*ms, 0.1, 10, 10.1, 10.2, 10.5, 11, 11.5, 13, 14.5, 15, 15.1), "", ""},
		{"trend", "over chance and a half", trend(10*ms, 0.1, 10, 10.1, 10.2, 10.5, 11, 11.5, 13, 15.1, 15.2, 15.3), results.Suspect, "from 10.1 ms in the first third of the phase to 15.2 ms"},
		{"trend", "large, but as chance has it", trend(10*ms, 0.1, 10, 30, 10, 30, 10, 30, 30, 30, 10, 30), "", ""},
		{"trend", "under 1 ms", trend(ms, 0.1, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.7, 1.9, 2.1, 2.2), "", ""},
		{"trend", "over 1 ms", trend(ms, 0.1, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.7, 2.2, 2.3, 2.4), results.Suspect, ""},
		{"trend", "down", trend(10*ms, 0.1, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11), results.Suspect, "from 19.0 ms"},
		{"trend", "seven slices", trend(10*ms, 0.1, 10, 20, 30, 40, 50, 60, 70, -1, -1), "", ""},
		{"trend", "eight slices", trend(10*ms, 0.1, 10, 20, 30, 40, 50, 60, 70, -1, 80), results.Suspect, "8 slices"},
		{"trend", "of a saturated server", trend(10*ms, 0.9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100), results.Valid, ""},
		{"trend", "no latency", untimed(trend(10*ms, 0.1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)), "", ""},

		{"retransmits", "one in a thousand", wire(results.Wire{SegmentsDown: 9000, SegmentsUp: 1000, Everyone: 10}), "", ""},
		{"retransmits", "more", wire(results.Wire{SegmentsDown: 9000, SegmentsUp: 1000, Everyone: 11, Retransmitted: 2}), results.Valid, "sent 11 segments again and 0 loss probes, while the clients' connections carried 10000 segments and the clients sent 2 again"},
		{"retransmits", "more, but for probes", wire(results.Wire{SegmentsDown: 9000, SegmentsUp: 1000, Everyone: 14, Probes: 4}), "", ""},
		{"retransmits", "more beside probes", wire(results.Wire{SegmentsDown: 9000, SegmentsUp: 1000, Everyone: 15, Probes: 4}), results.Valid, "15 segments again and 4 loss probes"},
		{"retransmits", "probes with new data", wire(results.Wire{SegmentsDown: 9000, SegmentsUp: 1000, Everyone: 1, Probes: 400}), "", ""},

		{"few-samples", "enough", samples(20), "", ""},
		{"few-samples", "one too few", samples(19), results.Valid, "19 deliveries: p50 needs 20"},
		{"few-samples", "none", samples(0), results.Valid, ""},
		{"few-samples", "no latency", untimed(samples(0)), "", ""},
		{"few-samples", "nothing owed", func(t *results.Trial) { samples(0)(t); t.Events = results.Accounting{} }, "", ""},
	} {
		trial := sound()
		c.spoil(trial)
		trial.Judge(nil)
		trial.Judge(nil)
		var had []results.Reason
		for _, r := range trial.Verdict.Reasons {
			if r.Code == c.code {
				had = append(had, r)
			} else if !(r.Code == "server-saturated" && trial.Usage.ServerBusy >= 0.9) {
				t.Errorf("%s, %s: also %s: %s", c.code, c.name, r.Code, r.Text)
			}
		}
		switch {
		case c.want == "":
			if len(had) != 0 {
				t.Errorf("%s, %s: %+v", c.code, c.name, had)
			}
		case len(had) != 1 || had[0].State != c.want || trial.Verdict.State != c.want:
			t.Errorf("%s, %s: %s with %+v, want it once and %s", c.code, c.name, trial.Verdict.State, had, c.want)
		case !strings.Contains(had[0].Text, c.says) || had[0].Hint == "":
			t.Errorf("%s, %s: %q, want %q in it, and a hint", c.code, c.name, had[0].Text, c.says)
		}
	}
}

// A pause of 200 ms in a phase of 2 s is a tenth of it, whoever stood still.
func TestAPauseIsBlamedOnWhoPaused(t *testing.T) { // G6
	pause := func() *hdr.Histogram {
		h := hdr.New()
		h.RecordN(100*time.Microsecond, 360)
		for late := range 40 {
			h.Record(time.Duration(40-late) * 5 * time.Millisecond)
		}
		return h
	}
	generator := sound()
	generator.Histograms[results.Latency] = pause()
	generator.Histograms[results.GeneratorJitter] = pause()
	generator.Histograms[results.Lag] = always(1000, 100*time.Microsecond)
	generator.Judge(nil)
	if got := codes(generator.Verdict); generator.Verdict.State != results.Invalid || !slices.Equal(got, []string{"generator-pause"}) {
		t.Errorf("a pause of the generator: %s %v", generator.Verdict.State, got)
	}
	server := sound()
	server.Histograms[results.Latency] = pause()
	server.Histograms[results.GeneratorJitter] = always(400, 100*time.Microsecond)
	server.Histograms[results.GeneratorDelay] = always(2000, 50*time.Microsecond)
	server.Histograms[results.Lag] = pause()
	server.Judge(nil)
	if got := codes(server.Verdict); server.Verdict.State != results.Suspect || !slices.Equal(got, []string{"source-lag"}) {
		t.Errorf("a pause of the server: %s %v", server.Verdict.State, got)
	}
}

func TestACodeSeenTwiceIsTheStrongerOne(t *testing.T) {
	for n, want := range []results.State{results.Valid, results.Suspect, results.Invalid} {
		trial := sound()
		trial.Histograms[results.Latency] = always(10_000, 100*time.Millisecond)
		trial.Histograms[results.GeneratorDelay] = always(1000, time.Duration(n)*30*time.Millisecond)
		trial.Judge(nil)
		if got := len(codes(trial.Verdict)); trial.Verdict.State != want || got != min(n, 1) {
			t.Errorf("%d × 30 ms of 100 ms: %s with %d reasons, want %s", n, trial.Verdict.State, got, want)
		}
	}
}

// A scenario can only expect what has a name.
func TestEveryCodeIsListed(t *testing.T) {
	all := results.Codes()
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("codes %v are not in order, each once", all)
	}
	blame := regexp.MustCompile(`blame\(\s*"([^"]+)"`)
	files, err := filepath.Glob(filepath.Join("..", "loadgen", "campaign", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of the campaign: %v", err)
	}
	blamed := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range blame.FindAllSubmatch(text, -1) {
			blamed++
			if !slices.Contains(all, string(m[1])) {
				t.Errorf("%s blames %q, which is not among %v", filepath.Base(file), m[1], all)
			}
		}
	}
	if blamed == 0 {
		t.Error("the campaign blames nothing: this test looks in the wrong place")
	}
	for _, code := range []string{"generator-delay", "connections-lost", "duplicated", "reordered", "generator-unseen", "trend", "shared-cpu", "lost"} {
		if !slices.Contains(all, code) {
			t.Errorf("no %q among %v", code, all)
		}
	}
}
