package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// A sentence is one of those that a run allows.
type sentence struct {
	kind compare.Kind // "" of one that compares nothing
	text string
}

// sentences are what was found of a run.
func sentences(run *results.Run, rows []compare.Row) []sentence {
	var all []sentence
	for _, f := range compare.Findings(run) {
		all = append(all, sentence{f.Kind, printable(f.Text)})
	}
	for _, text := range slices.Concat(backoffs(rows), shared(rows)) {
		all = append(all, sentence{text: printable(text)})
	}
	if text := beside(rows); text != "" && len(run.Capacity) == 0 {
		all = append(all, sentence{text: printable(text)})
	}
	return all
}

// findings are the run's sentences as text.
func findings(run *results.Run, rows []compare.Row) []string {
	var texts []string
	for _, one := range sentences(run, rows) {
		texts = append(texts, one.text)
	}
	return append(texts, publications(run)...)
}

// conditions say what was run, on what, and where it is kept.
func conditions(run *results.Run, file string) []string {
	lines := []string{what(run)}
	if ended := compare.Ended(run); ended != "" {
		lines = append(lines, ended)
	}
	if run.Status != results.Complete {
		lines = append(lines, unfinished(run))
	}
	lines = append(lines, machineOf(run))
	if file != "" {
		lines = append(lines, file)
	}
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return lines
}

// machineOf says on what the run was executed.
func machineOf(run *results.Run) string {
	machine := run.Machine
	text := fmt.Sprintf("%s, %d CPUs, %s", machine.CPU, machine.CPUs, machine.Go)
	if len(machine.ServerCPUs) > 0 {
		text += fmt.Sprintf("; server on %s, clients on %s", cpus(machine.ServerCPUs), cpus(machine.GeneratorCPUs))
	}
	return text
}

func cpus(set []int) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(set), " ", ","), "[]")
	if len(set) == 1 {
		return "CPU " + text
	}
	return "CPUs " + text
}
