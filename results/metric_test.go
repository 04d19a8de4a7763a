package results_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
)

// uniform is a histogram of n values up to the largest, evenly.
func uniform(n int, largest time.Duration) *hdr.Histogram {
	h := hdr.New()
	for i := range n {
		h.Record(largest * time.Duration(i+1) / time.Duration(n))
	}
	return h
}

// sound is a trial in which everything went well: 10 clients, 1,000 events.
func sound() *results.Trial {
	return &results.Trial{
		Cell:     results.Cell{Transport: "sse", Stack: "std"},
		Clients:  10,
		Measured: 2 * time.Second,
		Events:   results.Accounting{Published: 1000, Owed: 10_000, Delivered: 10_000, Intended: 1000, InTime: 1000},
		Traffic:  results.Traffic{Delivered: 10_000, Requests: 500, DownBytes: 2_000_000, UpBytes: 10_000, Writes: 20_000},
		Usage: results.Usage{
			ServerCPU: 100 * time.Millisecond, GeneratorCPU: 50 * time.Millisecond, Wall: 2 * time.Second,
			ServerIdleRSS: 10 << 20, ServerFullRSS: 11 << 20, ServerBusy: 0.05, GeneratorBusy: 0.025,
		},
		Histograms: map[string]*hdr.Histogram{
			results.Latency:        uniform(10_000, time.Second),
			results.GeneratorDelay: always(1000, 50*time.Microsecond),
		},
	}
}

