package results

import (
	"math"

	"pushbench/results/hdr"
)

// Metrics are all of them, in the order in which they are listed.
var Metrics = metrics()

// A catalogue is metrics being listed.
type catalogue []Metric

func metrics() []Metric {
	var c catalogue
	c.times()
	c.needing(NeedsDue, (*catalogue).staleness)
	c.needing(NeedsDue, (*catalogue).fairness)
	c.accounts()
	c.traffic()
	c.overhead()
	c.needing(NeedsMessages, (*catalogue).uplink)
	c.needing(NeedsAlone, func(c *catalogue) { c.where(alone, (*catalogue).costs) })
	c.needing(NeedsTogether, (*catalogue).shared)
	c.generator()
	c.needing(NeedsFaults, (*catalogue).recovery)
	c.groups()
	return c
}

func (c *catalogue) add(name, unit, title string, better Better, value func(*Trial) (float64, bool)) {
	*c = append(*c, Metric{Name: name, Unit: unit, Title: title, Better: better, value: value})
}

// percentiles adds those of a histogram; see Metric.Events.
func (c *catalogue) percentiles(histogram, title string, events bool, qs ...float64) {
	for _, q := range qs {
		p := label(q)
		*c = append(*c, Metric{Name: histogram + "_" + p, Unit: "ms", Title: title + " " + p, Better: Less, Events: events, Samples: MinBeyond / (1 - q), value: func(t *Trial) (float64, bool) {
			return percentile(t.Histograms[histogram], q)
		}})
	}
}

func (c *catalogue) count(name, title string, better Better, n func(*Trial) int64) {
	c.add(name, "count", title, better, func(t *Trial) (float64, bool) { return float64(n(t)), true })
}

// until adds the time until a share q of those concerned was there; see reached and
// Metric.Reached.
func (c *catalogue) until(name, title string, q float64, of func(*Trial) (*hdr.Histogram, int64)) {
	*c = append(*c, Metric{Name: name, Unit: "ms", Title: title, Better: Less, Reached: true, value: func(t *Trial) (float64, bool) {
		h, all := of(t)
		return reached(h, q, all)
	}})
}

// reached is the time in ms until a share q of all was there, by the times of those
// that were; there is none before so many are.
func reached(times *hdr.Histogram, q float64, all int64) (float64, bool) {
	rank := int64(math.Ceil(q * float64(all)))
	if rank == 0 || rank > times.Count() {
		return 0, false
	}
	if rank == times.Count() {
		return milliseconds(times.Max()), true // which is kept exactly
	}
	return milliseconds(times.Quantile((float64(rank) - 0.5) / float64(times.Count()))), true
}

func (c *catalogue) perEvent(name, unit, title string, amount func(*Trial) float64) {
	c.add(name, unit, title, Less, func(t *Trial) (float64, bool) {
		return ratio(amount(t), float64(t.Traffic.Delivered))
	})
}

// perMinute adds what a client costs in a minute, also one that nothing is sent
// to: of an idle load it is the price of being there.
func (c *catalogue) perMinute(name, unit, title string, amount func(*Trial) float64) {
	c.add(name, unit, title, Less, func(t *Trial) (float64, bool) {
		return ratio(amount(t), float64(t.Clients)*t.Measured.Minutes())
	})
}

// perClient adds an amount in bytes over the clients.
func (c *catalogue) perClient(name, title string, amount func(*Usage) int64) {
	c.add(name, "KiB", title, Less, func(t *Trial) (float64, bool) {
		return ratio(float64(amount(&t.Usage))/1024, float64(t.Clients))
	})
}

// where limits the metrics that list adds to the trials that can tell them.
func (c *catalogue) where(known func(*Trial) bool, list func(*catalogue)) {
	var some catalogue
	list(&some)
	for _, m := range some {
		value := m.value
		m.value = func(t *Trial) (float64, bool) {
			if !known(t) {
				return 0, false
			}
			return value(t)
		}
		*c = append(*c, m)
	}
}

