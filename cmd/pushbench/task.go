package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/scenarios"
)

// A task is what a run is to do: a scenario, and what is not a load's but how
// it is measured.
type task struct {
	scenario *scenarios.Scenario
	engine   string
	again    string         // compared with itself; "" for none
	until    *results.Until // nil for a fixed number of blocks
}

// load finds a scenario by name or reads it from a file: whatever looks like a
// path is one. A run file is a task as it was executed.
func load(name string) (task, error) {
	ending := filepath.Ext(name)
	if ending == ".json" {
		t, err := executed(name)
		if err != nil {
			return task{}, &exitError{exitScenario, err}
		}
		return t, nil
	}
	t := task{engine: defaultEngine}
	var err error
	if strings.ContainsAny(name, `/\`) || ending == ".yaml" || ending == ".yml" {
		if t.scenario, err = scenarios.Read(name); err != nil {
			return task{}, &exitError{exitScenario, err}
		}
		return t, nil
	}
	if t.scenario, err = scenarios.Load(name); err != nil {
		return task{}, &exitError{exitUsage, err}
	}
	return t, nil
}

// executed is the task of a run file.
func executed(file string) (task, error) {
	run, err := results.Load(file)
	if err != nil {
		return task{}, err
	}
	t := task{scenario: scenarios.Default(), engine: run.Engine, again: run.Again}
	if t.engine == "" { // older files do not say
		t.engine = defaultEngine
	}
	if u := run.Until; u != nil {
		t.until = &results.Until{Width: u.Width, MaxTime: u.MaxTime}
	}
	// What this program does not know of a scenario it would silently leave out.
	strict := json.NewDecoder(bytes.NewReader(run.Executed))
	strict.DisallowUnknownFields()
	if err := strict.Decode(t.scenario); err != nil {
		return task{}, fmt.Errorf("repeat %s: its scenario is of another version of pushbench: %w", file, err)
	}
	if err := t.scenario.Validate(); err != nil {
		return task{}, fmt.Errorf("repeat %s: %w", file, err)
	}
	return t, nil
}

// What --aa has without a value, and what takes back that of a run file.
const (
	anyTransport = "any"
	off          = "off"
)

// apply changes the task by the flags that were given, and checks it. The notes
// say what a flag could not have as it was asked for.
func (f runFlags) apply(flags *pflag.FlagSet, t *task) (notes []string, err error) {
	if flags.Changed("engine") {
		t.engine = f.engine
	}
	source := "--aa"
	switch {
	case flags.Changed("aa") && f.again == off:
		t.again = ""
	case flags.Changed("aa"):
		t.again = f.again
	default:
		source = "the run file has --aa=" + t.again + " (leave it out with --aa=off)"
	}
	among := t.scenario.Transports
	switch {
	case t.again == anyTransport && slices.Contains(among, "sse"):
		t.again = "sse"
	case t.again == anyTransport:
		t.again = among[0]
	case t.again != "" && !slices.Contains(among, t.again):
		return nil, usage("%s: %q is not among the transports to compare (%s)", source, t.again, strings.Join(among, ", "))
	}
	if t.scenario.Together && t.again != "" {
		return nil, usage("%s: with together every transport runs once in each block, beside the others: leave out one of the two", source)
	}
	searching := t.scenario.Search.Key != ""
	switch {
	case searching && t.again != "":
		return nil, usage("%s: a search measures no transport twice: leave out one of them, as with --search off", source)
	case searching && (t.until != nil || flags.Changed("until")) && !(flags.Changed("until") && f.until == 0):
		return nil, usage("--until: a search ends by itself: leave out one of them, as with --search off")
	}
	switch {
	case flags.Changed("until") && f.until == 0:
		t.until = nil
	case flags.Changed("until"):
		t.until = &results.Until{Width: float64(f.until), MaxTime: f.maxTime.Duration()}
	}
	switch {
	case t.until == nil && flags.Changed("max-time"):
		return nil, usage("--max-time bounds --until: say how narrow the interval shall be, as in --until 3%%")
	case t.until == nil:
		return nil, nil
	case len(among)*len(t.scenario.Built()) < 2 && t.again == "":
		return nil, usage("--until needs two transports to compare, or --aa to compare one with itself")
	}
	if flags.Changed("max-time") {
		t.until.MaxTime = f.maxTime.Duration()
	}
	if t.scenario.Trials < compare.MinTrials {
		if flags.Changed("trials") {
			notes = append(notes, fmt.Sprintf("--until has no interval to look at before %d blocks: --trials %d is raised to that", compare.MinTrials, t.scenario.Trials))
		}
		t.scenario.Trials = compare.MinTrials
	}
	return notes, nil
}

// repeat is the command that repeats a run from its file, in the folder of it.
func repeat(file string) string {
	var words []string
	environment := results.ReadFacts().Environment
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		words = append(words, name+"="+quoted(environment[name]))
	}
	return strings.Join(append(words, "pushbench", "run", quoted("./"+filepath.Base(file))), " ")
}

// quoted is the word as a shell reads it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r < 0x80 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+-%@", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// A percent is a share as a flag writes it: "3%".
type percent float64

// maxPercent is where a width says nothing more.
const maxPercent = 1000

// Set reads a share; zero, and the word off, are none.
func (p *percent) Set(text string) error {
	if text == off {
		*p = 0
		return nil
	}
	number, found := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(value >= 0) || value > maxPercent {
		return fmt.Errorf("%q is not a width: want one such as 3%%, at most %d%%, or off", text, maxPercent)
	}
	*p = percent(value / 100)
	return nil
}

// String is the share as Set reads it; "" when there is none.
func (p percent) String() string {
	if p == 0 {
		return ""
	}
	return strconv.FormatFloat(100*float64(p), 'g', -1, 64) + "%"
}

// Type names the value in help.
func (p *percent) Type() string { return "percent" }