func TestMetricsAreWhatTheirDefinitionSays(t *testing.T) {
	trial := sound()
	trial.Events.Lost = map[string]int64{results.LostGap: 3, results.LostCorrupt: 4}
	for name, want := range map[string]float64{
		"latency_p50":                  500,
		"latency_p95":                  950, // a poller's latency is uniform on its interval
		"latency_p99":                  990,
		"latency_p999":                 999,
		"latency_max":                  1000,
		"published":                    1000,
		"owed":                         10_000,
		"delivered":                    10_000,
		"lost":                         7,
		"lost_gap":                     3,
		"lost_corrupt":                 4,
		"lost_epoch":                   0,
		"lost_disconnected":            0,
		"lost_vanished":                0,
		"throughput":                   5000,
		"requests_per_event":           0.05,
		"down_bytes_per_event":         200,
		"up_bytes_per_event":           1,
		"writes_per_event":             2,
		"server_cpu_per_event":         10,
		"generator_cpu_per_event":      5,
		"server_cpu_per_client_second": 5000,
		"server_rss_per_client":        102.4,
	} {
		got, ok := trial.Metric(name)
		if !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
}

// measured is a sound trial that could tell everything.
func measured() *results.Trial {
	t := sound()
	t.Traffic.PayloadBytes = 640_000
	t.Wire = &results.Wire{SegmentsDown: 21_000, SegmentsUp: 4000, Retransmitted: 3, Everyone: 5, Probes: 2}
	t.Usage.ServerIdle = results.Memory{Heap: 4 << 20, Stacks: 1 << 20, Sockets: 100 << 10, Conns: 1, Kernel: 70 << 20}
	t.Usage.ServerFull = results.Memory{Heap: 4<<20 + 200<<10, Stacks: 1<<20 + 80<<10, Sockets: 140 << 10, Conns: 11, Kernel: 70<<20 + 90<<10}
	t.Usage.Server = results.Runtime{PauseMax: 1500 * time.Microsecond}
	t.Histograms[results.GeneratorDelay] = always(100, 99*time.Millisecond)
	t.Histograms[results.GeneratorJitter] = always(100, 2*time.Millisecond)
	return t
}

func TestMetricsOfAnUplinkAreThereWhereClientsSpeak(t *testing.T) {
	speaking := sound()
	speaking.Traffic.Said = 5000
	speaking.Uplink = results.Uplink{Requests: 4000, Opened: 10, UpBytes: 500_000, DownBytes: 100_000}
	speaking.Histograms[results.UplinkTime] = uniform(1000, 100*time.Millisecond)
	for name, want := range map[string]float64{
		"uplink_p50":                    50,
		"uplink_p99":                    99,
		"uplink_throughput":             2500,
		"uplink_connections":            10,
		"uplink_requests_per_message":   0.8,
		"uplink_bytes_per_message":      120,
		"uplink_up_bytes_per_message":   100,
		"uplink_down_bytes_per_message": 20,
		"server_cpu_per_message":        100_000.0 / 15_000,
	} {
		if got, ok := speaking.Metric(name); !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
		if got, ok := sound().Metric(name); ok {
			t.Errorf("%s = %v where nobody speaks", name, got)
		}
	}
}

func TestMetricsOfWireMemoryAndGenerator(t *testing.T) {
	wants := map[string]float64{
		"payload_bytes_per_event":      64,
		"segments_per_event":           2.5,
		"retransmits":                  3,
		"retransmits_system":           5,
		"loss_probes_system":           2,
		"down_bytes_per_client_minute": 6_000_000, // 2 MB in 2 s to 10 clients
		"up_bytes_per_client_minute":   30_000,
		"bytes_per_client_minute":      6_030_000,
		"segments_per_client_minute":   75_000,
		"server_heap_per_client":       20,
		"server_stacks_per_client":     8,
		"server_sockets_per_client":    4,
		"kernel_per_client":            9,
		"server_gc_pause_max":          1.5,
		"generator_delay_p50":          99,
		"generator_delay_p99":          99,
		"generator_jitter_p99":         2,
		"generator_share_p99":          0.1,
	}
	for name, want := range wants {
		if got, ok := measured().Metric(name); !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	for name, blind := range map[string]func(*results.Trial){
		"payload_bytes_per_event":    func(t *results.Trial) { t.Traffic.PayloadBytes = 0 },
		"segments_per_event":         func(t *results.Trial) { t.Wire = nil },
		"retransmits":                func(t *results.Trial) { t.Wire = nil },
		"retransmits_system":         func(t *results.Trial) { t.Wire = nil },
		"loss_probes_system":         func(t *results.Trial) { t.Wire = nil },
		"segments_per_client_minute": func(t *results.Trial) { t.Wire = nil },
		"server_heap_per_client":     func(t *results.Trial) { t.Usage.ServerIdle = results.Memory{} },
		"server_stacks_per_client":   func(t *results.Trial) { t.Usage.ServerFull = results.Memory{} },
		"server_sockets_per_client":  func(t *results.Trial) { t.Usage.ServerFull.Conns = 0 },
		"kernel_per_client":          func(t *results.Trial) { t.Usage.ServerFull.Kernel = 0 },
		"server_gc_pause_max":        func(t *results.Trial) { t.Usage.Server = results.Runtime{} },
		"generator_delay_p50":        func(t *results.Trial) { delete(t.Histograms, results.GeneratorDelay) },
		"generator_delay_p99":        func(t *results.Trial) { t.Histograms[results.GeneratorDelay] = always(99, time.Second) },
		"generator_jitter_p99":       func(t *results.Trial) { t.Histograms[results.GeneratorJitter] = always(99, time.Second) },
		"generator_share_p99":        func(t *results.Trial) { t.Histograms[results.Latency] = always(999, time.Second) },
	} {
		trial := measured()
		blind(trial)
		if got, ok := trial.Metric(name); ok {
			t.Errorf("%s of a trial that cannot tell it = %v", name, got)
		}
	}
	few := measured()
	few.Histograms[results.GeneratorDelay] = always(99, time.Second)
	if got, ok := few.Metric("generator_share_p99"); ok {
		t.Errorf("generator_share_p99 of 99 reads = %v", got)
	}
	// Collectors that never ran have stopped nobody.
	quiet := measured()
	quiet.Usage.Server = results.Runtime{SchedP99: time.Microsecond}
	if got, ok := quiet.Metric("server_gc_pause_max"); !ok || got != 0 {
		t.Errorf("longest pause without a collection = %v, %v", got, ok)
	}
}

func TestStalenessIsOfTheClientsTime(t *testing.T) {
	trial := sound()
	h := uniform(1000, 100*time.Millisecond) // µs, of a millisecond of one client
	h.RecordN(0, 1000)
	trial.Histograms[results.Stale] = h
	trial.Staleness = &results.Staleness{Mean: 25 * time.Millisecond, Max: 101 * time.Millisecond, Ramps: 1000}
	for name, want := range map[string]float64{
		"staleness_mean": 25, "staleness_max": 101, "staleness_p50": 0, "staleness_p90": 80, "staleness_p99": 98,
	} {
		if got, ok := trial.Metric(name); !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	trial.Staleness.Ramps = 999
	if got, ok := trial.Metric("staleness_p99"); ok {
		t.Errorf("staleness p99 of 999 ramps = %v", got)
	}
	if _, ok := trial.Metric("staleness_p90"); !ok {
		t.Error("999 ramps are too few for a p90")
	}
}

func TestFairnessIsTold(t *testing.T) { // L8
	trial := sound()
	trial.Histograms[results.Spread] = uniform(1000, 10*time.Millisecond)
	trial.Fairness = &results.Fairness{Correlation: 0.9, Share: 0.8, Fastest: 2 * time.Millisecond, Slowest: 9 * time.Millisecond}
	trial.Fairness.Tenths[0], trial.Fairness.Tenths[9] = 2*time.Millisecond, 8*time.Millisecond
	for name, want := range map[string]float64{
		"spread_p50": 5, "spread_p99": 9.9, "position_effect": 4, "position_share": 0.8, "position_correlation": 0.9, "client_spread": 4.5,
	} {
		if got, ok := trial.Metric(name); !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	trial.Fairness = nil
	if got, ok := trial.Metric("position_effect"); ok {
		t.Errorf("a trial that cannot tell it has the position effect %v", got)
	}
}

// What the server took of which transport's clients nobody can say.
func TestWhatRanTogetherHasCostsTogether(t *testing.T) {
	trial := measured()
	trial.Together = &results.Together{Transports: []string{"poll", "sse"}, Clients: 20, Delivered: 40_000}
	for name, want := range map[string]float64{
		"together_server_cpu_per_event": 2.5, "together_generator_cpu_per_event": 1.25, "together_server_rss_per_client": 51.2,
		"latency_p50": 500, "down_bytes_per_event": 200, "requests_per_event": 0.05,
	} {
		if got, ok := trial.Metric(name); !ok || math.Abs(got-want) > want/1000 {
			t.Errorf("%s = %v, %v; want %v", name, got, ok, want)
		}
	}
	trial.Usage.ServerEnd = trial.Usage.ServerFull
	for _, name := range []string{
		"server_heap_growth", "server_cpu_per_event", "generator_cpu_per_event", "server_cpu_per_client_second", "server_rss_per_client",
		"server_heap_per_client", "kernel_per_client", "writes_per_event", "server_gc_pause_max",
	} {
		if got, ok := trial.Metric(name); ok {
			t.Errorf("%s of one transport of two = %v", name, got)
		}
		own := measured()
		own.Usage.ServerEnd = own.Usage.ServerFull
		if _, ok := own.Metric(name); !ok {
			t.Errorf("a trial that ran alone has no %s", name)
		}
	}
	if got, ok := measured().Metric("together_server_cpu_per_event"); ok {
		t.Errorf("a trial that ran alone has the CPU of others: %v", got)
	}
}

func TestAPercentileNeedsTenSamplesBeyondIt(t *testing.T) {
	for _, c := range []struct {
		metric  string
		samples int
	}{{"latency_p50", 20}, {"latency_p90", 100}, {"latency_p95", 200}, {"latency_p99", 1000}, {"latency_p999", 10_000}, {"connect_p99", 1000}, {"fanout_p50", 20}} {
		for short := range 2 {
			h := uniform(c.samples-short, time.Second)
			trial := &results.Trial{Histograms: map[string]*hdr.Histogram{results.Latency: h, results.Connect: h, results.Fanout: h}}
			if _, ok := trial.Metric(c.metric); ok != (short == 0) {
				t.Errorf("%s of %d samples is shown: %v", c.metric, c.samples-short, ok)
			}
		}
	}
}

func TestWhatATrialCannotTellIsAbsent(t *testing.T) {
	empty := new(results.Trial)
	for _, m := range results.Metrics {
		if v, ok := m.Of(empty); ok && m.Unit != "count" {
			t.Errorf("%s of nothing = %v", m.Name, v)
		}
	}
	if _, ok := sound().Metric("latency_p42"); ok {
		t.Error("a metric that does not exist has a value")
	}
}

func TestMetricNamesAreUnique(t *testing.T) {
	var seen []string
	for _, m := range results.Metrics {
		if slices.Contains(seen, m.Name) || m.Name == "" || m.Title == "" || m.Unit == "" || m.Better == "" {
			t.Errorf("metric %+v", m)
		}
		seen = append(seen, m.Name)
	}
}
