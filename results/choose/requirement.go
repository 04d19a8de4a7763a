package choose

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pushbench/results/compare"
)

// requirements are those of the profile, met or not by the transport.
func (m *Model) requirements(w *weight, p *Profile, prices *Prices) []Requirement {
	all := m.timely(w, p)
	add := func(key string, met bool, format string, args ...any) {
		all = append(all, Requirement{key, met, fmt.Sprintf(format, args...)})
	}
	if !p.Latest {
		add("value", true, "every event arrives: clients resume from their cursor, and are told of what is off the log")
	}
	if p.BufferingProxy {
		switch {
		case w.streams:
			add("buffering_proxy", false, "its answer never ends, so a proxy that waits for the end of an answer lets no event through")
		case w.upgrade:
			add("buffering_proxy", true, "nothing is buffered once a connection is a WebSocket: if the proxy lets Upgrade through")
		default:
			add("buffering_proxy", true, "every answer ends, so it may be held back until it is whole")
		}
	}
	if p.Binary {
		switch {
		case w.text:
			add("binary", true, "it carries text: data goes as base64, 4/3 of its size")
		default:
			add("binary", true, "it can carry bytes as they are")
		}
	}
	if w.small {
		add("server", false, "a server without clients takes more than a machine of %s CPUs and %s may be used for", count(p.Server.CPUs), bytes(p.Server.Memory))
	}
	if p.Budget > 0 && prices != nil && w.keeps {
		add("budget", !w.overspends(p, prices), "%s %s a month, of %s", count(w.cost.Median), prices.Currency, count(p.Budget))
	}
	return all
}

// timely are the requirements of latency.
func (m *Model) timely(w *weight, p *Profile) []Requirement {
	var all []Requirement
	s := w.server
	way := time.Duration(s.trips * float64(p.RTT))
	trips := tripWords[s.trips]
	if s.clock {
		once := p.RTT + s.worst
		text := fmt.Sprintf("polls every %s: an event waits so long at worst, then %s (%s) and the answer (%s)", lasting(w.interval), trips, lasting(way), lasting(s.worst))
		if !w.alone {
			text = fmt.Sprintf("a poll takes %s (%s of %s and %s for the answer), and what is acceptable leaves %s from one to the next: it would be due before the one before it is answered",
				lasting(once), trips, lasting(way), lasting(s.worst), lasting(w.interval))
		}
		key := "staleness"
		if p.Staleness == 0 || p.P99 > 0 && float64(p.P99-once)/0.99 < float64(p.Staleness-once) {
			key = "p99"
		}
		return append(all, w.than(Requirement{key, w.alone, text}))
	}
	say := func(key string, most, floor time.Duration, of string) {
		if most == 0 {
			return
		}
		r := Requirement{Key: key, Met: most-way-floor > 0}
		r.Text = fmt.Sprintf("of %s %s takes %s, and %s is measured %s with %s: %s are left for an event to go to everyone", lasting(most), trips, lasting(way), lasting(floor), of, s.row, lasting(most-way-floor))
		if !r.Met {
			r.Text = fmt.Sprintf("%s takes %s, and %s more is measured %s with %s: that is all of %s", trips, lasting(way), lasting(floor), of, s.row, lasting(most))
		}
		all = append(all, w.than(r))
	}
	say("staleness", p.Staleness, s.worst, "at worst")
	say("p99", p.P99, s.p99, "at p99")
	return all
}

// tripWords are round trips in words.
var tripWords = map[float64]string{0.5: "half a round trip", 1: "a round trip", 1.5: "a round trip and a half"}

// than has nothing be promised that a sooner transport cannot keep.
func (w *weight) than(r Requirement) Requirement {
	if r.Met && w.late != nil {
		return Requirement{r.Key, false, fmt.Sprintf("not even %s keeps it, which is sooner by its nature: what was measured of both does not tell so short times apart", w.late.Transport)}
	}
	return r
}

