package claim

import (
	"fmt"

	"pushbench/results/compare"
)

// frame is how long a screen shows a picture, at 60 of them a second, in ms: who
// waits less than that sees no difference.
const frame = 1000.0 / 60

// idle judges whether asking in vain costs more on the wire than waiting on a
// stream. It says nothing of loads at which clients do not ask in vain.
func idle(b *bench) []Evidence {
	var all []Evidence
	for _, p := range b.streams("poll") {
		asked, known := p.a.Metrics["requests_per_event"]
		if !known || asked.Median <= 1 || asked.Lo != nil && *asked.Lo <= 1 {
			continue
		}
		all = append(all, p.evidence(func(e *Evidence) {
			r, ok := p.ratio(e, "bytes_per_client_minute")
			if !ok {
				return
			}
			e.more(r)
			e.Text = fmt.Sprintf("poll asks %s times for each event; it takes %s bytes down and %s up in a client's minute, %s %s and %s: both ways %s",
				p.of(e, p.a, "requests_per_event"),
				p.of(e, p.a, "down_bytes_per_client_minute"), p.of(e, p.a, "up_bytes_per_client_minute"), p.b.Transport,
				p.of(e, p.b, "down_bytes_per_client_minute"), p.of(e, p.b, "up_bytes_per_client_minute"), worded(r))
		}))
	}
	return all
}

// streams are the pairs of a transport with an event stream, or, in a run without
// any, with a WebSocket.
func (b *bench) streams(transport string) []pair {
	if pairs := b.pairs(transport, "sse"); len(pairs) > 0 {
		return pairs
	}
	return b.pairs(transport, "ws")
}

// heldRequest judges whether a held request is answered as soon as a stream brings
// the same event.
func heldRequest(b *bench) []Evidence {
	if b.untimely {
		return nil
	}
	return nearly(b.streams("longpoll"), "latency", "behind", "ahead", func(p pair, e *Evidence, metric, apart string) string {
		return fmt.Sprintf("%s %s ms, of %s %s: %s", titleOf(metric), p.of(e, p.a, metric), p.b.Transport, p.of(e, p.b, metric), apart)
	})
}

// faster judges by the median, which a few late events do not move; p99 is told.
func faster(b *bench) []Evidence {
	const metric = "latency_p50"
	var all []Evidence
	for _, p := range b.timed("sse", "ws") {
		if !p.told(metric) {
			continue
		}
		all = append(all, p.evidence(func(e *Evidence) {
			r, ok := p.ratio(e, metric)
			if !ok {
				return
			}
			e.more(r)
			e.Text = fmt.Sprintf("%s ws %s ms, sse %s: %s", titleOf(metric), p.of(e, p.b, metric), p.of(e, p.a, metric), worded(r))
			if d, ok := p.difference(e, metric); ok && *d.Lo > -frame && *d.Hi < frame {
				e.Text += ", a difference below a frame of a screen"
			}
			if p.told("latency_p99") {
				e.Text += fmt.Sprintf("; p99 %s and %s", p.of(e, p.b, "latency_p99"), p.of(e, p.a, "latency_p99"))
			}
		}))
	}
	return all
}

// more judges by whether a ratio is shown to be above one, or below.
func (e *Evidence) more(r compare.Stat) {
	if e.Outcome = Level; r.Shown() {
		e.Outcome = told(r.Median > 1)
	}
}

// worded is a ratio, and whether it shows a difference.
func worded(r compare.Stat) string {
	if !r.Shown() {
		return "no difference shown, " + times(r)
	}
	return times(r)
}

// overhead judges WebSocket beside each other transport.
func overhead(b *bench) []Evidence {
	const metric = "overhead_bytes_per_event"
	var all []Evidence
	for _, other := range []string{"poll", "longpoll", "sse"} {
		for _, p := range b.pairs(other, "ws") {
			if !p.told(metric) {
				continue
			}
			e := p.evidence(func(e *Evidence) {
				d, ok := p.difference(e, metric)
				if !ok {
					return
				}
				difference := apart(d, "", "more", "less")
				if e.Outcome = told(*d.Lo > 0); *d.Lo <= 0 && *d.Hi >= 0 {
					e.Outcome, difference = Level, "no difference shown, "+difference
				}
				e.Text = fmt.Sprintf("ws %s bytes around an event's payload, both ways, %s %s: %s", p.of(e, p.b, metric), other, p.of(e, p.a, metric), difference)
				if p.told("segments_per_event") {
					e.Text += fmt.Sprintf("; TCP segments %s and %s", p.of(e, p.b, "segments_per_event"), p.of(e, p.a, "segments_per_event"))
				}
			})
			e.At["transport"] = other
			all = append(all, e)
		}
	}
	return all
}

// tail is the highest percentile that both rows tell; "" for none.
func (p pair) tail(histogram string) string {
	for _, quantile := range []string{"_p99", "_p50"} {
		if p.told(histogram + quantile) {
			return histogram + quantile
		}
	}
	return ""
}

// nearly judges pairs by how far the tail of the first is behind that of the
// second: less than a frame or not. How far that is, in the words for more and less,
// is a part of what say says.
func nearly(pairs []pair, histogram, more, less string, say func(p pair, e *Evidence, metric, apart string) string) []Evidence {
	var all []Evidence
	for _, p := range pairs {
		metric := p.tail(histogram)
		if metric == "" {
			continue
		}
		all = append(all, p.evidence(func(e *Evidence) {
			if d, ok := p.difference(e, metric); ok {
				e.Text = say(p, e, metric, apart(d, " ms", more, less)+e.within(d))
			}
		}))
	}
	return all
}

// within judges a difference in ms by a frame: all of its interval is below, or
// none of it. Else nothing can be told, and it says so.
func (e *Evidence) within(d compare.Stat) string {
	if *d.Lo < frame && *d.Hi >= frame {
		e.Outcome = Open
		return ", which may be less than a frame of a screen (16.7 ms) or more"
	}
	e.Outcome = told(*d.Hi < frame)
	return ""
}
