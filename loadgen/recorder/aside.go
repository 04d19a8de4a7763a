package recorder

import (
	"errors"
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
	Leaving        // goes once and comes back, while others stay
	Churning       // goes and comes back all the time, as everybody does
	roles
)

// groups are the roles' names in a trial, and those of their latencies.
var groups = [roles]struct{ name, latency string }{
	Slow:      {results.GroupSlow, results.LatencySlow},
	Vanishing: {results.GroupVanished, results.LatencyVanished},
	Leaving:   {results.GroupLeaving, results.LatencyAway},
	Churning:  {results.GroupLeaving, results.LatencyAway},
}

// An aside is what is kept of a client that is not ordinary.
type aside struct {
	role     Role
	back     int64 // when it last came back
	recalled bool  // and that was not of its own accord
	// open are its returns in the phase of which nobody knows yet whether it had
	// everything that was due before.
	open []comeback
}

// A comeback is one return of a client.
type comeback struct {
	back   int64
	caught int64 // when it had the latest event that was due before; zero: none yet
}

// Play gives the client a role. It is for before the engine runs.
func (c *Client) Play(r Role) {
	c.odd = nil
	if r != Ordinary {
		c.odd = &odd{aside: &aside{role: r}}
	}
}

func (c *Client) role() Role {
	if a := c.aside(); a != nil {
		return a.role
	}
	return Ordinary
}

// comes says whether clients of the role come back.
func (r Role) comes() bool { return r == Leaving || r == Churning }

// gotAside records a delivery to a client that is not ordinary. It says whether
// that was all: where everybody comes and goes, what a client gets while it is
// there is a latency as any.
func (s *Shard) gotAside(a *aside, ev *wire.Event, now int64) bool {
	into := &s.asides[a.role]
	if a.role.comes() {
		s.follow(a, ev.Due, now)
		switch {
		case ev.Due < a.back && a.recalled:
			into = &s.recalled
		case ev.Due < a.back:
		case a.role == Churning:
			return false
		default:
			into = &s.present
		}
	}
	if *into == nil {
		*into = hdr.New()
	}
	(*into).Record(time.Duration(now - ev.Due))
	return true
}

// Returns records that a client begins to come back. One that is called back when
// the phase is over is no return of its own accord: it would have been away for
// longer, so its latencies say nothing of that. The shard must be locked.
func (s *Shard) Returns(c *Client, now int64) {
	a := c.aside()
	a.back, a.recalled = now, !s.during(now)
	if !a.recalled {
		s.returned++
		a.open = append(a.open, comeback{back: now})
	}
}

// follow takes an event that was due at the instant for what it says of the
// client's returns: nothing that was due before one of them is to come any more, or
// this is. Of a return that is not the last it then says that the client has left
// again without: no more is heard of that.
func (s *Shard) follow(a *aside, due, now int64) {
	open := a.open[:0]
	for _, c := range a.open {
		switch {
		case due >= c.back:
			s.hasCaughtUp(c)
		case c.back == a.back:
			open = append(open, comeback{c.back, now})
		}
	}
	a.open = open
}

// hasCaughtUp records how long that took, or that there was nothing to catch up
// with.
func (s *Shard) hasCaughtUp(c comeback) {
	if c.caught == 0 {
		s.current++
		return
	}
	if s.catchup == nil {
		s.catchup = hdr.New()
	}
	s.catchup.Record(time.Duration(c.caught - c.back))
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
	var clients [roles]int
	for i := range r.clients {
		c := &r.clients[i]
		a := c.aside()
		if a == nil {
			continue
		}
		clients[a.role]++
		if b != nil && b.ledgers[c.life][c.topic].after(c.next) == 0 {
			for _, c := range a.open { // with nothing behind it that would show it
				r.Shard(i).hasCaughtUp(c)
			}
			a.open = nil
		}
	}
	found := map[string]results.Group{}
	own := map[string]*hdr.Histogram{}
	for role := Ordinary + 1; role < roles; role++ {
		if clients[role] == 0 {
			continue
		}
		g := results.Group{Clients: clients[role]}
		latency := hdr.New()
		for _, s := range r.shards {
			if err := latency.Merge(s.asides[role]); err != nil {
				return err
			}
			if role.comes() {
				g.Returned += s.returned
				g.Current += s.current
			}
		}
		own[groups[role].latency] = latency
		maps.DeleteFunc(each[role].Lost, func(_ string, n int64) bool { return n == 0 })
		g.Owed, g.Delivered, g.Lost = each[role].Owed, each[role].Delivered, each[role].Lost
		found[groups[role].name] = g
	}
	catchup, present, recalled := hdr.New(), hdr.New(), hdr.New()
	for _, s := range r.shards {
		if err := errors.Join(catchup.Merge(s.catchup), present.Merge(s.present), recalled.Merge(s.recalled)); err != nil {
			return err
		}
	}
	own[results.Catchup], own[results.LatencyPresent], own[results.LatencyRecalled] = catchup, present, recalled
	maps.DeleteFunc(own, func(_ string, h *hdr.Histogram) bool { return h.Count()+h.Negative()+h.Over() == 0 })
	maps.Copy(merged, own)
	if len(found) > 0 {
		t.Groups = found
	}
	return nil
}
