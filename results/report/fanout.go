package report

// fanout is how long an event took to reach the last of those that it is for,
// and the slowest delivery of all: of a burst, how long it took to drain.
var fanout = []column{
	{"fan-out p50", "ms", "fanout_p50"},
	{"fan-out p99", "ms", "fanout_p99"},
	{"slowest", "ms", "latency_max"},
	{"events", "per s", "throughput"},
}

// fans says whether the load asks how far an event gets how soon: with bursts, or
// with audiences or sizes side by side.
func (l load) fans() bool {
	_, audiences := l.Axes["clients"]
	_, sizes := l.Axes["payload.size"]
	return l.Schedule.Kind == "burst" || audiences || sizes
}
