package choose

import (
	"cmp"
	"slices"
	"time"

	"pushbench/results/compare"
)

// A weight is a transport with what it would take, in numbers only: flips ask for
// hundreds of them.
type weight struct {
	*server
	demand
	// sooner are those that are there sooner by their nature. What they cannot keep,
	// this one cannot; see after.
	sooner []*weight
	late   *server // one of them that does not keep what is demanded
	fits   bool    // every hard requirement is met
	small  bool    // a machine is too small for a server without clients
	needs
	cost  compare.Stat // servers, or money where there are prices
	least float64      // it costs so many times what the cheapest does at least; zero: nobody can tell
}

// half a server is what a difference must amount to.
const half = 0.5

// weigh puts every transport on the scales, the cheapest that fits first.
func (m *Model) weigh(p *Profile, prices *Prices) []weight {
	all := make([]weight, len(m.servers))
	for i := range m.servers {
		all[i] = weight{server: &m.servers[i], demand: m.demand(&m.servers[i], p)}
	}
	for i := range all {
		all[i].after(all)
	}
	for i := range all {
		w := &all[i]
		w.fits = w.keeps && !(p.BufferingProxy && w.streams)
		if w.keeps {
			w.needs = m.needs(w, p, prices)
			var told bool
			w.cost, told = compare.Summary(each(w.blocks, func(n need) float64 { return n.cost }))
			w.small, w.keeps = !told, told
			w.fits = w.fits && told && !w.overspends(p, prices)
		}
	}
	for i := range all {
		all[i].sooner = nil // whose places change now
	}
	slices.SortStableFunc(all, func(a, b weight) int {
		switch {
		case a.fits != b.fits && a.fits:
			return -1
		case a.fits != b.fits:
			return 1
		case a.keeps != b.keeps && a.keeps:
			return -1
		case a.keeps != b.keeps:
			return 1
		}
		return cmp.Or(cmp.Compare(a.cost.Median, b.cost.Median), cmp.Compare(a.slowness(), b.slowness()))
	})
	for i := range all {
		if i > 0 && all[i].keeps && all[0].keeps {
			all[i].least = least(&all[i].needs, &all[0].needs)
		}
	}
	return all
}

// after holds the transport to what those are held to that are there sooner: it has
// no more time to serve an audience than they have, and does not do so with less
// work. A poll that is answered at once is no sooner than a push, whatever the noise
// of two measurements says, and a stricter demand must not lead to a slower
// transport because of that.
func (w *weight) after(all []weight) {
	for i := range all {
		other := &all[i]
		if other.slowness() >= w.slowness() {
			continue
		}
		w.sooner = append(w.sooner, other)
		if !other.alone {
			w.late = other.server
		}
		w.window = min(w.window, other.left)
	}
	w.keeps = w.alone && w.late == nil
}

// overspends says whether it costs more than the budget.
func (w *weight) overspends(p *Profile, prices *Prices) bool {
	return p.Budget > 0 && prices != nil && w.cost.Median > p.Budget
}

// winners are the first of those that fit, and the others that cannot be shown to
// cost more, or not by what would be worth a word.
func winners(all []weight, p *Profile, prices *Prices) int {
	if len(all) == 0 || !all[0].fits {
		return 0
	}
	worth := half
	if prices != nil {
		worth = half * prices.server(p.Server)
	}
	n := 1
	for i := 1; i < len(all) && all[i].fits; i++ {
		dear := all[i].least > 1 && all[i].cost.Median-all[0].cost.Median >= worth
		if !dear {
			all[n], all[i] = all[i], all[n]
			n++
		}
	}
	// Those that lost are in order still, but for what has been exchanged.
	rest := all[n:]
	for k := range rest {
		if !rest[k].fits {
			rest = rest[:k]
			break
		}
	}
	slices.SortStableFunc(rest, func(a, b weight) int { return cmp.Compare(a.cost.Median, b.cost.Median) })
	return n
}

// promise is how soon 99 % of the events are there, and all, at so many servers.
func (w *weight) promise(p *Profile, servers float64) (p99, worst time.Duration) {
	way := time.Duration(w.trips * float64(p.RTT))
	if w.clock {
		return time.Duration(0.99*float64(w.interval)) + way + w.server.worst, w.interval + way + w.server.worst
	}
	turn, _ := compare.Summary(each(w.blocks, func(n need) float64 { return n.turn }))
	fan := time.Duration(p.audience() / servers * turn.Median / p.Server.CPUs * float64(time.Microsecond))
	return w.server.p99 + way + time.Duration(0.99*float64(fan)), w.server.worst + way + fan
}
