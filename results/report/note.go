package report

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
	"pushbench/results/compare"
)

// findings are the run's sentences.
func findings(run *results.Run, rows []compare.Row) []string {
	var texts []string
	for _, f := range compare.Findings(run) {
		texts = append(texts, printable(f.Text))
	}
	for _, text := range slices.Concat(backoffs(rows), shared(rows)) {
		texts = append(texts, printable(text))
	}
	if text := beside(rows); text != "" && len(run.Capacity) == 0 {
		texts = append(texts, printable(text))
	}
	return texts
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
	machine := run.Machine
	where := fmt.Sprintf("%s, %d CPUs, %s", machine.CPU, machine.CPUs, machine.Go)
	if len(machine.ServerCPUs) > 0 {
		where += fmt.Sprintf("; server on %s, clients on %s", cpus(machine.ServerCPUs), cpus(machine.GeneratorCPUs))
	}
	lines = append(lines, where)
	if file != "" {
		lines = append(lines, file)
	}
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return lines
}

func cpus(set []int) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(set), " ", ","), "[]")
	if len(set) == 1 {
		return "CPU " + text
	}
	return "CPUs " + text
}
