package change

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
)

// A Mismatch is something that two runs were not executed alike in.
type Mismatch struct {
	Kind Kind   `json:"kind"`
	Key  string `json:"key"`
	Old  string `json:"old"` // "" where it was not set
	New  string `json:"new"`
}

// Kind is what a mismatch is of.
type Kind string

const (
	// Load: another load, or other clients, so that numbers of the same name mean
	// something else.
	Load    Kind = "load"
	Machine Kind = "machine" // its numbers are another machine's
	Program Kind = "program" // most often the reason for the comparison
	Scope   Kind = "scope"   // what was measured of the load, and what was excused
)

// Parts of a scenario by what a difference in them does; what is in none of these
// is the load.
var (
	// words and repetition change no number's meaning.
	words      = []string{"name", "title", "group", "question", "about", "measured", "published"}
	repetition = []string{"trials", "spares", "seed", "thresholds", "slo"}
	scope      = []string{"transports", "axes", "cross", "search", "expects"}
)

// mismatches are what the runs differ in, the load first.
func mismatches(old, now *results.Run) []Mismatch {
	all := loads(old, now)
	add := func(kind Kind, key, before, after string) {
		if before != after {
			all = append(all, Mismatch{kind, key, before, after})
		}
	}
	if old.Engine != "" && now.Engine != "" { // which older files do not say
		add(Load, "engine", old.Engine, now.Engine)
	}
	a, b := old.Machine, now.Machine
	add(Machine, "os", a.OS, b.OS)
	add(Machine, "kernel", a.Kernel, b.Kernel)
	add(Machine, "cpu", a.CPU, b.CPU)
	add(Machine, "cpus", fmt.Sprint(a.CPUs), fmt.Sprint(b.CPUs))
	add(Machine, "memory", gibibytes(a.MemoryBytes), gibibytes(b.MemoryBytes))
	add(Machine, "server_cpus", list(a.ServerCPUs), list(b.ServerCPUs))
	add(Machine, "generator_cpus", list(a.GeneratorCPUs), list(b.GeneratorCPUs))
	for _, key := range union(a.Limits, b.Limits) {
		if !slices.Contains(results.Passing, key) {
			add(Machine, key, a.Limits[key], b.Limits[key])
		}
	}
	add(Program, "go", a.Go, b.Go)
	add(Program, "version", a.Version, b.Version)
	add(Program, "binary", short(a.Binary), short(b.Binary))
	for _, library := range union(a.Libraries, b.Libraries) {
		add(Program, library, a.Libraries[library], b.Libraries[library])
	}
	return all
}

// loads are what the scenarios as executed differ in.
func loads(old, now *results.Run) (all []Mismatch) {
	before, readable := keys(old.Executed)
	after, also := keys(now.Executed)
	if !readable || !also {
		if bytes.Equal(old.Executed, now.Executed) {
			return nil
		}
		return []Mismatch{{Load, "scenario", told(readable), told(also)}}
	}
	searches := len(old.Capacity) > 0 && len(now.Capacity) > 0
	together := before["together"] == "true" || after["together"] == "true"
	for _, key := range union(before, after) {
		group, _, _ := strings.Cut(key, ".")
		kind := Load
		switch {
		case before[key] == after[key]:
			continue
		case group == "slo" && searches: // it says what is searched for
		case group == "transports" && together: // they share a server
		case slices.Contains(words, group) || slices.Contains(repetition, group):
			continue
		case slices.Contains(scope, group):
			kind = Scope
		case varied(key, before) && varied(key, after): // rows are told apart by it
			continue
		}
		all = append(all, Mismatch{kind, key, before[key], after[key]})
	}
	slices.SortStableFunc(all, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	return all
}

// varied says whether a scenario goes through values of the key.
func varied(key string, s map[string]string) bool {
	_, axis := s["axes."+key]
	return axis || s["search.key"] == key
}

// keys are a scenario's values by the keys of its file: "schedule.rate". It is false
// of what is no scenario.
func keys(executed json.RawMessage) (map[string]string, bool) {
	in := json.NewDecoder(bytes.NewReader(executed))
	in.UseNumber()
	var s map[string]any
	if in.Decode(&s) != nil || s == nil {
		return nil, false
	}
	all := map[string]string{}
	flatten("", s, all)
	return all, true
}

// flatten writes the values below a prefix into all.
func flatten(prefix string, value any, all map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			flatten(strings.TrimPrefix(prefix+"."+key, "."), below, all)
		}
	case []any:
		var texts []string
		for _, one := range v {
			texts = append(texts, fmt.Sprint(one))
		}
		all[prefix] = strings.Join(texts, ", ")
	case nil:
	default:
		all[prefix] = fmt.Sprint(v)
	}
}

// union are the keys of both in alphabetical order.
func union(a, b map[string]string) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// told words that a scenario is there or not.
func told(readable bool) string {
	if readable {
		return "recorded"
	}
	return ""
}

func gibibytes(n uint64) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }

func list(cpus []int) string { return strings.Trim(fmt.Sprint(cpus), "[]") }

// short is a digest as far as it takes to tell programs apart.
func short(digest string) string { return digest[:min(12, len(digest))] }

// Differ says whether the runs differ in something of that kind.
func (c *Changes) Differ(kind Kind) bool {
	return slices.ContainsFunc(c.Mismatches, func(m Mismatch) bool { return m.Kind == kind })
}

// Notes say what else a reader must know of the two runs.
func (c *Changes) Notes() (notes []string) {
	for _, side := range []struct {
		name string
		run  *results.Run
	}{{"old", c.Old.Run}, {"new", c.New.Run}} {
		if !ended(side.run) {
			notes = append(notes, fmt.Sprintf("the %s run was not finished: it is %s after %d of %d trials", side.name, side.run.Status, len(side.run.Trials), side.run.Planned))
		}
	}
	switch old, now := c.Old, c.New; {
	case old.Started.Equal(now.Started) && old.Seed == now.Seed && len(old.Trials) == len(now.Trials) && !old.Started.IsZero():
		notes = append(notes, "both are the same run")
	case now.Started.Before(old.Started):
		notes = append(notes, "the new run is older than the old one: were they meant the other way round?")
	case old.Machine.Binary != "" && !c.Differ(Load) && !c.Differ(Machine) && !c.Differ(Program):
		notes = append(notes, "the same program under the same load on the same machine: what differs is the noise between two runs")
	}
	return notes
}

// ended says whether a run came to its end; older files do not say.
func ended(run *results.Run) bool { return run.Status == results.Complete || run.Status == "" }
