package results

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Where the two generations of cgroups are mounted: the first for the CPU
// controller alone or with another, the second by itself or beside the first.
var (
	mountsV1 = []string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"}
	mountsV2 = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}
)

// quota is how many CPUs' time this process's cgroups allow, the strictest up
// the tree; zero when none sets a limit.
//
// Note: the runtime reads this too, but for GOMAXPROCS it rounds up, and to two
// at least.
func quota(root fs.FS) (cpus float64) {
	stricter := func(n float64) {
		if n > 0 && (cpus == 0 || n < cpus) {
			cpus = n
		}
	}
	v1, v2 := groups(root)
	for _, group := range v2 {
		for _, mount := range mountsV2 {
			for _, folder := range upwards(mount, group) {
				stricter(processors(text(root, folder+"/cpu.max")))
			}
		}
	}
	for _, group := range v1 {
		for _, mount := range mountsV1 {
			for _, folder := range upwards(mount, group) {
				stricter(processors(text(root, folder+"/cpu.cfs_quota_us") + " " + text(root, folder+"/cpu.cfs_period_us")))
			}
		}
	}
	return cpus
}

// Throttled is for how long quotas of this process's cgroups have held up what
// is in them, since they were made: on all CPUs together. It is zero where there
// is no quota, or the system does not tell.
func Throttled() time.Duration { return throttled(os.DirFS("/")) }

func throttled(root fs.FS) time.Duration {
	v1, v2 := groups(root)
	for _, generation := range []struct {
		groups, mounts []string
		name           string
		unit           time.Duration
	}{{v2, mountsV2, "throttled_usec", time.Microsecond}, {v1, mountsV1, "throttled_time", time.Nanosecond}} {
		for _, group := range generation.groups {
			// One mount is enough: the others are names of the same tree.
			for _, mount := range generation.mounts {
				var all time.Duration
				for _, folder := range upwards(mount, group) {
					all += time.Duration(field(text(root, folder+"/cpu.stat"), generation.name)) * generation.unit
				}
				if all > 0 {
					return all
				}
			}
		}
	}
	return 0
}

// field is the number behind a name.
func field(words, name string) int64 {
	pairs := strings.Fields(words)
	if i := slices.Index(pairs, name); i >= 0 && i+1 < len(pairs) {
		n, _ := strconv.ParseInt(pairs[i+1], 10, 64)
		return n
	}
	return 0
}

// groups are this process's in both generations, as far as they have to do with
// CPUs.
func groups(root fs.FS) (v1, v2 []string) {
	lines, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(lines)) {
		// hierarchy:controllers:path; the second generation names no controllers.
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(fields) < 3:
		case fields[1] == "":
			v2 = append(v2, fields[2])
		case slices.Contains(strings.Split(fields[1], ","), "cpu"):
			v1 = append(v1, fields[2])
		}
	}
	return v1, v2
}

// upwards are the folders from a group to the root of its tree. In a container
// the group's path may be one that only the host sees; the root is then the
// container's own.
func upwards(mount, group string) []string {
	var folders []string
	for at := path.Clean("/" + group); ; at = path.Dir(at) {
		folders = append(folders, path.Join(mount, at))
		if at == "/" {
			return folders
		}
	}
}

// processors is time over period, as in "150000 100000"; zero of one without limit.
func processors(limits string) float64 {
	var allowed, period float64
	if _, err := fmt.Sscan(limits, &allowed, &period); err != nil || allowed <= 0 || period <= 0 {
		return 0 // "max", -1, or no such file
	}
	return allowed / period
}
