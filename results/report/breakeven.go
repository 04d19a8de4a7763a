package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/chart"
	"pushbench/results/report/page"
)

// A demand is what a cell had a server do, in medians over its valid trials.
type demand struct {
	compare.Row
	clients              float64
	deliveries, requests float64 // per second
	cpu                  float64 // µs/s, as measured
}

// demandsOf are those of the ranked rows, of which the run knows the cost.
func demandsOf(run *results.Run, rows []compare.Row) (all []demand) {
	for _, r := range rows {
		if !r.Ranked || r.Arm != "" {
			continue
		}
		var clients, deliveries, requests, cpu []float64
		for _, t := range compare.Valid(run, r.Cell) {
			seconds, wall := t.Measured.Seconds(), t.Usage.Wall.Seconds()
			if !(seconds > 0 && wall > 0 && t.Clients > 0) || t.Together != nil {
				continue
			}
			clients = append(clients, float64(t.Clients))
			deliveries = append(deliveries, float64(t.Traffic.Delivered)/seconds)
			requests = append(requests, float64(t.Traffic.Requests)/seconds)
			cpu = append(cpu, float64(t.Usage.ServerCPU.Microseconds())/wall)
		}
		d := demand{Row: r}
		if n, some := medianOf(clients); some {
			d.clients = n
			d.deliveries, _ = medianOf(deliveries)
			d.requests, _ = medianOf(requests)
			d.cpu, _ = medianOf(cpu)
			all = append(all, d)
		}
	}
	return all
}

// costOf is the cost of a row's server, if it is among these, and nothing is in it
// that a demand does not tell.
func costOf(costs []results.Cost, r compare.Row) (results.Cost, bool) {
	other := func(one results.Coefficient) bool {
		return !slices.ContainsFunc(causes, func(c cause) bool { return c.term == one.Name })
	}
	for _, c := range costs {
		if c.Transport == r.Transport && c.Stack == r.Stack && len(c.CPU) > 0 {
			return c, !slices.ContainsFunc(c.CPU, other)
		}
	}
	return results.Cost{}, false
}

// A cause is a term of a server's CPU with what it is multiplied by.
type cause struct {
	term, name string
	times      func(demand) float64
}

var causes = []cause{
	{"base", "being there", func(demand) float64 { return 1 }},
	{"client", "clients", func(d demand) float64 { return d.clients }},
	{"delivery", "deliveries", func(d demand) float64 { return d.deliveries }},
	{"request", "requests", func(d demand) float64 { return d.requests }},
}

// cpuAt is what the cost says of a demand, in µs/s.
func cpuAt(c results.Cost, d demand) (sum float64) {
	for _, cause := range causes {
		sum += termOf(c, cause.term) * cause.times(d)
	}
	return sum
}

func termOf(c results.Cost, name string) float64 {
	for _, one := range c.CPU {
		if one.Name == name {
			return one.Median
		}
	}
	return 0 // the run has nothing of it, or another term holds it
}

// costFigures draw what a server's CPU went to, at the load at which each took the
// most.
func costFigures(run *results.Run, rows []compare.Row) []page.Figure {
	picture := chart.Bars{Title: "Server CPU by cause", Axis: chart.Axis{Title: "% of a CPU"}}
	busiest := map[string]demand{}
	var order []string
	for _, d := range demandsOf(run, rows) {
		if _, known := costOf(run.Costs, d.Row); !known {
			continue
		}
		name := d.Transport + "/" + d.Stack
		if _, seen := busiest[name]; !seen {
			order = append(order, name)
		}
		if d.cpu >= busiest[name].cpu {
			busiest[name] = d
		}
	}
	const perPercent = 1e4 // µs/s
	var words []string
	for _, name := range order {
		d := busiest[name]
		cost, _ := costOf(run.Costs, d.Row)
		bar := chart.Bar{Name: printable(compare.Label(d.Cell, rows)), Note: number(rounded(cpuAt(cost, d)/perPercent)) + " %, measured " + number(rounded(d.cpu/perPercent))}
		for _, cause := range causes {
			v := termOf(cost, cause.term) * cause.times(d) / perPercent
			bar.Parts = append(bar.Parts, chart.Part{Name: cause.name, Value: v, Note: fmt.Sprintf("%s: %s %% of a CPU for %s", bar.Name, number(rounded(v)), cause.name)})
		}
		picture.Bars = append(picture.Bars, bar)
		words = append(words, bar.Name+" "+bar.Note)
	}
	picture.Text = picture.Title + ": " + strings.Join(words, "; ")
	drawn, ok := picture.Draw()
	return figure(drawn, ok, "By the costs in the tables, each at the load at which it took the most. What is below zero within its interval is not drawn.", nil)
}

// A tariff is the CPU of one kind of client, as far as the run tells it.
type tariff struct {
	name  string
	row   compare.Row
	cost  results.Cost
	rates []float64 // events a client receives in a second, in order
	asks  []float64 // requests that a client makes then
	n     float64   // clients
	// blocks are what the cost was in each block of the run that tells it.
	blocks map[int]results.Cost
}

