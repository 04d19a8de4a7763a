package results

// Together is what a trial shares with those of other transports that ran at the
// same time on the same server: it is nil of one that ran alone. What the server
// and the generator used is of all of them, and so are the server's writes.
type Together struct {
	Transports []string `json:"transports"`
	Clients    int      `json:"clients"`
	Delivered  int64    `json:"delivered"` // events received within the phase
}

// alone says that the trial's server served nobody else, so that what it used is
// the transport's own.
func alone(t *Trial) bool { return t.Together == nil }

// shared lists what a server cost that served several transports: nobody can say
// which of them took how much of it.
func (c *catalogue) shared() {
	c.where(func(t *Trial) bool { return !alone(t) }, func(c *catalogue) {
		c.add("together_server_cpu_per_event", "µs", "server CPU per event of all transports together", Less, func(t *Trial) (float64, bool) {
			return ratio(microseconds(t.Usage.ServerCPU), float64(t.Together.Delivered))
		})
		c.add("together_generator_cpu_per_event", "µs", "generator CPU per event of all transports together", Less, func(t *Trial) (float64, bool) {
			return ratio(microseconds(t.Usage.GeneratorCPU), float64(t.Together.Delivered))
		})
		c.add("together_server_rss_per_client", "KiB", "server memory per client of all transports together", Less, func(t *Trial) (float64, bool) {
			if t.Usage.ServerFullRSS == 0 {
				return 0, false
			}
			return ratio(float64(t.Usage.ServerFullRSS-t.Usage.ServerIdleRSS)/1024, float64(t.Together.Clients))
		})
	})
}
