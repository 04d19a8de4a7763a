// Package resultstest makes up runs, for tests of what reads and shows them: the
// same numbers in every format, and no file that ends a program.
package resultstest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"pushbench/results"
	"pushbench/results/hdr"
)

// Tame draws a run such as a machine measures: of some transports, stacks and axes,
// with any of the parts that a trial can have.
func Tame(t *rapid.T) *results.Run { return maker{T: t}.run() }

// Wild draws a run such as somebody could write into a file: any text is a name,
// any number is a number, and nothing has to add up.
func Wild(t *rapid.T) *results.Run { return maker{T: t, wild: true}.run() }

// Sized is a run of that many rows with a trial each in that many blocks, every
// part of a trial in it: for benchmarks.
func Sized(rows, blocks int) *results.Run {
	m := maker{dice: rand.New(rand.NewPCG(1, 1)), parts: ^uint64(0) &^ (together | untimed | judged)}
	m.fill()
	run := m.frame()
	for block := range blocks {
		for i := range rows {
			cell := results.Cell{Transport: transports[i%len(transports)], Stack: "std"}
			if rows > len(transports) {
				cell.Axes = map[string]string{"clients": fmt.Sprint(100 * (1 + i/len(transports)))}
			}
			run.Trials = append(run.Trials, m.trial(cell, block, len(run.Trials)))
		}
	}
	run.Planned = len(run.Trials)
	return run
}

// Parts that a run and its trials may have.
const (
	wire uint64 = 1 << iota
	uplink
	recovery
	staleness
	fairness
	groups
	together
	series
	untimed
	judged // by the rules; else the verdicts are drawn
	load
	until
	costs
	capacity
	thresholds
	slo
	again
	machine
	baseline
	published
)

// A maker makes one run. What it consists of is drawn, so that a failing example
// shrinks; the many numbers come from dice, whose seed is.
type maker struct {
	*rapid.T
	wild  bool
	parts uint64
	dice  *rand.Rand
	pool  []*hdr.Histogram
}

func (m maker) has(part uint64) bool { return m.parts&part != 0 }

var transports = []string{"poll", "longpoll", "sse", "ws"}

func (m maker) run() *results.Run {
	m.parts = rapid.Uint64().Draw(m.T, "parts")
	m.dice = rand.New(rand.NewPCG(rapid.Uint64().Draw(m.T, "seed"), 0))
	if m.wild {
		m.parts &^= judged // such numbers would hardly ever be valid
	}
	m.fill()
	run := m.frame()
	cells := m.cells()
	blocks := rapid.IntRange(0, 8).Draw(m.T, "blocks")
	for block := range blocks {
		for _, cell := range cells {
			run.Trials = append(run.Trials, m.trial(cell, block, len(run.Trials)))
		}
	}
	run.Planned = len(run.Trials)
	if m.wild {
		run.Planned = int(m.amount())
	}
	m.conclude(run, cells)
	return run
}

// most is how many cells a run has, beside one that is measured again: tests shall
// see many runs, not many rows.
const most = 6

// cells are what is measured: every transport on every stack at every point.
func (m maker) cells() (cells []results.Cell) {
	names := rapid.Permutation(transports).Draw(m.T, "transports")[:rapid.IntRange(1, len(transports)).Draw(m.T, "count")]
	if m.wild {
		for i := range names {
			names[i] = m.name("transport") + string(rune('a'+i)) // no two are the same, and none is empty
		}
	}
	stacks := []string{"std", "lean"}[:rapid.IntRange(1, 2).Draw(m.T, "stacks")]
	axis, values := "clients", []string{"10", "100", "1000"}
	if m.wild {
		axis, values = m.name("axis"), []string{m.name("value") + "1", m.name("value") + "2", ""}
	}
	values = values[:rapid.IntRange(0, 3).Draw(m.T, "values")]
	for _, transport := range names {
		for _, stack := range stacks {
			cell := results.Cell{Transport: transport, Stack: stack}
			if len(values) == 0 {
				cells = append(cells, cell)
			}
			for _, value := range values {
				cell.Axes = map[string]string{axis: value}
				cells = append(cells, cell)
			}
		}
	}
	cells = cells[:min(len(cells), most)]
	if m.has(baseline) && !m.wild {
		cells = append(cells, results.Cell{Transport: results.Baseline, Stack: "lean", Axes: cells[0].Axes})
	}
	if m.has(again) {
		second := cells[0]
		second.Arm = results.Again
		cells = append(cells, second)
	}
	return cells
}

// frame is a run without trials.
func (m maker) frame() *results.Run {
	run := &results.Run{
		Schema: results.Schema, Scenario: "drawn", Executed: json.RawMessage(`{}`), Seed: m.dice.Uint64(), Engine: "loop",
		Command: []string{"pushbench", "run", "drawn"}, Repeat: "pushbench run ./drawn.json",
		Started: time.Date(2026, 11, 21, 10, 20, 30, m.dice.IntN(1e9), time.UTC), Status: results.Complete,
	}
	if m.has(load) {
		run.Executed = json.RawMessage(`{"clients":1000,"topics":"broadcast","schedule":{"kind":"burst","rate":"10/s"},"payload":{"size":"64B"},` +
			`"uplink":{"rate":"1/s","size":"32B"},"poll":{"interval":"1s"},"value":"latest","rotate":true,"duration":"2s","trials":6}`)
	}
	if m.has(machine) {
		run.Machine = results.Machine{OS: "linux/amd64", CPU: "A Processor", CPUs: 2, Go: "go1.26.8", Version: "v0.5.0",
			ServerCPUs: []int{0}, GeneratorCPUs: []int{1, 2}, Warnings: []string{"the load was 3.00"}}
	}
	if m.wild {
		run.Scenario, run.Repeat, run.Engine = m.name("scenario"), m.name("repeat"), m.name("engine")
		run.Command = []string{m.name("command")}
		run.Status = rapid.SampledFrom([]results.Status{results.Running, results.Complete, results.Interrupted, results.Failed, "", "\x1b[2J"}).Draw(m.T, "status")
		run.Machine.CPU, run.Machine.Version, run.Machine.OS = m.name("CPU"), m.name("version"), m.name("OS")
		run.Machine.Warnings = []string{m.name("warning")}
		run.Executed = rapid.SampledFrom([]json.RawMessage{run.Executed, json.RawMessage(`[]`), json.RawMessage(`{"clients":-1}`), json.RawMessage(`{"axes":{"a":["b"]},"clients":1}`)}).Draw(m.T, "executed")
	}
	return run
}