// at is the CPU per client in µs/s at a rate.
func (t tariff) at(rate float64) float64 { return t.by(t.cost, rate) }

// by is the same by another cost; requests between two loads are on the line between
// them.
func (t tariff) by(cost results.Cost, rate float64) float64 {
	i := 1
	for i < len(t.rates)-1 && t.rates[i] < rate {
		i++
	}
	share := (rate - t.rates[i-1]) / (t.rates[i] - t.rates[i-1])
	asks := t.asks[i-1] + share*(t.asks[i]-t.asks[i-1])
	return cpuAt(cost, demand{clients: t.n, deliveries: t.n * rate, requests: t.n * asks}) / t.n
}

// rising puts the rates in order, and says whether there are two and all differ.
func (t tariff) rising() bool {
	type load struct{ rate, asks float64 }
	var loads []load
	for i := range t.rates {
		loads = append(loads, load{t.rates[i], t.asks[i]})
	}
	slices.SortFunc(loads, func(a, b load) int { return cmp.Compare(a.rate, b.rate) })
	for i, l := range loads {
		if t.rates[i], t.asks[i] = l.rate, l.asks; i > 0 && l.rate <= t.rates[i-1] {
			return false
		}
	}
	return len(loads) > 1
}

// tariffs are those of a run with costs, at its largest number of clients.
func tariffs(run *results.Run, rows []compare.Row) (all []tariff) {
	loads := demandsOf(run, rows)
	most := 0.0
	for _, d := range loads {
		most = max(most, d.clients)
	}
	for _, d := range loads {
		cost, known := costOf(run.Costs, d.Row)
		if !known || d.clients != most {
			continue
		}
		kind := d.Row
		kind.Axes = maps.Clone(d.Axes)
		delete(kind.Axes, "schedule.rate")
		at := slices.IndexFunc(all, func(t tariff) bool {
			return t.row.Transport == kind.Transport && t.row.Stack == kind.Stack && maps.Equal(t.row.Axes, kind.Axes)
		})
		if at < 0 {
			at = len(all)
			all = append(all, tariff{row: kind, cost: cost, n: most})
		}
		t := &all[at]
		t.rates, t.asks = append(t.rates, d.deliveries/most), append(t.asks, d.requests/most)
	}
	all = slices.DeleteFunc(all, func(t tariff) bool { return !t.rising() })
	var named []compare.Row
	for _, t := range all {
		named = append(named, t.row)
	}
	name := namesOf(named)
	blocks := compare.CostsByBlock(run)
	for i := range all {
		t := &all[i]
		t.name, t.blocks = name(t.row.Cell), map[int]results.Cost{}
		for block, costs := range blocks {
			if cost, known := costOf(costs, t.row); known {
				t.blocks[block] = cost
			}
		}
	}
	return all
}

// breakEvenFigures draw the CPU of a client over the rate at which it receives, and
// say where two transports cost the same.
func breakEvenFigures(run *results.Run, rows []compare.Row) []page.Figure {
	all := tariffs(run, rows)
	if len(all) < 2 {
		return nil
	}
	picture := chart.Lines{Title: "Where two cost the same CPU", X: chart.Axis{Title: "events per client and second"}, Y: chart.Axis{Title: "server CPU, µs per client and second"}}
	var transports []string
	for _, t := range all {
		transports = append(transports, t.row.Transport)
	}
	inks := chart.Distinct(transports)
	for i, t := range all {
		line := chart.Line{Name: t.name, Ink: inks[i]}
		const steps = 24
		lo, hi := t.rates[0], t.rates[len(t.rates)-1]
		for k := range steps + 1 {
			rate := lo + (hi-lo)*float64(k)/steps
			p := chart.Point{X: rate, Y: t.at(rate)}
			if k%6 == 0 {
				p.Note = fmt.Sprintf("%s at %s events/s: %s µs", t.name, number(rounded(rate)), number(rounded(p.Y)))
			}
			line.Points = append(line.Points, p)
		}
		picture.Lines = append(picture.Lines, line)
	}
	var words []string
	for _, c := range crossings(all) {
		words = append(words, c.text)
		if len(picture.Marks) < 4 {
			picture.Marks = append(picture.Marks, chart.Mark{Name: number(rounded(c.rate)), At: c.rate})
		}
	}
	note := fmt.Sprintf("By the medians of the costs, at %s clients and within the measured rates; 95 %% intervals of where two cost the same are over the blocks. ", number(all[0].n))
	if len(words) == 0 {
		note += "No two cost the same within these."
	} else {
		note += strings.Join(words, "; ") + "."
	}
	picture.Text = picture.Title + ". " + note
	drawn, ok := picture.Draw()
	return figure(drawn, ok, note, nil)
}