func (c *catalogue) times() {
	c.needing(NeedsDue, (*catalogue).deliveries)
	c.percentiles(Lag, "lag", true, 0.99)
	c.percentiles(Connect, "connect time", false, 0.5, 0.99)
	c.needing(NeedsDue, func(c *catalogue) { c.percentiles(Fanout, "fan-out time", true, 0.5, 0.99) })
}

func (c *catalogue) deliveries() {
	c.percentiles(Latency, "latency", true, 0.5, 0.9, 0.95, 0.99, 0.999)
	c.add("latency_max", "ms", "largest latency", Less, func(t *Trial) (float64, bool) {
		h := t.Histograms[Latency]
		return milliseconds(h.Max()), h.Count() > 0
	})
	c.deviation()
	c.percentiles(Delivery, "delivery time", true, 0.5, 0.99, 0.999)
}

func (c *catalogue) accounts() {
	c.count("published", "events published", Either, func(t *Trial) int64 { return t.Events.Published })
	c.count("owed", "deliveries owed", Either, func(t *Trial) int64 { return t.Events.Owed })
	c.count("delivered", "deliveries", Either, func(t *Trial) int64 { return t.Events.Delivered })
	c.losses()
	c.count("in_flight", "events in flight", Less, func(t *Trial) int64 { return t.Events.InFlight })
	c.count("unexplained", "events unexplained", Less, func(t *Trial) int64 { return t.Events.Unexplained })
	c.count("duplicated", "events duplicated", Less, func(t *Trial) int64 { return t.Events.Duplicated })
	c.count("reordered", "events reordered", Less, func(t *Trial) int64 { return t.Events.Reordered })
	c.count("gaps", "gap notices", Less, func(t *Trial) int64 { return t.Events.Gaps })
}

func (c *catalogue) traffic() {
	c.add("throughput", "events/s", "events per second", More, func(t *Trial) (float64, bool) {
		return ratio(float64(t.Traffic.Delivered), t.Measured.Seconds())
	})
	c.perEvent("requests_per_event", "ratio", "requests per event", func(t *Trial) float64 { return float64(t.Traffic.Requests) })
	c.count("connections_opened", "connections opened", Less, func(t *Trial) int64 { return t.Traffic.Opened })

	// The three layers: what the application sent, what sockets carried, TCP's units.
	payload := func(t *Trial) bool { return t.Traffic.PayloadBytes > 0 } // of an empty one it cannot be told from not counted
	c.where(payload, func(c *catalogue) {
		c.perEvent("payload_bytes_per_event", "B", "payload bytes per event", func(t *Trial) float64 { return float64(t.Traffic.PayloadBytes) })
	})
	c.perEvent("down_bytes_per_event", "B", "bytes down per event", func(t *Trial) float64 { return float64(t.Traffic.DownBytes) })
	c.perEvent("up_bytes_per_event", "B", "bytes up per event", func(t *Trial) float64 { return float64(t.Traffic.UpBytes) })
	wire := func(t *Trial) bool { return t.Wire != nil }
	segments := func(t *Trial) float64 { return float64(t.Wire.SegmentsDown + t.Wire.SegmentsUp) }
	c.where(wire, func(c *catalogue) { c.perEvent("segments_per_event", "ratio", "TCP segments per event", segments) })
	c.perMinute("down_bytes_per_client_minute", "B", "bytes down per client and minute", func(t *Trial) float64 { return float64(t.Traffic.DownBytes) })
	c.perMinute("up_bytes_per_client_minute", "B", "bytes up per client and minute", func(t *Trial) float64 { return float64(t.Traffic.UpBytes) })
	c.perMinute("bytes_per_client_minute", "B", "bytes both ways per client and minute", func(t *Trial) float64 { return float64(t.Traffic.DownBytes) + float64(t.Traffic.UpBytes) })
	c.where(wire, func(c *catalogue) {
		c.perMinute("segments_per_client_minute", "segments", "TCP segments per client and minute", segments)
		c.count("retransmits", "segments sent again by the clients", Less, func(t *Trial) int64 { return t.Wire.Retransmitted })
		c.count("retransmits_system", "segments sent again by the whole system", Less, func(t *Trial) int64 { return t.Wire.Everyone })
		c.count("loss_probes_system", "loss probes of the whole system", Less, func(t *Trial) int64 { return t.Wire.Probes })
	})
	c.needing(NeedsAlone, func(c *catalogue) {
		c.where(alone, func(c *catalogue) {
			c.perEvent("writes_per_event", "ratio", "server writes per event", func(t *Trial) float64 { return float64(t.Traffic.Writes) })
		})
	})
}

