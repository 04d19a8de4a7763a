package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pushbench/results"
)

// Bounds of what a quiet machine does.
const (
	maxStolen = 0.01             // of the CPUs' time, as in a trial's verdict
	oftStolen = 0.05             // of it since boot: each trial looks for itself
	maxBusy   = 0.25             // of the CPUs' time, used while nothing is measured
	maxLate   = time.Millisecond // p99 of a timer
	heard     = 50               // timers below which nothing can be said
)

func hugePages(f results.Facts) Finding {
	const code = "huge-pages"
	switch f.HugePages {
	case "":
		return unseen(code, "whether memory comes in huge pages")
	case "always":
		return Finding{code, Warning, "memory comes in huge pages wherever it can",
			"memory per client grows in steps of 2 MiB", "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"}
	}
	return ok(code, "%s", f.HugePages)
}

func pressure(f results.Facts) Finding {
	const code = "memory-pressure"
	if !f.Pressure {
		return unseen(code, "whether tasks wait for memory: boot with psi=1")
	}
	return ok(code, "the kernel tells when tasks wait for memory")
}

func environment(f results.Facts) Finding {
	const code = "environment"
	if len(f.Environment) == 0 {
		return ok(code, "the Go runtime works with its defaults")
	}
	names := slices.Sorted(maps.Keys(f.Environment))
	var set []string
	for _, name := range names {
		set = append(set, name+"="+f.Environment[name])
	}
	return Finding{code, Warning, strings.Join(set, " ") + " is set",
		"both processes run with that, and numbers are of it", "unset " + strings.Join(names, " ")}
}

func stolen(f results.Facts) Finding {
	const code = "steal"
	if f.Stolen > oftStolen {
		return Finding{code, Warning, fmt.Sprintf("%.1f %% of the CPUs' time since boot went to other machines on this host", 100*f.Stolen),
			"trials in which it happens are suspect", "measure on a machine with CPUs of its own"}
	}
	return ok(code, "%.1f %% of the CPUs' time since boot went to others", 100*f.Stolen)
}

// busy judges by what runs now: the load average still counts the run before.
func busy(f results.Facts, n Noise) Finding {
	const code = "load"
	if n.Timers < heard {
		return unseen(code, "what runs here at the moment")
	}
	text := fmt.Sprintf("%.0f %% of the CPUs' time is used now; over the last minute %.2f tasks wanted the %d CPUs", 100*n.Busy, f.Load, f.CPUs)
	if n.Busy > maxBusy {
		return Finding{code, Warning, text,
			"what else runs takes CPU and time from what is measured", "see what runs: top"}
	}
	return ok(code, "%s", text)
}

func noise(n Noise) Finding {
	const code = "noise"
	if n.Timers < heard {
		return unseen(code, "how much others disturb at the moment")
	}
	text := fmt.Sprintf("in %v a timer was late by %v at most, p99 %v, and %.1f %% of the CPUs' time went to other machines",
		n.Over.Round(time.Millisecond), n.LateMax.Round(time.Microsecond), n.LateP99.Round(time.Microsecond), 100*n.Stolen)
	if n.LateP99 > maxLate || n.Stolen > maxStolen {
		return Finding{code, Warning, text, "latencies of now carry the noise of this machine", "wait until it is quiet, or measure elsewhere"}
	}
	return ok(code, "%s", text)
}