// cautions are what the profile should make one think of, and what nobody has put
// into numbers.
func (m *Model) cautions(w *weight, p *Profile) []string {
	var all []string
	if p.Browsers && w.origin && p.HTTP1 {
		then := "a seventh page waits for ever"
		if w.asks {
			then = fmt.Sprintf("from the seventh on, pages wait for one another's answers, up to %s each time", lasting(m.hold))
		}
		all = append(all, fmt.Sprintf("browsers open %d connections to an origin over HTTP/1.1, and each open page holds one of them: %s", six, then))
	}
	if p.Browsers && !w.resumes && !w.clock {
		all = append(all, "browsers do not come back by themselves: reconnecting and resuming is code of your own")
	}
	if p.Mobile {
		turns := p.turns()
		if w.asks {
			turns = w.asked
		} else {
			turns += w.beats
		}
		all = append(all, fmt.Sprintf("a phone's radio is woken up to %s times an hour", count(turns*3600)))
	}
	if w.clock && w.interval.Seconds() > idle {
		all = append(all, fmt.Sprintf("between polls a connection is closed, after %d s: each poll opens one", idle))
	}
	return all
}

// assumptions are what no run has measured here, and what has been taken for it.
func (m *Model) assumptions(all []weight, p *Profile) []string {
	var texts []string
	add := func(format string, args ...any) { texts = append(texts, fmt.Sprintf(format, args...)) }
	if p.RTT == 0 {
		add("no network: events were measured over loopback; give --rtt what a round trip takes your clients")
	} else {
		add("a round trip of %s as given: nothing was measured through a network", lasting(p.RTT))
	}
	add("servers of the stack that was measured, without TLS, on CPUs like %s; all CPUs of a server share the work evenly", m.machine())
	if p.Latest {
		add("servers send the newest value at each turn: those that were measured send every event")
	}
	untold := func(term compare.Term, amount func(*weight) bool) (names []string) {
		for i := range all {
			if w := &all[i]; amount(w) && !w.Tells(term) {
				names = append(names, w.Transport)
			}
		}
		return names
	}
	if names := untold(compare.Message, func(*weight) bool { return p.Uplink > 0 }); names != nil {
		add("what a message from a client takes is not in this run: of %s it counts as nothing", listed(names))
	}
	if names := untold(compare.Connection, func(w *weight) bool { return w.amounts[compare.Connection] > 0 }); names != nil {
		add("what making a connection takes is not in this run: of %s it counts as nothing", listed(names))
	}
	if names := untold(compare.Request, func(w *weight) bool { return w.clock }); names != nil {
		add("what a poll takes is not in this run by itself: of %s it counts as it did there", listed(names))
	}
	if names := untold(compare.Event, func(*weight) bool { return p.audience() < p.Clients && m.topics != "own" }); names != nil {
		add("what publishing an event takes is not in this run: with few clients to each it is more than is told of %s", listed(names))
	}
	for _, w := range all {
		if !w.Tells(compare.Payload) && (p.Size > w.Size*1.5+64) {
			add("an event of %s counts as one of %s, the size that was measured", bytes(p.Size), bytes(w.Size))
			break
		}
	}
	if names := untold(compare.Write, func(w *weight) bool { return p.burst() > 1 && !w.asks }); names != nil {
		add("events that come at once count as if they came one by one, of %s: this run has no bursts", listed(names))
	}
	if names := beating(all); names != nil {
		add("a sign of life, after %s of silence, takes what a write takes: %s", lasting(m.beat), listed(names))
	}
	if p.Binary {
		add("data was measured as text: binary data takes the same, and of what carries text a third more")
	}
	var far []string
	for i := range all {
		if w := &all[i]; w.keeps {
			servers, _ := compare.Summary(each(w.blocks, func(n need) float64 { return n.servers }))
			// As many as the table says.
			if times := w.connected / max(1, math.Ceil(servers.Median)) / max(1, w.Most[compare.Client]); times > 1 {
				far = append(far, fmt.Sprintf("%s %s×", w.Transport, count(times)))
			}
		}
	}
	if far != nil {
		add("a server holds more clients than were measured on one: %s", strings.Join(far, ", "))
	}
	return texts
}

// beating are those whose signs of life are worth a word: one for ten events.
func beating(all []weight) (names []string) {
	for i := range all {
		if w := &all[i]; w.beats*w.connected > w.amounts[compare.Delivery]/10 {
			names = append(names, w.Transport)
		}
	}
	return names
}

// machine names what was measured on.
func (m *Model) machine() string {
	if m.Machine.CPU == "" {
		return "those of the run"
	}
	return m.Machine.CPU
}
