package choose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"pushbench/results/compare"
)

// Decide ranks the transports for the product: hard requirements first, then cost,
// which is servers, or money where there are prices. It is a pure function of the
// run, the profile and the prices.
func (m *Model) Decide(p Profile, prices *Prices) *Answer {
	weights := m.weigh(&p, prices)
	n := winners(weights, &p, prices)
	now := named(weights, n)
	a := &Answer{
		Profile: p,
		Prices:  prices,
		Source:  Source{Scenario: m.Scenario, Started: m.Started, CPU: m.Machine.CPU, Go: m.Machine.Go, CPUs: m.Machine.ServerCPUs},
		Winners: now,
		Text:    m.sentence(weights, n, prices),
		Flips:   m.flips(&p, prices, now),
	}
	for i := range weights {
		place := m.place(&weights[i], &p, prices)
		place.Winner = i < n
		if i > 0 && weights[0].keeps && weights[i].keeps {
			ratio := beside(&weights[i].needs, &weights[0].needs)
			place.Beside = &ratio
		}
		a.Ranking = append(a.Ranking, place)
	}
	a.DecidedBy = m.decided(weights, n, a.Ranking, &p, prices)
	a.Assumptions = m.assumptions(weights, &p)
	if prices != nil {
		a.Sensitivity = m.sensitivity(&p, prices, now)
	}
	return a
}

// sentence is the answer in one.
func (m *Model) sentence(all []weight, n int, prices *Prices) string {
	fit := 0
	for _, w := range all {
		if w.fits {
			fit++
		}
	}
	takes := func(w weight) string {
		if prices != nil {
			return count(w.cost.Median) + " " + prices.Currency + " a month"
		}
		return plural(w.cost.Median, "server")
	}
	switch {
	case n == 0:
		return "none of " + listed(m.transports()) + " meets the requirements"
	case n == 1 && fit == 1:
		return all[0].Transport + ": the only one that meets the requirements"
	case n == 1:
		return fmt.Sprintf("%s: it takes %s, and the next, %s, %s", all[0].Transport, takes(all[0]), all[1].Transport, takes(all[1]))
	case n < fit:
		text := fmt.Sprintf("%s: no clear winner between them (%s for %s); the next, %s, takes %s", listed(named(all, n)), takes(all[0]), all[0].Transport, all[n].Transport, takes(all[n]))
		dearer := slices.DeleteFunc(slices.Clone(all[1:n]), func(w weight) bool { return w.cost.Median <= all[n].cost.Median })
		if len(dearer) > 0 {
			text += fmt.Sprintf(", less than %s in the median, %s shown to take more than the first", listed(named(dearer, len(dearer))), verb(len(dearer), "which is not", "which are not"))
		}
		return text
	}
	return fmt.Sprintf("no clear winner between %s: %s for %s, and no difference of half a server to any can be shown", listed(named(all, n)), takes(all[0]), all[0].Transport)
}

// place is what is said of one transport.
func (m *Model) place(w *weight, p *Profile, prices *Prices) Place {
	place := Place{
		Transport: w.Transport, Stack: w.Stack, Fits: w.fits, Misfit: w.CPUMisfit,
		Requirements: m.requirements(w, p, prices), Cautions: m.cautions(w, p),
	}
	for _, b := range w.Slopes.Below {
		place.Below = append(place.Below, Below{b.Term.String(), b.Each})
	}
	if !w.keeps {
		return place
	}
	place.Interval = w.interval
	stat := func(of func(need) float64) compare.Stat {
		s, _ := w.stat(of)
		return s
	}
	perMonth := func(of func(need) float64) compare.Stat {
		return stat(func(n need) float64 { return month * of(n) })
	}
	is := &Prediction{
		Servers: stat(func(n need) float64 { return n.servers }),
		CPUs:    stat(func(n need) float64 { return n.cpu }),
		Memory:  stat(func(n need) float64 { return n.memory }),
		Egress:  perMonth(func(n need) float64 { return n.down }),
		Ingress: perMonth(func(n need) float64 { return n.up }),
	}
	is.Requests = w.requests * month
	if prices != nil {
		cost := stat(func(n need) float64 { return n.cost })
		is.Cost = &cost
		for post := range posts {
			s := stat(func(n need) float64 { return prices.month(w, n, p.Server)[post] })
			is.Posts = append(is.Posts, Post{postNames[post], s.Median})
		}
	}
	servers := math.Ceil(is.Servers.Median)
	place.P99, place.Worst = w.promise(p, servers)
	is.PerServer = w.connected / servers
	is.Extent = is.PerServer / max(1, w.Most[compare.Client])
	is.Bounds = m.bounds(w, p, stat)
	is.BoundBy = slices.MaxFunc(is.Bounds, func(a, b Bound) int { return cmp.Compare(a.Servers.Median, b.Servers.Median) }).By
	is.Terms = w.terms()
	is.Memories = m.holdings(w)
	place.Predicted = is
	return place
}

