package claim

import "fmt"

// postUplink judges the way up of what clients post beside that of what they send
// on a WebSocket.
func postUplink(b *bench) []Evidence {
	return nearly(b.timed("sse", "ws"), "uplink", "longer", "shorter", func(p pair, e *Evidence, metric, apart string) string {
		return fmt.Sprintf("%s of posts %s ms, of frames %s: %s; %s bytes a message and %s", titleOf(metric),
			p.of(e, p.a, metric), p.of(e, p.b, metric), apart, p.of(e, p.a, "uplink_bytes_per_message"), p.of(e, p.b, "uplink_bytes_per_message"))
	})
}

// twoWay judges by what the same traffic costs the server. What it costs in time,
// postUplink tells.
func twoWay(b *bench) []Evidence {
	const metric = "server_cpu_per_client_second"
	var all []Evidence
	for _, p := range b.pairs("sse", "ws") {
		if !p.told("uplink_throughput") || !p.told(metric) {
			continue
		}
		all = append(all, p.evidence(func(e *Evidence) {
			r, ok := p.ratio(e, metric)
			if !ok {
				return
			}
			e.more(r)
			e.Text = fmt.Sprintf("server CPU in a client's second: an event stream with posts %s µs, ws %s: %s",
				p.of(e, p.a, metric), p.of(e, p.b, metric), worded(r))
		}))
	}
	return all
}
