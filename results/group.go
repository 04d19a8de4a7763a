package results

import "pushbench/results/hdr"

// Groups of clients that do more than receive, or less. What they get is kept
// out of the histograms of latency, delivery and fan-out, which are the other
// clients', and in histograms of their own. Where all come and go, there are no
// others: then latency and delivery are of what is due while a client is there.
const (
	GroupSlow     = "slow"     // read less than they are offered
	GroupVanished = "vanished" // lose their network in the phase, without a word
	GroupLeaving  = "leaving"  // go and come back
)

// Histograms of groups.
const (
	LatencySlow     = "latency_slow"     // received − due, per delivery to a slow client
	LatencyVanished = "latency_vanished" // the same, to a client that vanishes, before it does
	LatencyAway     = "latency_away"     // the same, of what was due before its client came back in the phase
	LatencyRecalled = "latency_recalled" // the same, of what was due before one that was called back at its end
	LatencyPresent  = "latency_present"  // the same, to a client that leaves once, of what was due while it was there
	// FoundSlow and FoundVanished are from when a client stopped to keep up, or to
	// exist, until its server knew, per client.
	FoundSlow     = "found_slow"
	FoundVanished = "found_vanished"
	// Catchup is from a client's coming back until it had everything that was due
	// before, per return in the measured phase.
	Catchup = "catchup"
)

// LostVanished: the client's network was gone.
const LostVanished = "vanished"

// A Group is what became of clients that are not like the others. Its events are
// in the trial's accounting, too.
type Group struct {
	Clients   int              `json:"clients"`
	Owed      int64            `json:"owed"`
	Delivered int64            `json:"delivered"`
	Lost      map[string]int64 `json:"lost,omitempty"`
	// Stalled are those that did stop to keep up, or vanished: a client without a
	// connection at that instant does neither. Found are those of them of which the
	// server knew within the measured phase.
	Stalled int `json:"stalled,omitempty"`
	Found   int `json:"found,omitempty"`
	// Returned is how often one of them came back within the measured phase. Current
	// are those times at which there was nothing to catch up with.
	Returned int64 `json:"returned,omitempty"`
	Current  int64 `json:"current,omitempty"`
}

func (g Group) lost() int64 {
	var sum int64
	for _, n := range g.Lost {
		sum += n
	}
	return sum
}

// lostByOthers is what clients of no group have lost.
func lostByOthers(t *Trial) int64 {
	n := t.Lost()
	for _, g := range t.Groups {
		n -= g.lost()
	}
	return n
}

// groups lists what is of clients that are not like the others, and what the
// others had of them.
func (c *catalogue) groups() {
	of := func(group string) func(*Trial) bool {
		return func(t *Trial) bool { return t.Groups[group].Clients > 0 }
	}
	// Each is one client or one return of one: there are as many as there are.
	found := func(histogram, group, which string) {
		for _, until := range []struct {
			name, title string
			q           float64
		}{{"_p50", "time until half of the " + which + " clients were found", 0.5}, {"_max", "time until all " + which + " clients were found", 1}} {
			c.until(histogram+until.name, until.title, until.q, func(t *Trial) (*hdr.Histogram, int64) {
				return t.Histograms[histogram], int64(t.Groups[group].Stalled)
			})
		}
	}
	c.needing(NeedsSlow, func(c *catalogue) {
		c.where(of(GroupSlow), func(c *catalogue) {
			c.count("slow_stalled", "slow clients", Either, func(t *Trial) int64 { return int64(t.Groups[GroupSlow].Stalled) })
			c.count("slow_found", "slow clients found", Either, func(t *Trial) int64 { return int64(t.Groups[GroupSlow].Found) })
			// In the whole trial, of whatever client: ours end none but those of slow ones.
			c.count("connections_ended", "connections that ended, but for those that clients left", Less, func(t *Trial) (n int64) {
				for why, times := range t.Traffic.Closed {
					if why != "left" {
						n += times
					}
				}
				return n
			})
			c.count("slow_skipped", "events skipped for slow clients", Either, func(t *Trial) int64 { return t.Groups[GroupSlow].Lost[LostGap] })
		})
		c.percentiles(LatencySlow, "latency of slow clients", true, 0.5, 0.99)
		found(FoundSlow, GroupSlow, "slow")
	})
	c.needing(NeedsVanished, func(c *catalogue) {
		c.where(of(GroupVanished), func(c *catalogue) {
			c.count("vanished_stalled", "vanished clients", Either, func(t *Trial) int64 { return int64(t.Groups[GroupVanished].Stalled) })
			c.count("vanished_found", "vanished clients found", More, func(t *Trial) int64 { return int64(t.Groups[GroupVanished].Found) })
		})
		found(FoundVanished, GroupVanished, "vanished")
	})
	c.needing(NeedsLeaving, func(c *catalogue) {
		c.where(of(GroupLeaving), func(c *catalogue) {
			c.count("returned", "returns of clients", Either, func(t *Trial) int64 { return t.Groups[GroupLeaving].Returned })
			c.add("connections_per_second", "1/s", "connections per second", Either, func(t *Trial) (float64, bool) {
				return ratio(float64(t.Traffic.Opened), t.Measured.Seconds())
			})
			c.count("returned_behind", "returns of clients, with something to catch up with", Either, func(t *Trial) int64 {
				return t.Groups[GroupLeaving].Returned - t.Groups[GroupLeaving].Current
			})
			c.count("caught_up", "returns with something to catch up with, and done", Either, func(t *Trial) int64 { return t.Histograms[Catchup].Count() })
		})
		for _, until := range []struct {
			name, title string
			q           float64
		}{
			{"catchup_p50", "time to catch up, of half of the returns with something to catch up with", 0.5},
			{"catchup_p95", "time to catch up, of 95 % of the returns with something to catch up with", 0.95},
			{"catchup_max", "time to catch up, of all returns with something to catch up with", 1},
		} {
			c.until(until.name, until.title, until.q, func(t *Trial) (*hdr.Histogram, int64) {
				g := t.Groups[GroupLeaving]
				return t.Histograms[Catchup], g.Returned - g.Current
			})
		}
	})
	c.needing(NeedsGroups, func(c *catalogue) {
		some := func(t *Trial) bool { return len(t.Groups) > 0 }
		c.where(some, func(c *catalogue) {
			c.count("lost_by_others", "events lost by clients that did nothing but receive", Less, lostByOthers)
		})
		// How much the server holds for them is looked at while they are at it: at the
		// end of the phase, before the slow ones read again.
		held := func(t *Trial) bool { return alone(t) && t.Usage.ServerEnd.Heap != 0 }
		c.where(held, func(c *catalogue) {
			growth := func(name, title string, of func(Memory) int64) {
				c.add(name, "KiB", title, Less, func(t *Trial) (float64, bool) {
					return float64(of(t.Usage.ServerEnd)-of(t.Usage.ServerFull)) / 1024, true
				})
			}
			growth("server_heap_growth", "growth of the server's heap and stacks in the phase", func(m Memory) int64 { return m.Heap + m.Stacks })
			growth("server_sockets_growth", "growth of what is queued in the server's sockets in the phase", func(m Memory) int64 { return m.Sockets })
		})
	})
}
