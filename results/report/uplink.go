package report

// uplink is what it took clients to send. Latency, where their messages come back
// as events, holds this way up and the way down.
var uplink = []column{
	{"messages", "per s", "uplink_throughput"},
	{"p50", "ms", "uplink_p50"},
	{"p99", "ms", "uplink_p99"},
	{"requests", "/message", "uplink_requests_per_message"},
	{"up B", "/message", "uplink_up_bytes_per_message"},
	{"down B", "/message", "uplink_down_bytes_per_message"},
	{"connections", "for it alone", "uplink_connections"},
	{"CPU µs", "/message or event", "server_cpu_per_message"},
}