// terms are what the CPU time is made of, as in the blocks in the middle of it: they
// add up to its median, as medians of their own would not.
func (w *weight) terms() (all []Term) {
	middle := w.middle()
	for term := compare.Client; term < compare.Terms; term++ {
		amount := w.amounts[term]
		if amount == 0 || !w.Tells(term) {
			continue
		}
		one := Term{Term: term.String(), Amount: amount}
		one.Each, _ = compare.Summary(each(w.Blocks, func(b compare.Slope) float64 { return b.CPU[term] }))
		one.Each.Median = 0
		for _, i := range middle {
			one.Each.Median += w.Blocks[i].CPU[term] / float64(len(middle))
		}
		one.CPUs = amount * one.Each.Median / 1e6
		if one.Each.Hi != nil {
			hi := amount * *one.Each.Hi / 1e6
			one.Hi = &hi
		}
		all = append(all, one)
	}
	return all
}

// holdings are what memory is made of.
func (m *Model) holdings(w *weight) []Holding {
	own, _ := compare.Summary(each(w.Blocks, func(b compare.Slope) float64 { return b.Memory }))
	all := []Holding{{"connections", w.connected, own}}
	if w.posting > 0 {
		poll, _ := compare.Summary(each(w.Blocks, func(b compare.Slope) float64 { return m.pollMemory(b.Block, b.Memory) }))
		all = append(all, Holding{"connections to send on", w.posting, poll})
	}
	return all
}

// bounds are what the number of servers follows from, a sentence each.
func (m *Model) bounds(w *weight, p *Profile, stat func(func(need) float64) compare.Stat) []Bound {
	is := p.Server
	var all []Bound
	add := func(by int, format string, args ...any) {
		all = append(all, Bound{boundNames[by], stat(func(n need) float64 { return n.by[by] }), fmt.Sprintf(format, args...)})
	}
	cpu, memory := stat(func(n need) float64 { return n.cpu }), stat(func(n need) float64 { return n.memory })
	add(byCPU, "%s on servers of %s that may be %s busy", plural(cpu.Median, "busy CPU"), count(is.CPUs), percent(is.Utilisation))
	add(byMemory, "%s on servers of %s that may be %s full", bytes(memory.Median), bytes(is.Memory), percent(is.Utilisation))
	if is.Connections > 0 {
		add(byConnections, "%s, at most %s on a server", plural(w.connected+w.posting, "connection"), count(is.Connections))
	}
	turn := stat(func(n need) float64 { return n.turn })
	what := "an event"
	if p.Burst > 1 {
		what = count(p.Burst) + " events at once"
	}
	text := fmt.Sprintf("%s to %s at %s µs each", what, plural(p.audience(), "client"), count(turn.Median))
	if own, as := stat(func(n need) float64 { return n.own }), w.charged(); as != nil {
		text += fmt.Sprintf(" (which is what %s %s; of its own it takes %s µs, but what comes later by its nature is not let win by a stricter need)",
			listed(as), verb(len(as), "takes", "take"), count(own.Median))
	}
	add(byLatency, "%s: %s of CPU time, for which each of a server's %s CPUs has %s", text,
		seconds(p.audience()*turn.Median/1e6), count(is.CPUs), lasting(w.window))
	return all
}

// charged are the transports as which it is charged in some block, instead of as
// itself.
func (w *weight) charged() (names []string) {
	for _, n := range w.blocks {
		if n.as != "" && !slices.Contains(names, n.as) {
			names = append(names, n.as)
		}
	}
	return names
}

