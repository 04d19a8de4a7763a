package campaign

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"pushbench/results"
)

// A system is what the machine has done so far, for whomever. What it does not
// tell is zero.
type system struct {
	clocks        clocks
	cpus          []cpu.TimesStat // since boot
	stalled       time.Duration   // some task waited for memory
	throttled     time.Duration   // by quotas
	faults        int64           // major, of the processes
	retransmitted resends
}

func readSystem(t *trial) system {
	s := system{clocks: readClocks(), stalled: stalled(fileText("/proc/pressure/memory")), throttled: results.Throttled()}
	s.cpus, _ = cpu.Times(true)
	s.faults = t.child.MajorFaults() + t.play.MajorFaults()
	s.retransmitted = resent(fileText("/proc/net/snmp"), fileText("/proc/net/netstat"))
	return s
}

// resends count what TCP has sent without having been asked to, on all
// connections of the system. Most probes are segments sent again and counted as
// such too; some carry new data, and are not.
type resends struct {
	segments int64 // sent again
	probes   int64 // loss probes
}

func resent(snmp, netstat string) resends {
	return resends{counters(snmp, "Tcp")["RetransSegs"], counters(netstat, "TcpExt")["TCPLossProbes"]}
}

func (r resends) since(earlier resends) resends {
	return resends{r.segments - earlier.segments, r.probes - earlier.probes}
}

func fileText(name string) string {
	b, _ := os.ReadFile(name)
	return string(b)
}

// softirq is the time since an earlier reading that each CPU has spent on what
// interrupts had left to do, in seconds.
func (s system) softirq(earlier system) (spent []float64) {
	for i := range min(len(earlier.cpus), len(s.cpus)) {
		spent = append(spent, s.cpus[i].Softirq-earlier.cpus[i].Softirq)
	}
	return spent
}

// stolen is the time since an earlier reading that others had of these CPUs;
// none named means all.
func (s system) stolen(earlier system, cpus []int) time.Duration {
	var seconds float64
	for i := range min(len(earlier.cpus), len(s.cpus)) {
		if len(cpus) == 0 || slices.ContainsFunc(cpus, func(n int) bool { return s.cpus[i].CPU == fmt.Sprintf("cpu%d", n) }) {
			seconds += s.cpus[i].Steal - earlier.cpus[i].Steal
		}
	}
	return time.Duration(seconds * float64(time.Second))
}

// disturbed notes what others did to the trial between two readings.
func (t *trial) disturbed(before, after system) {
	ours := slices.Compact(slices.Sorted(slices.Values(slices.Concat(t.server, t.clients))))
	d := &t.result.Disturbed
	d.Steal = after.stolen(before, ours)
	d.CPUs = len(ours)
	if len(ours) == 0 {
		d.CPUs = len(after.cpus)
	}
	d.MemoryStall = after.stalled - before.stalled
	d.Throttled = after.throttled - before.throttled
	d.MajorFaults = after.faults - before.faults
	d.Stepped(after.clocks.step(before.clocks))
	t.retransmitted = after.retransmitted.since(before.retransmitted)
}

// stalled reads pressure stall information: for how long at least one task has
// waited, since boot.
func stalled(text string) time.Duration {
	for line := range strings.Lines(text) {
		var ten, sixty, three string
		var total int64
		if n, _ := fmt.Sscanf(line, "some %s %s %s total=%d", &ten, &sixty, &three, &total); n == 4 {
			return time.Duration(total) * time.Microsecond
		}
	}
	return 0
}
