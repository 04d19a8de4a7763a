package resultstest

import (
	"encoding/json"

	"pgregory.net/rapid"

	"pushbench/results"
)

// publish adds to the scenario what others are said to have published of it: figures
// of the run's own rows and of none, some of them derived, and two of the same.
func (m maker) publish(run *results.Run, cells []results.Cell) {
	var executed map[string]any
	if json.Unmarshal(run.Executed, &executed) != nil {
		return // a scenario of another shape
	}
	text := func(of, tame string) string {
		if m.wild {
			return m.name(of)
		}
		return tame
	}
	var all []results.Publication
	for i := range 1 + m.dice.IntN(3) {
		p := results.Publication{Source: text("source", "Somebody 2015"), Differs: text("differs", "another machine,\nand another year"),
			Metric: "down_bytes_per_event", Unit: "B"}
		if m.wild {
			p.Metric, p.Unit = rapid.SampledFrom([]string{p.Metric, "colour", m.name("metric")}).Draw(m.T, "published metric"), m.name("unit of metric")
		}
		if m.dice.IntN(2) == 0 {
			p.Derived = text("derived", "the sum of\ntwo")
		}
		if i == 1 {
			p.Unit = "ratio"
		}
		for _, cell := range cells[:1+m.dice.IntN(len(cells))] {
			f := results.Figure{Transport: cell.Transport, At: cell.Axes, Value: m.share()}
			if i == 1 {
				f.Over = cells[len(cells)-1].Transport
			}
			if m.dice.IntN(6) == 0 {
				f.At = map[string]string{text("axis of a figure", "clients"): text("value of an axis", "7")}
			}
			p.Figures = append(p.Figures, f)
		}
		all = append(all, p)
	}
	executed["published"] = all
	whole, err := json.Marshal(executed)
	if err != nil { // of a number that JSON has none for
		panic(err)
	}
	run.Executed = whole
}
