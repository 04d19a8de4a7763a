package results

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
)

// Facts are what of a machine moves results, as far as it can be seen: what
// cannot is zero, or empty.
type Facts struct {
	CPUs        int
	Descriptors int // that a process may have open; zero: without a known limit
	Ports       int // for connections from one address to one server
	Backlog     int // somaxconn: connections that wait to be accepted
	TimeWait    int // connections that wait out their end
	// Quota is how many CPUs' time the process may use; zero: all of its CPUs'.
	Quota float64
	// Cores tells which CPUs are threads of one core: they have the same text.
	Cores       map[int]string
	Governor    string
	ClockSource string
	HugePages   string  // transparent: always, madvise or never
	IRQTime     string  // IRQAccounted or IRQCharged; empty: cannot be told
	Pressure    bool    // the kernel tells of memory pressure
	Stolen      float64 // share of the CPUs' time since boot, given to other machines
	Load        float64 // tasks that wanted a CPU, over the last minute
	MemoryFree  uint64  // bytes that processes can still have
	Environment map[string]string
	Settings    map[string]string // of the kernel, as it tells them
}

// Whom the kernel charges for the time of interrupts.
const (
	IRQAccounted = "accounted apart"
	IRQCharged   = "charged to whom they interrupt"
)

// settings are the environment's and the kernel's settings that move results.
var (
	variables = []string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"}
	sysctls   = map[string]string{
		"somaxconn":           "proc/sys/net/core/somaxconn",
		"ip_local_port_range": "proc/sys/net/ipv4/ip_local_port_range",
		"tcp_tw_reuse":        "proc/sys/net/ipv4/tcp_tw_reuse",
		"tcp_rmem":            "proc/sys/net/ipv4/tcp_rmem",
		"tcp_wmem":            "proc/sys/net/ipv4/tcp_wmem",
	}
)

// ReadFacts looks at the machine as it is now.
func ReadFacts() Facts {
	f := filed(os.DirFS("/"))
	f.CPUs = runtime.NumCPU()
	f.Descriptors = descriptors()
	if times, err := cpu.Times(false); err == nil && len(times) > 0 {
		f.Stolen = stolenBetween(cpu.TimesStat{}, times[0])
	}
	if average, err := load.Avg(); err == nil {
		f.Load = average.Load1
	}
	if memory, err := mem.VirtualMemory(); err == nil {
		f.MemoryFree = memory.Available
	}
	f.Environment = map[string]string{}
	for _, name := range variables {
		if value, set := os.LookupEnv(name); set {
			f.Environment[name] = value
		}
	}
	return f
}

// stolenBetween is the share of a CPU's time between two accounts of it that
// others had.
func stolenBetween(before, after cpu.TimesStat) float64 {
	all := allTime(after) - allTime(before)
	if all <= 0 {
		return 0
	}
	return (after.Steal - before.Steal) / all
}

// busyBetween is the share of a CPU's time between two accounts of it in which it
// worked for this machine.
func busyBetween(before, after cpu.TimesStat) float64 {
	all := allTime(after) - allTime(before)
	if all <= 0 {
		return 0
	}
	idle := func(t cpu.TimesStat) float64 { return t.Idle + t.Iowait + t.Steal }
	return 1 - (idle(after)-idle(before))/all
}

// allTime leaves out what the kernel counts twice: guests are users, too.
func allTime(t cpu.TimesStat) float64 {
	return t.User + t.System + t.Idle + t.Nice + t.Iowait + t.Irq + t.Softirq + t.Steal
}

// filed are the facts that a Linux kernel tells in files.
func filed(root fs.FS) Facts {
	f := Facts{
		Ports:       ports(text(root, sysctls["ip_local_port_range"])),
		Quota:       quota(root),
		Cores:       map[int]string{},
		Governor:    governor(root),
		ClockSource: text(root, "sys/devices/system/clocksource/clocksource0/current_clocksource"),
		HugePages:   chosen(text(root, "sys/kernel/mm/transparent_hugepage/enabled")),
		IRQTime:     irqTime(root),
		TimeWait:    timeWait(text(root, "proc/net/sockstat")),
		Pressure:    text(root, "proc/pressure/memory") != "",
		Settings:    map[string]string{},
	}
	for name, file := range sysctls {
		if value := text(root, file); value != "" {
			f.Settings[name] = value
		}
	}
	f.Backlog, _ = strconv.Atoi(f.Settings["somaxconn"])
	siblings, _ := fs.Glob(root, "sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list")
	for _, name := range siblings {
		number, _ := strconv.Atoi(strings.TrimPrefix(strings.Split(name, "/")[4], "cpu"))
		f.Cores[number] = text(root, name)
	}
	return f
}

// text is a file's words with a space between them; empty when there is none.
func text(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b)), " ")
}

// ports is how many there are from one address to one server.
func ports(limits string) int {
	var low, high int
	if _, err := fmt.Sscan(limits, &low, &high); err != nil || high < low {
		return 16384 // what systems without that file have by default
	}
	return high - low + 1
}

// TimeWait is how many connections of this system wait out their end; zero where
// it does not tell.
func TimeWait() int { return timeWait(text(os.DirFS("/"), "proc/net/sockstat")) }

func timeWait(sockstat string) int {
	words := strings.Fields(sockstat)
	for i, word := range words[:max(0, len(words)-1)] {
		if word == "tw" {
			n, _ := strconv.Atoi(words[i+1])
			return n
		}
	}
	return 0
}

// chosen is the word in brackets of a file that lists the choices.
func chosen(choices string) string {
	_, rest, _ := strings.Cut(choices, "[")
	word, _, _ := strings.Cut(rest, "]")
	return word
}

// governor is what decides on the CPUs' frequency: every one that there is.
func governor(root fs.FS) string {
	names, _ := fs.Glob(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	kinds := map[string]bool{}
	for _, name := range names {
		kinds[text(root, name)] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
}

// Passing are the limits of a machine that are no settings: what they were just
// then.
var Passing = []string{"load", "time_wait", "steal_since_boot"}

// limits are the facts as a run file keeps them, in words.
func (f Facts) limits() map[string]string {
	found := map[string]string{
		"load": fmt.Sprintf("%.2f", f.Load),
	}
	maps.Copy(found, f.Environment)
	maps.Copy(found, f.Settings)
	for name, value := range map[string]string{
		"governor":              f.Governor,
		"clocksource":           f.ClockSource,
		"transparent_hugepages": f.HugePages,
		"irq_time":              f.IRQTime,
	} {
		found[name] = value
		if value == "" {
			found[name] = "unknown"
		}
	}
	if f.Descriptors > 0 {
		found["descriptors"] = fmt.Sprint(f.Descriptors)
	}
	if f.Quota > 0 {
		found["cpu_quota"] = fmt.Sprintf("%.4g CPUs", f.Quota)
	}
	if runtime.GOOS == "linux" {
		found["time_wait"] = fmt.Sprint(f.TimeWait)
		found["steal_since_boot"] = fmt.Sprintf("%.2f %%", 100*f.Stolen)
	}
	return found
}
