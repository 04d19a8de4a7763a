package campaign

import (
	"strings"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/results/threshold"
)

func demanded(t *testing.T, texts ...string) (all []threshold.Expression) {
	t.Helper()
	for _, text := range texts {
		var e threshold.Expression
		if err := e.Set(text); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestWhatBreaksAProbeIsTold(t *testing.T) {
	usual := []string{"latency_p99 < 100ms", "lost == 0", "verdict valid"}
	stolen := func(t *results.Trial) { t.Disturbed.Steal, t.Disturbed.CPUs = time.Second, 2 }
	late := func(t *results.Trial) { t.Histograms[results.Lag] = lags(60*time.Millisecond, 40) }
	busy := func(t *results.Trial) { t.Usage.ServerBusy = 0.95 }
	near := func(t *results.Trial) { t.Usage.ServerBusy = 0.85 }
	missed := func(t *results.Trial) { t.Events.InTime = 20 }
	starved := func(t *results.Trial) { t.Usage.GeneratorBusy = 0.9 }
	for _, c := range []struct {
		name   string
		took   time.Duration
		slo    []string
		change []func(*results.Trial)
		code   string // "" when it holds
		void   bool
	}{
		{"nothing", 50 * time.Millisecond, usual, nil, "", false},
		{"a saturated server that holds", 50 * time.Millisecond, usual, []func(*results.Trial){busy}, "", false},
		{"a saturated server", 150 * time.Millisecond, usual, []func(*results.Trial){busy}, results.BrokeServerCPU, false},
		{"latency with CPU left", 150 * time.Millisecond, usual, nil, results.BrokeLatency, false},
		{"a loss", 50 * time.Millisecond, usual, []func(*results.Trial){func(t *results.Trial) { t.Events.Lost = map[string]int64{results.LostGap: 1} }}, results.BrokeLoss, false},
		{"a loss of a saturated server", 50 * time.Millisecond, usual, []func(*results.Trial){busy, func(t *results.Trial) { t.Events.Lost = map[string]int64{results.LostGap: 1} }}, results.BrokeServerCPU, false},
		{"what a saturated server never finished", 50 * time.Millisecond, usual, []func(*results.Trial){busy, func(t *results.Trial) { t.Events.InFlight = 5 }}, results.BrokeServerCPU, false},
		{"memory", 50 * time.Millisecond, []string{"server_rss_per_client < 1KiB"}, []func(*results.Trial){func(t *results.Trial) { t.Usage.ServerFullRSS = 1 << 30 }}, results.BrokeMemory, false},
		{"another cost", 50 * time.Millisecond, []string{"throughput > 100000/s"}, nil, "throughput", false},
		{"what cannot be told", 50 * time.Millisecond, []string{"latency_p99 < 1s"}, []func(*results.Trial){func(t *results.Trial) { t.Events.Published = 29 }}, results.BrokeNoData, false},
		{"a generator without CPU", 50 * time.Millisecond, usual, []func(*results.Trial){func(t *results.Trial) { t.Usage.GeneratorBusy = 0.9 }}, results.BrokeGenerator, false},
		{"who could not connect", 50 * time.Millisecond, usual, []func(*results.Trial){func(t *results.Trial) { t.Traffic.ConnectFailed = 3 }}, results.BrokeConnections, false},
		{"what does not add up", 50 * time.Millisecond, usual, []func(*results.Trial){func(t *results.Trial) { t.Events.Unexplained = 3 }}, "unexplained", false},

		{"theft", 150 * time.Millisecond, usual, []func(*results.Trial){stolen}, results.BrokeMachine, true},
		{"theft in spite of which it holds", 50 * time.Millisecond, usual, []func(*results.Trial){stolen}, "", false},
		{"theft where less is better than more", 50 * time.Millisecond, append(usual, "throughput > 1/s"), []func(*results.Trial){stolen}, results.BrokeMachine, true},
		{"theft with nothing asked of the verdict", 150 * time.Millisecond, usual[:2], []func(*results.Trial){stolen}, results.BrokeMachine, true},
		{"a generator without CPU, with nothing asked of the verdict", 150 * time.Millisecond, usual[:1], []func(*results.Trial){starved}, results.BrokeGenerator, false},
		{"the same, and it holds", 50 * time.Millisecond, usual[:1], []func(*results.Trial){starved}, results.BrokeGenerator, false},
		{"what does not add up, with nothing asked of it", 50 * time.Millisecond, usual[:1], []func(*results.Trial){func(t *results.Trial) { t.Events.Unexplained = 3 }}, "unexplained", false},
		{"who could not connect, with nothing asked of it", 50 * time.Millisecond, usual[:1], []func(*results.Trial){func(t *results.Trial) { t.Traffic.ConnectFailed = 3 }}, results.BrokeConnections, false},
		{"a late source", 50 * time.Millisecond, usual, []func(*results.Trial){late}, "", false},
		{"a late source and latency with CPU left", 150 * time.Millisecond, usual, []func(*results.Trial){late}, results.BrokeMachine, true},
		{"a late source and latency of a busy server", 150 * time.Millisecond, usual, []func(*results.Trial){near, late}, results.BrokeLatency, false},
		{"a late source and latency of a saturated server", 150 * time.Millisecond, usual, []func(*results.Trial){busy, late}, results.BrokeServerCPU, false},
		{"a missed rate", 50 * time.Millisecond, usual, []func(*results.Trial){missed}, results.BrokeMachine, true},
		{"a missed rate of a busy server", 50 * time.Millisecond, usual, []func(*results.Trial){near, missed}, "rate-missed", true},
		{"a missed rate and latency", 150 * time.Millisecond, usual, []func(*results.Trial){missed}, results.BrokeMachine, true},
		{"a missed rate and latency of a busy server", 150 * time.Millisecond, usual, []func(*results.Trial){near, missed}, results.BrokeLatency, false},
		{"a trend with CPU left", 150 * time.Millisecond, usual, []func(*results.Trial){rising}, results.BrokeMachine, true},
		{"a trend of a busy server", 150 * time.Millisecond, usual, []func(*results.Trial){near, rising}, results.BrokeLatency, false},
		{"theft beside broken connections", 150 * time.Millisecond, usual, []func(*results.Trial){stolen, func(t *results.Trial) { t.Traffic.Closed = map[string]int64{"reset": 3} }}, results.BrokeConnections, false},
		{"theft beside a lasting fault", 150 * time.Millisecond, usual, []func(*results.Trial){stolen, func(t *results.Trial) { t.Usage.GeneratorBusy = 0.9 }}, results.BrokeGenerator, false},
	} {
		trial := probed(step{Scenario: seeded(1).Scenario}, c.took)
		for _, change := range c.change {
			change(trial)
		}
		trial.Judge(nil)
		got := breachOf(trial, demanded(t, c.slo...))
		switch {
		case got == nil:
			if c.code != "" {
				t.Errorf("%s: holds, want %s", c.name, c.code)
			}
		case got.code != c.code || got.disturbed != c.void || got.text == "":
			t.Errorf("%s: %q (%s), void %v; want %q, void %v", c.name, got.code, got.text, got.disturbed, c.code, c.void)
		}
	}
}

// rising lets a trial's latency grow all the time.
func rising(t *results.Trial) {
	t.Series.Every = 100 * time.Millisecond
	for i := range 16 {
		t.Series.Slices = append(t.Series.Slices, results.Slice{Due: 10, Mean: time.Duration(i+1) * 20 * time.Millisecond})
	}
}

func lags(each time.Duration, n int64) *hdr.Histogram {
	h := hdr.New()
	h.RecordN(each, n)
	return h
}

func TestAScenariosExpectationsHoldForProbesToo(t *testing.T) {
	trial := probed(step{Scenario: seeded(1).Scenario}, 50*time.Millisecond)
	trial.Usage.GeneratorBusy = 0.9
	trial.Judge([]string{"generator-cpu"})
	if got := breachOf(trial, demanded(t, "verdict valid")); got != nil {
		t.Errorf("what is expected breaks a probe: %+v", got)
	}
}

func TestOfSeveralReasonsTheUsualOneIsTold(t *testing.T) {
	all := []breach{{code: "b"}, {code: "a", text: "first"}, {code: "a", text: "second"}, {code: "c"}}
	if got := usual(all); got.code != "a" || !strings.HasPrefix(got.text, "first") {
		t.Errorf("%+v", got)
	}
}
