package recorder

import (
	"maps"
	"time"

	"pushbench/results"
	"pushbench/results/hdr"
	"pushbench/servers/wire"
)

// A Role is what a client does beside receiving, or instead. What it gets must
// not be in the latencies of the ordinary ones, whom a scenario asks after.
type Role uint8

const (
	Ordinary  Role = iota
	Slow           // reads less than it is offered
	Vanishing      // loses its network
	Leaving        // goes and comes back
	roles
)

// groups are the roles' names in a trial, and those of their latencies.
var groups = [roles]struct{ name, latency string }{
	Slow:      {results.GroupSlow, results.LatencySlow},
	Vanishing: {results.GroupVanished, results.LatencyVanished},
	Leaving:   {results.GroupLeaving, results.LatencyAway},
}

// An aside is what is kept of a client that is not ordinary.
type aside struct {
	role   Role
	back   int64 // when it last came back
	caught int64 // when it had the latest event that was due before; zero: none yet
}

// Play gives the client a role. It is for before the engine runs.
func (c *Client) Play(r Role) {
	if c.aside = nil; r != Ordinary {
		c.aside = &aside{role: r}
	}
}

func (c *Client) role() Role {
	if c.aside == nil {
		return Ordinary
	}
	return c.aside.role
}

// gotAside records a delivery to a client that is not ordinary. It says whether
// that was all: what a leaving client gets while it is there is a latency as any.
func (s *Shard) gotAside(a *aside, ev *wire.Event, now int64) bool {
	if a.role == Leaving {
		if ev.Due >= a.back {
			s.hasCaughtUp(a) // else this one would not have come yet
			return false
		}
		a.caught = now
	}
	if s.asides[a.role] == nil {
		s.asides[a.role] = hdr.New()
	}
	s.asides[a.role].Record(time.Duration(now - ev.Due))
	return true
}

// Returns records that a leaving client begins to come back. The shard must be
// locked.
func (s *Shard) Returns(c *Client, now int64) {
	if s.during(now) {
		s.returned++
	}
	c.aside.back, c.aside.caught = now, 0
}

// hasCaughtUp records how long that took, if there was anything to catch up with.
func (s *Shard) hasCaughtUp(a *aside) {
	if a.caught == 0 {
		return
	}
	if s.catchup == nil {
		s.catchup = hdr.New()
	}
	s.catchup.Record(time.Duration(a.caught - a.back))
	a.caught = 0
}

// byRole is the accounting of all clients of each role.
type byRole [roles]results.Accounting

func newByRole() (each byRole) {
	for role := range each {
		each[role].Lost = map[string]int64{}
	}
	return each
}

// sum adds them up.
func (each *byRole) sum(a *results.Accounting) {
	for role := range each {
		a.Owed += each[role].Owed
		a.Delivered += each[role].Delivered
		for why, n := range each[role].Lost {
			a.Lost[why] += n
		}
	}
}

// asides adds what is of groups to the trial, and their histograms to merged. An
// empty histogram is left out.
func (r *Recorder) asides(t *results.Trial, b *Books, each byRole, merged map[string]*hdr.Histogram) error {
	found := map[string]results.Group{}
	for i := range r.clients {
		c := &r.clients[i]
		if c.aside == nil {
			continue
		}
		g := found[groups[c.aside.role].name]
		g.Clients++
		found[groups[c.aside.role].name] = g
		if b != nil && b.ledgers[c.life][c.topic].after(c.next) == 0 {
			r.Shard(i).hasCaughtUp(c.aside) // with nothing behind it that would show it
		}
	}
	own := map[string]*hdr.Histogram{}
	for role := Ordinary + 1; role < roles; role++ {
		g, some := found[groups[role].name]
		if !some {
			continue
		}
		latency := hdr.New()
		for _, s := range r.shards {
			if err := latency.Merge(s.asides[role]); err != nil {
				return err
			}
			if role == Leaving {
				g.Returned += s.returned
			}
		}
		own[groups[role].latency] = latency
		maps.DeleteFunc(each[role].Lost, func(_ string, n int64) bool { return n == 0 })
		g.Owed, g.Delivered, g.Lost = each[role].Owed, each[role].Delivered, each[role].Lost
		found[groups[role].name] = g
	}
	catchup := hdr.New()
	for _, s := range r.shards {
		if err := catchup.Merge(s.catchup); err != nil {
			return err
		}
	}
	own[results.Catchup] = catchup
	maps.DeleteFunc(own, func(_ string, h *hdr.Histogram) bool { return h.Count()+h.Negative()+h.Over() == 0 })
	maps.Copy(merged, own)
	if len(found) > 0 {
		t.Groups = found
	}
	return nil
}
