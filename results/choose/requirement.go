package choose

import (
	"fmt"
	"time"
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
		answer := "the answer (too short to be told)"
		if s.worst > 0 {
			answer = fmt.Sprintf("the answer (%s)", lasting(s.worst))
		}
		text := fmt.Sprintf("polls every %s: an event waits so long at worst, then %s (%s) and %s", lasting(w.interval), trips, lasting(way), answer)
		if !w.alone {
			text = fmt.Sprintf("a poll takes %s (%s of %s and %s), and what is acceptable leaves %s from one to the next: it would be due before the one before it is answered",
				lasting(once), trips, lasting(way), answer, lasting(w.interval))
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
		r.Text = fmt.Sprintf("of %s %s takes %s, and %s is measured %s %s: %s are left for an event to go to everyone", lasting(most), trips, lasting(way), lasting(floor), of, s.row, lasting(most-way-floor))
		if !r.Met {
			r.Text = fmt.Sprintf("%s takes %s, and %s more is measured %s %s: that is all of %s", trips, lasting(way), lasting(floor), of, s.row, lasting(most))
		}
		all = append(all, w.than(r))
	}
	say("staleness", p.Staleness, s.worst, "at worst in")
	say("p99", p.P99, s.p99, "at p99 in the worst of")
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
