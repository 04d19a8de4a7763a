package scenarios

// checkProcesses refuses numbers of processes that cannot be, and loads that a server
// of several cannot carry: each has logs of its own, which hold the same only where
// all is known beforehand.
func (s *Scenario) checkProcesses(c *checker) {
	c.check(s.Servers >= 1 && s.Servers <= maxProcesses, "servers", "%d: want 1 to %d", s.Servers, maxProcesses)
	c.check(s.Generators >= 1 && s.Generators <= maxProcesses, "generators", "%d: want 1 to %d", s.Generators, maxProcesses)
	c.check(s.Generators <= max(1, s.Clients), "generators", "%d processes for %d clients: want one client at least in each", s.Generators, s.Clients)
	if s.Servers <= 1 {
		return
	}
	c.check(s.Uplink.Rate == 0 || s.Uplink.To == ToServer, "uplink.to", "what clients send to a topic would have another number with each process of the server: set uplink.to to server, or servers to 1")
	c.check(s.Schedule.Kind != saturate, "schedule.kind", "each process of the server would saturate its own clients, and publish other events than the others: set servers to 1")
	c.check(s.Schedule.Kind != reply, "schedule.kind", "each process of the server would answer its own clients, and publish other events than the others: set servers to 1")
	c.check(s.Longpoll.Limit == 0, "longpoll.limit", "it is of a process, and the kernel decides which client is with which: leave it out, or set servers to 1")
	for _, f := range s.Faults {
		c.check(!f.Ends(), "faults", "%s: several processes do not end at the same event: leave it out, or set servers to 1", f)
	}
}
