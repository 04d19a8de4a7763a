package claim

import "fmt"

// postUplink judges the way up of what clients post beside that of what they send
// on a WebSocket.
func postUplink(b *bench) []Evidence {
	var all []Evidence
	for _, p := range b.timed("sse", "ws") {
		metric := p.tail("uplink")
		if metric == "" {
			continue
		}
		all = append(all, p.evidence(func(e *Evidence) {
			d, ok := p.difference(e, metric)
			if !ok {
				return
			}
			e.within(d)
			e.Text = fmt.Sprintf("%s of posts %s ms, of frames %s: %s%s; %s bytes a message and %s", titleOf(metric),
				p.of(e, p.a, metric), p.of(e, p.b, metric), apart(d, " ms", "longer", "shorter"), e.Text,
				p.of(e, p.a, "uplink_bytes_per_message"), p.of(e, p.b, "uplink_bytes_per_message"))
		}))
	}
	return all
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
			e.Told, e.Holds = true, r.Shown() && r.Median > 1
			e.Text = fmt.Sprintf("server CPU in a client's second: an event stream with posts %s µs, ws %s: %s",
				p.of(e, p.a, metric), p.of(e, p.b, metric), shown(r))
		}))
	}
	return all
}
