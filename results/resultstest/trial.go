package resultstest

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/hdr"
)

func (m maker) trial(cell results.Cell, block, order int) results.Trial {
	clients := 100
	if n, err := strconv.Atoi(cell.Axes["clients"]); err == nil {
		clients = n
	}
	if m.wild {
		clients = int(m.amount())
	}
	t := results.Trial{
		Cell: cell, Block: block, Order: order, Clients: clients, Measured: m.length(), Untimed: m.has(untimed),
		Started: time.Date(2026, 11, 21, 10, 20, 30+order, 0, time.UTC),
		Events: results.Accounting{Published: 20 + m.amount(), Owed: m.amount(), Delivered: m.amount(), Lost: m.reasons(results.LostGap, results.LostEpoch, results.LostDisconnected),
			InFlight: m.amount() / 1000, Duplicated: m.amount() / 1000, Reordered: m.amount() / 1000, Gaps: m.amount(), Intended: m.some(), InTime: m.amount()},
		Traffic: results.Traffic{Delivered: m.some(), Requests: m.amount(), Opened: m.amount(), Closed: m.reasons("left", "reset by peer"), PayloadBytes: m.amount(),
			DownBytes: m.amount(), UpBytes: m.amount(), Writes: m.amount()},
		Usage:      m.usage(),
		Histograms: map[string]*hdr.Histogram{},
	}
	if !t.Untimed {
		for _, name := range []string{results.Latency, results.Delivery, results.Lag, results.Fanout, results.Spread, results.GeneratorDelay, results.GeneratorJitter} {
			t.Histograms[name] = m.histogram()
		}
	}
	t.Histograms[results.Connect] = m.histogram()
	if m.has(wire) {
		t.Wire = &results.Wire{SegmentsDown: m.amount(), SegmentsUp: m.amount(), Retransmitted: m.amount(), Everyone: m.amount(), Probes: m.amount()}
	}
	if m.has(uplink) {
		t.Traffic.Said = m.some()
		t.Uplink = results.Uplink{Requests: m.amount(), Opened: m.amount(), UpBytes: m.amount(), DownBytes: m.amount()}
		t.Histograms[results.UplinkTime] = m.histogram()
	}
	if m.has(recovery) {
		t.Recovery = &results.Recovery{Faults: m.faults()}
	}
	if m.has(staleness) {
		t.Staleness = &results.Staleness{Mean: m.length(), Max: m.length(), Ramps: m.amount()}
		t.Histograms[results.Stale] = m.histogram()
	}
	if m.has(fairness) {
		t.Fairness = &results.Fairness{Share: m.share(), Correlation: m.share(), Fastest: m.length(), Slowest: m.length()}
		for i := range t.Fairness.Tenths {
			t.Fairness.Tenths[i] = m.length()
		}
	}
	if m.has(groups) {
		m.group(&t)
	}
	if m.has(together) {
		t.Together = &results.Together{Transports: transports, Clients: 4 * clients, Delivered: m.some()}
	}
	if m.has(series) {
		t.Series = results.Series{Every: m.length()}
		for range m.dice.IntN(20) {
			t.Series.Slices = append(t.Series.Slices, results.Slice{Delivered: m.amount(), Timed: m.amount(), P50: m.length(), P99: m.length(), Due: m.amount(), Mean: m.length(),
				ServerCPU: m.length(), GeneratorCPU: m.length()})
		}
	}
	m.judge(&t)
	return t
}

func (m maker) usage() results.Usage {
	memory := func() results.Memory {
		return results.Memory{Heap: m.some(), Stacks: m.amount(), Runtime: m.amount(), Sockets: m.amount(), Conns: m.some(), Kernel: m.amount()}
	}
	runtime := func() results.Runtime {
		return results.Runtime{Collections: m.some(), PauseMax: m.length(), PauseTotal: m.length(), SchedP99: m.length(), SchedMax: m.length()}
	}
	return results.Usage{
		Server: runtime(), Generator: runtime(),
		ServerCPU: m.length(), GeneratorCPU: m.length(), Wall: m.length(), ServerIdleRSS: m.amount(), ServerFullRSS: m.some(), ServerPeakRSS: m.amount(), GeneratorRSS: m.amount(),
		ServerBusy: m.share(), GeneratorBusy: m.share(), ServerProcs: 1, GeneratorProcs: 1, ServerIdle: memory(), ServerFull: memory(), ServerEnd: memory(),
	}
}

func (m maker) faults() (all []results.Fault) {
	for range 1 + m.dice.IntN(2) {
		back := m.histogram()
		f := results.Fault{Kind: "reset", Spec: "reset 50% at 1s", At: m.length(), Closed: m.amount(), Ended: m.reasons("reset by peer"), Cut: back.Count(),
			Restored: back.Count(), Back: back, Refused: m.amount(), Busiest: m.share(), Overflows: m.amount()}
		if m.dice.IntN(20) == 0 {
			f.Cut++
		}
		if m.dice.IntN(2) == 0 {
			f.Kind, f.Spec, f.Down, f.Queue = "restart", "restart at 3s for 500ms", m.length(), new(m.amount())
		}
		for range m.dice.IntN(30) {
			f.Attempts = append(f.Attempts, m.amount())
		}
		if m.wild {
			f.Kind, f.Spec, f.Cut, f.Restored = m.name("kind"), m.name("spec"), m.amount(), m.amount()
		}
		all = append(all, f)
	}
	return all
}

