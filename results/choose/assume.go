package choose

import (
	"fmt"
	"math"
	"strings"

	"pushbench/results/compare"
)

// assumptions are what no run has measured here, and what has been taken for it.
func (m *Model) assumptions(all []weight, p *Profile) []string {
	network := fmt.Sprintf("a round trip of %s as given: nothing was measured through a network", lasting(p.RTT))
	if p.RTT == 0 {
		network = "no network: events were measured over loopback; give --rtt what a round trip takes your clients"
	}
	texts := []string{
		network,
		fmt.Sprintf("servers of the stack that was measured, without TLS, on CPUs like %s; all CPUs of a server share the work evenly", m.machine()),
	}
	texts = append(texts, m.idling(all)...)
	if p.Latest {
		texts = append(texts, "servers send the newest value at each turn: those that were measured send every event")
	}
	texts = append(texts, m.untold(all, p)...)
	texts = append(texts, m.resized(all, p)...)
	texts = append(texts, m.kept(all)...)
	texts = append(texts, m.bent(all)...)
	texts = append(texts, m.remembered(all, p)...)
	return append(texts, m.beyond(all)...)
}

// machine names what was measured on.
func (m *Model) machine() string {
	if m.Machine.CPU == "" {
		return "those of the run"
	}
	return m.Machine.CPU
}

// which are the transports of which it is so.
func which(all []weight, is func(*weight) bool) (names []string) {
	for i := range all {
		if is(&all[i]) {
			names = append(names, all[i].Transport)
		}
	}
	return names
}

// idling says of what servers the latencies are.
func (m *Model) idling(all []weight) []string {
	least, most := all[0].busy, all[0].busy
	for _, w := range all {
		least, most = min(least, w.busy), max(most, w.busy)
	}
	busy := percent(most)
	if percent(least) != busy {
		busy = percent(least) + " to " + busy
	}
	texts := []string{fmt.Sprintf("latency is that of a server that is %s busy, and the time to serve an audience: what an event waits behind others on a busier one is in no number here", busy)}
	for _, w := range all {
		if w.doubts != "" {
			texts = append(texts, fmt.Sprintf("the latency of %s: %s", w.Transport, w.doubts))
		}
	}
	return texts
}

// untold says what the run does not tell, and as what it counts.
func (m *Model) untold(all []weight, p *Profile) (texts []string) {
	say := func(term compare.Term, matters func(*weight) bool, format string) {
		if of := which(all, func(w *weight) bool { return matters(w) && !w.Tells(term) }); of != nil {
			texts = append(texts, fmt.Sprintf(format, listed(of)))
		}
	}
	say(compare.Message, func(*weight) bool { return p.Uplink > 0 }, "what a message from a client takes is not in this run: of %s it counts as nothing")
	say(compare.Connection, func(w *weight) bool { return w.amounts[compare.Connection] > 0 }, "what making a connection takes is not in this run: of %s it counts as nothing")
	say(compare.Request, func(w *weight) bool { return w.clock }, "what a poll takes is not in this run by itself: of %s it counts as it did there")
	say(compare.Event, func(*weight) bool { return p.audience() < p.Clients && m.topics != "own" },
		"what publishing an event takes is not in this run: with few clients to each it is more than is told of %s")
	say(compare.Write, func(w *weight) bool { return p.burst() > 1 && !w.asks && !m.bursts },
		"events that come at once count as if they came one by one, of %s: this run has no bursts")
	var unturned []string
	for _, of := range []struct {
		term compare.Term
		key  string
	}{{compare.Payload, "size"}, {compare.Message, "uplink"}, {compare.Connection, "stay"}} {
		if which(all, func(w *weight) bool { return w.Tells(of.term) }) == nil {
			unturned = append(unturned, of.key)
		}
	}
	if unturned != nil {
		texts = append(texts, fmt.Sprintf("how the answer changes with %s cannot be told: this run varies nothing of the kind", listed(unturned)))
	}
	return texts
}

// resized says what counts as being of another size than it is.
func (m *Model) resized(all []weight, p *Profile) (texts []string) {
	for _, w := range all {
		if !w.Tells(compare.Payload) && apart(p.Size, w.Size) {
			texts = append(texts, fmt.Sprintf("an event of %s counts as one of %s, the size that was measured", bytes(p.Size), bytes(w.Size)))
			break
		}
	}
	if p.Uplink > 0 && m.message > 0 && apart(p.UplinkSize, m.message) {
		texts = append(texts, fmt.Sprintf("a message of %s takes as much CPU time as one of %s, the size that was measured; in bytes it counts as what it is", bytes(p.UplinkSize), bytes(m.message)))
	}
	if p.Binary {
		text := "data was measured as text: binary data takes the same, and of what carries text a third more"
		if of := which(all, func(w *weight) bool { return w.text && !w.Tells(compare.Payload) }); of != nil {
			text += fmt.Sprintf(", which is in no number of %s here: this run has one size", listed(of))
		}
		texts = append(texts, text)
	}
	return texts
}

