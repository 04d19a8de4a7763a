package results

import (
	"fmt"
	"time"

	"pushbench/results/hdr"
)

// Better says which of two values one would rather have.
type Better string

const (
	Less   Better = "less"
	More   Better = "more"
	Either Better = "none" // a fact, not a merit
)

// A Metric is one number of a trial.
type Metric struct {
	Name   string // in JSON and CSV
	Unit   string
	Title  string // in a sentence: "server CPU per event"
	Better Better
	// Events says that the number is a percentile over events: a row shows it only
	// from MinEvents distinct ones on.
	Events bool
	value  func(*Trial) (float64, bool)
}

// What a percentile needs to be shown.
const (
	// MinEvents are distinct events, in all valid trials of a row.
	MinEvents = 30
	// MinBeyond are samples of one trial beyond the percentile.
	MinBeyond = 10
)

// Metrics are all of them, in the order in which they are listed.
var Metrics = metrics()

func metrics() []Metric {
	var all []Metric
	percentiles := func(histogram, title string, events bool, qs ...float64) {
		for _, q := range qs {
			p := label(q)
			all = append(all, Metric{histogram + "_" + p, "ms", title + " " + p, Less, events, func(t *Trial) (float64, bool) {
				return percentile(t.Histograms[histogram], q)
			}})
		}
	}
	add := func(name, unit, title string, better Better, value func(*Trial) (float64, bool)) {
		all = append(all, Metric{Name: name, Unit: unit, Title: title, Better: better, value: value})
	}
	count := func(name, title string, better Better, n func(*Trial) int64) {
		add(name, "count", title, better, func(t *Trial) (float64, bool) { return float64(n(t)), true })
	}

	percentiles(Latency, "latency", true, 0.5, 0.9, 0.95, 0.99, 0.999)
	add("latency_max", "ms", "largest latency", Less, func(t *Trial) (float64, bool) {
		h := t.Histograms[Latency]
		return milliseconds(h.Max()), h.Count() > 0
	})
	percentiles(Delivery, "delivery time", true, 0.5, 0.99, 0.999)
	percentiles(Lag, "lag", true, 0.99)
	percentiles(Connect, "connect time", false, 0.5, 0.99)
	percentiles(Fanout, "fan-out time", true, 0.5, 0.99)

	count("published", "events published", Either, func(t *Trial) int64 { return t.Events.Published })
	count("owed", "deliveries owed", Either, func(t *Trial) int64 { return t.Events.Owed })
	count("delivered", "deliveries", Either, func(t *Trial) int64 { return t.Events.Delivered })
	count("lost", "events lost", Less, (*Trial).Lost)
	count("in_flight", "events in flight", Less, func(t *Trial) int64 { return t.Events.InFlight })
	count("unexplained", "events unexplained", Less, func(t *Trial) int64 { return t.Events.Unexplained })
	count("duplicated", "events duplicated", Less, func(t *Trial) int64 { return t.Events.Duplicated })
	count("reordered", "events reordered", Less, func(t *Trial) int64 { return t.Events.Reordered })
	count("gaps", "gap notices", Less, func(t *Trial) int64 { return t.Events.Gaps })

	add("throughput", "events/s", "events per second", More, func(t *Trial) (float64, bool) {
		return ratio(float64(t.Traffic.Delivered), t.Measured.Seconds())
	})
	perEvent := func(name, unit, title string, amount func(*Trial) float64) {
		add(name, unit, title, Less, func(t *Trial) (float64, bool) {
			return ratio(amount(t), float64(t.Traffic.Delivered))
		})
	}
	perEvent("requests_per_event", "ratio", "requests per event", func(t *Trial) float64 { return float64(t.Traffic.Requests) })
	count("connections_opened", "connections opened", Less, func(t *Trial) int64 { return t.Traffic.Opened })
	perEvent("down_bytes_per_event", "B", "bytes down per event", func(t *Trial) float64 { return float64(t.Traffic.DownBytes) })
	perEvent("up_bytes_per_event", "B", "bytes up per event", func(t *Trial) float64 { return float64(t.Traffic.UpBytes) })
	perEvent("writes_per_event", "ratio", "server writes per event", func(t *Trial) float64 { return float64(t.Traffic.Writes) })
	perEvent("server_cpu_per_event", "µs", "server CPU per event", func(t *Trial) float64 { return microseconds(t.Usage.ServerCPU) })
	perEvent("generator_cpu_per_event", "µs", "generator CPU per event", func(t *Trial) float64 { return microseconds(t.Usage.GeneratorCPU) })
	add("server_cpu_per_client_second", "µs", "server CPU per client and second", Less, func(t *Trial) (float64, bool) {
		return ratio(microseconds(t.Usage.ServerCPU), float64(t.Clients)*t.Usage.Wall.Seconds())
	})
	add("server_rss_per_client", "KiB", "server memory per client", Less, func(t *Trial) (float64, bool) {
		if t.Usage.ServerFullRSS == 0 {
			return 0, false
		}
		return ratio(float64(t.Usage.ServerFullRSS-t.Usage.ServerIdleRSS)/1024, float64(t.Clients))
	})
	return all
}

// MetricOf returns the metric of that name.
func MetricOf(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Metric is the trial's number of that name. It is absent, never zero, when the
// trial cannot tell it.
func (t *Trial) Metric(name string) (value float64, ok bool) {
	m, known := MetricOf(name)
	if !known {
		return 0, false
	}
	return m.Of(t)
}

// Of is the metric's number of the trial; see Trial.Metric.
func (m Metric) Of(t *Trial) (value float64, ok bool) { return m.value(t) }

// Lost is the number of events owed and lost, for whatever reason.
func (t *Trial) Lost() int64 {
	var sum int64
	for _, n := range t.Events.Lost {
		sum += n
	}
	return sum
}

// percentile is a quantile in ms, when there are samples enough beyond it.
func percentile(h *hdr.Histogram, q float64) (float64, bool) {
	beyond := float64(h.Count()) * (1 - q)
	if beyond < MinBeyond*(1-1e-9) { // 0.001 × 10,000 is 10, whatever the last bit says
		return 0, false
	}
	return milliseconds(h.Quantile(q)), true
}

// label is a quantile's name: p50, p999.
func label(q float64) string {
	text := fmt.Sprintf("%g", q)[len("0."):]
	if len(text) == 1 {
		text += "0"
	}
	return "p" + text
}

func ratio(amount, of float64) (float64, bool) {
	if of <= 0 {
		return 0, false
	}
	return amount / of, true
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
