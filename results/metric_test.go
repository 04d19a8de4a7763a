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
		Histograms: map[string]*hdr.Histogram{results.Latency: uniform(10_000, time.Second)},
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
