package results

import (
	"bytes"
	"compress/gzip"
	"maps"
	"testing"
	"testing/fstest"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
)

// files makes a file system of names and contents.
func files(contents map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range contents {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestFactsAreReadFromTheKernelsFiles(t *testing.T) {
	f := filed(files(map[string]string{
		"proc/sys/net/ipv4/ip_local_port_range":                           "1024\t65535\n",
		"proc/sys/net/core/somaxconn":                                     "128\n",
		"proc/net/sockstat":                                               "sockets: used 16\nTCP: inuse 1 orphan 0 tw 42 alloc 1 mem 0\n",
		"proc/pressure/memory":                                            "some avg10=0.00\n",
		"sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n",
		"sys/kernel/mm/transparent_hugepage/enabled":                      "always [madvise] never\n",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor":            "powersave\n",
		"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor":            "performance\n",
		"sys/devices/system/cpu/cpu0/topology/thread_siblings_list":       "0,10\n",
		"sys/devices/system/cpu/cpu10/topology/thread_siblings_list":      "0,10\n",
	}))
	if f.Ports != 64512 || f.Backlog != 128 || f.TimeWait != 42 || !f.Pressure {
		t.Errorf("network and memory: %+v", f)
	}
	if f.ClockSource != "hpet" || f.HugePages != "madvise" || f.Governor != "performance, powersave" {
		t.Errorf("settings: %+v", f)
	}
	if want := map[int]string{0: "0,10", 10: "0,10"}; !maps.Equal(f.Cores, want) {
		t.Errorf("cores %v, want %v", f.Cores, want)
	}
	if f.Settings["ip_local_port_range"] != "1024 65535" {
		t.Errorf("settings %v", f.Settings)
	}
}

func TestAMachineThatTellsNothingHasNoFacts(t *testing.T) {
	f := filed(files(nil))
	if f.Ports != 16384 {
		t.Errorf("%d ports, want what is usual", f.Ports)
	}
	if f.Backlog != 0 || f.TimeWait != 0 || f.Quota != 0 || f.Governor+f.ClockSource+f.HugePages+f.IRQTime != "" || f.Pressure {
		t.Errorf("facts of nothing: %+v", f)
	}
	for name, want := range map[string]string{"governor": "unknown", "clocksource": "unknown", "irq_time": "unknown"} {
		if got := f.limits()[name]; got != want {
			t.Errorf("%s is %q in a file, want %q", name, got, want)
		}
	}
}

func TestAQuotaIsTheStrictestUpTheTree(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"none": {map[string]string{
			"proc/self/cgroup":      "0::/\n",
			"sys/fs/cgroup/cpu.max": "max 100000\n",
		}, 0},
		"second generation, on a parent": {map[string]string{
			"proc/self/cgroup":              "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.max":     "max 100000\n",
			"sys/fs/cgroup/a/cpu.max":       "150000 100000\n",
			"sys/fs/cgroup/elsewhere/x.max": "1 100000\n",
		}, 1.5},
		"on both": {map[string]string{
			"proc/self/cgroup":          "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.max": "50000 100000\n",
			"sys/fs/cgroup/a/cpu.max":   "150000 100000\n",
		}, 0.5},
		"first generation": {map[string]string{
			"proc/self/cgroup":                                "4:memory:/m\n3:cpu,cpuacct:/docker/x\n0::/\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":      "250000\n", // the container's own root
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us":     "100000\n",
			"sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period": "1\n",
		}, 2.5},
		"first generation without": {map[string]string{
			"proc/self/cgroup":                    "1:cpu:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
		}, 0},
		"another controller's name": {map[string]string{
			"proc/self/cgroup":                    "1:cpuset:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  "50000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
		}, 0},
		"nothing to read": {nil, 0},
		"nonsense":        {map[string]string{"proc/self/cgroup": "x\n0::/\n", "sys/fs/cgroup/cpu.max": "many 0"}, 0},
	} {
		if got := quota(files(c.files)); got != c.want {
			t.Errorf("%s: %v CPUs, want %v", name, got, c.want)
		}
	}
}

func TestWhatQuotasHeldUpIsCountedUpTheTree(t *testing.T) { // G5
	for name, c := range map[string]struct {
		files map[string]string
		want  time.Duration
	}{
		"second generation, on both": {map[string]string{
			"proc/self/cgroup":           "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.stat": "usage_usec 7\nnr_throttled 2\nthrottled_usec 1500\nnr_bursts 0\n",
			"sys/fs/cgroup/a/cpu.stat":   "usage_usec 7\nnr_throttled 1\nthrottled_usec 500\n",
			"sys/fs/cgroup/cpu.stat":     "usage_usec 99\n",
		}, 2 * time.Millisecond},
		"first generation, under two names": {map[string]string{
			"proc/self/cgroup":                   "3:cpu,cpuacct:/docker/x\n0::/\n",
			"sys/fs/cgroup/cpu/cpu.stat":         "nr_periods 9\nnr_throttled 3\nthrottled_time 2000000\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 9\nnr_throttled 3\nthrottled_time 2000000\n",
		}, 2 * time.Millisecond},
		"no quota":        {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.stat": "usage_usec 99\n"}, 0},
		"cut short":       {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.stat": "throttled_usec"}, 0},
		"nothing to read": {nil, 0},
	} {
		if got := throttled(files(c.files)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTheKernelsConfigurationTellsWhoPaysForInterrupts(t *testing.T) {
	const on, off = "CONFIG_HZ=250\nCONFIG_IRQ_TIME_ACCOUNTING=y\n", "# CONFIG_IRQ_TIME_ACCOUNTING is not set\nCONFIG_HAVE_IRQ_TIME_ACCOUNTING=y\n"
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"proc/config.gz": packed(t, on)}, IRQAccounted},
		{map[string]string{"proc/config.gz": packed(t, off)}, IRQCharged},
		{map[string]string{"proc/sys/kernel/osrelease": "6.1\n", "boot/config-6.1": on}, IRQAccounted},
		{map[string]string{"proc/config.gz": "damaged", "proc/sys/kernel/osrelease": "6.1\n", "boot/config-6.1": off}, IRQCharged},
		{map[string]string{"proc/sys/kernel/osrelease": "6.1\n"}, ""},
	} {
		if got := irqTime(files(c.files)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsStolenIsAShareOfAllTime(t *testing.T) {
	before := cpu.TimesStat{User: 1, Idle: 1, Steal: 1}
	after := cpu.TimesStat{User: 1.5, Idle: 1.2, Steal: 1.3, Guest: 9} // a guest's time is a user's, too
	if got := stolenBetween(before, after); got < 0.2999 || got > 0.3001 {
		t.Errorf("0.3 of a second is a share of %v", got)
	}
	if got := stolenBetween(before, before); got != 0 {
		t.Errorf("of no time %v was stolen", got)
	}
}

// Waiting for a disk is no work, and neither is what others have.
func TestWhatIsBusyIsAShareOfAllTime(t *testing.T) {
	before := cpu.TimesStat{User: 10, Idle: 100, Steal: 5}
	after := cpu.TimesStat{User: 11, System: 1, Softirq: 1, Idle: 105, Iowait: 1, Steal: 6}
	if got := busyBetween(before, after); got < 0.2999 || got > 0.3001 {
		t.Errorf("%v of the time, want 0.3", got)
	}
	if got := busyBetween(after, after); got != 0 {
		t.Errorf("%v of no time", got)
	}
}
