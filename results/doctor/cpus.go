package doctor

import (
	"fmt"
	"slices"
	"strings"

	"pushbench/results"
)

// CPUs judges whether server and generator have CPUs of their own.
func CPUs(l Load) Finding {
	const code = "shared-cpu"
	switch {
	case len(l.Server)+len(l.Generator) == 0:
		return Finding{code, Problem, "processes cannot be kept on CPUs of their own here", invalid, "measure on Linux"}
	case overlap(l.Server, l.Generator):
		return Finding{code, Problem, "server and generator share CPU " + list(l.Server), invalid,
			"give the process two CPUs or more: taskset -c 0,1, docker run --cpuset-cpus 0,1, or a larger machine"}
	}
	return ok(code, "server on CPU %s, generator on CPU %s", list(l.Server), list(l.Generator))
}

// quota judges whether the processes may use their CPUs all the time. One that no
// trial uses up does no harm: each trial looks whether it did.
func quota(f results.Facts, l Load) Finding {
	const code = "cpu-quota"
	have := len(l.Server) + len(l.Generator)
	if have == 0 || overlap(l.Server, l.Generator) {
		have = f.CPUs
	}
	switch {
	case f.Quota == 0:
		return ok(code, "none")
	case f.Quota < float64(have):
		return Finding{code, Warning, fmt.Sprintf("server and generator may use %.4g of their %d CPUs", f.Quota, have),
			"trials that use up the quota are invalid",
			"give the process CPUs and not a quota: docker run --cpuset-cpus instead of --cpus, or no limits.cpu"}
	}
	return ok(code, "%.4g CPUs, and server and generator have %d", f.Quota, have)
}

func overlap(some, others []int) bool {
	return slices.ContainsFunc(some, func(cpu int) bool { return slices.Contains(others, cpu) })
}

func list(cpus []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(cpus)), ","), "[]")
}

// cores judges whether the two processes compete inside a core.
func cores(f results.Facts, l Load) Finding {
	const code = "shared-core"
	if len(f.Cores) == 0 {
		return unseen(code, "which CPUs are threads of one core")
	}
	for _, s := range l.Server {
		for _, g := range l.Generator {
			if s != g && f.Cores[s] != "" && f.Cores[s] == f.Cores[g] {
				return Finding{code, Warning, fmt.Sprintf("the server's CPU %d and the generator's CPU %d are threads of one core", s, g),
					"each slows the other down: CPU per event is higher than it would be",
					"switch threads off (echo off | sudo tee /sys/devices/system/cpu/smt/control), or allow whole cores with taskset -c"}
			}
		}
	}
	return ok(code, "server and generator have cores of their own, as far as the machine tells")
}

func governor(f results.Facts) Finding {
	const code = "governor"
	switch f.Governor {
	case "":
		return unseen(code, "what sets the CPUs' frequency: on a virtual machine the host does")
	case "performance":
		return ok(code, "performance")
	}
	return Finding{code, Warning, f.Governor + " sets the CPUs' frequency",
		"an idle server looks slower than a busy one", "sudo cpupower frequency-set -g performance"}
}

func clock(f results.Facts) Finding {
	const code = "clocksource"
	switch f.ClockSource {
	case "":
		return unseen(code, "what the kernel tells the time by")
	case "hpet", "acpi_pm", "jiffies", "refined-jiffies":
		return Finding{code, Warning, f.ClockSource + " tells the time",
			"each look at the clock is a slow system call or coarse, and every event takes several",
			"echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource"}
	}
	return ok(code, "%s", f.ClockSource)
}

func interrupts(f results.Facts) Finding {
	const code = "irq-time"
	switch f.IRQTime {
	case "":
		return unseen(code, "whom the kernel charges for the time of interrupts")
	case results.IRQCharged:
		// No warning: it is so on many kernels, the same for all transports, and
		// the method says what it comes to.
		return ok(code, "%s: on loopback a sender pays for its receiver's share of TCP", f.IRQTime)
	}
	return ok(code, "%s: it is no process's CPU time", f.IRQTime)
}
