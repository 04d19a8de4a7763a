package results

// overhead lists what sockets carry around payloads, and what asking takes. What
// clients send by themselves is no part of an event, so it is left out.
func (c *catalogue) overhead() {
	payload := func(t *Trial) bool { return t.Traffic.PayloadBytes > 0 } // of an empty one it cannot be told from not counted
	c.where(payload, func(c *catalogue) {
		c.perEvent("overhead_bytes_per_event", "B", "bytes around the payload per event, both ways", func(t *Trial) float64 {
			said := t.Uplink.UpBytes + t.Uplink.DownBytes
			return float64(t.Traffic.DownBytes + t.Traffic.UpBytes - said - t.Traffic.PayloadBytes)
		})
	})
	perRequest := func(name, title string, amount func(*Traffic) int64) {
		c.add(name, "B", title, Less, func(t *Trial) (float64, bool) {
			return ratio(float64(amount(&t.Traffic)), float64(t.Traffic.Requests))
		})
	}
	perRequest("down_bytes_per_request", "bytes down per request", func(t *Traffic) int64 { return t.DownBytes })
	perRequest("up_bytes_per_request", "bytes up per request", func(t *Traffic) int64 { return t.UpBytes })
	c.perMinute("requests_per_client_minute", "requests", "requests per client and minute", func(t *Trial) float64 { return float64(t.Traffic.Requests) })
}

// deviation lists how far latencies are from their mean: of short polling it is
// known beforehand.
func (c *catalogue) deviation() {
	*c = append(*c, Metric{Name: "latency_sd", Unit: "ms", Title: "standard deviation of latency", Better: Less, Events: true, value: func(t *Trial) (float64, bool) {
		h := t.Histograms[Latency]
		return milliseconds(h.Deviation()), h.Count() >= MinEvents
	}})
}