// apart says whether two sizes are so far from each other that it is worth a word.
func apart(a, b float64) bool { return max(a, b) > 1.5*min(a, b)+64 }

// kept says what keeping connections alive, or opening them anew, counts as.
func (m *Model) kept(all []weight) (texts []string) {
	// One for ten events is worth a word.
	if of := which(all, func(w *weight) bool { return w.beats*w.connected > w.carried[compare.Delivery]/10 }); of != nil {
		texts = append(texts, fmt.Sprintf("a sign of life, every %s, takes what a write takes: %s", lasting(m.beat), listed(of)))
	}
	if of := which(all, func(w *weight) bool { return w.posted > w.amounts[compare.Message]/10 }); of != nil {
		texts = append(texts, fmt.Sprintf("messages come so rarely that most connections for them are closed meanwhile, after %d s: making one anew takes what making one to be told on does, of %s", idle, listed(of)))
	}
	return texts
}

// bent says where a straight line through the loads cannot be right.
func (m *Model) bent(all []weight) (texts []string) {
	for _, w := range all {
		if w.Left > 0 {
			texts = append(texts, fmt.Sprintf("%s of %s left out, in which polls came due before the ones before them were answered", plural(float64(w.Left), "trial"), w.Transport))
		}
		for _, b := range w.Below {
			texts = append(texts, fmt.Sprintf("%s of %s counts as nothing, though straight lines through its loads say %s µs (%s to %s): they bend, and what is predicted far from the loads is off by more than its interval",
				b.Term, w.Transport, count(b.Each.Median), count(*b.Each.Lo), count(*b.Each.Hi)))
		}
	}
	return texts
}

// remembered says what memory is not counted.
func (m *Model) remembered(all []weight, p *Profile) (texts []string) {
	var kernel []string
	least := math.Inf(1)
	for i := range all {
		w := &all[i]
		if w.kernel > 0 {
			kernel = append(kernel, w.Transport+" "+bytes(w.kernel))
		}
		if w.keeps {
			memory, _ := compare.Summary(each(w.blocks, func(n need) float64 { return n.memory }))
			least = min(least, memory.Median)
		}
	}
	if kernel != nil {
		texts = append(texts, "memory is the servers' own: what the kernel keeps for a connection comes on top, both ends of it together "+strings.Join(kernel, ", "))
	}
	// Who has a topic to himself, or nearly, has a log to himself.
	topics := math.Ceil(p.Clients / p.audience())
	if logs := topics * float64(m.keep) * p.Size; logs > least/10 {
		texts = append(texts, fmt.Sprintf("logs come on top, too: %s that keep %d events each, as those that were measured, hold up to %s of data",
			plural(topics, "topic"), m.keep, bytes(logs)))
	}
	return texts
}

// beyond says how far what is predicted lies beyond what was measured.
func (m *Model) beyond(all []weight) (texts []string) {
	var crowded []string
	sides := []struct {
		format string
		of     []string
	}{
		{format: "a client gets events more seldom than any that was measured: %s"},
		{format: "a client gets events more often than any that was measured: %s"},
		{format: "a client asks more seldom than any that was measured: %s"},
		{format: "a client asks more often than any that was measured: %s"},
	}
	for i := range all {
		w := &all[i]
		if !w.keeps {
			continue
		}
		servers, _ := compare.Summary(each(w.blocks, func(n need) float64 { return n.servers }))
		// As many as the table says.
		if times := w.connected / max(1, math.Ceil(servers.Median)) / max(1, w.Most[compare.Client]); times > 1 {
			crowded = append(crowded, fmt.Sprintf("%s %s×", w.Transport, count(times)))
		}
		side := 0
		for _, term := range []compare.Term{compare.Delivery, compare.Request} {
			each := w.carried[term] / w.people
			for _, times := range []float64{w.Seldom[term] / each, each / w.Often[term]} {
				// A twentieth is a phase that did not begin with an event.
				if (term == compare.Delivery || w.asks) && times > 1.05 && !math.IsInf(times, 0) {
					sides[side].of = append(sides[side].of, fmt.Sprintf("%s %s×", w.Transport, count(times)))
				}
				side++
			}
		}
	}
	if crowded != nil {
		texts = append(texts, "a server holds more clients than were measured on one: "+strings.Join(crowded, ", "))
	}
	for _, side := range sides {
		if side.of != nil {
			texts = append(texts, fmt.Sprintf(side.format, strings.Join(side.of, ", ")))
		}
	}
	return texts
}
