package results

// Uplink is what the messages that clients sent have cost on their way up, a part
// of what Traffic counts: within the measured phase, but for Opened.
type Uplink struct {
	Requests  int64 `json:"requests"`           // HTTP requests that carry a message
	Opened    int64 `json:"connections_opened"` // connections for messages alone, in the whole trial
	UpBytes   int64 `json:"up_bytes"`           // written to sockets for messages
	DownBytes int64 `json:"down_bytes"`         // read from the connections that are for messages alone
}

// Add adds another share of the same trial.
func (u *Uplink) Add(share Uplink) {
	u.Requests += share.Requests
	u.Opened += share.Opened
	u.UpBytes += share.UpBytes
	u.DownBytes += share.DownBytes
}

// uplink lists what clients' messages cost. Trials in which nobody speaks have
// none of it.
func (c *catalogue) uplink() {
	c.percentiles(UplinkTime, "uplink time", false, 0.5, 0.99)
	perMessage := func(name, unit, title string, amount func(*Uplink) int64) {
		c.add(name, unit, title, Less, func(t *Trial) (float64, bool) {
			return ratio(float64(amount(&t.Uplink)), float64(t.Traffic.Said))
		})
	}
	speaks := func(t *Trial) bool { return t.Traffic.Said > 0 }
	c.where(speaks, func(c *catalogue) {
		c.add("uplink_throughput", "messages/s", "messages from clients per second", More, func(t *Trial) (float64, bool) {
			return ratio(float64(t.Traffic.Said), t.Measured.Seconds())
		})
		c.count("uplink_connections", "connections for messages alone", Less, func(t *Trial) int64 { return t.Uplink.Opened })
	})
	perMessage("uplink_requests_per_message", "ratio", "requests per message", func(u *Uplink) int64 { return u.Requests })
	perMessage("uplink_bytes_per_message", "B", "bytes both ways per message", func(u *Uplink) int64 { return u.UpBytes + u.DownBytes })
	perMessage("uplink_up_bytes_per_message", "B", "bytes up per message", func(u *Uplink) int64 { return u.UpBytes })
	perMessage("uplink_down_bytes_per_message", "B", "bytes down per message", func(u *Uplink) int64 { return u.DownBytes })
	// One server does both, and its CPU time cannot be told apart.
	c.where(speaks, func(c *catalogue) {
		c.add("server_cpu_per_message", "µs", "server CPU per message or event", Less, func(t *Trial) (float64, bool) {
			return ratio(microseconds(t.Usage.ServerCPU), float64(t.Traffic.Said+t.Traffic.Delivered))
		})
	})
}