// group gives the trial clients that are not like the others.
func (m maker) group(t *results.Trial) {
	n := int(m.amount() % 1000)
	t.Groups = map[string]results.Group{}
	for _, g := range []struct {
		name       string
		histograms []string
	}{
		{results.GroupSlow, []string{results.LatencySlow, results.FoundSlow}},
		{results.GroupVanished, []string{results.LatencyVanished, results.FoundVanished}},
		{results.GroupLeaving, []string{results.LatencyAway, results.Catchup}},
	} {
		t.Groups[g.name] = results.Group{Clients: 1 + n, Owed: m.amount(), Delivered: m.amount(), Lost: m.reasons(results.LostGap), Stalled: n, Found: n / 2,
			Returned: m.amount(), Current: m.amount()}
		for _, h := range g.histograms {
			t.Histograms[h] = m.histogram()
		}
	}
}

// judge gives the trial a verdict: that of the rules, or one that the dice say,
// mostly that it is valid.
func (m maker) judge(t *results.Trial) {
	if m.has(judged) {
		t.Judge(nil)
		return
	}
	t.Verdict.State = results.Valid
	if m.dice.IntN(6) > 0 {
		return
	}
	r := results.Reason{Code: "generator-cpu", State: results.Invalid, Text: "the generator used 93 % of its CPUs", Hint: "lower --clients"}
	if m.dice.IntN(2) == 0 {
		r = results.Reason{Code: "source-lag", State: results.Suspect, Text: "one of 17 events was published 2.35 ms late", Hint: "look at what else runs here"}
	}
	if m.wild {
		r = results.Reason{Code: m.name("code"), State: rapid.SampledFrom([]results.State{r.State, "", "\x1b[1m"}).Draw(m.T, "state"), Text: m.name("text"), Hint: m.name("hint")}
	}
	t.Verdict = results.Verdict{State: r.State, Reasons: []results.Reason{r}}
}

// conclude adds what is said of several trials together.
func (m maker) conclude(run *results.Run, cells []results.Cell) {
	text := func(of, tame string) string {
		if m.wild {
			return m.name(of)
		}
		return tame
	}
	if m.has(until) {
		run.Until = &results.Until{Width: m.share(), MaxTime: m.length(), Reached: m.share(), Ratio: text("ratio", "latency p99 of sse to ws"), Ended: results.UntilWidth}
	}
	judgments := func() (all []results.Judgment) {
		for _, cell := range cells {
			j := results.Judgment{Expr: text("expression", "latency_p99 < 50ms"), Cell: cell, Unit: text("unit", "ms"), Passed: m.dice.IntN(2) == 0}
			if m.dice.IntN(4) > 0 {
				j.Value = new(m.share())
			}
			if !j.Passed {
				j.Why = text("why", "the median of 6")
			}
			all = append(all, j)
		}
		return all
	}
	if m.has(thresholds) {
		run.Thresholds = judgments()
	}
	if m.has(slo) {
		run.SLO = judgments()
	}
	if m.has(published) {
		m.publish(run, cells)
	}
	for _, cell := range cells[:1+len(cells)/2] {
		if m.has(costs) {
			coefficient := func(name, unit string) results.Coefficient {
				n := m.shares(3)
				return results.Coefficient{Name: name, Unit: unit, Median: *n[0], Lo: n[1], Hi: n[2]}
			}
			run.Costs = append(run.Costs, results.Cost{Transport: cell.Transport, Stack: cell.Stack, CPUMisfit: m.share(), MemoryMisfit: m.share(),
				CPU:    []results.Coefficient{coefficient("base", "µs/s"), coefficient("delivery", "µs")},
				Memory: []results.Coefficient{coefficient(text("coefficient", "heap"), "B")}, Notes: []string{text("note", "requests come with deliveries")}})
		}
		if m.has(capacity) {
			n := m.shares(3)
			run.Capacity = append(run.Capacity, results.Capacity{Transport: cell.Transport, Stack: cell.Stack, Key: text("key", "clients") + "k", Unit: text("unit of key", ""),
				Value: n[0], Lo: n[1], Hi: n[2], AtLeast: m.dice.IntN(2) == 0, Broke: text("broke", results.BrokeServerCPU), Why: text("why it broke", "it did"),
				SLO: []string{"latency_p99 < 100ms"}, Ended: results.EndedKnee, Probes: []results.Probe{{At: *n[0], Axis: cell.Axes["clients"], Held: 1, Failed: m.dice.IntN(9)}}})
		}
	}
}
