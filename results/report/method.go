package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
	"pushbench/results/report/page"
)

// methods say how numbers came about, in the order in which a reader doubts them.
var methods = page.Facts{
	{Name: "Latency", Value: "From the instant at which an event was due until the client's read that completed it had returned: what a stalled server delays counts. Received less published is kept apart."},
	{Name: "Trials", Value: "In a block every row is measured once, in random order drawn from the seed, each time by a fresh server in a process of its own. A percentile is taken in each trial; what is compared are trials, not the deliveries in them, which share their fate."},
	{Name: "Numbers", Value: "Medians over the valid trials of a row with their exact 95 % intervals, which assume no distribution and need six. A percentile is told from 10 samples beyond it in a trial and 30 distinct events in the row."},
	{Name: "Differences", Value: "Rows are compared by their ratio block by block: where the interval of the median ratio holds 1, no difference is shown. That is all that was found, and does not say that there is none."},
	{Name: "Verdicts", Value: "Each trial is valid, suspect or invalid, by one table of rules. A row is ranked when two thirds of its trials are valid, and its numbers are of those. A server at its limit is a finding; a generator at its limit makes a trial invalid."},
	{Name: "Accounting", Value: "Owed = delivered + lost, by reason + in flight + unexplained, exactly, in each trial; a single unexplained event makes it invalid."},
	{Name: "CPU and memory", Value: "The kernel's account of the server's process, within the measured phase. Kernel memory is that of both ends of each connection."},
	{Name: "Limits", Value: "Server and clients share one machine: no network delay, no loss, no TLS, no proxy, HTTP/1.1. On loopback the sender's CPU also runs the receiver's half of the TCP path, the same for all transports."},
}

func method(run *results.Run) []page.Part {
	own := page.Facts{{Name: "This run", Value: printable(what(run))}}
	if ended := compare.Ended(run); ended != "" {
		own = append(own, page.Fact{Name: "Its end", Value: printable(ended)})
	}
	how := fmt.Sprintf("seed %d", run.Seed)
	if run.Engine != "" {
		how += ", clients driven by the engine " + run.Engine
	}
	if stacks := stacksOf(run); len(stacks) > 0 {
		how += ", servers of the stack " + listed(stacks)
	}
	own = append(own, page.Fact{Name: "Drawn from", Value: printable(how)})
	return []page.Part{slices.Concat(own, methods)}
}

// stacksOf are how the run's servers were built.
func stacksOf(run *results.Run) []string {
	seen := map[string]bool{}
	for i := range run.Trials {
		if s := run.Trials[i].Stack; s != "" {
			seen[s] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// environment is what the run was executed on and by.
func environment(run *results.Run) []page.Part {
	m := run.Machine
	var facts page.Facts
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, page.Fact{Name: name, Value: printable(value)})
		}
	}
	add("Processor", m.CPU)
	if m.CPUs > 0 {
		add("CPUs", fmt.Sprint(m.CPUs))
	}
	if len(m.ServerCPUs) > 0 {
		add("Server on", cpus(m.ServerCPUs))
		add("Clients on", cpus(m.GeneratorCPUs))
	}
	if m.MemoryBytes > 0 {
		add("Memory", fmt.Sprintf("%.1f GiB", float64(m.MemoryBytes)/(1<<30)))
	}
	add("System", strings.TrimSpace(m.OS+" "+m.Kernel))
	add("Go", m.Go)
	add("pushbench", m.Version)
	add("Its executable", m.Binary)
	if !run.Started.IsZero() {
		add("Started", run.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	parts := []page.Part{facts}
	for _, more := range []struct {
		title string
		of    map[string]string
	}{{"Limits and settings", m.Limits}, {"Libraries", m.Libraries}} {
		var listed page.Facts
		for _, name := range slices.Sorted(maps.Keys(more.of)) {
			listed = append(listed, page.Fact{Name: printable(name), Value: printable(more.of[name])})
		}
		if len(listed) > 0 {
			parts = append(parts, page.Fold{Title: more.title, Parts: []page.Part{listed}})
		}
	}
	return parts
}

// warnings are all reasons for doubt, each with what to do about it.
func warnings(run *results.Run, rows []compare.Row) []page.Part {
	var l page.List
	for _, text := range footnotes(rows) {
		tone := page.Plain
		switch {
		case strings.HasPrefix(text, "invalid:"):
			tone = page.Bad
		case strings.HasPrefix(text, "suspect:"):
			tone = page.Doubt
		}
		l = append(l, page.Item{Text: text, Tone: tone})
	}
	for _, text := range run.Machine.Warnings {
		l = append(l, page.Item{Text: printable("the machine: " + text), Tone: page.Doubt})
	}
	if len(l) == 0 {
		return []page.Part{page.Text("There is nothing to warn of.")}
	}
	return []page.Part{l}
}

// again is how to have the run once more.
func again(run *results.Run, o Options) []page.Part {
	var parts []page.Part
	if run.Repeat != "" {
		parts = append(parts, page.Text("This repeats the run from its file: the scenario as it was executed, with its seed, engine and options."), page.Command(printable(run.Repeat)))
	}
	if len(run.Command) > 0 {
		parts = append(parts, page.Text("It was started by"), page.Command(printable(strings.Join(run.Command, " "))))
	}
	if o.File != "" {
		parts = append(parts, page.Text(printable("The run's file: "+o.File)))
	}
	return parts
}