// decided is what the answer hangs on.
func (m *Model) decided(all []weight, n int, ranking []Place, p *Profile, prices *Prices) Decision {
	var broken []string
	fit := 0
	for i, place := range ranking {
		if all[i].fits {
			fit++
			continue
		}
		for _, r := range place.Requirements {
			if !r.Met {
				broken = append(broken, place.Transport+": "+r.Text)
				break
			}
		}
	}
	if len(all) == 1 && fit == 1 {
		return Decision{By: "nothing", Text: "the run has no other transport"}
	}
	if fit < 2 {
		return Decision{By: "requirement", Text: strings.Join(broken, "; ")}
	}
	if n == fit {
		text := "between those that meet the requirements nothing decides: no difference of half a server can be shown"
		if prices != nil {
			text = "between those that meet the requirements nothing decides: no difference of what half a server costs can be shown"
		}
		text += power(all, n)
		if len(broken) > 0 {
			return Decision{By: "requirement", Text: strings.Join(broken, "; ") + "; " + text}
		}
		return Decision{By: "nothing", Text: text}
	}
	best, next := ranking[0].Predicted, ranking[n].Predicted
	if prices != nil {
		at := 0
		for post := range best.Posts {
			if next.Posts[post].Cost-best.Posts[post].Cost > next.Posts[at].Cost-best.Posts[at].Cost {
				at = post
			}
		}
		if at != forCPU && at != forMemory {
			return Decision{By: best.Posts[at].Price, Text: fmt.Sprintf("%s: %s pays %s %s a month for it, %s %s", best.Posts[at].Price,
				ranking[n].Transport, count(next.Posts[at].Cost), prices.Currency, ranking[0].Transport, count(best.Posts[at].Cost)) + power(all, n)}
		}
	}
	d := Decision{By: next.BoundBy}
	at := slices.IndexFunc(next.Bounds, func(b Bound) bool { return b.By == next.BoundBy })
	d.Text = fmt.Sprintf("%s: %s for %s (%s); %s for %s (%s)", next.BoundBy, plural(next.Bounds[at].Servers.Median, "server"), ranking[n].Transport, next.Bounds[at].Text,
		count(best.Bounds[at].Servers.Median), ranking[0].Transport, best.Bounds[at].Text)
	if next.BoundBy == boundNames[byCPU] {
		d.Term = largest(best, next)
		d.Text += fmt.Sprintf("; most of the difference is %s", m.spent(d.Term, ranking[0], ranking[n]))
	}
	d.Text += power(all, n)
	return d
}

// power says how small a difference between the winners could not have been shown:
// that none is, is no proof that there is none.
func power(all []weight, n int) string {
	var times float64
	for i := 1; i < n; i++ {
		if r := beside(&all[i].needs, &all[0].needs); r.Lo != nil && r.Hi != nil && *r.Lo > 0 {
			times = max(times, *r.Hi/r.Median, r.Median / *r.Lo)
		}
	}
	if !(times > 1.05) {
		return ""
	}
	return fmt.Sprintf("; of %s a difference of less than some %s× would not have been shown: blocks are as noisy as that, and terms miss by as much", listed(named(all, n)), count(times))
}

// largest is the term in which the second takes more CPU time than the first.
func largest(best, next *Prediction) string {
	var name string
	most := math.Inf(-1)
	for _, t := range next.Terms {
		if by := t.CPUs - termOf(best, t.Term).CPUs; by > most {
			name, most = t.Term, by
		}
	}
	return name
}

func termOf(p *Prediction, name string) Term {
	for _, t := range p.Terms {
		if t.Term == name {
			return t
		}
	}
	return Term{Term: name}
}

// spent words a term of two places.
func (m *Model) spent(term string, best, next Place) string {
	word := func(p Place) string {
		t := termOf(p.Predicted, term)
		if t.Amount == 0 {
			return p.Transport + " has none"
		}
		return fmt.Sprintf("%s has %s at %s µs", p.Transport, count(t.Amount), count(t.Each.Median))
	}
	return fmt.Sprintf("what each %s takes: %s, %s", term, word(next), word(best))
}

func percent(share float64) string { return count(100*share) + " %" }