func (c *catalogue) costs() {
	c.perEvent("server_cpu_per_event", "µs", "server CPU per event", func(t *Trial) float64 { return microseconds(t.Usage.ServerCPU) })
	c.perEvent("generator_cpu_per_event", "µs", "generator CPU per event", func(t *Trial) float64 { return microseconds(t.Usage.GeneratorCPU) })
	c.add("server_cpu_per_client_second", "µs", "server CPU per client and second", Less, func(t *Trial) (float64, bool) {
		return ratio(microseconds(t.Usage.ServerCPU), float64(t.Clients)*t.Usage.Wall.Seconds())
	})

	resident := func(t *Trial) bool { return t.Usage.ServerFullRSS != 0 }
	c.where(resident, func(c *catalogue) {
		c.perClient("server_rss_per_client", "server memory per client", func(u *Usage) int64 { return u.ServerFullRSS - u.ServerIdleRSS })
	})
	// A Go process has a heap: without one nobody has looked.
	parts := func(t *Trial) bool { return t.Usage.ServerIdle.Heap != 0 && t.Usage.ServerFull.Heap != 0 }
	c.where(parts, func(c *catalogue) {
		c.perClient("server_heap_per_client", "server heap per client", func(u *Usage) int64 { return u.ServerFull.Heap - u.ServerIdle.Heap })
		c.perClient("server_stacks_per_client", "server stacks per client", func(u *Usage) int64 { return u.ServerFull.Stacks - u.ServerIdle.Stacks })
	})
	sockets := func(t *Trial) bool { return t.Usage.ServerFull.Conns != 0 }
	c.where(sockets, func(c *catalogue) {
		c.perClient("server_sockets_per_client", "bytes queued in kernel sockets per client", func(u *Usage) int64 { return u.ServerFull.Sockets - u.ServerIdle.Sockets })
	})
	kernel := func(t *Trial) bool { return t.Usage.ServerFull.Kernel != 0 }
	c.where(kernel, func(c *catalogue) {
		c.perClient("kernel_per_client", "kernel memory per client, of both ends of its connections", func(u *Usage) int64 { return u.ServerFull.Kernel - u.ServerIdle.Kernel })
	})
	c.add("server_gc_pause_max", "ms", "longest stop of the server by its runtime, at most", Less, func(t *Trial) (float64, bool) {
		return milliseconds(t.Usage.Server.PauseMax), t.Usage.Server != (Runtime{})
	})
}

// generator lists how late the generator itself was, which is no merit of a
// transport. Its percentiles need fewer samples; see told.
func (c *catalogue) generator() {
	own := func(name, title, histogram string, q float64) {
		c.add(name, "ms", title, Either, func(t *Trial) (float64, bool) {
			return milliseconds(t.Histograms[histogram].Quantile(q)), told(t, histogram)
		})
	}
	own("generator_delay_p50", "generator delay p50", GeneratorDelay, 0.5)
	own("generator_delay_p99", "generator delay p99", GeneratorDelay, 0.99)
	own("generator_jitter_p99", "generator jitter p99", GeneratorJitter, 0.99)
	*c = append(*c, Metric{Name: "generator_share_p99", Unit: "ratio", Title: "generator delay p99 over latency p99", Better: Either, Events: true, Needs: NeedsDue, value: func(t *Trial) (float64, bool) {
		if !told(t, GeneratorDelay) {
			return 0, false
		}
		latency, _ := percentile(t.Histograms[Latency], 0.99) // zero is nothing to compare with
		return ratio(milliseconds(t.Histograms[GeneratorDelay].Quantile(0.99)), latency)
	}})
}
